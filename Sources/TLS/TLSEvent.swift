package import OpenSSL

/// What a `TLSHandler` tells the handlers behind it, as user inbound events.
package enum TLSEvent: Sendable, Hashable {
    /// The handshake is over; what is read from here on came encrypted.
    case handshakeCompleted(TLSDetails)
    /// The connection ended without the peer's close_notify, so what was read last may have been cut short (RFC 8446
    /// §6.1). Many mail clients leave like this; a protocol with its own ends need not mind.
    case truncated
}
