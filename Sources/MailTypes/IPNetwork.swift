/// A range of addresses: `192.0.2.0/24`, `2001:db8::/32`, or one address.
package struct IPNetwork: Hashable, Sendable, CustomStringConvertible {
    package let address: IPAddress
    package let length: Int

    /// Parses CIDR notation (RFC 4632 §3.1); an address alone is a network of one.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(first) else { return nil }
        let most = address.family == .v4 ? 32 : 128
        guard parts.count == 2 else {
            (self.address, length) = (address, most)
            return
        }
        let digits = parts[1].utf8
        guard (1...3).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
            let length = Int(parts[1]), length <= most
        else { return nil }
        (self.address, self.length) = (address, length)
    }

    /// The range of that length that an address lies in, its other bits all zero.
    package init(of address: IPAddress, length: Int) {
        let most = address.family == .v4 ? 32 : 128
        let length = min(max(0, length), most)
        let rest = UInt64(most - length)
        let high = rest >= 128 ? 0 : rest > 64 ? address.high & (UInt64.max << (rest - 64)) : address.high
        let low = rest >= 64 ? 0 : address.low & (UInt64.max << rest)
        (self.address, self.length) = (IPAddress(high: high, low: low), length)
    }

    /// 127.0.0.0/8 and ::1.
    package static let loopback = [
        IPNetwork(of: IPAddress(high: 0, low: 0xFFFF_7F00_0000), length: 8),
        IPNetwork(of: IPAddress(high: 0, low: 1), length: 128),
    ]

    package func contains(_ other: IPAddress) -> Bool { other.isIn(address, prefix: length) }

    package var description: String { "\(address)/\(length)" }
}

extension IPAddress {
    /// What one host can call its own: an IPv4 address, or the 64 bits that every IPv6 link has (RFC 4291 §2.5.4).
    package var host: IPNetwork { IPNetwork(of: self, length: family == .v4 ? 32 : 64) }

    /// What one customer of a provider commonly has: a /24 of IPv4, a /48 of IPv6 (RFC 6177 §2).
    package var neighbourhood: IPNetwork { IPNetwork(of: self, length: family == .v4 ? 24 : 48) }
}
