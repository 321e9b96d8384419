import MailTypes

/// The DNS Tree Walk (RFC 9989 §4.10): from a domain upwards, at most eight questions, for policy records and for the
/// organizational domain.
struct TreeWalk: Sendable {
    /// A record and the domain that published it.
    struct Found: Sendable, Equatable {
        var domain: String
        var record: DMARCRecord
    }

    /// Where the walk began.
    let start: String
    /// Longest name first.
    let found: [Found]
    /// Whether the domain that the walk began with exists (RFC 8020).
    let domainExists: Bool

    init(from start: String, lookup: some AuthenticationLookup) async throws(LookupFailure) {
        var found: [Found] = []
        var domainExists = true
        for name in Self.names(start) {
            let texts: [String]
            do throws(LookupFailure) {
                texts = try await lookup.txt("_dmarc." + name).records
            } catch {
                // A name too long to be asked for has no record.
                guard error.reason == .impossibleName else { throw error }
                continue
            }
            // Several records are none (step 2).
            let records = texts.filter(DMARCRecord.isRecord)
            guard records.count == 1, let record = DMARCRecord(records[0]) else { continue }
            found.append(Found(domain: name, record: record))
            if record.publicSuffix != .unknown { break }
        }
        if found.first?.domain != start, !found.isEmpty {
            // Only a policy for domains that do not exist needs to know.
            domainExists = try await lookup.addresses(start, .v4).domainExists
        }
        (self.start, self.found, self.domainExists) = (start, found, domainExists)
    }

    /// The names that are asked about: the domain itself, then its parents, beginning with that of seven labels if there are
    /// more than eight.
    static func names(_ start: String) -> [String] {
        let labels = start.split(separator: ".")
        guard labels.count > 1 else { return [start] }
        return [start] + (1...min(labels.count - 1, 7)).reversed().map { labels.suffix($0).joined(separator: ".") }
    }

    /// §4.10.2: whom the domain belongs to.
    var organizationalDomain: String {
        for entry in found {
            switch entry.record.publicSuffix {
            case .no: return entry.domain
            case .yes where entry.domain != start:
                let count = entry.domain.split(separator: ".").count + 1
                return start.split(separator: ".").suffix(count).joined(separator: ".")
            case .yes, .unknown: continue
            }
        }
        return found.last?.domain ?? start
    }

    /// §4.10.1: the record that counts: the domain's own, its organizational domain's, its public suffix's.
    var governing: Found? {
        if let own = found.first, own.domain == start { return own }
        let organization = organizationalDomain
        return found.first { $0.domain == organization } ?? found.last { $0.record.publicSuffix == .yes }
    }
}
