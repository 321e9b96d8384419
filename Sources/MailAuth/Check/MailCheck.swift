package import MailTypes
import Synchronization

/// Finds out where a mail comes from: SPF, DKIM and ARC at the same time, DMARC from what they say. Never fails and never
/// takes longer than its deadline: what is open then is a temperror.
package struct MailCheck: Sendable {
    /// What it may cost.
    package struct Limits: Sendable {
        /// For everything together.
        package var deadline: Duration
        /// Questions to the domain name system for one mail; what is asked beyond is not answered.
        package var questions: Int

        package init(deadline: Duration = .seconds(20), questions: Int = 150) {
            (self.deadline, self.questions) = (deadline, questions)
        }
    }

    private let lookup: any AuthenticationLookup
    private let limits: Limits
    private let keys = KeyCache()

    package init(lookup: any AuthenticationLookup, limits: Limits = Limits()) {
        (self.lookup, self.limits) = (lookup, limits)
    }

    /// Judges a mail. `authors` are the domains of all addresses in From.
    package func run(
        _ message: DigestedMessage, sender: SPFRequest, authors: [DomainName], now: Timestamp
    ) async -> MailVerdicts {
        let lookup = CountedLookup(lookup, limit: limits.questions)
        return await withTaskGroup(of: MailVerdicts?.self) { group in
            group.addTask { await check(message, sender, authors, now, lookup) }
            group.addTask { [deadline = limits.deadline] in
                try? await Task.sleep(for: deadline)
                return nil
            }
            var verdicts: MailVerdicts?
            // Whichever ends first ends the other: lookups that are cancelled fail at once.
            for await result in group {
                if let result { verdicts = result }
                group.cancelAll()
            }
            guard let verdicts else { preconditionFailure("one of the two tasks gives verdicts") }
            return verdicts
        }
    }

    private func check(
        _ message: DigestedMessage, _ sender: SPFRequest, _ authors: [DomainName], _ now: Timestamp,
        _ lookup: CountedLookup
    ) async -> MailVerdicts {
        async let spf = { () async -> SPFVerdict in
            var check = SPFCheck(sender, lookup: lookup)
            return await check.run()
        }()
        async let dkim = DKIMVerification(message, lookup: lookup, keys: keys, now: now).run()
        async let arc = ARCVerification(message, lookup: lookup, keys: keys).run()
        let (spfVerdict, dkimVerdicts) = await (spf, dkim)
        let dmarc = await DMARCEvaluation(lookup: lookup, spf: spfVerdict, dkim: dkimVerdicts).run(authors: authors)
        return MailVerdicts(spf: spfVerdict, dkim: dkimVerdicts, arc: await arc, dmarc: dmarc)
    }
}

/// Counts the questions of one mail.
private final class CountedLookup: AuthenticationLookup {
    private let lookup: any AuthenticationLookup
    private let left: Atomic<Int>

    init(_ lookup: any AuthenticationLookup, limit: Int) {
        self.lookup = lookup
        left = Atomic(limit)
    }

    private func count() throws(LookupFailure) {
        guard left.subtract(1, ordering: .relaxed).oldValue > 0 else { throw LookupFailure(.overloaded) }
    }

    func txt(_ name: String) async throws(LookupFailure) -> DNSAnswer<String> {
        try count()
        return try await lookup.txt(name)
    }

    func addresses(_ name: String, _ family: IPAddress.Family) async throws(LookupFailure) -> DNSAnswer<IPAddress> {
        try count()
        return try await lookup.addresses(name, family)
    }

    func mx(_ name: String) async throws(LookupFailure) -> DNSAnswer<String> {
        try count()
        return try await lookup.mx(name)
    }

    func names(of address: IPAddress) async throws(LookupFailure) -> DNSAnswer<String> {
        try count()
        return try await lookup.names(of: address)
    }
}
