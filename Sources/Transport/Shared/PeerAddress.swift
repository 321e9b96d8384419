package import NIOCore

/// The address of a peer without its port, cheap to compare.
package struct PeerAddress: Hashable, Sendable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64

    /// Without one, and for a Unix socket, it is loopback.
    package init(_ address: SocketAddress?) {
        switch address {
        case .v4(let address):
            // sockaddr_in: family and port, two octets each, then the address in network order.
            let word = withUnsafeBytes(of: address.address) { $0.loadUnaligned(fromByteOffset: 4, as: UInt32.self) }
            (high, low) = (0, 0xFFFF_0000_0000 | UInt64(UInt32(bigEndian: word)))
        case .v6(let address):
            // sockaddr_in6: family and port, four octets of flow information, then the address in network order.
            let words = withUnsafeBytes(of: address.address) { octets in
                (
                    octets.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
                    octets.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
                )
            }
            (high, low) = (UInt64(bigEndian: words.0), UInt64(bigEndian: words.1))
        case .unixDomainSocket, nil: (high, low) = (0, 1)
        }
    }

    /// 127.0.0.0/8 and ::1.
    package var isLoopback: Bool { high == 0 && (low == 1 || low >> 24 == 0xFFFF_7F) }

    /// As text: `192.0.2.1`, `2001:db8::1` (RFC 5952); an IPv4-mapped address as IPv4.
    package var description: String {
        if high == 0, low >> 32 == 0xFFFF {
            return "\(low >> 24 & 255).\(low >> 16 & 255).\(low >> 8 & 255).\(low & 255)"
        }
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: ($0 < 4 ? high : low) >> (48 - UInt64($0 % 4) * 16)) }
        let gap = Self.longestRunOfZeros(groups)
        func text(_ part: ArraySlice<UInt16>) -> String { part.map { String($0, radix: 16) }.joined(separator: ":") }
        guard let gap else { return text(groups[...]) }
        return text(groups[..<gap.lowerBound]) + "::" + text(groups[gap.upperBound...])
    }

    private static func longestRunOfZeros(_ groups: [UInt16]) -> Range<Int>? {
        var longest: Range<Int>?
        var start = 0
        for end in 1...groups.count where end == groups.count || groups[end] != 0 || groups[end - 1] != 0 {
            if groups[start] == 0, end - start > max(1, longest?.count ?? 0) { longest = start..<end }
            start = end
        }
        return longest
    }
}
