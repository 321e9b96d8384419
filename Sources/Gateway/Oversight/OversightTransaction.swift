package import Desk
package import MailTypes

/// A case that went from one to another: by whose number, and whether a group got it.
package struct Handover: Sendable, Equatable {
    /// `nil`: it was nobody's.
    package var from: AgentID?
    package var to: AgentID?
    package var group: GroupID?

    package init(from: AgentID?, to: AgentID?, group: GroupID?) { (self.from, self.to, self.group) = (from, to, group) }
}

/// What supervisors' notices need of the database.
package protocol OversightTransaction {
    /// Cases of some pools whose deadline has passed, the latest first, and how many there are in all.
    func overdueCases(in pools: [PoolID], limit: Int) throws -> (tickets: [Ticket], count: Int)
    /// The notice in INBOX that lists what is overdue, and when it was made.
    func overdueNotice(of agent: AgentID) throws -> (messageID: MessageID, at: Timestamp)?
    /// `nil`: there is none any more.
    func setOverdueNotice(_ messageID: MessageID?, of agent: AgentID, at now: Timestamp) throws
    /// Who gave a case to whom, the first first.
    func handovers(of ticket: TicketNumber, after moment: Timestamp) throws -> [Handover]
}
