package import MailTypes

/// What a domain says about TLS to its mail exchangers (RFC 8461 §3.2).
package struct STSPolicy: Hashable, Sendable {
    /// What is done with an exchanger that does not keep to it.
    package enum Mode: String, Sendable { case enforce, testing, none }

    package var mode: Mode
    /// Names of exchangers, `*.` in front for any one label.
    package var exchangers: [String]
    /// How long it counts.
    package var maximumAge: Duration

    package init(mode: Mode, exchangers: [String], maximumAge: Duration) {
        (self.mode, self.exchangers, self.maximumAge) = (mode, exchangers, maximumAge)
    }

    /// Octets of the longest policy (RFC 8461 §3.2).
    package static let maximumLength = 65_536
    /// A year, about.
    private static let longestAge = 31_557_600
    private static let maximumExchangers = 100

    /// Reads the text of a policy; `nil` for what is none. Keys that are not known are left out; of those that may stand once
    /// the first counts.
    package init?(_ text: String) {
        var values: [String: String] = [:]
        var exchangers: [String] = []
        for line in text.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let key = line[..<colon].trimmed
            let value = line[line.index(after: colon)...].trimmed
            if key == "mx" {
                if exchangers.count < Self.maximumExchangers { exchangers.append(value.lowercased()) }
            } else if values[key] == nil {
                values[key] = value
            }
        }
        guard values["version"] == "STSv1", let mode = values["mode"].flatMap(Mode.init), let text = values["max_age"],
            text.utf8.count <= 10, let age = Int(text), age >= 0, mode == .none || !exchangers.isEmpty
        else { return nil }
        self.init(mode: mode, exchangers: exchangers, maximumAge: .seconds(min(age, Self.longestAge)))
    }

    /// Whether it names an exchanger (RFC 8461 §4.1): a pattern with `*.` stands for one label.
    package func names(_ host: DomainName) -> Bool {
        exchangers.contains { pattern in
            guard pattern.hasPrefix("*.") else { return DomainName(pattern) == host }
            guard let dot = host.ascii.firstIndex(of: "."), let parent = DomainName(pattern.dropFirst(2)) else { return false }
            return host.ascii[host.ascii.index(after: dot)...] == parent.ascii
        }
    }

    /// The id of the policy that a domain has, from the TXT records under `_mta-sts` (RFC 8461 §3.1); `nil`: it has none.
    package static func id(in records: [String]) -> String? {
        let found = records.filter { record in
            record.hasPrefix("v=STSv1") && record.dropFirst(7).drop { $0 == " " }.first.map { $0 == ";" } ?? true
        }
        guard found.count == 1, let record = found.first else { return nil }
        for field in record.split(separator: ";").dropFirst() {
            let parts = field.split(separator: "=", maxSplits: 1).map(\.trimmed)
            guard parts.count == 2, parts[0] == "id" else { continue }
            let isValid = (1...32).contains(parts[1].utf8.count) && parts[1].utf8.allSatisfy(Self.isAlphanumeric)
            return isValid ? parts[1] : nil
        }
        return nil
    }

    private static func isAlphanumeric(_ octet: UInt8) -> Bool {
        (0x30...0x39).contains(octet) || (0x41...0x5A).contains(octet & 0xDF)
    }
}

/// Who knows the domains' policies. Returns within bounded time.
package protocol STSPolicySource: Sendable {
    /// The policy in force; `nil`: there is none, or it is not known.
    func policy(of domain: DomainName) async -> STSPolicy?
}

extension Substring {
    fileprivate var trimmed: String {
        var text = self
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" || last == "\r" { text.removeLast() }
        return String(text)
    }
}
