package import Desk
package import MailTypes

/// Where cases lie of an agent who is, or was, away.
package struct AbsentWork: Sendable, Hashable {
    package var owner: AgentID
    package var pool: PoolID
    package var substitute: AgentID?

    package init(owner: AgentID, pool: PoolID, substitute: AgentID?) {
        (self.owner, self.pool, self.substitute) = (owner, pool, substitute)
    }
}

/// What absences need of the database.
package protocol AbsenceTransaction {
    /// `isOfDesk`: the desk file says it.
    func insert(_ absence: AbsencePeriod, isOfDesk: Bool) throws
    /// Those that the desk file said of an agent, ended ones included.
    func absencesOfDesk(of agent: AgentID) throws -> [AbsencePeriod]
    /// The desk file says it no more.
    func removeAbsenceOfDesk(_ absence: AbsencePeriod) throws
    /// The agent is there again; who is there anyway will not be away, whatever was said.
    func endAbsences(of agent: AgentID, at now: Timestamp) throws
    /// Those that end after a moment, in the order in which they were said.
    func absences(endingAfter moment: Timestamp) throws -> [AbsencePeriod]
    /// Those of long ago go.
    func pruneAbsences(before moment: Timestamp) throws

    /// Pools and substitutes of an agent's cases that need work, and of all cases that lie with a substitute.
    func absentWork(around agent: AgentID) throws -> [AbsentWork]
    /// Cases among them, at most so many.
    func tickets(in work: AbsentWork, limit: Int) throws -> [Ticket]
    /// Remembers that somebody else worked on a case, until its owner is told.
    func noteAbsentWork(on ticket: TicketNumber, of owner: AgentID, by worker: AgentID) throws
    /// Cases and who worked on them; they are forgotten.
    func takeAbsentWork(of owner: AgentID) throws -> [(ticket: TicketNumber, worker: AgentID)]
}
