extension Schema {
    /// What agents answered about cases.
    static let questions: [SQL] = [
        """
        CREATE TABLE ticket_answer (
            ticket_id {integer} NOT NULL REFERENCES ticket (id),
            -- The name of the question, folded.
            question {text} NOT NULL,
            value {text} NOT NULL,
            PRIMARY KEY (ticket_id, question)) {clustered}
        """
    ]
}
