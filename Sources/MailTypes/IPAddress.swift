/// An IPv4 or IPv6 address without port and zone. An IPv4-mapped IPv6 address is the IPv4 address.
package struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// Which of the two it is.
    package enum Family: Sendable { case v4, v6 }

    /// The 128 bits; an IPv4 address as `::ffff:a.b.c.d`.
    package let high: UInt64
    package let low: UInt64

    /// From the 128 bits.
    package init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

    /// From four octets or sixteen, in network order; `nil` for another number.
    package init?(octets: some Collection<UInt8>) {
        switch octets.count {
        case 4: self.init(high: 0, low: octets.reduce(0xFFFF) { $0 << 8 | UInt64($1) })
        case 16:
            self.init(
                high: octets.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
                low: octets.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) })
        default: return nil
        }
    }

    /// Parses a dotted quad, or eight groups of up to four hexadecimal digits with `::` once for any number of zero groups,
    /// the last 32 bits also as a dotted quad (RFC 4291 §2.2). No zone, no brackets, no leading zeros in a quad.
    package init?(_ text: some StringProtocol) {
        let octets = text.utf8.contains(UInt8(ascii: ":")) ? Self.sixteen(Substring(text)) : Self.four(Substring(text))
        guard let octets, let address = IPAddress(octets: octets) else { return nil }
        self = address
    }

    package var family: Family { high == 0 && low >> 32 == 0xFFFF ? .v4 : .v6 }

    /// Four octets or sixteen, in network order.
    package var octets: [UInt8] {
        let low = (0..<8).map { UInt8(truncatingIfNeeded: self.low >> (56 - 8 * UInt64($0))) }
        if family == .v4 { return Array(low.suffix(4)) }
        return (0..<8).map { UInt8(truncatingIfNeeded: high >> (56 - 8 * UInt64($0))) } + low
    }

    /// 127.0.0.0/8 and ::1.
    package var isLoopback: Bool { high == 0 && (low == 1 || low >> 24 == 0xFFFF_7F) }

    /// Whether the first `length` bits are those of the network; of its own family only.
    package func isIn(_ network: IPAddress, prefix length: Int) -> Bool {
        guard family == network.family, length >= 0 else { return false }
        let bits = UInt64(min(128, family == .v4 ? length + 96 : length))
        let highMask = bits >= 64 ? UInt64.max : ~(UInt64.max >> bits)
        let lowMask = bits <= 64 ? 0 : bits >= 128 ? UInt64.max : ~(UInt64.max >> (bits - 64))
        return high & highMask == network.high & highMask && low & lowMask == network.low & lowMask
    }

    /// As text: `192.0.2.1`, `2001:db8::1` (RFC 5952).
    package var description: String {
        if family == .v4 { return octets.map(String.init).joined(separator: ".") }
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: ($0 < 4 ? high : low) >> (48 - UInt64($0 % 4) * 16)) }
        func text(_ part: ArraySlice<UInt16>) -> String { part.map { String($0, radix: 16) }.joined(separator: ":") }
        guard let gap = Self.longestRunOfZeros(groups) else { return text(groups[...]) }
        return text(groups[..<gap.lowerBound]) + "::" + text(groups[gap.upperBound...])
    }

    /// The name under which PTR records stand (RFC 1035 §3.5, RFC 3596 §2.5).
    package var reverseName: String {
        if family == .v4 { return octets.reversed().map(String.init).joined(separator: ".") + ".in-addr.arpa" }
        return nibbles.reversed().joined(separator: ".") + ".ip6.arpa"
    }

    /// The hexadecimal digits of sixteen octets, one by one.
    package var nibbles: [String] {
        octets.flatMap { [String($0 >> 4, radix: 16), String($0 & 15, radix: 16)] }
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

    // MARK: - Parsing

    private static func four(_ text: Substring) -> [UInt8]? {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var octets: [UInt8] = []
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy({ (0x30...0x39).contains($0) }),
                part.count == 1 || part.first != 0x30, let octet = UInt8(String(decoding: part, as: UTF8.self))
            else { return nil }
            octets.append(octet)
        }
        return octets
    }

    private static func sixteen(_ text: Substring) -> [UInt8]? {
        guard text.utf8.count <= 45 else { return nil }
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard (3...9).contains(parts.count) else { return nil }
        var (before, after): ([UInt8], [UInt8]?) = ([], nil)
        for (index, part) in parts.enumerated() {
            if part.isEmpty {
                // The colon at either end belongs to a gap there.
                if index == 0, parts[1].isEmpty { continue }
                if index == parts.count - 1, parts[index - 1].isEmpty { continue }
                guard after == nil else { return nil }
                after = []
                continue
            }
            guard let octets = group(part, isLast: index == parts.count - 1) else { return nil }
            if after == nil { before += octets } else { after? += octets }
        }
        guard let after else { return before.count == 16 ? before : nil }
        let missing = 16 - before.count - after.count
        return missing >= 2 ? before + [UInt8](repeating: 0, count: missing) + after : nil
    }

    private static func group(_ part: Substring.UTF8View.SubSequence, isLast: Bool) -> [UInt8]? {
        if isLast, part.contains(UInt8(ascii: ".")) { return four(Substring(part)) }
        guard part.count <= 4, part.allSatisfy({ UInt8(ascii: "+") != $0 }),
            let value = UInt16(String(decoding: part, as: UTF8.self), radix: 16)
        else { return nil }
        return [UInt8(value >> 8), UInt8(truncatingIfNeeded: value)]
    }
}
