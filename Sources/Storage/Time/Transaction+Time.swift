package import Desk
package import Gateway
package import MailTypes

extension Transaction {
    package func setMarks(
        _ marks: CaseMarks, of ticket: TicketNumber, at modSequence: @autoclosure () throws -> ModSequence
    ) throws {
        let changed = try connection.run(
            "UPDATE ticket SET shown_marks = \(marks.rawValue) WHERE id = \(ticket) AND shown_marks <> \(marks.rawValue)")
        guard changed > 0 else { return }
        let messages = try messages(of: ticket)
        guard !messages.isEmpty else { return }
        try connection.run(
            """
            UPDATE message SET flags = (flags & \(Self.flagBits)) | \(marks.rawValue) WHERE ticket_id = \(ticket)
            """)
        let sequence = try modSequence()
        for message in messages { try touch(message, at: sequence) }
    }

    /// Those of a message's column of flags that are no marks.
    static let flagBits: Int64 = (1 << 40) - 1

    package func lastMessage(in ticket: TicketNumber) throws -> Timestamp? {
        try connection.integer(
            """
            SELECT max(internal_date) FROM message WHERE ticket_id = \(ticket) AND kind <> \(MessageKind.card)
            """
        ).map(Timestamp.init(microseconds:))
    }

    package func hastenTimers(_ kind: TimerKind, pool: PoolID, to span: Duration) throws {
        let changed = try connection.run(
            """
            UPDATE timer SET due_at = (SELECT status_since FROM ticket WHERE id = ticket_id) + \(span.microseconds)
             WHERE kind = \(kind)
               AND due_at > \(span.microseconds)
                     + (SELECT status_since FROM ticket WHERE id = ticket_id AND pool_id = \(pool))
            """)
        if changed > 0 { note(Change(isTimerChange: true)) }
    }
}
