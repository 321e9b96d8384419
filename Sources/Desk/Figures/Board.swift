package import MailTypes

/// How many cases are in hand at this moment, and how long the oldest has been there: by status, pool and agent. Closed
/// cases, spam, what lies in custom folders, in the trash or was merged is in nobody's hands.
package struct Board: Equatable, Sendable {
    /// A number of cases.
    package struct Count: Equatable, Sendable {
        package var cases: Int
        /// When the oldest of them came into its status.
        package var since: Timestamp

        package init(cases: Int, since: Timestamp) { (self.cases, self.since) = (cases, since) }

        fileprivate mutating func add(_ other: Count) {
            cases += other.cases
            since = min(since, other.since)
        }
    }

    package private(set) var statuses: [TicketStatus: Count] = [:]
    package private(set) var pools: [PoolID: Count] = [:]
    /// `nil`: of nobody.
    package private(set) var agents: [AgentID?: Count] = [:]

    package init() {}

    /// The statuses that a case in hand has.
    package static let statuses = TicketStatus.allCases.filter { $0 != .closed && $0 != .spam }

    /// Counts cases that have status, pool and assignee in common.
    package mutating func add(_ count: Count, status: TicketStatus, pool: PoolID, assignee: AgentID?) {
        func add<Key>(_ key: Key, _ counts: inout [Key: Count]) {
            if counts[key]?.add(count) == nil { counts[key] = count }
        }
        add(status, &statuses)
        add(pool, &pools)
        add(assignee, &agents)
    }
}
