/// What the chain of an ARC-sealed mail came to (RFC 8617 §4.4).
package enum ARCResult: String, Sendable, CaseIterable {
    /// There is no chain.
    case none
    case pass
    case fail
    /// The domain name system did not answer; RFC 8617 §5.2 lets the chain fail then, we tell the two apart.
    case temperror
}

/// The outcome with who handed the mail on.
package struct ARCVerdict: Sendable, Equatable {
    package var result: ARCResult
    /// Who sealed, the eldest first; only of a passing chain can it be believed.
    package var sealers: [String]
    /// What the last sealer found out when the mail reached it.
    package var lastResults: AuthenticationResults?
    package var problem: String?

    package init(
        _ result: ARCResult, sealers: [String] = [], lastResults: AuthenticationResults? = nil, problem: String? = nil
    ) {
        (self.result, self.sealers, self.lastResults, self.problem) = (result, sealers, lastResults, problem)
    }
}
