package import MailTypes

/// What came of asking a filter.
package struct FilterVerdict: Sendable, Equatable {
    package enum Decision: Sendable, Equatable {
        case accept
        /// The reply says why.
        case refuse(Reply)
        /// Taken, and thrown away.
        case discard
    }

    /// A change of the header section that is served; what was received stays as it is.
    package enum Change: Sendable, Equatable {
        case add(name: [UInt8], value: [UInt8])
        /// The occurrence of a field, counted from 1; `nil`: it is not shown.
        case replace(name: [UInt8], occurrence: Int, value: [UInt8]?)
    }

    package var decision: Decision
    package var changes: [Change]
    /// A case that it opens goes to Spam.
    package var isQuarantined: Bool
    /// Rules hear that it may be spam.
    package var isSuspicious = false
    /// Why it is refused or quarantined, beside what the reply says: in the filter's own words, or its score.
    package var reason: String?
    /// The filter did not answer: what is decided was not its decision.
    package var isSilent = false

    /// Whose verdict it is, and the reason: for the log and the records.
    func words(of filter: String) -> String {
        "filter \(filter)" + (isSilent ? " did not answer" : reason.map { ": \($0)" } ?? "")
    }

    package init(_ decision: Decision, changes: [Change] = [], isQuarantined: Bool = false) {
        (self.decision, self.changes, self.isQuarantined) = (decision, changes, isQuarantined)
    }
}
