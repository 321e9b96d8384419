import MailAuth
import MailTypes
import Resolver

/// Compares what is published with what should be.
struct RecordCheck: Sendable {
    enum Finding: String, Sendable { case good = "ok", missing, different, unanswered }

    let resolver: DNSResolver
    /// Without a trust anchor nothing shows whether a zone is signed.
    let isValidating: Bool
    /// Now, for SPF.
    let seconds: Int64

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
            let found = try await resolver.lookup(record.name, .mx).records
            let best = found.map(\.preference).min()
            let isAmong = found.contains { $0.host.lowercased() == host }
            let first = found.filter { $0.preference == best }.map(\.host)
            // What comes to another one first never comes here.
            return Self.judge(isAmong ? first : found.map(\.host), { $0.lowercased() == host })
        case .txt(let text, let comparison):
            let found = try await resolver.lookup(record.name, .txt).records
            switch comparison {
            case .key:
                let key = Self.key(text)
                return Self.judge(found, { Self.key($0) == key })
            case .sender(let host):
                let similar = found.filter { $0.lowercased().split(separator: " ").first == "v=spf1" }
                guard similar.count == 1 else { return Self.several(similar) }
                return try await lets(host, sendFor: record.name, similar[0])
            case .tags(let version, let wanted):
                let similar = found.filter { Self.tags($0).first.map { "\($0.name)=\($0.value)".lowercased() } == version.lowercased() }
                guard similar.count == 1 else { return Self.several(similar) }
                let tags = Self.tags(similar[0])
                let isGood = wanted.allSatisfy { name, isGood in
                    tags.first { $0.name == name }.map { isGood($0.value) } ?? false
                }
                return isGood ? (.good, "") : (.different, similar[0])
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
            guard isValidating else {
                return (.unanswered, "without a trust anchor it cannot be seen whether the zone is signed")
            }
            return answer.security == .secure ? (.good, "") : (.different, "the zone is not signed, so nobody uses it")
        case .cname(let host):
            let answer = try await resolver.lookup(record.name, .a)
            if !answer.domainExists { return (.missing, "") }
            return answer.canonicalName.lowercased() == host ? (.good, "") : (.different, answer.canonicalName)
        }
    }

    /// Whether SPF passes for all addresses of the host.
    private func lets(
        _ host: String, sendFor domain: String, _ record: String
    ) async throws(LookupFailure) -> (Finding, String) {
        var addresses = IPAddress(host).map { [$0] } ?? []
        if addresses.isEmpty {
            addresses = try await resolver.addresses(host, .v4).records + resolver.addresses(host, .v6).records
        }
        guard !addresses.isEmpty else { return (.unanswered, "\(host) has no address that it could be judged by") }
        for address in addresses {
            let request = SPFRequest(
                client: address, helo: host, reversePath: ("postmaster", domain), receiver: host, seconds: seconds)
            var check = SPFCheck(request, lookup: resolver)
            let result = await check.run().result
            guard result == .pass else {
                return (result == .temperror ? .unanswered : .different, "\(result.rawValue) for \(address): \(record)")
            }
        }
        return (.good, "")
    }

    /// Two policies are as bad as none.
    private static func several(_ found: [String]) -> (Finding, String) {
        found.isEmpty ? (.missing, "") : (.different, "\(found.count) records")
    }

    /// `name=value` pairs, names in lower case, without spaces.
    private static func tags(_ text: String) -> [(name: String, value: String)] {
        text.split(separator: ";").compactMap { tag in
            let parts = tag.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " } }
            return parts.count == 2 ? (parts[0].lowercased(), parts[1]) : nil
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
