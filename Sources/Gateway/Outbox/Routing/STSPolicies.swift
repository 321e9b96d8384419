package import Logging
package import MailTypes
import Synchronization

/// Fetches the text of a domain's policy from its web server (RFC 8461 §3.3).
package protocol STSPolicyFetching: Sendable {
    /// The text, from a server whose certificate is that of `mta-sts.DOMAIN`. Returns within bounded time.
    func policy(of domain: DomainName) async throws -> String
}

/// A policy as the database keeps it.
package struct StoredPolicy: Sendable, Equatable {
    package var domain: DomainName
    package var id: String
    package var policy: STSPolicy
    package var fetchedAt: Timestamp
    package var expiresAt: Timestamp
    package init(domain: DomainName, id: String, policy: STSPolicy, fetchedAt: Timestamp, expiresAt: Timestamp) {
        (self.domain, self.id, self.policy) = (domain, id, policy)
        (self.fetchedAt, self.expiresAt) = (fetchedAt, expiresAt)
    }
}

/// The domains' policies for TLS. What was fetched once counts until its time is over, whatever an attacker keeps from us
/// meanwhile, and across restarts (RFC 8461 §3.3): it is kept in the database.
package final class STSPolicies: STSPolicySource {
    /// How often a domain is asked.
    package struct Limits: Sendable {
        /// A policy that was looked up is not looked up again for this time.
        package var freshness: Duration
        /// The wait after a fetch that failed (RFC 8461 §3.3: five minutes or more).
        package var pauseAfterFailure: Duration
        /// Domains that are remembered in memory.
        package var remembered: Int
        package init(
            freshness: Duration = .seconds(300), pauseAfterFailure: Duration = .seconds(300), remembered: Int = 10_000
        ) {
            (self.freshness, self.pauseAfterFailure, self.remembered) = (freshness, pauseAfterFailure, remembered)
        }
    }

    private struct Memory: Sendable {
        var stored: StoredPolicy?
        /// Until then nobody is asked.
        var askAgainAt: Timestamp
    }

    private let lookup: any ExchangerLookup
    private let fetching: any STSPolicyFetching
    private let store: any DeskStore
    private let clock: any WallClock
    private let limits: Limits
    private let logger: Logger
    private let memory = Mutex<[DomainName: Memory]>([:])

    package init(
        lookup: any ExchangerLookup, fetching: any STSPolicyFetching, store: any DeskStore, clock: any WallClock,
        limits: Limits = Limits(), logger: Logger
    ) {
        (self.lookup, self.fetching, self.store, self.clock) = (lookup, fetching, store, clock)
        (self.limits, self.logger) = (limits, logger)
    }

    package func policy(of domain: DomainName) async -> STSPolicy? {
        let now = clock.now
        if let known = memory.withLock({ $0[domain] }), now < known.askAgainAt {
            return Self.valid(known.stored, at: now)
        }
        let stored: StoredPolicy?
        do {
            stored = try await store.read { try $0.policy(of: domain) }
        } catch {
            logger.warning("policies not read", metadata: [OutboxLogKey.failure: "\(error)"])
            stored = nil
        }
        let (policy, isAsked) = await renewed(stored, of: domain, at: now)
        let remembered = Memory(
            stored: policy, askAgainAt: now + (isAsked ? limits.freshness : limits.pauseAfterFailure))
        memory.withLock { known in
            if known.count >= limits.remembered { known.removeAll(keepingCapacity: true) }
            known[domain] = remembered
        }
        return Self.valid(policy, at: now)
    }

    private static func valid(_ stored: StoredPolicy?, at now: Timestamp) -> STSPolicy? {
        stored.flatMap { now < $0.expiresAt ? $0.policy : nil }
    }

    /// The policy that counts now, and whether everybody answered who was asked.
    private func renewed(
        _ stored: StoredPolicy?, of domain: DomainName, at now: Timestamp
    ) async -> (StoredPolicy?, isAsked: Bool) {
        let id: String
        do throws(LookupFailure) {
            // Without the record there is no policy; one that is known goes on until its time is over.
            let records = try await lookup.texts("_mta-sts.\(domain.ascii)").records
            guard let found = STSPolicy.id(in: records) else { return (stored, true) }
            id = found
        } catch {
            return (stored, false)
        }
        if let stored, stored.id == id, now < stored.expiresAt - stored.policy.maximumAge / 2 { return (stored, true) }
        do {
            let text = try await fetching.policy(of: domain)
            guard let policy = STSPolicy(text) else { throw UnreadablePolicy() }
            let new = StoredPolicy(
                domain: domain, id: id, policy: policy, fetchedAt: now, expiresAt: now + policy.maximumAge)
            try await store.write { try $0.keep(new) }
            return (new, true)
        } catch {
            logger.notice(
                "policy for TLS not fetched",
                metadata: [OutboxLogKey.destination: "\(domain)", OutboxLogKey.failure: "\(error)"])
            return (stored, false)
        }
    }
}

/// What a web server gave is no policy.
private struct UnreadablePolicy: Error, CustomStringConvertible {
    var description: String { "it is no policy" }
}
