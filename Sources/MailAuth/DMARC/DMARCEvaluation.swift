package import MailTypes

/// Whether a mail's author domain stands behind it (RFC 9989 §5.3).
package struct DMARCEvaluation<Lookup: AuthenticationLookup>: Sendable {
    /// Author domains that are looked at; a mail with more has none that counts.
    package static var maximumAuthors: Int { 3 }

    private let lookup: Lookup
    private let spf: SPFVerdict?
    private let dkim: [DKIMVerdict]

    package init(lookup: Lookup, spf: SPFVerdict?, dkim: [DKIMVerdict]) {
        (self.lookup, self.spf, self.dkim) = (lookup, spf, dkim)
    }

    /// Judges a mail by the domains of all addresses in From. Of several the worst outcome counts (RFC 9989 §11.5 leaves it
    /// to the receiver): else a stranger's passing address could stand beside a forged one.
    package func run(authors: [DomainName]) async -> DMARCVerdict {
        var domains: [String] = []
        for author in authors where !author.isAddressLiteral && !domains.contains(author.ascii) {
            domains.append(author.ascii)
            if domains.count > Self.maximumAuthors { break }
        }
        guard let first = domains.first else {
            return DMARCVerdict(.permerror, authorDomain: "", problem: "no author domain")
        }
        guard domains.count <= Self.maximumAuthors else {
            return DMARCVerdict(.permerror, authorDomain: first, problem: "too many author domains")
        }
        var verdict = await evaluate(first)
        for domain in domains.dropFirst() {
            let other = await evaluate(domain)
            if Self.isWorse(other, than: verdict) { verdict = other }
        }
        return verdict
    }

    private static func isWorse(_ verdict: DMARCVerdict, than other: DMARCVerdict) -> Bool {
        func badness(_ verdict: DMARCVerdict) -> Int {
            switch verdict.result {
            case .pass: 0
            case .none: 1
            case .permerror: 2
            case .temperror: 3
            case .fail: verdict.disposition == .none ? 4 : verdict.disposition == .quarantine ? 5 : 6
            }
        }
        return badness(verdict) > badness(other)
    }

    private func evaluate(_ author: String) async -> DMARCVerdict {
        do throws(LookupFailure) {
            let walk = try await TreeWalk(from: author, lookup: lookup)
            guard let governing = walk.governing else { return DMARCVerdict(.none, authorDomain: author) }
            let policy = Self.policy(governing, walk)
            if try await isAligned(author, walk, governing.record) {
                return DMARCVerdict(.pass, authorDomain: author, policy: policy)
            }
            // What could not be looked up might have passed.
            guard !hasOpenCheck else {
                return DMARCVerdict(
                    .temperror, authorDomain: author, policy: policy, problem: "SPF or DKIM was not decided")
            }
            let disposition = governing.record.isTesting ? policy.whileTesting : policy
            return DMARCVerdict(.fail, authorDomain: author, policy: policy, disposition: disposition)
        } catch {
            return DMARCVerdict(.temperror, authorDomain: author, problem: error.description)
        }
    }

    private static func policy(_ governing: TreeWalk.Found, _ walk: TreeWalk) -> DMARCRecord.Policy {
        let record = governing.record
        if governing.domain == walk.start { return record.policy }
        let subdomain = record.subdomainPolicy ?? record.policy
        return walk.domainExists ? subdomain : record.nonexistentPolicy ?? subdomain
    }

    private var hasOpenCheck: Bool { spf?.result == .temperror || dkim.contains { $0.result == .temperror } }

    /// §4.4: a passing identifier that is the author's domain, or of the same organization.
    private func isAligned(_ author: String, _ walk: TreeWalk, _ record: DMARCRecord) async throws(LookupFailure)
        -> Bool
    {
        for verdict in dkim where verdict.result == .pass {
            if try await aligns(verdict.signingDomain, author, walk, isStrict: record.isDKIMStrict) { return true }
        }
        guard let spf, spf.result == .pass, let domain = DomainName(spf.domain)?.ascii else { return false }
        return try await aligns(domain, author, walk, isStrict: record.isSPFStrict)
    }

    private func aligns(
        _ domain: String, _ author: String, _ walk: TreeWalk, isStrict: Bool
    ) async throws(LookupFailure) -> Bool {
        if domain == author { return true }
        let organization = walk.organizationalDomain
        // Of the same organization are only names at or below its domain, so that strangers cost no questions.
        guard !isStrict, domain == organization || domain.hasSuffix("." + organization) else { return false }
        return try await TreeWalk(from: domain, lookup: lookup).organizationalDomain == organization
    }
}
