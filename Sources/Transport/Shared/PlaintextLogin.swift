/// From whom a password is taken without TLS.
package enum PlaintextLogin: String, Sendable {
    case never, loopback, always

    /// Whether this peer may send one.
    package func isAllowed(for peer: PeerAddress) -> Bool {
        switch self {
        case .never: false
        case .loopback: peer.isLoopback
        case .always: true
        }
    }
}
