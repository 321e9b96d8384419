import Desk
import Synchronization

/// Counts the connections of each account, so that one client run wild does not take all of them.
package final class AccountConnections: Sendable {
    private let limit: Int
    private let counts = Mutex<[AgentID: Int]>([:])

    package init(limit: Int = 50) { self.limit = limit }

    /// Counts one more; `false`: there are too many.
    func admit(_ agent: AgentID) -> Bool {
        counts.withLock { counts in
            let count = counts[agent, default: 0]
            guard count < limit else { return false }
            counts[agent] = count + 1
            return true
        }
    }

    /// Counts one less.
    func release(_ agent: AgentID) {
        counts.withLock { counts in
            guard let count = counts[agent] else { return }
            counts[agent] = count > 1 ? count - 1 : nil
        }
    }
}
