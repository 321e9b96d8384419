package import MailTypes

/// check_host() of RFC 7208 §4 for one mail, with its limits. A check is used once.
///
///     var check = SPFCheck(request, lookup: resolver)
///     let verdict = await check.run()
package struct SPFCheck<Lookup: AuthenticationLookup>: Sendable {
    /// The limits of RFC 7208 §4.6.4.
    package struct Limits: Sendable {
        /// Terms that ask the domain name system.
        package var lookups = 10
        /// Of these, such that find nothing.
        package var voidLookups = 2
        /// Hosts of one `mx`; one more is a permerror.
        package var exchangers = 10
        /// Names of one `ptr`; more are passed over.
        package var pointers = 10
        package init() {}
    }

    /// The end of a check before its time.
    private struct Abort: Error {
        var result: SPFResult
        var problem: String
    }
    private typealias Outcome = (result: SPFResult, mechanism: String?, explanation: String?)

    private let request: SPFRequest
    private let lookup: Lookup
    private let limits: Limits
    private var lookupsLeft: Int
    private var voidLookupsLeft: Int
    /// The client's names of which it is true, once they were asked for.
    private var validatedNames: [String]?

    package init(_ request: SPFRequest, lookup: Lookup, limits: Limits = Limits()) {
        (self.request, self.lookup, self.limits) = (request, lookup, limits)
        (lookupsLeft, voidLookupsLeft) = (limits.lookups, limits.voidLookups)
    }

    /// Runs the check.
    package mutating func run() async -> SPFVerdict {
        var verdict = SPFVerdict(.none, identity: request.identity, domain: request.domain)
        guard Self.isFullyQualified(request.domain) else { return verdict }
        do throws(Abort) {
            let outcome = try await checkHost(request.domain, isTop: true)
            (verdict.result, verdict.mechanism, verdict.explanation) = outcome
        } catch {
            (verdict.result, verdict.problem) = (error.result, error.problem)
        }
        return verdict
    }

    /// §4.3: a domain of at least two labels, none of them empty or over-long.
    private static func isFullyQualified(_ domain: String) -> Bool {
        var octets = domain.utf8[...]
        if octets.last == UInt8(ascii: ".") { octets = octets.dropLast() }
        let labels = octets.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return labels.count > 1 && octets.count <= 253 && labels.allSatisfy { (1...63).contains($0.count) }
            && octets.first != UInt8(ascii: "[")
    }

    private mutating func checkHost(_ domain: String, isTop: Bool) async throws(Abort) -> Outcome {
        guard let record = try await record(of: domain) else { return (.none, nil, nil) }
        for directive in record.directives where try await matches(directive.mechanism, domain: domain) {
            var explanation: String?
            if isTop, directive.result == .fail { explanation = await explain(record, domain: domain) }
            return (directive.result, directive.text, explanation)
        }
        guard let redirect = record.redirect else { return (.neutral, nil, nil) }
        try countLookup()
        let target = await self.domain(redirect, of: domain)
        let outcome = try await checkHost(target, isTop: isTop)
        guard outcome.result != .none else {
            throw Abort(result: .permerror, problem: "redirect to a domain without a record")
        }
        return outcome
    }

    /// §4.4, §4.5: the one record of a domain.
    private func record(of domain: String) async throws(Abort) -> SPFRecord? {
        let texts = try await texts(of: domain)
        let records = texts.filter(SPFRecord.isRecord)
        guard let text = records.first else { return nil }
        guard records.count == 1 else { throw Abort(result: .permerror, problem: "several records") }
        do {
            return try SPFRecord(text)
        } catch {
            throw Abort(result: .permerror, problem: "syntax error in \(error.term)")
        }
    }

    // MARK: - Mechanisms (§5)

    private mutating func matches(_ mechanism: SPFRecord.Mechanism, domain: String) async throws(Abort) -> Bool {
        switch mechanism {
        case .all: return true
        case .network(let network, let length): return request.client.isIn(network, prefix: length)
        case .include(let spec):
            try countLookup()
            let target = await self.domain(spec, of: domain)
            switch try await checkHost(target, isTop: false).result {
            case .pass: return true
            case .fail, .softfail, .neutral: return false
            case .temperror: throw Abort(result: .temperror, problem: "include")
            case .none, .permerror: throw Abort(result: .permerror, problem: "include of a domain without a record")
            }
        case .a(let spec, let lengths):
            try countLookup()
            let target = await self.domain(spec, of: domain)
            let addresses = try await addresses(of: target, request.client.family)
            try countVoid(addresses)
            return isAmong(addresses.records, lengths)
        case .mx(let spec, let lengths):
            try countLookup()
            return try await isExchanger(of: await self.domain(spec, of: domain), lengths)
        case .ptr(let spec):
            try countLookup()
            let target = await self.domain(spec, of: domain)
            return try await names(countingVoid: true).contains { Self.isBelow($0, target) }
        case .exists(let spec):
            try countLookup()
            let target = await self.domain(spec, of: domain)
            // §5.7: an A lookup, whatever family the client is of.
            let answer = try await addresses(of: target, .v4)
            try countVoid(answer)
            return !answer.records.isEmpty
        }
    }

    private mutating func isExchanger(
        of target: String, _ lengths: SPFRecord.PrefixLengths
    ) async throws(Abort) -> Bool {
        let hosts = try await exchangers(of: target)
        try countVoid(hosts)
        guard hosts.records.count <= limits.exchangers else {
            throw Abort(result: .permerror, problem: "more than \(limits.exchangers) mail exchangers")
        }
        for host in hosts.records where !host.isEmpty {
            if isAmong(try await addresses(of: host, request.client.family).records, lengths) { return true }
        }
        return false
    }

    private func isAmong(_ addresses: [IPAddress], _ lengths: SPFRecord.PrefixLengths) -> Bool {
        let length = request.client.family == .v4 ? lengths.v4 : lengths.v6
        return addresses.contains { request.client.isIn($0, prefix: length) }
    }

    /// §5.5: the client's names that lead back to its address. A failure means that there are none.
    private mutating func names(countingVoid: Bool) async throws(Abort) -> [String] {
        if let validatedNames { return validatedNames }
        validatedNames = []
        var names: [String] = []
        guard let claimed = try? await lookup.names(of: request.client) else { return [] }
        if countingVoid { try countVoid(claimed) }
        for name in claimed.records.prefix(limits.pointers) {
            guard let answer = try? await lookup.addresses(name, request.client.family),
                answer.records.contains(request.client)
            else { continue }
            names.append(name)
        }
        validatedNames = names
        return names
    }

    private static func isBelow(_ name: String, _ domain: String) -> Bool {
        let (name, domain) = (plain(name), plain(domain))
        return name == domain || name.hasSuffix("." + domain)
    }

    private static func plain(_ name: String) -> String {
        let name = name.lowercased()
        return name.utf8.last == UInt8(ascii: ".") ? String(name.dropLast()) : name
    }

    // MARK: - Limits (§4.6.4)

    private mutating func countLookup() throws(Abort) {
        guard lookupsLeft > 0 else { throw Abort(result: .permerror, problem: "too many lookups") }
        lookupsLeft -= 1
    }

    private mutating func countVoid<Record>(_ answer: DNSAnswer<Record>) throws(Abort) {
        guard answer.records.isEmpty else { return }
        guard voidLookupsLeft > 0 else {
            throw Abort(result: .permerror, problem: "too many lookups without an answer")
        }
        voidLookupsLeft -= 1
    }

    // MARK: - Questions

    private func texts(of name: String) async throws(Abort) -> [String] {
        do throws(LookupFailure) {
            return try await lookup.txt(name).records
        } catch {
            try Self.check(error)
            return []
        }
    }

    private func addresses(
        of name: String, _ family: IPAddress.Family
    ) async throws(Abort) -> DNSAnswer<IPAddress> {
        do throws(LookupFailure) {
            return try await lookup.addresses(name, family)
        } catch {
            try Self.check(error)
            return DNSAnswer(records: [], domainExists: false)
        }
    }

    private func exchangers(of name: String) async throws(Abort) -> DNSAnswer<String> {
        do throws(LookupFailure) {
            return try await lookup.mx(name)
        } catch {
            try Self.check(error)
            return DNSAnswer(records: [], domainExists: false)
        }
    }

    /// A question nobody can ask has no answer; one that fails is a temperror.
    private static func check(_ failure: LookupFailure) throws(Abort) {
        guard failure.reason == .impossibleName else {
            throw Abort(result: .temperror, problem: failure.description)
        }
    }

    // MARK: - Macros (§7)

    /// The name that a domain-spec stands for; without one the current domain. Over-long names lose labels on the left.
    private mutating func domain(_ spec: SPFMacroString?, of domain: String) async -> String {
        guard let spec else { return domain }
        var name = await expand(spec, domain: domain)
        while name.utf8.count > 253, let dot = name.utf8.firstIndex(of: UInt8(ascii: ".")) {
            name = String(name[name.utf8.index(after: dot)...])
        }
        return name
    }

    private mutating func expand(_ text: SPFMacroString, domain: String) async -> String {
        let name = text.asksForName ? await preferredName(domain) : ""
        return text.expand { letter in
            switch letter {
            case UInt8(ascii: "s"): "\(request.localPart)@\(request.domain)"
            case UInt8(ascii: "l"): request.localPart
            case UInt8(ascii: "o"): request.domain
            case UInt8(ascii: "d"): domain
            case UInt8(ascii: "i"):
                request.client.family == .v4
                    ? request.client.description : request.client.nibbles.joined(separator: ".")
            case UInt8(ascii: "p"): name
            case UInt8(ascii: "v"): request.client.family == .v4 ? "in-addr" : "ip6"
            case UInt8(ascii: "h"): request.helo
            case UInt8(ascii: "c"): request.client.description
            case UInt8(ascii: "r"): request.receiver
            case UInt8(ascii: "t"): String(request.seconds)
            default: ""
            }
        }
    }

    /// §7.3: the domain itself, else a name below it, else any; `unknown` where none is true.
    private mutating func preferredName(_ domain: String) async -> String {
        let names = (try? await names(countingVoid: false)) ?? []
        let wanted = Self.plain(domain)
        return names.first { Self.plain($0) == wanted } ?? names.first { Self.isBelow($0, domain) } ?? names.first
            ?? "unknown"
    }

    /// §6.2. Whatever goes wrong, there is no explanation.
    private mutating func explain(_ record: SPFRecord, domain: String) async -> String? {
        guard let spec = record.explanation else { return nil }
        let target = await self.domain(spec, of: domain)
        guard let texts = try? await lookup.txt(target), texts.records.count == 1, let text = texts.records.first,
            text.utf8.count <= 1024, let parsed = SPFMacroString(text[...].utf8, isExplanation: true)
        else { return nil }
        let explanation = await expand(parsed, domain: domain)
        return explanation.utf8.allSatisfy { (0x20...0x7E).contains($0) } ? explanation : nil
    }
}
