package import MailTypes

/// What `stempel.yaml` says about the machine. Paths are absolute or relative to the working directory, not to the file
/// any more.
package struct MachineSettings: Equatable, Sendable {
    package var hostname: DomainName
    package var data: DataLocation
    package var tls = TLS()
    /// In the order of the file.
    package var listeners: [Listener] = []
    package var delivery = Delivery()
    package var limits = Limits()
    package var security = Security()
    package var resolver = Resolver()
    /// Asked in this order.
    package var filters: [Filter] = []
    package var authentication = Authentication()
    package var abuse = Abuse()
    /// `nil`: mail for others is refused.
    package var otherRecipients: OtherRecipients?
    package var log = Log()
    /// Where each key of the file stands, by its path.
    var positions: [String: Position] = [:]

    package init(hostname: DomainName, data: DataLocation) {
        self.hostname = hostname
        self.data = data
    }

    /// Where the desk and its mail live.
    package enum DataLocation: Equatable, Sendable {
        /// The directory of the embedded database.
        case directory(String)
        /// The URL of a PostgreSQL database; it holds no password.
        case database(url: String)
    }

    /// Certificates and what goes with them.
    package struct TLS: Equatable, Sendable {
        /// Chosen by SNI; the first is the default. Empty: no TLS anywhere.
        package var certificates: [CertificateFiles] = []
        /// Whether sessions can be resumed by ticket (RFC 5077, RFC 8446 §2.2). Default `true`.
        package var sessionTickets = true
    }

    /// A certificate chain with its private key, both PEM.
    package struct CertificateFiles: Equatable, Sendable {
        package var certificate: String
        package var key: String

        package init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// How mail leaves.
    package struct Delivery: Equatable, Sendable {
        /// Takes all outbound mail; `nil`: direct to MX.
        package var relay: HostAndPort?
        package var relayUser: String?
        /// The file whose first line is the password.
        package var relayPasswordFile: String?
        /// Default `opportunistic`.
        package var relayTLS = RelayTLS.opportunistic
        /// The port of mail exchangers; another one than 25 in a closed network only.
        package var exchangerPort = 25
        /// The port of the web servers that tell domains' policies for TLS; another one than 443 in a closed network only.
        package var policyPort = 443
        /// The wait before each further attempt; the last one repeats (RFC 5321 §4.5.4.1). Default 5m, 15m, 30m, 1h, 2h,
        /// 4h.
        package var retryAfter: [Duration] = [
            .seconds(300), .seconds(900), .seconds(1800), .seconds(3600), .seconds(7200), .seconds(14400),
        ]
        /// When an attempt fails for good. Default 4d.
        package var expireAfter: Duration = .seconds(4 * 86400)
        /// When the case is told that a mail is late. Default 4h.
        package var delayNoticeAfter: Duration = .seconds(4 * 3600)
        /// Deliveries at a time, of these to one destination. Default 100, 10.
        package var connections = 100
        package var connectionsPerDestination = 10
        /// Deliveries begun in a minute to one destination; `nil`: as many as go.
        package var mailsPerMinute: Int?
    }

    /// When TLS is used towards the relay; the raw value is what the file writes.
    package enum RelayTLS: String, CaseIterable, Sendable { case none, opportunistic, required }

    /// Every bound on what clients may do.
    package struct Limits: Equatable, Sendable {
        /// Octets of a command line (RFC 5321 §4.5.3.1.4). Default 2048.
        package var lineLength = 2048
        /// Octets of a message's content (RFC 1870). Default 36 MB.
        package var messageSize = 36_000_000
        /// Recipients of one transaction (RFC 5321 §4.5.3.1.8). Default 100.
        package var recipients = 100
        /// SMTP commands that bring no mail nearer. Default 100.
        package var commandsWithoutMail = 100
        /// Refused SMTP commands and recipients of a session. Default 20.
        package var errors = 20
        /// Connections in all. Default 2000.
        package var connections = 2000
        /// Connections from one address: MX sessions, and others until they have logged in. Default 50.
        package var connectionsPerAddress = 50
        /// IMAP connections of one account. Default 30.
        package var imapConnectionsPerAccount = 30
        /// Free space of the data directory, in octets, below which new mail gets 452. Default 500 MB.
        package var freeSpace = 500_000_000
        /// The wait for the next SMTP command or piece of content (RFC 5321 §4.5.3.2.7). Default 5m.
        package var commandTimeout: Duration = .seconds(300)
        /// From MAIL to the end of content. Default 30m.
        package var transactionTimeout: Duration = .seconds(1800)
    }

    /// What is allowed without TLS.
    package struct Security: Equatable, Sendable {
        /// Default `loopback`.
        package var allowPlaintextLogin = PlaintextLogin.loopback
    }

    /// Where a login may happen without TLS; the raw value is what the file writes.
    package enum PlaintextLogin: String, CaseIterable, Sendable { case loopback, never, always }

    /// What is logged and where to.
    package struct Log: Equatable, Sendable {
        /// Default `info`.
        package var level = LogLevel.info
        /// Default `stderr`.
        package var target = LogTarget.stderr
    }

    /// The levels of the log; the raw value is what the file writes and what swift-log calls it.
    package enum LogLevel: String, CaseIterable, Sendable { case trace, debug, info, notice, warning, error, critical }

    /// Where the log goes; the raw value is what the file writes.
    package enum LogTarget: String, CaseIterable, Sendable { case stderr, journal }

    /// The place of a key such as `tls.certificates[0].key` in the file; `nil` if the file does not have it.
    package func locate(_ key: String) -> Position? { positions[key] }

    /// A problem that was found outside the file with what the file says there: the key's line is filled in, or that of
    /// the nearest key around it.
    package func problem(_ key: String, file: String, reason: String, remedy: String? = nil) -> Problem {
        var path = key
        while positions[path] == nil, let cut = path.lastIndex(where: { $0 == "." || $0 == "[" }) {
            path = String(path[..<cut])
        }
        let position = positions[path]
        return Problem(
            file: file, line: position?.line, column: position?.column, key: key, reason: reason, remedy: remedy)
    }

    /// The listener of a name, if the file has it.
    package func listener(_ name: ListenerName) -> Listener? { listeners.first { $0.name == name } }
}
