/// So often in so long: `120/1m`.
package struct RateLimit: Hashable, Sendable {
    package var count: Int
    /// From a second to a day.
    package var period: Duration

    package init(_ count: Int, in period: Duration) { (self.count, self.period) = (count, period) }
}

/// How much one host, its network, or one account may ask for. The defaults are far above what a host that sends mail of
/// people asks for; whoever sends more is put off, never refused for good.
package struct RateLimits: Hashable, Sendable {
    /// Connections of one host to the port for mail from outside; `nil` in this and the following: without limit.
    package var connections: RateLimit? = RateLimit(120, in: .seconds(60))
    /// Mails of one host.
    package var mails: RateLimit? = RateLimit(300, in: .seconds(600))
    /// Recipients of one host.
    package var recipients: RateLimit? = RateLimit(1000, in: .seconds(600))
    /// Recipients that do not exist; beyond it the host is told nothing about any.
    package var unknownRecipients: RateLimit? = RateLimit(50, in: .seconds(3600))
    /// Logins of one host that fail; then it is banned.
    package var loginFailures: RateLimit? = RateLimit(10, in: .seconds(600))
    /// Mails and recipients that one account submits.
    package var accountMails: RateLimit? = RateLimit(500, in: .seconds(3600))
    package var accountRecipients: RateLimit? = RateLimit(2000, in: .seconds(3600))
    /// A network, a /24 or /48, may do so many times what one host may.
    package var networkFactor = 5
    /// The first ban; each further one within a day of the last is twice as long, up to the longest.
    package var ban: Duration = .seconds(600)
    package var longestBan: Duration = .seconds(86400)
    /// The longest wait for the answer about a recipient that does not exist; zero: none.
    package var tarpit: Duration = .seconds(20)
    /// The longest wait for the answer about a login that failed.
    package var longestLoginDelay: Duration = .seconds(16)
    /// Hosts, networks and accounts that are remembered.
    package var trackedKeys = 50_000

    package init() {}
}
