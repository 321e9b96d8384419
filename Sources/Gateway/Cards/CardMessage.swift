import Desk
import MailFormat
import MailTypes

/// Composes the messages that people of the desk see in a case and nobody else: cards and events. Answering one is a note,
/// so Reply-To names `note@`.
struct CardMessage: Sendable {
    let roster: Roster
    let hostname: DomainName
    let cryptography: any Cryptography

    /// The card: root of the case's thread. `version`: of one that takes the place of another; it names the root that the
    /// first one was. `firstMail`: when the customer wrote; the card is dated before that, since clients put the oldest on
    /// top where the root itself is not there.
    func card(
        _ card: RenderedCard, of content: CardContent, _ ticket: Ticket, _ language: Language, version: String?,
        firstMail: Timestamp?
    ) throws -> [UInt8] {
        var header = try head(
            ticket, sender: card.sender, subject: "\(content.stamp) \(card.subject)",
            at: Self.date(opened: ticket.openedAt, firstMail))
        try header.structured("Content-Language", language.rawValue)
        if let root = ticket.rootMessageID(host: hostname) {
            let id = version.flatMap { ticket.cardMessageID(version: $0, host: hostname) }
            header.messageIDs("Message-ID", [id ?? root])
            if id != nil { header.messageIDs("References", [root]) }
        }
        // The same octets for the same card: a boundary needs to be foreseen by no customer, and none knows the token.
        let entropy = Array((ticket.rootToken + language.rawValue).utf8.prefix(24))
        return MessageWriter.alternative(header, card.text, html: card.html, entropy: entropy)
    }

    /// A second before the customer's mail, where that is dated before the case was opened.
    private static func date(opened: Timestamp, _ firstMail: Timestamp?) -> Timestamp {
        guard let firstMail, firstMail <= opened else { return opened }
        return firstMail - .seconds(1)
    }

    /// A short message of what somebody did. `sentences` follow the name.
    func event(
        _ sentences: [String], by name: String, of content: CardContent, _ ticket: Ticket, at moment: Timestamp
    ) throws -> [UInt8] {
        let lines = sentences.map { "\(name) \($0)." }
        var header = try head(
            ticket, sender: name, subject: "\(content.stamp) \(sentences.joined(separator: "; "))", at: moment)
        let unique = Base32.encode(cryptography.randomOctets(10))
        if let id = MessageID("event-\(unique)@\(hostname.ascii)") { header.messageIDs("Message-ID", [id]) }
        if let root = ticket.rootMessageID(host: hostname) {
            header.messageIDs("In-Reply-To", [root])
            header.messageIDs("References", [root])
        }
        return MessageWriter.plainText(header, lines.joined(separator: "\n") + "\n")
    }

    private func head(_ ticket: Ticket, sender: String, subject: String, at moment: Timestamp) throws -> HeaderWriter {
        var header = HeaderWriter()
        header.date("Date", moment)
        try header.addresses("From", [NamedAddress(displayName: sender, address: roster.noteAddress)])
        try header.addresses("Reply-To", [NamedAddress(address: roster.noteAddress)])
        let pool = roster.pools[ticket.pool]?.definition
        if let address = roster.address(of: ticket.pool, preferring: ticket.address) {
            try header.addresses("To", [NamedAddress(displayName: pool?.name, address: address)])
        }
        try header.text("Subject", subject)
        try header.structured("Auto-Submitted", "auto-generated")
        try header.structured("X-Stempel-Case", ticket.number.description)
        return header
    }
}
