import Desk
import MailTypes

/// What decides which messages an agent sees, as text that changes exactly when that does: `1 2q 3o`.
struct AgentSight: Equatable {
    /// The pools that the agent may read, those with a mark in which the agent sees what only Next gives out.
    let pools: Set<String>
    /// Those in which the agent sees no cases of colleagues.
    let own: Set<PoolID>
    let text: String

    init(of agent: Roster.Agent, _ roster: Roster) {
        let words = agent.readablePools.sorted().map { pool in
            let isInQueue = roster.visiblePools(in: .new, for: agent).contains(pool.inQueue)
            return "\(pool)\(isInQueue ? "q" : "")\(roster.maySeeAll(of: pool, agent) ? "" : "o")"
        }
        self.init(text: words.joined(separator: " "))
    }

    /// As the database keeps it.
    init(text: String) {
        self.text = text
        let words = text.split(separator: " ")
        pools = Set(words.map { $0.filter { $0 != "o" } })
        own = Set(
            words.filter { $0.hasSuffix("o") }.compactMap { Int64($0.prefix(while: \.isNumber)).map(PoolID.init(rawValue:)) })
    }
}
