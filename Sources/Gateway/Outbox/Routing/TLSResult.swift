/// What came of TLS with a server, in the words of RFC 8460 §4.3.
package struct TLSResult: Hashable, Sendable {
    package var domain: String
    package var policy: TLSPolicyKind
    /// `success`, or the type of the failure.
    package var result: String

    package init(domain: String, policy: TLSPolicyKind, result: String) {
        (self.domain, self.policy, self.result) = (domain, policy, result)
    }

    package static let success = "success"

    /// The type of a failure of the handshake, or of what came before it, by what libssl and the session say.
    package static func failureType(_ words: String) -> String {
        let types = [
            ("does not offer", "starttls-not-supported"), ("expired", "certificate-expired"),
            ("mismatch", "certificate-host-mismatch"), ("self-signed", "certificate-not-trusted"),
            ("self signed", "certificate-not-trusted"), ("issuer", "certificate-not-trusted"),
            ("authority", "certificate-not-trusted"), ("no usable TLSA", "tlsa-invalid"),
            ("No matching DANE", "tlsa-invalid"),
        ]
        return types.first { words.contains($0.0) }?.1 ?? "validation-failure"
    }
}

/// How often that came.
package struct TLSResultCount: Hashable, Sendable {
    /// Days since 1970-01-01, UTC.
    package var day: Int64
    package var result: TLSResult
    package var sessions: Int
    package init(day: Int64, result: TLSResult, sessions: Int) {
        (self.day, self.result, self.sessions) = (day, result, sessions)
    }
}
