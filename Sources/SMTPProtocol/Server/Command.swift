import MailTypes

/// A path of MAIL or RCPT as it was written (RFC 5321 §4.1.2), its source route left out.
enum Path: Equatable {
    /// `<>`
    case null
    /// `<postmaster>` in any case, without a domain (RFC 5321 §4.5.1)
    case postmaster
    case address(EmailAddress, needsSMTPUTF8: Bool)

    /// The address that it names with its domain.
    var address: EmailAddress? { if case .address(let address, _) = self { address } else { nil } }
    var needsSMTPUTF8: Bool { if case .address(_, let needsSMTPUTF8) = self { needsSMTPUTF8 } else { false } }
}

/// What MAIL says beside its path.
struct MailArguments: Equatable {
    var path: Path
    var declaredSize: Int?
    var is8BitMIME = false
    var isSMTPUTF8 = false
    var hold: HoldRequest?
    var returnedContent: ReturnedContent?
    /// In xtext.
    var envelopeID: String?
    var requiresTLS = false
}

/// One command line of an SMTP client, read (RFC 5321 §4.1.1 and the extensions we offer).
enum Command: Equatable {
    case ehlo(String)
    case helo(String)
    case mail(MailArguments)
    case rcpt(Path, NotificationRequest?)
    case data
    case bdat(octets: Int, isLast: Bool)
    case rset
    case noop
    case quit
    case vrfy
    case expn
    case help
    case startTLS
    /// The initial response is still base64 (RFC 4954 §4).
    case auth(mechanism: String, initialResponse: [UInt8]?)
    /// A line we cannot obey, and what to say about it.
    case invalid(Reply)
    /// A BDAT whose length is unreadable: where the next command begins is unknown.
    case unframed
    /// A web browser or a TLS client; nothing it says is SMTP.
    case foreignProtocol

    /// Whether it leads nearer to a mail, so that it does not count as idle chatter.
    var bringsMail: Bool {
        switch self {
        case .rcpt, .data, .quit: true
        case .bdat(let octets, let isLast): octets > 0 || isLast
        case .ehlo, .helo, .mail, .rset, .noop, .vrfy, .expn, .help, .startTLS, .auth, .invalid, .unframed,
            .foreignProtocol:
            false
        }
    }
}
