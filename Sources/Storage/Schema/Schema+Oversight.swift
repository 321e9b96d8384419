extension Schema {
    /// What supervisors hear of their pools.
    static let oversight: [SQL] = [
        // The one notice in INBOX that lists what is overdue, by its Message-ID.
        """
        CREATE TABLE overdue_notice (
            agent_id {integer} NOT NULL PRIMARY KEY REFERENCES agent (id),
            rfc_message_id {text} NOT NULL,
            made_at {integer} NOT NULL)
        """,
        "CREATE INDEX ticket_overdue ON ticket (pool_id) WHERE is_overdue = 1",
    ]
}
