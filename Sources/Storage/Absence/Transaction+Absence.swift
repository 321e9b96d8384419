package import Desk
package import Gateway
package import MailTypes

/// Who is away when.
extension Transaction {
    private static let absenceColumns: SQL = "agent_id, first_day, last_day, from_at, until_at, substitute_id"

    package func insert(_ absence: AbsencePeriod, isOfDesk: Bool) throws {
        try connection.run(
            """
            INSERT INTO absence (\(Self.absenceColumns), is_of_desk)
            VALUES (\(absence.agent), \(absence.first.text), \(absence.last.text), \(absence.from), \(absence.until),
                    \(absence.substitute), \(isOfDesk ? 1 : 0))
            """)
    }

    package func absencesOfDesk(of agent: AgentID) throws -> [AbsencePeriod] {
        try connection.all(
            "SELECT \(Self.absenceColumns) FROM absence WHERE agent_id = \(agent) AND is_of_desk = 1 ORDER BY id",
            AbsencePeriod.init(row:)
        ).compactMap { $0 }
    }

    package func removeAbsenceOfDesk(_ absence: AbsencePeriod) throws {
        try connection.run(
            """
            DELETE FROM absence
             WHERE agent_id = \(absence.agent) AND is_of_desk = 1 AND first_day = \(absence.first.text)
               AND last_day = \(absence.last.text)
            """)
    }

    package func endAbsences(of agent: AgentID, at now: Timestamp) throws {
        let ended = try connection.run(
            """
            UPDATE absence SET until_at = \(now) WHERE agent_id = \(agent) AND from_at <= \(now) AND until_at > \(now)
            """)
        guard ended == 0 else { return }
        try connection.run(
            "UPDATE absence SET from_at = \(now), until_at = \(now) WHERE agent_id = \(agent) AND from_at > \(now)")
    }

    package func absences(endingAfter moment: Timestamp) throws -> [AbsencePeriod] {
        try connection.all(
            "SELECT \(Self.absenceColumns) FROM absence WHERE until_at > \(moment) ORDER BY id",
            AbsencePeriod.init(row:)
        ).compactMap { $0 }
    }

    package func pruneAbsences(before moment: Timestamp) throws {
        try connection.run("DELETE FROM absence WHERE until_at < \(moment)")
    }

    /// What is in Trash stays there.
    private static let isKept: SQL = "mailbox_id NOT IN (SELECT id FROM mailbox WHERE class = \(MailboxClass.trash))"

    package func absentWork(around agent: AgentID) throws -> [AbsentWork] {
        let open: [TicketStatus] = [.assigned, .inProgress]
        return try connection.all(
            """
            SELECT DISTINCT assignee_id, pool_id, substitute_id FROM ticket
             WHERE assignee_id = \(agent) AND status IN (\(list: open)) AND substitute_id IS NULL
               AND folder_id IS NULL AND merged_into IS NULL AND \(Self.isKept)
            UNION
            SELECT DISTINCT assignee_id, pool_id, substitute_id FROM ticket
             WHERE substitute_id IS NOT NULL AND \(Self.isKept)
            """
        ) { row in
            AbsentWork(
                owner: AgentID(rawValue: row.integer(0)), pool: PoolID(rawValue: row.integer(1)),
                substitute: row.optionalInteger(2).map(AgentID.init(rawValue:)))
        }
    }

    package func tickets(in work: AbsentWork, limit: Int) throws -> [Ticket] {
        guard let substitute = work.substitute else {
            let open: [TicketStatus] = [.assigned, .inProgress]
            return try connection.all(
                """
                SELECT \(Ticket.columns) FROM ticket
                 WHERE assignee_id = \(work.owner) AND status IN (\(list: open)) AND pool_id = \(work.pool)
                   AND substitute_id IS NULL AND folder_id IS NULL AND merged_into IS NULL AND \(Self.isKept)
                 ORDER BY id LIMIT \(limit)
                """, Ticket.init(row:))
        }
        return try connection.all(
            """
            SELECT \(Ticket.columns) FROM ticket
             WHERE substitute_id = \(substitute) AND assignee_id = \(work.owner) AND pool_id = \(work.pool)
               AND \(Self.isKept)
             ORDER BY id LIMIT \(limit)
            """, Ticket.init(row:))
    }

    package func noteAbsentWork(on ticket: TicketNumber, of owner: AgentID, by worker: AgentID) throws {
        try connection.run(
            """
            INSERT INTO absence_work (agent_id, ticket_id, worker_id) VALUES (\(owner), \(ticket), \(worker))
            ON CONFLICT (agent_id, ticket_id) DO UPDATE SET worker_id = excluded.worker_id
            """)
    }

    package func takeAbsentWork(of owner: AgentID) throws -> [(ticket: TicketNumber, worker: AgentID)] {
        let found = try connection.all(
            "SELECT ticket_id, worker_id FROM absence_work WHERE agent_id = \(owner) ORDER BY ticket_id"
        ) { row in
            (ticket: TicketNumber(rawValue: row.integer(0)), worker: AgentID(rawValue: row.integer(1)))
        }
        if !found.isEmpty { try connection.run("DELETE FROM absence_work WHERE agent_id = \(owner)") }
        return found
    }
}

extension AbsencePeriod {
    /// `nil`: its days are none.
    fileprivate init?(row: any SQLRow) {
        guard let first = CalendarDate(row.text(1)), let last = CalendarDate(row.text(2)) else { return nil }
        self.init(
            agent: AgentID(rawValue: row.integer(0)), first: first, last: last, from: row.timestamp(3),
            until: row.timestamp(4), substitute: row.optionalInteger(5).map(AgentID.init(rawValue:)))
    }
}
