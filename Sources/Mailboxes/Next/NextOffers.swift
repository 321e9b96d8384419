package import Desk
package import Gateway
import MailTypes
import Synchronization

/// Offers every connected agent one case in Next (DESIGN §3): the oldest of the most urgent pool, to this agent alone,
/// for as long as the desk says. It is withdrawn a minute after the last disconnect.
///
/// `run()` is a service of the appliance; sessions tell who is there. All truth is in the database: offers that a former
/// process left are withdrawn from agents who do not come back in that minute.
package final class NextOffers: Sendable {
    private struct State {
        var connections: [AgentID: Int] = [:]
        /// Agents who left, and when their offers end.
        var leaving: [AgentID: Timestamp] = [:]
        /// Connected agents without an offer: new cases concern them.
        var waiting: Set<AgentID> = []
        /// Agents to look at.
        var due: Set<AgentID> = []
        /// Next of the connected agents, and New.
        var owners: [MailboxID: AgentID] = [:]
        var new: MailboxID?
        /// Offers of a former process were looked for.
        var isStarted = false
    }

    private let store: any MailboxStore
    private let roster: RosterHolder
    private let clock: any WallClock
    private let grace: Duration
    private let sleep: @Sendable (Duration) async throws -> Void
    private let state = Mutex(State())
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    /// How late an offer may end, and the least time between two looks.
    private static let resolution = Duration.seconds(5)
    private static let pause = Duration.milliseconds(50)

    /// - Parameters:
    ///   - grace: how long an offer outlives the agent's last connection.
    ///   - sleep: paces `run`; what is due is decided by `clock` alone.
    package init(
        store: any MailboxStore, roster: RosterHolder, clock: any WallClock,
        grace: Duration = .seconds(60),
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        (self.store, self.roster, self.clock) = (store, roster, clock)
        (self.grace, self.sleep) = (grace, sleep)
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    // MARK: - What sessions tell

    /// An agent logged in once more.
    package func connected(_ agent: AgentID) {
        let roster = roster.current
        state.withLock { state in
            state.connections[agent, default: 0] += 1
            state.leaving[agent] = nil
            state.due.insert(agent)
            state.new = roster.mailbox(.new)
            if let next = roster.mailbox(.next(agent)) { state.owners[next] = agent }
        }
        signal.yield()
    }

    /// A connection of the agent ended.
    package func disconnected(_ agent: AgentID) {
        let deadline = clock.now + grace
        state.withLock { state in
            let count = state.connections[agent, default: 1] - 1
            state.connections[agent] = count > 0 ? count : nil
            guard count <= 0 else { return }
            state.waiting.remove(agent)
            state.due.remove(agent)
            state.owners = state.owners.filter { $0.value != agent }
            state.leaving[agent] = deadline
        }
    }

    /// The agent looks into a mailbox: if it is Next, what can be offered is there when this returns.
    package func looked(_ kind: MailboxKind, agent: AgentID) async {
        guard case .next(agent) = kind else { return }
        await round(due: [agent], departed: [])
    }

    /// A commit changed something. Runs on the committing thread, so while everybody connected has an offer a delivery
    /// costs no more than this look.
    private func note(_ change: Change) {
        let isOfInterest = state.withLock { state -> Bool in
            if change.isRosterChange {
                let roster = roster.current
                state.new = roster.mailbox(.new)
                state.owners = [:]
                for agent in state.connections.keys {
                    if let next = roster.mailbox(.next(agent)) { state.owners[next] = agent }
                }
                state.due.formUnion(state.connections.keys)
                return !state.due.isEmpty
            }
            guard !state.connections.isEmpty else { return false }
            var isOfInterest = false
            if !state.waiting.isEmpty, let new = state.new, change.mailboxes.contains(new) {
                state.due.formUnion(state.waiting)
                isOfInterest = true
            }
            // An offer was taken, or came to an end.
            for mailbox in change.mailboxes {
                guard let agent = state.owners[mailbox] else { continue }
                state.due.insert(agent)
                isOfInterest = true
            }
            return isOfInterest
        }
        if isOfInterest { signal.yield() }
    }

    // MARK: - The service

    /// Runs until the task is cancelled.
    package func run(feed: ChangeFeed) async {
        let subscription = feed.subscribe { [weak self] change in self?.note(change) }
        defer { feed.cancel(subscription) }
        signal.yield()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    try? await self.sleep(Self.resolution)
                    self.signal.yield()
                }
            }
            for await _ in signals {
                await process()
                // Under a flood of mail one look serves many.
                try? await sleep(Self.pause)
            }
            group.cancelAll()
        }
    }

    /// Does everything that is due now.
    package func process() async {
        await rememberFormerOffers()
        let now = clock.now
        let (due, departed, isIdle) = state.withLock { state -> (Set<AgentID>, Set<AgentID>, Bool) in
            let departed = Set(state.leaving.filter { $0.value <= now }.keys)
            for agent in departed { state.leaving[agent] = nil }
            let due = state.due.filter { state.connections[$0] != nil }
            state.due = []
            return (due, departed, state.connections.isEmpty && state.leaving.isEmpty)
        }
        // With nobody there, no offer is left to run out.
        guard !isIdle || !departed.isEmpty else { return }
        if await round(due: due, departed: departed) { return }
        // Once more, when the database is well again.
        state.withLock { state in
            state.due.formUnion(due)
            for agent in departed where state.connections[agent] == nil { state.leaving[agent] = now }
        }
    }

    /// Once: who has an offer from before the start and is not here gets the time of somebody who just left.
    private func rememberFormerOffers() async {
        guard state.withLock({ !$0.isStarted }) else { return }
        let everything = Timestamp(microseconds: .max)
        guard let offers = try? await store.read({ try $0.expiredOffers(at: everything) }) else { return }
        let deadline = clock.now + grace
        state.withLock { state in
            state.isStarted = true
            for offer in offers where state.connections[offer.agent] == nil {
                if state.leaving[offer.agent] == nil { state.leaving[offer.agent] = deadline }
            }
        }
    }

    /// Looks at these agents and at offers whose time ran out; `false`: the database failed.
    @discardableResult
    private func round(due: Set<AgentID>, departed: Set<AgentID>) async -> Bool {
        let (connected, waiting) = state.withLock { state -> (Set<AgentID>, Set<AgentID>) in
            // Before looking: a case that comes while we look must not be missed.
            state.waiting.formUnion(due.filter { state.connections[$0] != nil })
            return (Set(state.connections.keys), state.waiting)
        }
        let roster = roster.current
        let round = OfferRound(
            roster: roster, now: clock.now, duration: roster.definition.offerFor, connected: connected, departed: departed,
            due: due, waiting: waiting)
        let lacking: Set<AgentID>
        do {
            let unchanged = try await store.read { try round.isNeeded(in: $0) ? nil : round.lacking(in: $0) }
            if let unchanged {
                lacking = unchanged
            } else {
                lacking = try await store.write { try round.carryOut($0) }
            }
        } catch {
            return false
        }
        state.withLock { state in
            for agent in due.union(waiting) where !lacking.contains(agent) { state.waiting.remove(agent) }
            state.waiting.formUnion(lacking.filter { state.connections[$0] != nil })
        }
        return true
    }
}
