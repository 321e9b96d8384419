extension Schema {
    /// Customers and what is kept about whom.
    static let records: [SQL] = [
        "ALTER TABLE customer ADD COLUMN name_folded {text}",
        "ALTER TABLE customer ADD COLUMN firm {text}",
        "ALTER TABLE customer ADD COLUMN firm_folded {text}",
        "ALTER TABLE customer ADD COLUMN phone {text}",
        "ALTER TABLE customer ADD COLUMN note {text}",
        // The customer that this one became part of.
        "ALTER TABLE customer ADD COLUMN joined_into {integer}",
        "ALTER TABLE customer ADD COLUMN erased_at {integer}",
        "CREATE INDEX customer_name ON customer (name_folded) WHERE name_folded IS NOT NULL",
        "CREATE INDEX customer_firm ON customer (firm_folded) WHERE firm_folded IS NOT NULL",
        // Customers of before are folded when the database is opened first.
        "CREATE INDEX customer_unfolded ON customer (id) WHERE name IS NOT NULL AND name_folded IS NULL",
        "CREATE INDEX address_customer ON address (customer_id)",
        "CREATE INDEX message_address ON message (address_id) WHERE address_id IS NOT NULL",
        // Fields beside those that every customer has: what rules and integrations give.
        """
        CREATE TABLE customer_field (
            customer_id {integer} NOT NULL REFERENCES customer (id),
            name {text} NOT NULL,
            value {text} NOT NULL,
            PRIMARY KEY (customer_id, name)) {clustered}
        """,
        // What was done to a customer's record, never what it held before.
        """
        CREATE TABLE customer_event (
            id {id},
            customer_id {integer} NOT NULL REFERENCES customer (id),
            at {integer} NOT NULL,
            agent_id {integer},
            ticket_id {integer},
            what {text} NOT NULL)
        """,
        "CREATE INDEX customer_event_customer ON customer_event (customer_id)",
        // How a mail came in: one row for each that was accepted from a connection, written with it. Its content is that of
        // its messages; of a mail that was there already, that of the one before.
        """
        CREATE TABLE acceptance (
            id {id},
            at {integer} NOT NULL,
            content_id {integer} NOT NULL,
            is_duplicate {integer} NOT NULL,
            session {text} NOT NULL,
            peer {text} NOT NULL,
            helo {text} NOT NULL,
            tls {text},
            agent_id {integer},
            reverse_path {text},
            recipients {text} NOT NULL,
            size {integer} NOT NULL,
            rules {text})
        """,
        "CREATE INDEX acceptance_content ON acceptance (content_id)",
        // Mail that was refused, the latest of it: bounded in rows and days.
        """
        CREATE TABLE refusal (
            id {id},
            at {integer} NOT NULL,
            session {text} NOT NULL,
            peer {text} NOT NULL,
            helo {text} NOT NULL,
            agent_id {integer},
            reverse_path {text},
            recipients {text} NOT NULL,
            message_id_digest {integer},
            rfc_message_id {text},
            reply {text} NOT NULL)
        """,
        "CREATE INDEX refusal_message_id ON refusal (message_id_digest) WHERE message_id_digest IS NOT NULL",
        // Who exported, erased or looked at what (DESIGN §10).
        """
        CREATE TABLE audit (
            id {id},
            at {integer} NOT NULL,
            action {text} NOT NULL,
            agent_id {integer},
            second_agent_id {integer},
            subject {text} NOT NULL)
        """,
    ]

    /// How the connection was encrypted, `''` in the clear and NULL where that was not kept; who or what had the mail refused,
    /// beside what the peer was told.
    static let refusalFacts: [SQL] = [
        "ALTER TABLE refusal ADD COLUMN tls {text}",
        "ALTER TABLE refusal ADD COLUMN cause {text}",
    ]
}
