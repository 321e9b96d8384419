extension Schema {
    /// Mail that waits to leave.
    static let sending: [SQL] = [
        // What a held mail is stays with it until it leaves or is recalled; then only what became of it.
        """
        CREATE TABLE held_mail (
            id {id},
            agent_id {integer} NOT NULL REFERENCES agent (id),
            -- Its case; the case with departure 3 is opened when it leaves.
            ticket_id {integer} NOT NULL,
            -- 1 waiting, 2 held with a doubt, 3 left, 4 recalled, 5 waits for approval
            state {integer} NOT NULL,
            -- Set while it waits.
            release_at {integer},
            ended_at {integer},
            -- Words of the doubts, separated by spaces.
            doubts {text} NOT NULL,
            -- What To send or Approval shows, and its UID in To send.
            message_id {integer} NOT NULL,
            uid {integer},
            accepted_at {integer} NOT NULL,
            UNIQUE (agent_id, uid))
        """,
        "CREATE INDEX held_mail_due ON held_mail (release_at) WHERE release_at IS NOT NULL",
        "CREATE INDEX held_mail_ticket ON held_mail (ticket_id)",
        """
        CREATE TABLE held_mail_text (
            held_mail_id {integer} NOT NULL PRIMARY KEY REFERENCES held_mail (id),
            pool_id {integer} NOT NULL,
            address {text} NOT NULL,
            -- 1 answer, 2 passed on, 3 opens a case, 4 a notice of ours, 5 asks a department
            departure {integer} NOT NULL,
            subject {text} NOT NULL,
            rfc_message_id {text} NOT NULL,
            header {blob} NOT NULL,
            content_id {integer} NOT NULL REFERENCES content (id),
            body_offset {integer} NOT NULL,
            size {integer} NOT NULL,
            structure {blob} NOT NULL,
            digest {integer} NOT NULL,
            is_8bit {integer} NOT NULL,
            -- As the agent's client sent it.
            original_id {integer} NOT NULL REFERENCES content (id),
            original_offset {integer} NOT NULL,
            original_size {integer} NOT NULL,
            original_structure {blob} NOT NULL,
            original_digest {integer} NOT NULL,
            original_is_8bit {integer} NOT NULL,
            -- Lists: an address, a Message-ID or a number a line.
            recipients {text} NOT NULL,
            answered {text},
            forwarded {text} NOT NULL,
            followers {text} NOT NULL,
            baseline_id {integer} NOT NULL,
            client_message_id {text},
            release_at {integer} NOT NULL,
            is_scheduled {integer} NOT NULL,
            -- What is done with the case when the mail has left, a command a line.
            commands {text} NOT NULL,
            -- What its sender asked beside delivery (RFC 3461, RFC 8689), a wish a line.
            wishes {text},
            -- A trainee's; who approved it.
            needs_approval {integer} NOT NULL,
            approver_id {integer})
        """,
        // Octets go when nobody refers to them.
        "CREATE INDEX held_mail_content ON held_mail_text (content_id)",
        "CREATE INDEX held_mail_original ON held_mail_text (original_id)",
        "CREATE INDEX held_mail_name ON held_mail_text (rfc_message_id)",
        // The Message-ID that an agent's client gave its copy of a mail.
        """
        CREATE TABLE client_copy (
            id {id},
            message_id_digest {integer} NOT NULL,
            rfc_message_id {text} NOT NULL,
            agent_id {integer} NOT NULL REFERENCES agent (id),
            ticket_id {integer} NOT NULL,
            -- NULL while the mail waits to leave.
            message_id {integer},
            content_digest {integer} NOT NULL,
            recipients {text} NOT NULL,
            accepted_at {integer} NOT NULL)
        """,
        "CREATE INDEX client_copy_id ON client_copy (message_id_digest)",
    ]
}
