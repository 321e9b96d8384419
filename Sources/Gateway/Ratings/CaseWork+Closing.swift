import Desk
import MailTypes

extension CaseWork {
    /// A case is over, or goes on after all, or is no case by itself any more: in a pool with closing mails the scheduler sees
    /// to it at once. One that is back from Trash or from another case was over before, which is no news to its customer.
    func settleClosing(of new: Ticket, from old: Ticket, by agent: AgentID?) throws {
        let (was, isNow) = (isOverByItself(old), isOverByItself(new))
        guard was && !isNow || isNow && !old.isOver, roster.pools[new.pool]?.definition.closingMail != nil else { return }
        try transaction.setTimer(
            DeskTimer(kind: .closing, ticket: new.number, subject: agent?.rawValue ?? 0, dueAt: now))
    }

    /// Whether there is an end to tell a customer of: the case is over, and neither part of another, nor filed away, nor
    /// deleted.
    func isOverByItself(_ ticket: Ticket) -> Bool {
        ticket.isOver && ticket.mergedInto == nil && ticket.folder == nil && !isTrashed(ticket)
    }
}
