package import Desk
import MailTypes

/// Views of an agent's closed cases by year (DESIGN §3: the Archive button), and of a pool's cases by status. From the commit that makes one on, cases that
/// close go there by themselves; what had closed before follows piece by piece.
extension CaseWork {
    /// Makes the mailbox of an archive, unless there is one; the roster in force knows it after the commit. A timer stands
    /// until all is there, so that a server which stops on the way goes on with it.
    package func openArchive(_ kind: MailboxKind, of agent: AgentID, in holder: RosterHolder) throws -> MailboxID {
        if let known = try transaction.systemMailboxes()[kind] { return known }
        let made = try transaction.insertMailbox(kind, uidValidity: try transaction.takeUIDValidity(at: now))
        try transaction.setTimer(
            DeskTimer(kind: .archive, ticket: .none, subject: made.rawValue, dueAt: now + .seconds(60)))
        transaction.afterCommit { holder.update { $0.adding(kind, made) } }
        transaction.note(Change(mailboxLists: [agent], isRosterChange: true))
        return made
    }

    /// Puts the closed cases of the year there, some at a time. Answers where to go on; `nil`: that was the last.
    package func fillArchive(_ mailbox: MailboxID, above last: TicketNumber) throws -> TicketNumber? {
        let piece: [TicketNumber]
        let belongs: (Ticket) -> Bool
        switch roster.kinds[mailbox] {
        case .archive(let agent, let year):
            piece = try transaction.closedTickets(of: agent, above: last, limit: Self.archivedAtOnce).map(\.ticket)
            belongs = { CivilTime($0.statusSince).year == year }
        case .poolStatus(let pool, let status):
            piece = try transaction.tickets(of: pool, in: status, above: last, limit: Self.archivedAtOnce)
            belongs = { _ in true }
        default: return nil
        }
        for number in piece {
            guard let ticket = try transaction.ticket(number), belongs(ticket), ticket.mergedInto == nil, !isTrashed(ticket)
            else { continue }
            let messages = try transaction.messages(of: ticket.number)
            if try transaction.mailboxes(of: ticket.number).contains(mailbox) {
                // Closed since the archive was made, or a mail came: all of it goes there once.
                _ = try transaction.leave(messages, from: mailbox, at: modSequence(), now: now)
            }
            _ = try transaction.enter(messages, into: mailbox, pool: ticket.pool, at: modSequence(), now: now)
        }
        transaction.note(Change(mailboxes: [mailbox]))
        if let next = piece.last, piece.count == Self.archivedAtOnce { return next }
        try transaction.removeTimer(.archive, of: .none, subject: mailbox.rawValue)
        return nil
    }

    /// What a timer of `TimerKind.archive` does: its case says where to go on.
    package func fillArchive(_ timer: DeskTimer) throws {
        guard let next = try fillArchive(MailboxID(rawValue: timer.subject), above: timer.ticket) else { return }
        try transaction.setTimer(DeskTimer(kind: .archive, ticket: next, subject: timer.subject, dueAt: now))
    }

    private static let archivedAtOnce = 50
}

extension TicketNumber {
    /// Of no case.
    fileprivate static let none = TicketNumber(rawValue: 0)
}
