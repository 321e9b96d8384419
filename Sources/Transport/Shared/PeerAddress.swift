package import MailTypes
package import NIOCore

/// The address of a peer without its port, cheap to compare.
package struct PeerAddress: Hashable, Sendable, CustomStringConvertible {
    /// The address itself.
    package let address: IPAddress

    /// Without one, and for a Unix socket, it is loopback.
    package init(_ address: SocketAddress?) {
        switch address {
        case .v4(let address):
            // sockaddr_in: family and port, two octets each, then the address in network order.
            let word = withUnsafeBytes(of: address.address) { $0.loadUnaligned(fromByteOffset: 4, as: UInt32.self) }
            self.address = IPAddress(high: 0, low: 0xFFFF_0000_0000 | UInt64(UInt32(bigEndian: word)))
        case .v6(let address):
            // sockaddr_in6: family and port, four octets of flow information, then the address in network order.
            let words = withUnsafeBytes(of: address.address) { octets in
                (
                    octets.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
                    octets.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
                )
            }
            self.address = IPAddress(high: UInt64(bigEndian: words.0), low: UInt64(bigEndian: words.1))
        case .unixDomainSocket, nil: self.address = IPAddress(high: 0, low: 1)
        }
    }

    /// 127.0.0.0/8 and ::1.
    package var isLoopback: Bool { address.isLoopback }

    /// As text: `192.0.2.1`, `2001:db8::1` (RFC 5952); an IPv4-mapped address as IPv4.
    package var description: String { address.description }
}
