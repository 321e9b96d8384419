/// What DMARC says of a mail (RFC 9989 §5.3, RFC 8601 §2.7).
package enum DMARCResult: String, Sendable, CaseIterable {
    /// The author's domain publishes no policy.
    case none
    /// A domain that aligns with the author's takes responsibility.
    case pass
    case fail
    /// The domain name system did not answer.
    case temperror
    /// There is no author, or more of them than we look at.
    case permerror
}

/// The outcome with what led to it.
package struct DMARCVerdict: Sendable, Equatable {
    package var result: DMARCResult
    /// The domain of From, in lower-case A-labels; empty without one.
    package var authorDomain: String
    /// The policy that applies to this domain, as published; while testing it is `disposition` that counts.
    package var policy: DMARCRecord.Policy
    /// What the domain's owner asks for this mail: `none` for anything but a fail.
    package var disposition: DMARCRecord.Policy
    package var problem: String?

    package init(
        _ result: DMARCResult, authorDomain: String, policy: DMARCRecord.Policy = .none,
        disposition: DMARCRecord.Policy = .none, problem: String? = nil
    ) {
        (self.result, self.authorDomain, self.policy) = (result, authorDomain, policy)
        (self.disposition, self.problem) = (disposition, problem)
    }
}
