extension Schema {
    /// What a case has beside its status: a place, a priority, clocks, followers.
    static let cases: [SQL] = [
        "ALTER TABLE ticket ADD COLUMN folder_id {integer} REFERENCES folder (id)",
        "ALTER TABLE ticket ADD COLUMN priority {text} NOT NULL DEFAULT 'normal'",
        "ALTER TABLE ticket ADD COLUMN category {text}",
        "ALTER TABLE ticket ADD COLUMN source {text} NOT NULL DEFAULT 'mail'",
        "ALTER TABLE ticket ADD COLUMN merged_into {integer}",
        "ALTER TABLE ticket ADD COLUMN first_answer_due {integer}",
        "ALTER TABLE ticket ADD COLUMN first_answered_at {integer}",
        "ALTER TABLE ticket ADD COLUMN solution_due {integer}",
        // Working time that is left while the clock stands still, in microseconds.
        "ALTER TABLE ticket ADD COLUMN solution_left {integer}",
        "ALTER TABLE ticket ADD COLUMN solved_at {integer}",
        "ALTER TABLE ticket ADD COLUMN is_overdue {integer} NOT NULL DEFAULT 0",
        "CREATE INDEX ticket_customer ON ticket (customer_id) WHERE customer_id IS NOT NULL",
        """
        CREATE TABLE follower (
            ticket_id {integer} NOT NULL REFERENCES ticket (id),
            agent_id {integer} NOT NULL REFERENCES agent (id),
            PRIMARY KEY (ticket_id, agent_id)) {clustered}
        """,
        "CREATE INDEX follower_agent ON follower (agent_id)",
        // The message of another case that this one was made of, which stays so that a merge can be undone.
        "ALTER TABLE message ADD COLUMN origin_id {integer}",
        // Who else needs the octets of what is removed.
        "CREATE INDEX message_content ON message (content_id)",
        "CREATE INDEX submission_content ON submission (content_id)",
        "CREATE INDEX submission_ticket ON submission (ticket_id) WHERE ticket_id IS NOT NULL",
        // How two cases were before one went into the other. Tags and addresses that it brought stand separated by spaces.
        """
        CREATE TABLE ticket_merge (
            ticket_id {integer} NOT NULL PRIMARY KEY REFERENCES ticket (id),
            into_id {integer} NOT NULL REFERENCES ticket (id),
            status {integer} NOT NULL,
            assignee_id {integer},
            group_id {integer},
            folder_id {integer},
            into_status {integer} NOT NULL,
            into_assignee_id {integer},
            into_group_id {integer},
            into_folder_id {integer},
            added_tags {text} NOT NULL,
            added_addresses {text} NOT NULL)
        """,
    ]
}
