/// The migrations of the database, append-only: a landed one never changes. `{id}`, `{integer}`, `{text}`, `{blob}` and
/// `{clustered}` are spelled by the driver.
///
/// How the tables hang together: a `message` refers to its `content` (the received octets, stored once) and carries the
/// header section that IMAP serves in `message_text`. An `entry` puts a message under a UID into a mailbox; leaving writes
/// a `tombstone`. Flags that agents share stand in `message`, those of one agent in `agent_message`. Every change of what
/// a session can see takes the next value of the counter `mod_sequence`.
package enum Schema {
    package static let migrations = [
        Migration(1, "the main job", first),
        Migration(2, "the desk", cases + sending + time + cards + records + figures + questions + delivery + approval),
        Migration(
            3, "working together", consultation + absence + oversight + sight + indexes + trust + writing),
        Migration(4, "figures, ratings and trust", passing + learning + ratings),
        Migration(5, "what figures and stories tell", departmentAnswers + refusalFacts),
    ]

    private static let first: [SQL] = [
        // Counters: ticket_number, mod_sequence, uid_validity, generation (DESIGN §7: no sequences). Tombstones up to
        // tombstone_horizon, a mod-sequence, may be pruned.
        "CREATE TABLE counter (name {text} NOT NULL PRIMARY KEY, value {integer} NOT NULL) {clustered}",
        """
        INSERT INTO counter (name, value) VALUES
         ('ticket_number', 0), ('mod_sequence', 1), ('uid_validity', 0), ('generation', 0),
         ('tombstone_horizon', 0)
        """,

        // The desk as `desk apply` left it; the rows below give its parts numbers that last.
        "CREATE TABLE desk (id {integer} NOT NULL PRIMARY KEY CHECK (id = 1), definition {text} NOT NULL)",
        """
        CREATE TABLE agent (
            id {id},
            login {text} NOT NULL,
            login_folded {text} NOT NULL UNIQUE,
            is_active {integer} NOT NULL,
            credential {text},
            -- Mail up to this message was there before the agent joined and counts as \\Seen.
            joined_after {integer} NOT NULL,
            -- Raised when the agent's memberships change: the shared mailboxes get a new UIDVALIDITY for this agent.
            view_validity {integer} NOT NULL,
            -- At least the highest mod-sequence that the agent's flags of messages discarded since had: HIGHESTMODSEQ
            -- must not fall with them.
            discarded_modseq {integer} NOT NULL DEFAULT 0,
            memberships {text} NOT NULL,
            -- The agent's own mail, kept in the transactions that change it (RFC 9208).
            own_octets {integer} NOT NULL DEFAULT 0,
            own_messages {integer} NOT NULL DEFAULT 0)
        """,
        """
        CREATE TABLE pool (id {id}, name {text} NOT NULL, name_folded {text} NOT NULL UNIQUE, is_active {integer} NOT NULL)
        """,
        """
        CREATE TABLE agent_group (id {id}, name {text} NOT NULL, name_folded {text} NOT NULL UNIQUE,
            is_active {integer} NOT NULL)
        """,
        """
        CREATE TABLE department (id {id}, name {text} NOT NULL, name_folded {text} NOT NULL UNIQUE,
            is_active {integer} NOT NULL)
        """,
        """
        CREATE TABLE folder (id {id}, name {text} NOT NULL, name_folded {text} NOT NULL UNIQUE,
            is_active {integer} NOT NULL)
        """,

        // Mailboxes and what lies in them.
        """
        CREATE TABLE mailbox (
            id {id},
            class {integer} NOT NULL,
            agent_id {integer} REFERENCES agent (id),
            -- The group or pool that it stands for.
            reference_id {integer},
            -- The path below Private/, in the account's spelling, and folded.
            name {text},
            name_folded {text},
            uid_validity {integer} NOT NULL,
            uid_next {integer} NOT NULL,
            is_active {integer} NOT NULL)
        """,
        "CREATE UNIQUE INDEX mailbox_personal ON mailbox (agent_id, name_folded) WHERE name_folded IS NOT NULL",
        """
        CREATE TABLE mailbox_pool (
            mailbox_id {integer} NOT NULL REFERENCES mailbox (id),
            -- 0: mail that belongs to no pool.
            pool_id {integer} NOT NULL,
            messages {integer} NOT NULL,
            -- The highest UID that the pool ever had in the mailbox, live or gone.
            uid_highest {integer} NOT NULL,
            modseq_highest {integer} NOT NULL,
            PRIMARY KEY (mailbox_id, pool_id)) {clustered}
        """,
        // How many messages lie in each block of 1,024 UIDs (uid / 1024): what sequence numbers are counted from without
        // reading every UID.
        """
        CREATE TABLE entry_block (
            mailbox_id {integer} NOT NULL,
            block {integer} NOT NULL,
            pool_id {integer} NOT NULL,
            messages {integer} NOT NULL,
            PRIMARY KEY (mailbox_id, block, pool_id)) {clustered}
        """,
        // The agent's own choice where it differs from the rule that system mailboxes are subscribed, others not.
        """
        CREATE TABLE subscription (
            agent_id {integer} NOT NULL REFERENCES agent (id),
            mailbox_id {integer} NOT NULL REFERENCES mailbox (id),
            is_subscribed {integer} NOT NULL,
            PRIMARY KEY (agent_id, mailbox_id)) {clustered}
        """,
        // Annotations of an agent (RFC 5464): on a mailbox by its number, on the server (0), on a level above mailboxes
        // (below 0).
        """
        CREATE TABLE annotation (
            agent_id {integer} NOT NULL REFERENCES agent (id),
            object_id {integer} NOT NULL,
            entry {text} NOT NULL,
            value {blob} NOT NULL,
            PRIMARY KEY (agent_id, object_id, entry)) {clustered}
        """,
        // Octets, stored once. Up to 64 KiB they stand in the row; else in pieces with id = content id * 65536 + ordinal.
        """
        CREATE TABLE content (
            id {id},
            size {integer} NOT NULL,
            header_size {integer} NOT NULL,
            staged_at {integer},
            octets {blob})
        """,
        "CREATE TABLE content_chunk (id {integer} NOT NULL PRIMARY KEY, octets {blob} NOT NULL)",
        "CREATE INDEX content_staged ON content (staged_at) WHERE staged_at IS NOT NULL",
        """
        CREATE TABLE message (
            id {id},
            ticket_id {integer},
            kind {integer} NOT NULL,
            pool_id {integer} NOT NULL,
            content_id {integer} NOT NULL REFERENCES content (id),
            -- Octets of the content before its body: the served header section stands in their place.
            body_offset {integer} NOT NULL,
            -- Octets as served, header section and body.
            size {integer} NOT NULL,
            header_size {integer} NOT NULL,
            internal_date {integer} NOT NULL,
            sent_at {integer},
            modseq {integer} NOT NULL,
            flags {integer} NOT NULL,
            -- Tags of the case as IMAP keywords, or keywords of personal mail, separated by spaces.
            keywords {text},
            email_id {integer} NOT NULL,
            -- The case that it was filed to first; mail with the same EMAILID has the same THREADID, for ever.
            thread_id {integer},
            message_id_digest {integer},
            content_digest {integer},
            address_id {integer},
            agent_id {integer})
        """,
        "CREATE INDEX message_message_id ON message (message_id_digest) WHERE message_id_digest IS NOT NULL",
        "CREATE INDEX message_ticket ON message (ticket_id) WHERE ticket_id IS NOT NULL",
        """
        CREATE TABLE message_text (
            message_id {integer} NOT NULL PRIMARY KEY REFERENCES message (id),
            format {integer} NOT NULL,
            envelope {blob} NOT NULL,
            structure {blob} NOT NULL,
            rfc_message_id {text},
            header {blob} NOT NULL)
        """,
        // What SORT, THREAD and SEARCH SUBJECT read, of many messages at once and therefore apart: keys, and what else they
        // sort by. `reference_digests` holds 8 octets each, the
        // least significant first.
        """
        CREATE TABLE message_key (
            message_id {integer} NOT NULL PRIMARY KEY,
            format {integer} NOT NULL,
            -- The Date field, else the internal date.
            sent_at {integer} NOT NULL,
            internal_date {integer} NOT NULL,
            size {integer} NOT NULL,
            is_reply {integer} NOT NULL,
            message_id_digest {integer},
            reference_digests {blob},
            base_subject {blob} NOT NULL,
            subject {blob} NOT NULL,
            from_key {blob} NOT NULL,
            to_key {blob} NOT NULL,
            cc_key {blob} NOT NULL,
            display_from {blob} NOT NULL,
            display_to {blob} NOT NULL)
        """,
        // What searches look through, folded; written behind the commit up to the counter text_indexed. The index over it
        // is the driver's.
        """
        CREATE TABLE message_search (
            message_id {integer} NOT NULL PRIMARY KEY,
            preview {text} NOT NULL,
            -- The message is too large: it is read when it is searched.
            is_cut {integer} NOT NULL,
            head {blob} NOT NULL,
            body {blob} NOT NULL)
        """,
        "CREATE INDEX message_search_cut ON message_search (is_cut) WHERE is_cut = 1",
        "INSERT INTO counter (name, value) VALUES ('text_indexed', 0), ('text_discarded', 0)",
        """
        CREATE TABLE entry (
            mailbox_id {integer} NOT NULL,
            uid {integer} NOT NULL,
            message_id {integer} NOT NULL,
            pool_id {integer} NOT NULL,
            modseq {integer} NOT NULL,
            -- When the message came into this mailbox (SAVEDATE).
            saved_at {integer} NOT NULL,
            PRIMARY KEY (mailbox_id, uid)) {clustered}
        """,
        "CREATE INDEX entry_message ON entry (message_id)",
        "CREATE INDEX entry_modseq ON entry (mailbox_id, modseq)",
        """
        CREATE TABLE tombstone (
            mailbox_id {integer} NOT NULL,
            uid {integer} NOT NULL,
            pool_id {integer} NOT NULL,
            modseq {integer} NOT NULL,
            expunged_at {integer} NOT NULL,
            -- Which message it was: who still sees it there must be told who took it.
            message_id {integer} NOT NULL,
            PRIMARY KEY (mailbox_id, uid)) {clustered}
        """,
        "CREATE INDEX tombstone_modseq ON tombstone (mailbox_id, modseq)",
        "CREATE INDEX tombstone_age ON tombstone (expunged_at)",
        """
        CREATE TABLE agent_message (
            agent_id {integer} NOT NULL,
            message_id {integer} NOT NULL,
            flags {integer} NOT NULL,
            modseq {integer} NOT NULL,
            PRIMARY KEY (agent_id, message_id)) {clustered}
        """,
        "CREATE INDEX agent_message_modseq ON agent_message (agent_id, modseq)",
        // What EXPUNGE and CLOSE remove.
        "CREATE INDEX agent_message_deleted ON agent_message (agent_id, message_id) WHERE flags & 8 <> 0",

        // Keywords that were ever given, for FLAGS: by owner 0 to cases, by an agent to mail of the agent's own.
        """
        CREATE TABLE keyword (
            id {id},
            owner_id {integer} NOT NULL,
            folded {text} NOT NULL,
            spelling {text} NOT NULL,
            UNIQUE (owner_id, folded))
        """,
        "CREATE INDEX keyword_owner ON keyword (owner_id, id)",

        // Cases, and the people in them.
        "CREATE TABLE customer (id {id}, name {text}, created_at {integer} NOT NULL)",
        """
        CREATE TABLE address (
            id {id},
            identity {text} NOT NULL UNIQUE,
            spelling {text} NOT NULL,
            display_name {text},
            customer_id {integer} NOT NULL REFERENCES customer (id))
        """,
        """
        CREATE TABLE ticket (
            id {integer} NOT NULL PRIMARY KEY,
            pool_id {integer} NOT NULL REFERENCES pool (id),
            status {integer} NOT NULL,
            assignee_id {integer} REFERENCES agent (id),
            group_id {integer} REFERENCES agent_group (id),
            mailbox_id {integer} NOT NULL REFERENCES mailbox (id),
            customer_id {integer} REFERENCES customer (id),
            -- The supervised address that the customer wrote to.
            supervised_address {text},
            root_token {text} NOT NULL,
            subject {text} NOT NULL,
            tags {text},
            opened_at {integer} NOT NULL,
            status_since {integer} NOT NULL,
            -- When the customer wrote last: what Next goes by.
            customer_wrote_at {integer} NOT NULL)
        """,
        "CREATE INDEX ticket_assignee ON ticket (assignee_id, status) WHERE assignee_id IS NOT NULL",
        "CREATE INDEX ticket_queue ON ticket (mailbox_id, pool_id, customer_wrote_at)",
        """
        CREATE TABLE ticket_link (
            ticket_id {integer} NOT NULL REFERENCES ticket (id),
            other_id {integer} NOT NULL REFERENCES ticket (id),
            PRIMARY KEY (ticket_id, other_id)) {clustered}
        """,
        """
        CREATE TABLE participant (
            ticket_id {integer} NOT NULL REFERENCES ticket (id),
            address_id {integer} NOT NULL REFERENCES address (id),
            PRIMARY KEY (ticket_id, address_id)) {clustered}
        """,
        "CREATE INDEX participant_address ON participant (address_id)",
        """
        CREATE TABLE event (
            id {id},
            ticket_id {integer} NOT NULL,
            at {integer} NOT NULL,
            kind {integer} NOT NULL,
            agent_id {integer},
            message_id {integer},
            from_value {text},
            to_value {text},
            reason {text})
        """,
        "CREATE INDEX event_ticket ON event (ticket_id)",
        // Who is offered which case in Next.
        """
        CREATE TABLE offer (
            agent_id {integer} NOT NULL PRIMARY KEY REFERENCES agent (id),
            ticket_id {integer} NOT NULL UNIQUE REFERENCES ticket (id),
            expires_at {integer} NOT NULL)
        """,

        // The outbox: one submission for every mail that leaves, one delivery for every recipient of it.
        """
        CREATE TABLE submission (
            id {id},
            ticket_id {integer},
            message_id {integer},
            content_id {integer} NOT NULL REFERENCES content (id),
            body_offset {integer} NOT NULL,
            header {blob} NOT NULL,
            reverse_path {text},
            is_8bit {integer} NOT NULL,
            needs_smtputf8 {integer} NOT NULL,
            -- The Message-ID that the agent's client gave its copy: how an APPEND to Sent finds the answer.
            client_message_id {text},
            client_message_id_digest {integer},
            agent_id {integer},
            accepted_at {integer} NOT NULL,
            expires_at {integer} NOT NULL)
        """,
        """
        CREATE INDEX submission_client_id ON submission (client_message_id_digest)
         WHERE client_message_id_digest IS NOT NULL
        """,
        """
        CREATE TABLE delivery (
            id {id},
            submission_id {integer} NOT NULL REFERENCES submission (id),
            recipient {text} NOT NULL,
            -- queued, deferred, delivered, failed, expired
            state {text} NOT NULL,
            attempts {integer} NOT NULL,
            next_attempt_at {integer},
            last_attempt_at {integer},
            diagnostic {text})
        """,
        "CREATE INDEX delivery_due ON delivery (next_attempt_at) WHERE next_attempt_at IS NOT NULL",
        "CREATE INDEX delivery_submission ON delivery (submission_id)",
    ]
}
