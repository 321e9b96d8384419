/// A DMARC policy record (RFC 9989 §4.7).
package struct DMARCRecord: Sendable, Equatable {
    /// What the domain's owner asks to be done with a mail that fails.
    package enum Policy: String, Sendable, Comparable {
        case none, quarantine, reject
        private var strength: Int { self == .none ? 0 : self == .quarantine ? 1 : 2 }
        package static func < (left: Policy, right: Policy) -> Bool { left.strength < right.strength }
        /// What is asked for while the owner is only testing (tag `t`): one step less.
        var whileTesting: Policy { self == .reject ? .quarantine : .none }
    }
    /// Whether the domain is a public suffix (tag `psd`).
    enum PublicSuffix: String, Sendable { case yes = "y", no = "n", unknown = "u" }

    package var policy: Policy
    package var subdomainPolicy: Policy?
    package var nonexistentPolicy: Policy?
    package var isTesting: Bool
    var publicSuffix: PublicSuffix
    /// Alignment needs equal domains, not only equal organizational domains.
    var isDKIMStrict: Bool
    var isSPFStrict: Bool

    /// Whether a text is a DMARC record at all: `v=DMARC1` comes first, spelled exactly.
    static func isRecord(_ text: String) -> Bool { pairs(text, limit: 1).first.map { $0 == ("v", "DMARC1") } ?? false }

    /// `nil` for a text that is no such record, or whose policy cannot be told and that asks for no reports either.
    /// Unknown tags, and known ones with values that are none, count as absent.
    package init?(_ text: String) {
        let pairs = Self.pairs(text, limit: 64)
        guard let version = pairs.first, version == ("v", "DMARC1") else { return nil }
        var tags: [String: String] = [:]
        for (name, value) in pairs.dropFirst() where tags[name] == nil { tags[name] = value }
        func policy(_ name: String) -> Policy?? { tags[name].map { Policy(rawValue: $0.lowercased()) } }
        let (own, subdomain, nonexistent) = (policy("p"), policy("sp"), policy("np"))
        if own == .some(nil) || subdomain == .some(nil) || nonexistent == .some(nil) {
            // A broken policy asks for nothing; with an address for reports it still counts as a record.
            guard tags["rua"].map({ $0.lowercased().contains("mailto:") }) ?? false else { return nil }
            (self.policy, subdomainPolicy, nonexistentPolicy) = (.none, nil, nil)
        } else {
            (self.policy, subdomainPolicy, nonexistentPolicy) = (
                (own ?? nil) ?? .none, subdomain ?? nil, nonexistent ?? nil
            )
        }
        isTesting = tags["t"]?.lowercased() == "y"
        publicSuffix = tags["psd"].flatMap { PublicSuffix(rawValue: $0.lowercased()) } ?? .unknown
        isDKIMStrict = tags["adkim"]?.lowercased() == "s"
        isSPFStrict = tags["aspf"]?.lowercased() == "s"
    }

    /// Names in lower case with their values, white space taken off.
    private static func pairs(_ text: String, limit: Int) -> [(name: String, value: String)] {
        func trimmed(_ octets: Substring.UTF8View) -> String {
            let front = octets.drop { $0 == 0x20 || $0 == 0x09 }
            return String(decoding: front.reversed().drop { $0 == 0x20 || $0 == 0x09 }.reversed(), as: UTF8.self)
        }
        return text.utf8.split(separator: UInt8(ascii: ";")).prefix(limit).compactMap { part in
            guard let equals = part.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            return (trimmed(part[..<equals]).lowercased(), trimmed(part[part.index(after: equals)...]))
        }
    }
}
