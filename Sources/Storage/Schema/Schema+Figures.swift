extension Schema {
    /// What reports and the board count.
    static let figures: [SQL] = [
        // Statuses 8 and 9 are closed and spam.
        """
        CREATE INDEX ticket_in_hand ON ticket (status, pool_id, assignee_id, status_since, mailbox_id)
         WHERE status NOT IN (8, 9) AND folder_id IS NULL AND merged_into IS NULL
        """
    ]
}
