package import NIOCore

extension TLSHandler {
    /// The limits of a connection.
    package struct Configuration: Sendable {
        /// The time from the first moment to the end of the handshake.
        package var handshakeTimeout: TimeAmount = .seconds(30)
        /// The time that `close` waits for a peer that does not take what was sent before.
        package var closeTimeout: TimeAmount = .seconds(5)
        /// The octets that may be written before the handshake is over: a greeting.
        package var maximumEarlyOctets = 65536
        /// The octets of plaintext in one `channelRead`.
        package var maximumReadOctets = 65536

        /// The defaults.
        package init() {}
    }
}
