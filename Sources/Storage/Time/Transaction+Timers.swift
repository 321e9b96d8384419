package import Desk
package import Gateway
package import MailTypes

extension Transaction {
    package func setTimer(_ timer: DeskTimer) throws {
        try connection.run(
            """
            INSERT INTO timer (kind, ticket_id, subject_id, due_at)
            VALUES (\(timer.kind), \(timer.ticket), \(timer.subject), \(timer.dueAt))
            ON CONFLICT (kind, ticket_id, subject_id) DO UPDATE SET due_at = excluded.due_at
            """)
        note(Change(isTimerChange: true))
    }

    package func removeTimer(_ kind: TimerKind, of ticket: TicketNumber, subject: Int64) throws {
        try connection.run(
            "DELETE FROM timer WHERE kind = \(kind) AND ticket_id = \(ticket) AND subject_id = \(subject)")
    }

    package func timer(_ kind: TimerKind, of ticket: TicketNumber, subject: Int64) throws -> DeskTimer? {
        try connection.first(
            """
            SELECT kind, ticket_id, subject_id, due_at FROM timer
             WHERE kind = \(kind) AND ticket_id = \(ticket) AND subject_id = \(subject)
            """, DeskTimer.init(row:))
    }

    package func timerSubjects(_ kind: TimerKind, of ticket: TicketNumber) throws -> Set<Int64> {
        Set(
            try connection.all("SELECT subject_id FROM timer WHERE kind = \(kind) AND ticket_id = \(ticket)") {
                $0.integer(0)
            })
    }

    package func dueTimers(at now: Timestamp, limit: Int) throws -> [DeskTimer] {
        try connection.all(
            """
            SELECT kind, ticket_id, subject_id, due_at FROM timer WHERE due_at <= \(now)
             ORDER BY due_at, ticket_id LIMIT \(limit)
            """, DeskTimer.init(row:))
    }

    package func nextTimer() throws -> Timestamp? {
        try connection.integer("SELECT min(due_at) FROM timer").map(Timestamp.init(microseconds:))
    }
}

extension DeskTimer {
    init(row: any SQLRow) throws {
        self.init(
            kind: try row.value(0), ticket: TicketNumber(rawValue: row.integer(1)), subject: row.integer(2),
            dueAt: row.timestamp(3))
    }
}
