import MailTypes
import Resolver

/// Compares what is published with what should be.
struct RecordCheck: Sendable {
    enum Finding: String, Sendable { case good = "ok", missing, different, unanswered }

    let resolver: DNSResolver

    /// What there is for each record, in their order.
    func run(_ records: [PublishedRecord]) async -> [(record: PublishedRecord, finding: Finding, detail: String)] {
        var result: [(record: PublishedRecord, finding: Finding, detail: String)] = []
        for record in records {
            do throws(LookupFailure) {
                let (finding, detail) = try await check(record)
                result.append((record, finding, detail))
            } catch {
                result.append((record, .unanswered, error.description))
            }
        }
        return result
    }

    private func check(_ record: PublishedRecord) async throws(LookupFailure) -> (Finding, String) {
        switch record.value {
        case .mx(let host):
            let found = try await resolver.lookup(record.name, .mx).records.map(\.host)
            return Self.judge(found, { $0.lowercased() == host })
        case .txt(let text, let comparison):
            let found = try await resolver.lookup(record.name, .txt).records
            switch comparison {
            case .key:
                let key = Self.key(text)
                return Self.judge(found, { Self.key($0) == key })
            case .beginning(let word):
                let similar = found.filter { $0.lowercased().hasPrefix(word.lowercased()) }
                // Two policies are as bad as none.
                return similar.count > 1 ? (.different, "\(similar.count) records") : Self.judge(similar, { _ in true })
            }
        case .srv(let port, let host):
            let found = try await resolver.lookup(record.name, .srv).records
            return Self.judge(found.map { "\($0.host.lowercased()):\($0.port)" }, { $0 == "\(host):\(port)" })
        case .tlsa(let digest):
            let answer = try await resolver.lookup(record.name, .tlsa)
            if answer.records.isEmpty { return (.missing, "") }
            guard answer.records.contains(where: { $0.association == digest && $0.usage == 3 }) else {
                return (.different, "another certificate")
            }
            return answer.security == .secure ? (.good, "") : (.different, "the zone is not signed, so nobody uses it")
        case .cname(let host):
            let answer = try await resolver.lookup(record.name, .a)
            if !answer.domainExists { return (.missing, "") }
            return answer.canonicalName.lowercased() == host ? (.good, "") : (.different, answer.canonicalName)
        }
    }

    private static func judge(_ found: [String], _ isGood: (String) -> Bool) -> (Finding, String) {
        if found.isEmpty { return (.missing, "") }
        return found.contains(where: isGood) ? (.good, "") : (.different, found.joined(separator: ", "))
    }

    /// The value of `p=`, without the white space that publishing may bring in.
    private static func key(_ text: String) -> String? {
        text.split(separator: ";").map { $0.filter { $0 != " " } }.first { $0.hasPrefix("p=") }.map { String($0) }
    }
}
