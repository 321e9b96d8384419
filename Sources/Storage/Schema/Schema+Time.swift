extension Schema {
    /// What is to happen when.
    static let time: [SQL] = [
        // One row for each kind, case (0: none) and subject within it.
        """
        CREATE TABLE timer (
            kind {integer} NOT NULL,
            ticket_id {integer} NOT NULL,
            subject_id {integer} NOT NULL,
            due_at {integer} NOT NULL,
            PRIMARY KEY (kind, ticket_id, subject_id)) {clustered}
        """,
        "CREATE INDEX timer_due ON timer (due_at)",
    ]
}
