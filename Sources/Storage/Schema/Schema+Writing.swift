extension Schema {
    /// Who is writing an answer.
    static let writing: [SQL] = [
        // A draft among an agent's Drafts that answers a mail of the case. Autosaving replaces the draft, not its beginning.
        """
        CREATE TABLE writing (
            ticket_id {integer} NOT NULL,
            agent_id {integer} NOT NULL REFERENCES agent (id),
            message_id {integer} NOT NULL,
            since {integer} NOT NULL,
            PRIMARY KEY (ticket_id, agent_id)) {clustered}
        """,
        "CREATE INDEX writing_message ON writing (message_id)",
    ]
}
