import Desk
import MailFormat
import MailTypes

/// Tells a sender who asked for it what became of a mail that did not fail (RFC 3461 §4.1), with the null reverse-path (§6.1).
/// One that has arrived is told of in the transaction that files it (§5.2.3); failures need no such telling: what cannot be
/// filed is refused while its sender is there.
struct SuccessReport {
    /// What became of it.
    enum Way {
        case delivered
        /// Handed to a host that does not tell what becomes of it (RFC 3461 §5.2.2).
        case relayed
    }

    /// How long delivery is tried: a day later nobody wants to know that a mail was received.
    private static let expiry = Duration.seconds(86400)

    let way: Way
    let intake: Intake
    let now: Timestamp
    /// The case that it came into.
    var ticket: TicketNumber?
    /// Of the mail.
    var messageID: MessageID?
    /// What comes back of the mail: of one that did not fail never more than this (RFC 3461 §4.3).
    var header: [UInt8]?

    private var host: DomainName { intake.configuration.hostname }

    /// Whether somebody asked for it who is to be told.
    static func isWanted(_ recipient: EmailAddress, _ envelope: Envelope) -> Bool {
        envelope.wishes.requests[recipient]?.events?.contains(.success) == true
    }

    /// Sends it about those recipients who were asked about, each with the words of the server that took the mail, if one did.
    func send(
        _ envelope: Envelope, about recipients: [(address: EmailAddress, words: String?)], in transaction: any DeskTransaction
    ) throws {
        let wanted = recipients.filter { Self.isWanted($0.address, envelope) }
        guard let sender = envelope.reversePath, !wanted.isEmpty, !MailFacts.isInternal(sender, intake.roster.current) else {
            return
        }
        let octets = try compose(envelope, to: sender, wanted)
        let header = HeaderSection(octets)
        let content = try transaction.insertContent(octets, headerSize: header.octets.count)
        try transaction.enqueue(
            NewSubmission(
                ticket: ticket, message: nil, agent: nil, content: content, bodyOffset: header.octets.count,
                header: header.octets, reversePath: nil, recipients: [sender], isEightBit: octets.contains { $0 >= 0x80 },
                needsSMTPUTF8: !sender.isASCII, acceptedAt: now, expiresAt: now + Self.expiry))
        transaction.note(Change(isOutboxChange: true))
    }

    private func compose(
        _ envelope: Envelope, to sender: EmailAddress, _ recipients: [(address: EmailAddress, words: String?)]
    ) throws -> [UInt8] {
        let cryptography = intake.cryptography
        var fields = HeaderWriter()
        fields.date("Date", now)
        // Of a domain that signs what leaves, where the mail came for one: DMARC knows no null reverse-path.
        let own = recipients.map(\.address.domain).first { intake.roster.current.isOwnDomain($0) }
        let daemon = EmailAddress(localPart: "postmaster", domain: own ?? host)
        try fields.addresses("From", [NamedAddress(displayName: "Mail Delivery System", address: daemon)])
        try fields.addresses("To", [NamedAddress(address: sender)])
        try fields.text("Subject", way == .delivered ? "Your mail has arrived" : "Your mail was passed on")
        if let id = MessageID("\(Base32.encode(cryptography.randomOctets(10)))@\(host.ascii)") {
            fields.messageIDs("Message-ID", [id])
        }
        if let messageID { fields.messageIDs("References", [messageID]) }
        try fields.structured("Auto-Submitted", "auto-replied")
        let writer = ReportWriter(reporter: host, arrivedAt: now, envelopeID: envelope.wishes.envelopeID)
        let names = recipients.map { "\($0.address)\n" }.joined()
        return writer.write(
            fields, text: (way == .delivered ? Self.delivered : Self.relayed) + names,
            about: recipients.map { recipient in
                .init(
                    address: recipient.address,
                    originalRecipient: envelope.wishes.requests[recipient.address]?.originalRecipient,
                    action: way == .delivered ? .delivered : .relayed, status: EnhancedStatus(2, 1, 5),
                    diagnostic: recipient.words)
            }, returned: header.flatMap { $0.count <= 65_536 ? .header($0) : nil }, entropy: cryptography.randomOctets(16))
    }

    private static let delivered = "Your mail was delivered to:\n\n"
    private static let relayed =
        "Your mail was passed on to a mail system that does not tell whether it arrives:\n\n"
}
