package import Desk

/// Checks a login and its password against the stored verifier, off the event loops, in the same time whether the login
/// exists or not (DESIGN §7). `nil`: refused.
package protocol Authenticator: Sendable {
    func authenticate(
        login: String, password: [UInt8], completion: @escaping @Sendable (AgentID?) -> Void)
    /// Begins SCRAM-SHA-256, or SCRAM-SHA-256-PLUS if `isBound`. `bindings`: what the connection can be bound to, where
    /// PLUS was offered.
    func scram(isBound: Bool, bindings: ChannelBindings?) -> any SASLExchange
}
