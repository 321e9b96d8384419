package import Desk
package import MailTypes

/// What the passing of time needs of the database beside timers.
package protocol TimeTransaction {
    /// Writes what the messages of a case show; those that are there change with the mod-sequence, those to come follow.
    func setMarks(
        _ marks: CaseMarks, of ticket: TicketNumber, at modSequence: @autoclosure () throws -> ModSequence) throws
    /// When the latest message of a case was filed.
    func lastMessage(in ticket: TicketNumber) throws -> Timestamp?
    /// Lets no timer of a kind, of the cases of a pool, be due later than so long after the case came to its status.
    func hastenTimers(_ kind: TimerKind, pool: PoolID, to span: Duration) throws
}
