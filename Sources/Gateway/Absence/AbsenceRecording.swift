package import Desk
package import MailTypes

/// Writes absences as they are said, and makes them count at once.
package struct AbsenceRecording {
    private let transaction: any DeskTransaction
    private let now: Timestamp

    package init(_ transaction: any DeskTransaction, now: Timestamp) { (self.transaction, self.now) = (transaction, now) }

    /// An agent will be away, or is.
    package func begin(_ absence: AbsencePeriod, _ holder: RosterHolder) throws {
        try transaction.insert(absence, isOfDesk: false)
        try spread(absence.agent, holder)
    }

    /// An agent is here again; one who is not away will not be.
    package func end(of agent: AgentID, _ holder: RosterHolder) throws {
        try transaction.endAbsences(of: agent, at: now)
        try spread(agent, holder)
    }

    private func spread(_ agent: AgentID, _ holder: RosterHolder) throws {
        let all = try transaction.absences(endingAfter: Timestamp(seconds: 0))
        try AbsenceSettling.wake(agent, transaction, at: now)
        transaction.afterCommit { holder.update { $0.with(Absences(all)) } }
    }

    /// Makes the database say what the desk file says; what agents said themselves stays, as does that somebody came back
    /// early.
    package func apply(_ roster: Roster) throws {
        for agent in roster.agents.values.sorted(by: { $0.id < $1.id }) {
            let known = try transaction.absencesOfDesk(of: agent.id)
            let wanted = agent.definition.absences.map { absence in
                AbsencePeriod(
                    agent: agent.id, first: absence.first, last: absence.last,
                    substitute: absence.substitute.flatMap { roster.agent(login: $0)?.id }, clock: roster.clock(of: agent.id))
            }
            func isSame(_ left: AbsencePeriod, _ right: AbsencePeriod) -> Bool {
                (left.first, left.last) == (right.first, right.last) && left.substitute == right.substitute
            }
            let gone = known.filter { old in !wanted.contains { isSame($0, old) } }
            let fresh = wanted.filter { new in !known.contains { isSame($0, new) } }
            for absence in gone { try transaction.removeAbsenceOfDesk(absence) }
            for absence in fresh { try transaction.insert(absence, isOfDesk: true) }
            if !gone.isEmpty || !fresh.isEmpty { try AbsenceSettling.wake(agent.id, transaction, at: now) }
        }
    }
}
