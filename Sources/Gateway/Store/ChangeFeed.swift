package import Desk
import Synchronization

/// What a commit changed, as far as sessions must look again.
package struct Change: Sendable {
    /// Mailboxes in which messages came, went or changed flags for everybody.
    package var mailboxes: Set<MailboxID>
    /// Agents whose own flags, mailboxes or offers changed.
    package var agents: Set<AgentID>
    /// Agents whose list of mailboxes changed: names or subscriptions.
    package var mailboxLists: Set<AgentID>
    /// Agents whose annotations changed.
    package var annotations: Set<AgentID>
    /// People, pools or names changed: the roster was made anew.
    package var isRosterChange: Bool
    /// Mail waits in the outbox.
    package var isOutboxChange: Bool
    /// A timer was set.
    package var isTimerChange: Bool

    package init(
        mailboxes: Set<MailboxID> = [], agents: Set<AgentID> = [], mailboxLists: Set<AgentID> = [],
        annotations: Set<AgentID> = [], isRosterChange: Bool = false, isOutboxChange: Bool = false,
        isTimerChange: Bool = false
    ) {
        (self.mailboxLists, self.annotations, self.isTimerChange) = (mailboxLists, annotations, isTimerChange)
        (self.mailboxes, self.agents) = (mailboxes, agents)
        (self.isRosterChange, self.isOutboxChange) = (isRosterChange, isOutboxChange)
    }

    /// Whom the change concerns by what is theirs.
    fileprivate var people: Set<AgentID> { agents.union(mailboxLists).union(annotations) }

    package var isEmpty: Bool {
        mailboxes.isEmpty && people.isEmpty && !isRosterChange && !isOutboxChange && !isTimerChange
    }

    package mutating func merge(_ other: Change) {
        mailboxes.formUnion(other.mailboxes)
        agents.formUnion(other.agents)
        mailboxLists.formUnion(other.mailboxLists)
        annotations.formUnion(other.annotations)
        isRosterChange = isRosterChange || other.isRosterChange
        isOutboxChange = isOutboxChange || other.isOutboxChange
        isTimerChange = isTimerChange || other.isTimerChange
    }
}

/// The one feed by which commits reach sessions of this process. It says *that* something changed, never what: whoever
/// hears it reads the database, so a lost or doubled notice does no harm.
package final class ChangeFeed: Sendable {
    /// One who listens; hold it as long as notices are wanted.
    package struct Subscription: Hashable, Sendable { fileprivate let number: UInt64 }

    private struct Listener {
        var mailbox: MailboxID?
        var agent: AgentID?
        var notice: @Sendable (Change) -> Void
    }
    private struct State {
        var next: UInt64 = 0
        var listeners: [UInt64: Listener] = [:]
        var byMailbox: [MailboxID: Set<UInt64>] = [:]
        var byAgent: [AgentID: Set<UInt64>] = [:]
        var toAll: Set<UInt64> = []
    }
    private let state = Mutex(State())

    package init() {}

    /// Hears of changes in a mailbox and of an agent; with neither, of all. `notice` runs on the committing thread and
    /// must only pass the word on.
    package func subscribe(
        mailbox: MailboxID? = nil, agent: AgentID? = nil, _ notice: @escaping @Sendable (Change) -> Void
    ) -> Subscription {
        state.withLock { state in
            let number = state.next
            state.next += 1
            state.listeners[number] = Listener(mailbox: mailbox, agent: agent, notice: notice)
            if let mailbox { state.byMailbox[mailbox, default: []].insert(number) }
            if let agent { state.byAgent[agent, default: []].insert(number) }
            if mailbox == nil, agent == nil { state.toAll.insert(number) }
            return Subscription(number: number)
        }
    }

    package func cancel(_ subscription: Subscription) {
        state.withLock { state in
            let number = subscription.number
            guard let listener = state.listeners.removeValue(forKey: number) else { return }
            if let mailbox = listener.mailbox {
                state.byMailbox[mailbox]?.remove(number)
                if state.byMailbox[mailbox]?.isEmpty == true { state.byMailbox[mailbox] = nil }
            }
            if let agent = listener.agent {
                state.byAgent[agent]?.remove(number)
                if state.byAgent[agent]?.isEmpty == true { state.byAgent[agent] = nil }
            }
            state.toAll.remove(number)
        }
    }

    /// Called by the driver after a commit, before the writers hear that their transactions are done.
    package func publish(_ change: Change) {
        guard !change.isEmpty else { return }
        let notices = state.withLock { state -> [@Sendable (Change) -> Void] in
            if change.isRosterChange { return state.listeners.values.map(\.notice) }
            var numbers = state.toAll
            for mailbox in change.mailboxes { numbers.formUnion(state.byMailbox[mailbox] ?? []) }
            for agent in change.people { numbers.formUnion(state.byAgent[agent] ?? []) }
            return numbers.compactMap { state.listeners[$0]?.notice }
        }
        for notice in notices { notice(change) }
    }
}

/// The roster in force, shared by everything that runs.
package final class RosterHolder: Sendable {
    private let roster: Mutex<Roster>
    package init(_ roster: Roster) { self.roster = Mutex(roster) }
    package var current: Roster { roster.withLock { $0 } }
    package func replace(_ new: Roster) { roster.withLock { $0 = new } }
    package func update(_ change: (Roster) -> Roster) { roster.withLock { $0 = change($0) } }
}
