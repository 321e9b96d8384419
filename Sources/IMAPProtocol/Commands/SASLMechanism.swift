/// The SASL mechanisms of AUTHENTICATE, the best first.
package enum SASLMechanism: String, Sendable, CaseIterable {
    /// RFC 7677, bound to the TLS connection.
    case scramPlus = "SCRAM-SHA-256-PLUS"
    /// RFC 7677.
    case scram = "SCRAM-SHA-256"
    /// RFC 4616.
    case plain = "PLAIN"
}
