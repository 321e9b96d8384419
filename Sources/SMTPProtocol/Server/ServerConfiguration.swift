extension SMTPServerSession {
    /// Whom a listener serves: the world's mail servers, or our own people's mail clients (RFC 6409).
    package enum Role: Sendable { case mx, submission }

    /// What a listener says about STARTTLS (RFC 3207).
    package enum TLSOffer: Sendable { case unavailable, offered, required }

    /// The SASL mechanisms that the machine can speak (RFC 4616; LOGIN is what Outlook sends) or pass on to the driver
    /// (RFC 7677).
    package enum Mechanism: String, Sendable, CaseIterable {
        case scramPlus = "SCRAM-SHA-256-PLUS"
        case scram = "SCRAM-SHA-256"
        case plain = "PLAIN"
        case login = "LOGIN"
    }

    /// Every bound of a session. Reaching one is fine, going beyond gets the named reply.
    package struct Limits: Sendable {
        /// Octets of a command line with its CRLF, above the 512 of RFC 5321 §4.5.3.1.4 for the extensions: 500 5.5.2.
        package var lineLength = 2048
        /// Octets of a line that carries SASL data (RFC 4954 §4.5): 500 5.5.2.
        package var authenticationLineLength = 12_288
        /// Recipients of one transaction (RFC 5321 §4.5.3.1.8): 452 4.5.3.
        package var recipients = 100
        /// Octets of content (RFC 1870): 552 5.3.4, at MAIL already if announced.
        package var messageSize = 36_700_160
        /// `Received` fields of the header section (RFC 5321 §6.3): 554 5.4.6.
        package var receivedFields = 50
        /// Commands that bring no mail nearer, since the last mail: 421 4.7.0.
        package var commandsWithoutMail = 100
        /// Refused commands and recipients in one session: 421 4.7.0.
        package var errors = 20
        /// Mail transactions begun in one session: 421 4.3.2.
        package var transactions = 1000
        /// Failed authentications in one session: 421 4.7.0.
        package var authenticationFailures = 3

        package init() {}
    }

    /// What a listener decides once for all its sessions.
    package struct Configuration: Sendable {
        package var role: Role
        /// Our name in the greeting and the EHLO reply.
        package var hostname: String
        package var limits: Limits
        package var tls: TLSOffer
        /// Offered on submission only; empty: no AUTH.
        package var mechanisms: [Mechanism]
        /// AUTH without TLS (RFC 4954 §4 advises against): for loopback and tests.
        package var allowsPlaintextLogin: Bool
        /// How long the driver waits for the next command or the next piece of content (RFC 5321 §4.5.3.2.7).
        package var commandTimeout: Duration
        /// How long a transaction may take from MAIL to the end of content.
        package var transactionTimeout: Duration
        /// How long a client may have a mail held before it leaves (RFC 4865), on submission only.
        package var futureRelease: Duration = .seconds(14 * 86400)

        package init(
            role: Role, hostname: String, limits: Limits = Limits(), tls: TLSOffer = .offered,
            mechanisms: [Mechanism] = [.plain, .login], allowsPlaintextLogin: Bool = false,
            commandTimeout: Duration = .seconds(300), transactionTimeout: Duration = .seconds(1800)
        ) {
            (self.role, self.hostname, self.limits, self.tls) = (role, hostname, limits, tls)
            (self.mechanisms, self.allowsPlaintextLogin) = (mechanisms, allowsPlaintextLogin)
            (self.commandTimeout, self.transactionTimeout) = (commandTimeout, transactionTimeout)
        }
    }
}
