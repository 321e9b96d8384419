package import Desk

/// A login in several steps (RFC 4422 §3), off the event loops: the client's responses in, challenges out. It belongs to
/// one connection and is asked for the next step only after it has told the last.
package protocol SASLExchange: Sendable {
    /// The client's response, decoded; the first may come with the command.
    func respond(_ response: [UInt8], completion: @escaping @Sendable (SASLStep) -> Void)
}

/// What comes of a response.
package enum SASLStep: Sendable, Equatable {
    /// To be sent; the exchange goes on.
    case challenge([UInt8])
    case succeeded(AgentID, login: String)
    /// The exchange is over. The login is `nil` where none was understood; it is for the log only.
    case failed(SASLFailure, login: String?)
}

/// As much of a reason as a client may know.
package enum SASLFailure: Sendable, Equatable {
    /// The response breaks the rules of the mechanism.
    case malformed
    /// Wrong login, password or channel: always in the same words.
    case refused
    /// The login is to act for another one.
    case foreignIdentity
}

/// What a login can be bound to: data that only the two ends of a TLS connection have (RFC 5056).
package struct ChannelBindings: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    /// `tls-exporter` (RFC 9266).
    package var exporter: [UInt8]?
    /// `tls-server-end-point` (RFC 5929 §4).
    package var serverEndPoint: [UInt8]?

    package init(exporter: [UInt8]?, serverEndPoint: [UInt8]?) {
        (self.exporter, self.serverEndPoint) = (exporter, serverEndPoint)
    }

    /// Says what it is, not what is in it.
    package var description: String { "channel bindings" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
