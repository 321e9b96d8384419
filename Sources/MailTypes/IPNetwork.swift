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

    package func contains(_ other: IPAddress) -> Bool { other.isIn(address, prefix: length) }

    package var description: String { "\(address)/\(length)" }
}
