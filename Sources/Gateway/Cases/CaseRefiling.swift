import Desk
import MailFormat
import MailTypes

/// Puts messages of one case into another: each is made once more, with the stamp and the root of its new case, since the
/// octets under a UID never change (DESIGN §3).
struct CaseRefiling {
    let work: CaseWork
    let host: DomainName

    /// What a message can be that goes into another case. Cards and events stay behind: they are about their own.
    static func moves(_ kind: MessageKind) -> Bool {
        switch kind {
        case .card, .event, .personal: false
        case .inbound, .outbound, .consultationOut, .consultationIn, .note, .automatic, .notice, .unconfirmed: true
        }
    }

    /// The new messages by the old ones, which are still there.
    func refile(
        _ messages: [CaseMessage], into ticket: Ticket, isUndoable: Bool
    ) throws -> [(original: MessageKey, copy: MessageKey)] {
        let transaction = work.transaction
        let keywords = try transaction.tags(of: ticket.number)
        let copies = try messages.map { message in
            let header = HeaderSection(rewriter(for: ticket).rewrite(HeaderSection(message.header)))
            let copy = try transaction.refile(
                RefiledMessage(
                    original: message.key, ticket: ticket.number, pool: ticket.pool, header: header.octets,
                    envelope: IMAPEnvelope.render(header), keys: SortKeys(header), keywords: keywords,
                    modSequence: work.modSequence(), isUndoable: isUndoable))
            return (original: message.key, copy: copy)
        }
        try work.place(copies.map(\.copy), of: ticket)
        return copies
    }

    private func rewriter(for ticket: Ticket) -> HeaderRewriter {
        let prefix = work.roster.pools[ticket.pool]?.definition.prefix ?? ""
        return HeaderRewriter(
            added: Array("X-Stempel-Case: \(ticket.number)\r\n".utf8),
            stamp: .init(prefix: prefix, number: ticket.number.rawValue),
            pattern: StampPattern(work.roster.definition.stamp), root: ticket.rootMessageID(host: host))
    }
}
