package import MailTypes

extension MachineSettings {
    /// So often in so long: `120/1m`.
    package struct Rate: Hashable, Sendable {
        package var count: Int
        package var period: Duration
        package init(_ count: Int, in period: Duration) { (self.count, self.period) = (count, period) }
    }

    /// How much strangers, and accounts, may ask for.
    package struct Abuse: Equatable, Sendable {
        /// Hosts that are neither counted nor held up. Default loopback.
        package var allow: [IPNetwork] = IPNetwork.loopback
        /// Of one host on port 25; `nil` in this and the following: without limit. Default 120/1m.
        package var connections: Rate? = Rate(120, in: .seconds(60))
        /// Default 300/10m.
        package var mails: Rate? = Rate(300, in: .seconds(600))
        /// Default 1000/10m.
        package var recipients: Rate? = Rate(1000, in: .seconds(600))
        /// Default 50/1h.
        package var unknownRecipients: Rate? = Rate(50, in: .seconds(3600))
        /// Of one host, wherever it logs in. Default 10/10m.
        package var loginFailures: Rate? = Rate(10, in: .seconds(600))
        /// Default 500/1h, 2000/1h.
        package var accountMails: Rate? = Rate(500, in: .seconds(3600))
        package var accountRecipients: Rate? = Rate(2000, in: .seconds(3600))
        /// A network may do so many times what a host may. Default 5.
        package var networkFactor = 5
        /// The first ban, and the longest. Default 10m, 1d.
        package var ban: Duration = .seconds(600)
        package var longestBan: Duration = .seconds(86400)
        /// The longest wait for the answer about an unknown recipient. Default 20s.
        package var tarpit: Duration = .seconds(20)
        /// The wait for the greeting of port 25. Default 1s.
        package var greetingDelay: Duration = .seconds(1)
        /// Lists of hosts in the domain name system. Default none.
        package var lists: [DNSList] = []
        /// The score from which mail is refused, goes to Spam, and rules hear that the host is listed. Default never,
        /// never, 1.
        package var rejectAt: Int?
        package var quarantineAt: Int?
        package var tagAt = 1
        /// Default `nil`: strangers' mail is not put off.
        package var greylist: Greylist?
    }

    /// A list of hosts (RFC 5782).
    package struct DNSList: Equatable, Sendable {
        package var zone: DomainName
        /// Below zero for lists of good hosts.
        package var score: Int
        /// The answers that count; empty: any.
        package var answers: [IPNetwork] = []
    }

    /// How strangers' mail is put off.
    package struct Greylist: Equatable, Sendable {
        /// Default 5m.
        package var delay: Duration = .seconds(300)
        /// Default 2d.
        package var retryWithin: Duration = .seconds(2 * 86400)
        /// Default 36d.
        package var remember: Duration = .seconds(36 * 86400)
    }

    /// The host that takes mail for all other addresses of the desk's domains.
    package struct OtherRecipients: Equatable, Sendable {
        package var relay: HostAndPort
        /// Default `opportunistic`.
        package var tls = RelayTLS.opportunistic
        /// How long it is remembered which addresses it takes. Default 1h.
        package var remember: Duration = .seconds(3600)
    }

    /// Whether anything is asked about hosts that bring mail.
    package var checksHosts: Bool { checksOrigin || !abuse.lists.isEmpty || abuse.greylist != nil }

    /// Lists of one installation.
    package static let maximumLists = 10
}
