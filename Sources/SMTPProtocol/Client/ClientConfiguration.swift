package import MailTypes

extension SMTPClientSession {
    /// When TLS is used: `opportunistic` takes what it gets, `required` delivers nothing in the clear (RFC 3207).
    package enum TLSPolicy: Sendable { case none, opportunistic, required }

    /// How long to wait for what; defaults as RFC 5321 §4.5.3.2.
    package struct Timeouts: Sendable {
        package var greeting = Duration.seconds(300)
        package var command = Duration.seconds(300)
        package var dataInitiation = Duration.seconds(120)
        package var contentBlock = Duration.seconds(180)
        package var contentTermination = Duration.seconds(600)

        package init() {}
    }

    /// What is decided once per next hop.
    package struct Configuration: Sendable {
        /// Our name in EHLO: a fully qualified one, or an address literal.
        package var hostname: String
        package var tls: TLSPolicy
        package var credentials: Credentials?
        /// Whether a password may go over a connection without TLS.
        package var allowsPlaintextLogin: Bool
        package var timeouts: Timeouts
        /// A server that greets with our own name is ourselves: to give it mail would be a loop (RFC 5321 §5.1).
        package var refusesOwnName = false
        /// Off for a server that offered chunks (RFC 3030) and turned out not to know them.
        package var usesChunks = true

        package init(
            hostname: String, tls: TLSPolicy = .opportunistic, credentials: Credentials? = nil,
            allowsPlaintextLogin: Bool = false, timeouts: Timeouts = Timeouts()
        ) {
            (self.hostname, self.tls, self.credentials) = (hostname, tls, credentials)
            (self.allowsPlaintextLogin, self.timeouts) = (allowsPlaintextLogin, timeouts)
        }
    }

    /// A mail to deliver, but for its content.
    package struct Mail: Equatable, Sendable {
        /// `is8BitMIME`: the content has octets above 127. `isSMTPUTF8`: its header section has (RFC 6531 §3.2).
        package var envelope: Envelope
        /// Octets of content, if known, for SIZE (RFC 1870).
        package var size: Int?
        package var extent = Extent.delivery

        /// How far a transaction goes.
        package enum Extent: Sendable {
            /// Whoever is accepted gets the mail.
            case delivery
            /// Where anybody is refused nobody gets it: DATA is said when all are accepted.
            case allOrNobody
            /// No content follows: it is only asked who would be accepted.
            case question
        }

        package init(envelope: Envelope, size: Int?) {
            (self.envelope, self.size) = (envelope, size)
        }
    }
}
