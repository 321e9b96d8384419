extension Schema {
    /// What reports and the board count.
    static let figures: [SQL] = [
        // Statuses 8 and 9 are closed and spam.
        """
        CREATE INDEX ticket_in_hand ON ticket (status, pool_id, assignee_id, status_since, mailbox_id)
         WHERE status NOT IN (8, 9) AND folder_id IS NULL AND merged_into IS NULL
        """
    ]

    /// The event of a department's answer says in `from_value` which department, so that no figure takes it for a
    /// customer's mail, and 0 where several were asked: 2 is `EventKind.received`, 4 `MessageKind.consultationIn`.
    static let departmentAnswers: [SQL] = [
        """
        UPDATE event SET from_value = CAST(
            (SELECT CASE COUNT(DISTINCT consultation.department_id) WHEN 1 THEN MAX(consultation.department_id) ELSE 0 END
              FROM consultation WHERE consultation.ticket_id = event.ticket_id) AS {text})
         WHERE kind = 2 AND from_value IS NULL AND message_id IN (SELECT id FROM message WHERE kind = 4)
        """
    ]
}
