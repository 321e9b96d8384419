import Desk
import MailFormat
import MailTypes

/// Receipts of agents' clients, where the pool lets them out.
extension Sending {
    /// It changes no case, waits for nobody, and nobody hears if it does not arrive (RFC 8098 §2.1).
    func sendReceipt(_ thread: SentThread, _ recipients: [SentRecipient], _ work: CaseWork) throws -> Outcome {
        let outside = recipients.filter(\.isOutside).map(\.address)
        guard let ticket = thread.ticket, let pool = roster.pools[ticket.pool]?.definition,
            let address = roster.address(of: ticket.pool, preferring: ticket.address), !outside.isEmpty,
            case .memory(let octets) = content.octets, let report = report(in: octets),
            let messageID = MessageID("\(Base32.encode(intake.cryptography.randomOctets(16)))@\(host.ascii)"),
            let receipt = try Receipt(
                of: report, from: NamedAddress(displayName: pool.senderName ?? pool.name, address: address),
                to: outside.map(named), subject: content.header.text("Subject") ?? "", messageID: messageID,
                entropy: intake.cryptography.randomOctets(16), now: now)
        else {
            try dropContent(work.transaction)
            return .dropped
        }
        let stored = try work.transaction.insertContent(receipt.header + receipt.body, headerSize: receipt.header.count)
        try work.transaction.enqueue(
            NewSubmission(
                ticket: nil, message: nil, agent: agent.id, content: stored, bodyOffset: receipt.header.count,
                header: receipt.header, reversePath: nil, recipients: outside, isEightBit: false,
                needsSMTPUTF8: !outside.allSatisfy(\.isASCII), acceptedAt: now, expiresAt: now + submission.held.expiry)
        )
        work.transaction.note(Change(isOutboxChange: true))
        return .left(ticket.number)
    }

    /// The fields of the notification in the client's report.
    private func report(in octets: [UInt8]) -> HeaderSection? {
        let parts = content.structure.root.children
        guard let part = parts.first(where: { $0.mediaType.is("message", "disposition-notification") }) else {
            return nil
        }
        let start = min(content.header.octets.count + part.bodyOffset, octets.count)
        return HeaderSection(Array(octets[start..<min(start + part.bodyLength, octets.count)]))
    }
}
