package import Desk

/// What the messages of a case show without that anybody set it (DESIGN §3). The bits stand in the column of shared flags
/// above all flags that clients know.
package struct CaseMarks: OptionSet, Hashable, Sendable {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }

    /// A deadline has passed: `\Flagged` and `$label1`, red and starred in Thunderbird with no set-up.
    package static let overdue = CaseMarks(rawValue: 1 << 40)
    /// The case is urgent, in a pool where a star means that: `\Flagged` for everybody.
    package static let starred = CaseMarks(rawValue: 1 << 41)

    package static let all: CaseMarks = [.overdue, .starred]

    package init(_ ticket: Ticket, in pool: PoolDefinition?) {
        self = ticket.clock.isOverdue ? .overdue : []
        if pool?.starMeansPriority == true, ticket.priority.meansStar { insert(.starred) }
    }
}

extension Priority {
    /// What a star stands for in a pool with `starMeansPriority`.
    package var meansStar: Bool { self == .high || self == .urgent }
}
