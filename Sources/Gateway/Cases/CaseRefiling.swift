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
            let filed = HeaderSection(message.header)
            let header = HeaderSection(rewriter(for: ticket, filed).rewrite(filed))
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

    private func rewriter(for ticket: Ticket, _ filed: HeaderSection) -> HeaderRewriter {
        let prefix = work.roster.pools[ticket.pool]?.definition.prefix ?? ""
        let trace = Self.trace(of: filed)
        // What Stempel says of the message itself stays true: that it is a note.
        let marks = filed.fields.filter { field in
            let name = filed.name(of: field).lowercased()
            return name.hasPrefix(HeaderRewriter.reservedPrefix.lowercased()) && name != Self.mark
        }
        let octets = { (fields: [HeaderSection.Field]) in fields.flatMap { filed.octets[$0.range] } }
        return HeaderRewriter(
            added: octets(trace) + Array("X-Stempel-Case: \(ticket.number)\r\n".utf8) + octets(marks),
            stamp: .init(prefix: prefix, number: ticket.number.rawValue),
            pattern: StampPattern(work.roster.definition.stamp), root: ticket.rootMessageID(host: host),
            removedFields: Set(trace.map(\.range.lowerBound)))
    }

    private static let mark = "x-stempel-case"
    private static let traceNames: Set<String> = ["return-path", "authentication-results", "received"]

    /// What the server that took the mail wrote above the mark of the case: it stands above the new mark, too, since only
    /// there it is known for ours.
    private static func trace(of filed: HeaderSection) -> [HeaderSection.Field] {
        let top = filed.fields.prefix { !$0.isMalformed && traceNames.contains(filed.name(of: $0).lowercased()) }
        guard filed.fields.count > top.count, filed.name(of: filed.fields[top.count]).lowercased() == mark else { return [] }
        return Array(top)
    }
}
