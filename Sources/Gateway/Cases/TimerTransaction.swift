package import Desk
package import MailTypes

/// What durable timers need of the database. A timer is known by its kind, its case and a subject within the case, so that
/// setting it again moves it. Whoever sets one notes a change with `isTimerChange` for the feed; these functions do so.
package protocol TimerTransaction {
    /// Sets or moves a timer.
    func setTimer(_ timer: DeskTimer) throws
    func removeTimer(_ kind: TimerKind, of ticket: TicketNumber, subject: Int64) throws
    func timer(_ kind: TimerKind, of ticket: TicketNumber, subject: Int64) throws -> DeskTimer?
    /// The subjects of all timers of a kind in a case.
    func timerSubjects(_ kind: TimerKind, of ticket: TicketNumber) throws -> Set<Int64>
    /// Timers that are due, the longest due first.
    func dueTimers(at now: Timestamp, limit: Int) throws -> [DeskTimer]
    /// When the next timer is due, whether that has passed or not.
    func nextTimer() throws -> Timestamp?
}

/// Something that is to happen at a time.
package struct DeskTimer: Sendable, Equatable {
    package var kind: TimerKind
    /// 0: of no case.
    package var ticket: TicketNumber
    /// What in the case it is about, by the meaning of the kind; 0: the case itself.
    package var subject: Int64
    package var dueAt: Timestamp

    package init(kind: TimerKind, ticket: TicketNumber, subject: Int64 = 0, dueAt: Timestamp) {
        (self.kind, self.ticket, self.subject, self.dueAt) = (kind, ticket, subject, dueAt)
    }
}
