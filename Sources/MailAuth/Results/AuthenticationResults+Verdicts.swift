extension AuthenticationResults.Result {
    /// What SPF found.
    package init(_ verdict: SPFVerdict) {
        self.init(
            "spf", verdict.result.rawValue,
            properties: verdict.domain.isEmpty ? [] : [("smtp.\(verdict.identity.rawValue)", verdict.domain)])
    }

    /// What one signature came to.
    package init(_ verdict: DKIMVerdict) {
        var properties: [(name: String, value: String)] = []
        if !verdict.signingDomain.isEmpty { properties.append(("header.d", verdict.signingDomain)) }
        if !verdict.selector.isEmpty { properties.append(("header.s", verdict.selector)) }
        if !verdict.algorithm.isEmpty { properties.append(("header.a", verdict.algorithm)) }
        if !verdict.signature.isEmpty { properties.append(("header.b", verdict.signature)) }
        self.init("dkim", verdict.result.rawValue, reason: verdict.reason, properties: properties)
    }

    /// What DMARC found, with the policy that was published (`policy.dmarc`, RFC 8601 §2.7.6).
    package init(_ verdict: DMARCVerdict) {
        var properties: [(name: String, value: String)] = []
        if !verdict.authorDomain.isEmpty { properties.append(("header.from", verdict.authorDomain)) }
        if verdict.result == .pass || verdict.result == .fail {
            properties.append(("policy.dmarc", verdict.policy.rawValue))
        }
        self.init("dmarc", verdict.result.rawValue, properties: properties)
    }

    /// What the chain of those who handed the mail on came to.
    package init(_ verdict: ARCVerdict) {
        self.init("arc", verdict.result.rawValue, reason: verdict.problem, properties: [])
    }
}
