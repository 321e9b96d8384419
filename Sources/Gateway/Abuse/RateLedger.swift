package import Desk
package import MailTypes

/// Who did how much of late, by host (an IPv4 address, an IPv6 /64), by network (/24, /48) and by account; pure, with time
/// as an argument. It remembers a bounded number of them, those that came last.
///
/// What goes beyond a limit is not counted: whoever goes on trying still gets as much as the limit allows.
package struct RateLedger: Sendable {
    /// What is counted and has a limit.
    package enum Measure: Sendable, CaseIterable { case connection, mail, recipient }

    /// What a failed login brings.
    package struct LoginPenalty: Hashable, Sendable {
        /// How long the answer waits.
        package var delay: Duration
        /// Until when the host is banned, where this failure was the last that it had.
        package var bannedUntil: Timestamp?
        package init(delay: Duration, bannedUntil: Timestamp? = nil) {
            (self.delay, self.bannedUntil) = (delay, bannedUntil)
        }
    }

    private enum Key: Hashable {
        case network(IPNetwork)
        case account(AgentID)
    }

    private struct Tally {
        var connections = SlidingCount()
        var mails = SlidingCount()
        var recipients = SlidingCount()
        var unknownRecipients = SlidingCount()
        var loginFailures = SlidingCount()
        /// Credentials that failed of late: a client that tries one old password again and again guesses nothing.
        var credentials: [Int] = []
        var notedAt: Timestamp?

        subscript(_ measure: Measure) -> SlidingCount {
            get {
                switch measure {
                case .connection: connections
                case .mail: mails
                case .recipient: recipients
                }
            }
            set {
                switch measure {
                case .connection: connections = newValue
                case .mail: mails = newValue
                case .recipient: recipients = newValue
                }
            }
        }
    }

    private struct Ban {
        var until: Timestamp
        /// How many there were in a row.
        var count: Int
    }

    private let limits: RateLimits
    private var tallies: RecentTable<Key, Tally>
    private var bans: RecentTable<IPNetwork, Ban>

    private static let rememberedCredentials = 4
    /// Unknown recipients that are answered at once: everybody mistypes.
    private static let freeUnknownRecipients = 3
    /// After that long without a new one, a ban counts as the first again.
    private static let banMemory = Duration.seconds(86400)

    package init(limits: RateLimits) {
        self.limits = limits
        tallies = RecentTable(capacity: limits.trackedKeys)
        bans = RecentTable(capacity: max(2, limits.trackedKeys / 10))
    }

    /// Hosts, networks and accounts that are remembered.
    package var trackedKeys: Int { tallies.count + bans.count }

    // MARK: - Hosts

    /// Whether a host may do this once more; then it is counted.
    package mutating func admits(_ measure: Measure, of address: IPAddress, at now: Timestamp) -> Bool {
        guard let limit = limit(of: measure) else { return true }
        let (host, network) = (Key.network(address.host), Key.network(address.neighbourhood))
        guard level(host, { $0[measure] }, limit, now) < limit.count,
            level(network, { $0[measure] }, limit, now) < limit.count * limits.networkFactor
        else { return false }
        for key in [host, network] {
            tallies.update(key, initial: Tally()) { $0[measure].add(at: now, within: limit.period) }
        }
        return true
    }

    /// Whether a host asked for so many addresses that do not exist that it is told about none now.
    package func isGuessing(_ address: IPAddress, at now: Timestamp) -> Bool {
        guard let limit = limits.unknownRecipients else { return false }
        return level(.network(address.host), \.unknownRecipients, limit, now) >= limit.count
            || level(.network(address.neighbourhood), \.unknownRecipients, limit, now)
                >= limit.count * limits.networkFactor
    }

    /// A host asked for an address that does not exist: how long the answer waits. It doubles with each.
    package mutating func askedForUnknown(from address: IPAddress, at now: Timestamp) -> Duration {
        let limit = limits.unknownRecipients ?? RateLimit(.max, in: .seconds(3600))
        for network in [address.host, address.neighbourhood] {
            tallies.update(.network(network), initial: Tally()) {
                $0.unknownRecipients.add(at: now, within: limit.period)
            }
        }
        let count = level(.network(address.host), \.unknownRecipients, limit, now)
        return Self.doubled(.seconds(1), times: count - Self.freeUnknownRecipients - 1, atMost: limits.tarpit)
    }

    // MARK: - Logins

    /// Until when a host may not come in.
    package func ban(of address: IPAddress, at now: Timestamp) -> Timestamp? {
        [address.host, address.neighbourhood].compactMap { bans.peek($0)?.until }.filter { $0 > now }.max()
    }

    /// A login failed. `credential` stands for login and password, where the password is known: the same one again makes the
    /// wait no shorter, but brings a ban no nearer.
    package mutating func failedLogin(from address: IPAddress, credential: Int?, at now: Timestamp) -> LoginPenalty {
        let limit = limits.loginFailures ?? RateLimit(.max, in: .seconds(600))
        let host = Key.network(address.host)
        let isKnown = tallies.update(host, initial: Tally()) { tally in
            guard let credential, tally.loginFailures.level(at: now, within: limit.period) > 0 else {
                tally.credentials = credential.map { [$0] } ?? []
                return false
            }
            if tally.credentials.contains(credential) { return true }
            tally.credentials = tally.credentials.suffix(Self.rememberedCredentials - 1) + [credential]
            return false
        }
        if !isKnown {
            for network in [address.host, address.neighbourhood] {
                tallies.update(.network(network), initial: Tally()) {
                    $0.loginFailures.add(at: now, within: limit.period)
                }
            }
        }
        let count = level(host, \.loginFailures, limit, now)
        var penalty = LoginPenalty(
            delay: Self.doubled(.seconds(1), times: max(0, count - 1), atMost: limits.longestLoginDelay))
        if count >= limit.count { penalty.bannedUntil = startBan(of: address.host, at: now) }
        let ofNetwork = level(.network(address.neighbourhood), \.loginFailures, limit, now)
        if limit.count < .max / max(1, limits.networkFactor), ofNetwork >= limit.count * limits.networkFactor {
            penalty.bannedUntil = startBan(of: address.neighbourhood, at: now)
        }
        return penalty
    }

    private mutating func startBan(of network: IPNetwork, at now: Timestamp) -> Timestamp {
        let last = bans.peek(network)
        let isRepeated = last.map { now < $0.until + Self.banMemory } ?? false
        let count = isRepeated ? (last?.count ?? 0) + 1 : 1
        let until = now + Self.doubled(limits.ban, times: count - 1, atMost: limits.longestBan)
        bans.set(network, Ban(until: until, count: min(count, 30)))
        // It begins anew after the ban.
        tallies.update(.network(network), initial: Tally()) { ($0.loginFailures, $0.credentials) = (SlidingCount(), []) }
        return until
    }

    // MARK: - Accounts

    /// Whether an account may submit another mail, or name another recipient; then it is counted.
    package mutating func admits(_ measure: Measure, of account: AgentID, at now: Timestamp) -> Bool {
        let limit: RateLimit?
        switch measure {
        case .connection: limit = nil
        case .mail: limit = limits.accountMails
        case .recipient: limit = limits.accountRecipients
        }
        guard let limit else { return true }
        guard level(.account(account), { $0[measure] }, limit, now) < limit.count else { return false }
        tallies.update(.account(account), initial: Tally()) { $0[measure].add(at: now, within: limit.period) }
        return true
    }

    // MARK: - Telling

    /// Whether what happens to a host now is to be written down: once a minute is enough.
    package mutating func mustNote(_ address: IPAddress, at now: Timestamp) -> Bool {
        tallies.update(.network(address.host), initial: Tally()) { tally in
            if let last = tally.notedAt, now >= last, now < last + .seconds(60) { return false }
            tally.notedAt = now
            return true
        }
    }

    // MARK: - Counting

    private func limit(of measure: Measure) -> RateLimit? {
        switch measure {
        case .connection: limits.connections
        case .mail: limits.mails
        case .recipient: limits.recipients
        }
    }

    private func level(
        _ key: Key, _ count: (Tally) -> SlidingCount, _ limit: RateLimit, _ now: Timestamp
    ) -> Int { tallies.peek(key).map { count($0).level(at: now, within: limit.period) } ?? 0 }

    /// `times` below zero: nothing.
    private static func doubled(_ first: Duration, times: Int, atMost most: Duration) -> Duration {
        guard times >= 0 else { return .zero }
        return min(most, first * (1 << min(times, 30)))
    }
}
