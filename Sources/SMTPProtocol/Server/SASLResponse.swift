/// What a client says in an exchange of several steps (RFC 4422 §3). It never prints what that is.
package struct SASLResponse: Equatable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    package let mechanism: SMTPServerSession.Mechanism
    /// The exchange begins.
    package let isFirst: Bool
    /// Decoded.
    package let octets: [UInt8]

    package init(mechanism: SMTPServerSession.Mechanism, isFirst: Bool, octets: [UInt8]) {
        (self.mechanism, self.isFirst, self.octets) = (mechanism, isFirst, octets)
    }

    package var description: String { "SASLResponse(\(mechanism.rawValue))" }
    package var debugDescription: String { description }
}

extension SASLResponse: CustomReflectable {
    package var customMirror: Mirror { Mirror(self, children: ["mechanism": mechanism]) }
}
