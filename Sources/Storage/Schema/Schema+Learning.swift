extension Schema {
    /// What a spam filter is to learn, and has learned.
    static let learning: [SQL] = [
        """
        CREATE TABLE lesson (
            id {id},
            content_id {integer} NOT NULL,
            is_spam {integer} NOT NULL,
            -- NULL: taught, or given up.
            due_at {integer},
            attempts {integer} NOT NULL,
            UNIQUE (content_id, is_spam))
        """,
        "CREATE INDEX lesson_due ON lesson (due_at) WHERE due_at IS NOT NULL",
    ]
}
