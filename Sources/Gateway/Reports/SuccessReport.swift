import Desk
import MailFormat
import MailTypes

/// Tells a sender who asked for it that a mail has arrived (RFC 3461 §4.1, §5.2.3): in the transaction that files the mail,
/// with the null reverse-path. Failures need no such telling: what cannot be filed is refused while its sender is there.
struct SuccessReport {
    /// How long delivery is tried: a day later nobody wants to know that a mail was received.
    private static let expiry = Duration.seconds(86400)

    let filing: MailFiling
    let work: CaseWork

    private var host: DomainName { filing.intake.configuration.hostname }

    /// Sends it, if anybody asked, as far as the caps on automatic mail allow.
    func send(_ envelope: Envelope, about ticket: TicketNumber) throws {
        let wanted = envelope.recipients.filter { envelope.wishes.requests[$0]?.events?.contains(.success) == true }
        guard let sender = envelope.reversePath, !wanted.isEmpty, !MailFacts.isInternal(sender, filing.roster) else {
            return
        }
        let limits = filing.roster.definition.autoReplyLimits
        let transaction = work.transaction
        let lately = try transaction.sentByItself(since: filing.now - .seconds(600), sender: nil)
        guard lately.all < limits.inAll.tenMinutes else { return }
        let octets = try compose(envelope, to: sender, wanted)
        let header = HeaderSection(octets)
        let content = try transaction.insertContent(octets, headerSize: header.octets.count)
        try transaction.enqueue(
            NewSubmission(
                ticket: ticket, message: nil, agent: nil, content: content, bodyOffset: header.octets.count,
                header: header.octets, reversePath: nil, recipients: [sender], isEightBit: octets.contains { $0 >= 0x80 },
                needsSMTPUTF8: !sender.isASCII, acceptedAt: filing.now, expiresAt: filing.now + Self.expiry))
        transaction.note(Change(isOutboxChange: true))
    }

    private func compose(_ envelope: Envelope, to sender: EmailAddress, _ recipients: [EmailAddress]) throws -> [UInt8] {
        let cryptography = filing.intake.cryptography
        var header = HeaderWriter()
        header.date("Date", filing.now)
        let daemon = EmailAddress(localPart: "mailer-daemon", domain: host)
        try header.addresses("From", [NamedAddress(displayName: "Mail Delivery System", address: daemon)])
        try header.addresses("To", [NamedAddress(address: sender)])
        try header.text("Subject", "Your mail has arrived")
        if let id = MessageID("\(Base32.encode(cryptography.randomOctets(10)))@\(host.ascii)") {
            header.messageIDs("Message-ID", [id])
        }
        if let id = filing.facts.messageID { header.messageIDs("References", [id]) }
        try header.structured("Auto-Submitted", "auto-replied")
        let writer = ReportWriter(reporter: host, arrivedAt: filing.now, envelopeID: envelope.wishes.envelopeID)
        let text = "Your mail was delivered to:\n\n" + recipients.map { "\($0)\n" }.joined()
        return writer.write(
            header, text: text,
            about: recipients.map { recipient in
                .init(
                    address: recipient, originalRecipient: envelope.wishes.requests[recipient]?.originalRecipient,
                    action: .delivered, status: EnhancedStatus(2, 1, 5))
            }, returned: filing.content.header.octets.count <= 65_536 ? .header(filing.content.header.octets) : nil,
            entropy: cryptography.randomOctets(16))
    }
}
