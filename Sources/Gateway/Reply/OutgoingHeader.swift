import Desk
import MailFormat
import MailTypes

/// The header section that leaves: the pool's name and address, stamp, signed Reply-To and Message-ID, and nothing that
/// names an agent, a card or a note.
struct OutgoingHeader {
    let messageID: MessageID
    let octets: [UInt8]

    init(
        of submitted: HeaderSection, from address: EmailAddress, of pool: PoolDefinition, ticket: TicketNumber,
        subject: Int64, removing addresses: Set<EmailAddress>, _ thread: SentThread, _ stamp: StampPattern,
        intake: Intake, now: Timestamp
    ) throws {
        let name = pool.senderName ?? pool.name
        messageID = intake.keys.messageID(
            ticket: ticket, purpose: .reply, subject: subject,
            unique: Base32.encode(intake.cryptography.randomOctets(8)), host: intake.configuration.hostname)
        var composer = HeaderComposer(
            from: NamedAddress(displayName: name, address: address),
            replyTo: NamedAddress(
                displayName: name,
                address: intake.keys.signedAddress(address, ticket: ticket, purpose: .reply, subject: subject)),
            messageID: messageID)
        composer.stamp = .init(prefix: pool.prefix ?? "", number: ticket.rawValue)
        composer.pattern = stamp
        composer.removedAddresses = addresses
        composer.inReplyTo = thread.parents
        // The customer's own program threads by References (RFC 5322 §3.6.4).
        composer.references = thread.ancestors.isEmpty ? thread.parents : thread.ancestors
        octets = try composer.compose(submitted, now: now)
    }
}
