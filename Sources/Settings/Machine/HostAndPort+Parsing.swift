import MailTypes

extension HostAndPort {
    /// Parses `HOST:PORT` or `[IPV6]:PORT` with a port of the range.
    package init?(_ text: String, ports: ClosedRange<Int> = 1...65535) {
        guard let colon = text.lastIndex(of: ":"),
            let port = Quantities.number(text[text.index(after: colon)...]), ports.contains(port)
        else { return nil }
        let host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            let address = host.dropFirst().dropLast()
            guard Self.isIPv6(address) else { return nil }
            self.init(host: String(address), port: port)
            return
        }
        guard !host.contains("["), let name = DomainName(host), Self.isNameOrIPv4(name.ascii) else { return nil }
        self.init(host: name.ascii, port: port)
    }

    /// A name whose last label is not a number, or a dotted quad.
    private static func isNameOrIPv4(_ host: String) -> Bool {
        let labels = host.split(separator: ".")
        guard let last = labels.last, Quantities.number(last) != nil else { return true }
        return labels.count == 4
            && labels.allSatisfy { label in Quantities.number(label).map { $0 <= 255 && label.utf8.count <= 3 } ?? false
            }
    }

    /// RFC 4291 §2.2: eight groups of up to four hexadecimal digits, `::` once for any number of zero groups, the last
    /// 32 bits also as a dotted quad; a zone after `%`.
    private static func isIPv6(_ text: Substring) -> Bool {
        let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first, parts.count == 1 || !parts[1].isEmpty else { return false }
        let halves = splitAtGap(address)
        guard halves.count <= 2 else { return false }
        var groups = 0
        for (index, half) in halves.enumerated() where !half.isEmpty {
            let fields = half.split(separator: ":", omittingEmptySubsequences: false)
            for (place, field) in fields.enumerated() {
                let isLast = index == halves.count - 1 && place == fields.count - 1
                if isLast, field.contains("."), isNameOrIPv4(String(field)), field.split(separator: ".").count == 4 {
                    groups += 2
                } else if (1...4).contains(field.utf8.count), field.allSatisfy(\.isHexDigit) {
                    groups += 1
                } else {
                    return false
                }
            }
        }
        return halves.count == 2 ? groups <= 7 : groups == 8
    }

    private static func splitAtGap(_ address: Substring) -> [Substring] {
        var halves: [Substring] = []
        var rest = address
        while let colon = rest.firstIndex(of: ":") {
            var search = colon
            while search != rest.endIndex {
                let next = rest.index(after: search)
                if rest[search] == ":", next != rest.endIndex, rest[next] == ":" { break }
                search = next
            }
            guard search != rest.endIndex else { break }
            halves.append(rest[..<search])
            rest = rest[rest.index(search, offsetBy: 2)...]
        }
        return halves + [rest]
    }
}
