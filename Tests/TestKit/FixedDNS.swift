internal import MailAuth
package import MailTypes

/// A domain name system that says what a test lets it say. A name that is not listed does not exist.
///
///     let dns = FixedDNS(["example.org": [.txt("v=spf1 -all"), .mx("mx.example.org"), .timeout]])
package struct FixedDNS: AuthenticationLookup {
    /// What a name holds. `timeout`: whatever stands behind it is not answered, nor is what the name does not hold.
    package enum Entry: Sendable, Equatable {
        case txt(String), a(String), aaaa(String), mx(String), ptr(String), cname(String), timeout
    }

    private var names: [String: [Entry]]

    package init(_ names: [String: [Entry]]) {
        self.names = [:]
        for (name, entries) in names { self.names[name.lowercased(), default: []] += entries }
    }

    package func txt(_ name: String) async throws(LookupFailure) -> DNSAnswer<String> {
        try find(name) { if case .txt(let text) = $0 { text } else { nil } }
    }

    package func addresses(
        _ name: String, _ family: IPAddress.Family
    ) async throws(LookupFailure) -> DNSAnswer<IPAddress> {
        try find(name) { entry in
            switch entry {
            case .a(let text) where family == .v4: IPAddress(text)
            case .aaaa(let text) where family == .v6: IPAddress(text)
            default: nil
            }
        }
    }

    package func mx(_ name: String) async throws(LookupFailure) -> DNSAnswer<String> {
        try find(name) { if case .mx(let host) = $0 { host } else { nil } }
    }

    package func names(of address: IPAddress) async throws(LookupFailure) -> DNSAnswer<String> {
        try find(address.reverseName) { if case .ptr(let name) = $0 { name } else { nil } }
    }

    private func find<Record: Sendable>(
        _ name: String, depth: Int = 0, _ read: (Entry) -> Record?
    ) throws(LookupFailure) -> DNSAnswer<Record> {
        let name = name.hasSuffix(".") ? String(name.dropLast()) : name
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard name.utf8.count <= 253, labels.allSatisfy({ (1...63).contains($0.utf8.count) }) else {
            throw LookupFailure(.impossibleName)
        }
        guard let entries = names[name.lowercased()] else { return DNSAnswer(records: [], domainExists: false) }
        var records: [Record] = []
        for entry in entries {
            if let record = read(entry) { records.append(record) }
            if entry == .timeout, records.isEmpty { throw LookupFailure(.timedOut) }
            if case .cname(let target) = entry, depth < 8 { return try find(target, depth: depth + 1, read) }
        }
        return DNSAnswer(records: records)
    }
}
