extension Schema {
    /// Who is away when, and who works instead.
    static let absence: [SQL] = [
        """
        CREATE TABLE absence (
            id {id},
            agent_id {integer} NOT NULL REFERENCES agent (id),
            -- The days as they were said: 2026-12-01.
            first_day {text} NOT NULL,
            last_day {text} NOT NULL,
            from_at {integer} NOT NULL,
            -- The first moment at which the agent is there again.
            until_at {integer} NOT NULL,
            substitute_id {integer} REFERENCES agent (id),
            -- The desk file says it; such a one goes when the file says it no more.
            is_of_desk {integer} NOT NULL)
        """,
        "CREATE INDEX absence_agent ON absence (agent_id)",
        // Who works on a case whose assignee is away.
        "ALTER TABLE ticket ADD substitute_id {integer}",
        "CREATE INDEX ticket_substitute ON ticket (substitute_id) WHERE substitute_id IS NOT NULL",
        // Cases on which others worked while their assignee was away, until the assignee was told.
        """
        CREATE TABLE absence_work (
            agent_id {integer} NOT NULL,
            ticket_id {integer} NOT NULL,
            worker_id {integer} NOT NULL,
            PRIMARY KEY (agent_id, ticket_id)) {clustered}
        """,
    ]
}
