package import Desk
import MailFormat
package import MailTypes

/// A small mail of Stempel's own making that becomes a message of a case: a notice, a card, an event.
package struct GeneratedMessage: Sendable {
    package let octets: [UInt8]
    private let header: HeaderSection
    private let structure: [UInt8]

    /// `octets`: the whole message, as it will be served.
    package init(_ octets: [UInt8]) {
        var scanner = MIMEScanner()
        scanner.consume(octets)
        structure = scanner.finish().encoded()
        header = scanner.header ?? HeaderSection([UInt8]())
        self.octets = octets
    }

    /// Writes the message, which lies in no mailbox yet. `moment` is its INTERNALDATE.
    package func insert(
        _ kind: MessageKind, into ticket: Ticket, at moment: Timestamp, by agent: AgentID? = nil,
        cardLanguage: Language? = nil, _ work: CaseWork
    ) throws -> MessageKey {
        let transaction = work.transaction
        var keys = SortKeys(header)
        // One that took the place of another stands where that stood: THREAD has it at the root, not beside the mail below it.
        if kind == .card, let root = keys.references.first { (keys.messageID, keys.references) = (root, []) }
        var message = NewMessage(
            ticket: ticket.number, kind: kind, pool: ticket.pool,
            content: try transaction.insertContent(octets, headerSize: header.octets.count),
            bodyOffset: header.octets.count, contentSize: octets.count, header: header.octets,
            envelope: IMAPEnvelope.render(header), structure: structure, keys: keys, internalDate: moment,
            sentAt: header.date ?? moment, modSequence: try work.modSequence(), keywords: try transaction.tags(of: ticket.number),
            messageID: header.messageID, agent: agent)
        message.cardLanguage = cardLanguage
        return try transaction.insert(message)
    }
}
