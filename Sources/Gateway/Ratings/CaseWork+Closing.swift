import Desk
import MailTypes

extension CaseWork {
    /// A case is over, or goes on after all: in a pool with closing mails the scheduler sees to it at once.
    func settleClosing(of new: Ticket, from old: Ticket, by agent: AgentID?) throws {
        guard new.isOver != old.isOver, new.mergedInto == nil,
            roster.pools[new.pool]?.definition.closingMail != nil
        else { return }
        try transaction.setTimer(
            DeskTimer(kind: .closing, ticket: new.number, subject: agent?.rawValue ?? 0, dueAt: now))
    }
}
