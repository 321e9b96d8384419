import Desk
import MailFormat
import MailTypes

/// What a customer wrote beside a rating, as a note in the case: the desk reads it, and answering it is a note, too.
struct RatingNote: Sendable {
    /// The longest comment, in characters.
    static let longest = 2000

    let host: DomainName
    let cryptography: any Cryptography

    /// The comment as text: without controls, with ends of lines as mail writes them, cut to what a note holds.
    static func cleaned(_ comment: String) -> String {
        var text = ""
        for character in comment {
            if character.isNewline {
                text += "\n"
            } else if character == "\t" {
                text += " "
            } else if !character.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
                text.append(character)
            }
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { line in line.reversed().drop { $0.isWhitespace }.reversed().map(String.init).joined() }
        let body = lines.drop(while: \.isEmpty).reversed().drop(while: \.isEmpty).reversed().joined(separator: "\n")
        return body.count <= longest ? body : "\(body.prefix(longest)) […]"
    }

    func file(_ comment: String, _ rating: Rating, into ticket: Ticket, _ work: CaseWork) throws {
        let message = GeneratedMessage(try octets(comment, rating, ticket, work))
        let key = try message.insert(.note, into: ticket, at: work.now, work)
        try work.place(key, of: ticket)
        try work.transaction.record(TicketEvent(ticket: ticket.number, at: work.now, kind: .noted, message: key))
    }

    private func octets(_ comment: String, _ rating: Rating, _ ticket: Ticket, _ work: CaseWork) throws -> [UInt8] {
        let roster = work.roster
        let pool = roster.pools[ticket.pool]?.definition
        let words = RatingWords(roster.definition.language)
        let stamp = StampPattern(roster.definition.stamp)?
            .text(.init(prefix: pool?.prefix ?? "", number: ticket.number.rawValue))
        var header = HeaderWriter()
        header.date("Date", work.now)
        try header.addresses("From", [NamedAddress(displayName: words.noteSender, address: roster.noteAddress)])
        try header.addresses("Reply-To", [NamedAddress(address: roster.noteAddress)])
        if let address = roster.address(of: ticket.pool, preferring: ticket.address) {
            try header.addresses("To", [NamedAddress(displayName: pool?.name, address: address)])
        }
        try header.text("Subject", "\(stamp ?? "#\(ticket.number)") \(words.noteSubject(rating))")
        if let id = MessageID("note-\(Base32.encode(cryptography.randomOctets(16)))@\(host.ascii)") {
            header.messageIDs("Message-ID", [id])
        }
        if let root = ticket.rootMessageID(host: host) {
            header.messageIDs("In-Reply-To", [root])
            header.messageIDs("References", [root])
        }
        try header.structured("X-Stempel-Case", ticket.number.description)
        try header.structured("X-Stempel-Note", "internal")
        return MessageWriter.plainText(header, "\(words.noteIntroduction(rating))\n\n\(comment)\n")
    }
}
