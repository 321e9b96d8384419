package import MailTypes

/// When an agent is not there, and who works instead.
package struct AbsencePeriod: Sendable, Equatable {
    package var agent: AgentID
    /// The days as they were said, in the agent's time zone, both included.
    package var first: CalendarDate
    package var last: CalendarDate
    package var from: Timestamp
    /// The first moment at which the agent is there again; earlier than the last day's end for who came back early.
    package var until: Timestamp
    /// `nil`: nobody; what comes in goes to the queue.
    package var substitute: AgentID?

    package init(
        agent: AgentID, first: CalendarDate, last: CalendarDate, from: Timestamp, until: Timestamp, substitute: AgentID?
    ) {
        (self.agent, self.first, self.last) = (agent, first, last)
        (self.from, self.until, self.substitute) = (from, until, substitute)
    }

    /// Whole days on the agent's own clock.
    package init(
        agent: AgentID, first: CalendarDate, last: CalendarDate, substitute: AgentID?, clock: any DeskClock
    ) {
        self.init(
            agent: agent, first: first, last: last, from: clock.moment(of: LocalMoment(date: first)),
            until: clock.moment(of: LocalMoment(date: last), endOfDay: true) + .seconds(60), substitute: substitute)
    }
}

/// The absences of the desk (FEATURES S22).
///
///     the agent is         with a substitute who is        works instead
///     there                –                               nobody: the agent
///     away                 there                           the substitute
///     away                 away                            the substitute's substitute, and so on
///     away                 (none), or the chain ends in    nobody: the queue
///                          itself
package struct Absences: Sendable, Equatable {
    /// In the order in which they were said: of several at a time the last counts.
    package var periods: [AbsencePeriod]

    package init(_ periods: [AbsencePeriod] = []) { self.periods = periods }

    /// The absence of an agent at a moment.
    package func current(of agent: AgentID, at moment: Timestamp) -> AbsencePeriod? {
        periods.last { $0.agent == agent && $0.from <= moment && moment < $0.until }
    }

    /// When the next absence of an agent begins or ends; `nil`: never again.
    package func nextChange(of agent: AgentID, after moment: Timestamp) -> Timestamp? {
        periods.filter { $0.agent == agent }.flatMap { [$0.from, $0.until] }.filter { $0 > moment }.min()
    }

    /// Who works for an agent at a moment: the agent, or whoever stands in and may. Circles end.
    package func worker(
        for agent: AgentID, at moment: Timestamp, where mayStandIn: (AgentID) -> Bool
    ) -> AgentID? {
        var seen: Set<AgentID> = []
        var candidate = agent
        while seen.insert(candidate).inserted {
            guard let absence = current(of: candidate, at: moment) else {
                return candidate == agent || mayStandIn(candidate) ? candidate : nil
            }
            guard let next = absence.substitute else { return nil }
            candidate = next
        }
        return nil
    }
}

extension Roster {
    /// Whether an agent is away.
    package func isAway(_ agent: AgentID, at moment: Timestamp) -> Bool {
        absences.current(of: agent, at: moment) != nil
    }

    /// Who works for an agent in a pool: the agent, if there, else who stands in and is a member; `nil`: nobody.
    package func worker(for agent: AgentID, in pool: PoolID, at moment: Timestamp) -> AgentID? {
        guard agents[agent]?.isActive == true else { return nil }
        return absences.worker(for: agent, at: moment) { candidate in
            guard let person = agents[candidate], person.isActive else { return false }
            return person.readablePools.contains(pool)
        }
    }

    /// Who gets the cases of an agent who left for good: who stood in then.
    package func heir(of agent: AgentID, in pool: PoolID, at moment: Timestamp) -> AgentID? {
        guard let substitute = absences.current(of: agent, at: moment)?.substitute else { return nil }
        guard let heir = worker(for: substitute, in: pool, at: moment),
            agents[heir]?.readablePools.contains(pool) == true
        else { return nil }
        return heir
    }

    /// The clock of an agent's own time zone.
    package func clock(of agent: AgentID) -> any DeskClock { clocks[agent] ?? clock }
}
