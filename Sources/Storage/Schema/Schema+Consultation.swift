extension Schema {
    /// Questions to departments.
    static let consultation: [SQL] = [
        """
        CREATE TABLE consultation (
            id {id},
            ticket_id {integer} NOT NULL REFERENCES ticket (id),
            department_id {integer} NOT NULL REFERENCES department (id),
            agent_id {integer} NOT NULL REFERENCES agent (id),
            -- 1 asked, its mail has not left; 2 open, 3 answered, 4 cancelled, 5 undelivered
            state {integer} NOT NULL,
            question {text} NOT NULL,
            asked_at {integer} NOT NULL,
            due_at {integer},
            -- The message with the question.
            message_id {integer},
            -- How often its time passed.
            lapses {integer} NOT NULL,
            ended_at {integer})
        """,
        // The question that a held mail asks.
        "ALTER TABLE held_mail_text ADD consultation_id {integer}",
        "CREATE INDEX consultation_ticket ON consultation (ticket_id)",
        "CREATE INDEX consultation_message ON consultation (message_id) WHERE message_id IS NOT NULL",
    ]
}
