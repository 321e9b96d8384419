import Desk
import MailFormat
import MailTypes

/// The mails of a case as somebody outside the desk may read them: their texts one after the other, and those that hold
/// files as attachments, as far as there is room. Notes are among them only where that is asked for, consultations,
/// cards and events never.
struct Correspondence {
    /// What is passed on of a case.
    struct Limits: Sendable {
        /// The newest of more.
        var mails = 100
        /// Of one mail's text, as it is stored.
        var octetsPerText = 65536
        /// Of all texts.
        var octetsOfText = 524_288
        /// Of attached mails.
        var attachedOctets = 10_000_000
    }

    private(set) var text: String
    /// The mails to attach, the oldest first.
    private(set) var attached: [MessageKey]

    init(
        of ticket: Ticket, withNotes: Bool, roster: Roster, limits: Limits = Limits(),
        _ transaction: any DeskTransaction
    ) throws {
        let words = CorrespondenceWords(roster.definition.language, clock: roster.clock)
        var kinds: [MessageKind] = [.inbound, .unconfirmed, .outbound]
        if withNotes { kinds.append(.note) }
        let keys = try transaction.messages(of: ticket.number, kinds)
        var pieces: [String] = []
        var attached: [MessageKey] = []
        var (textRoom, fileRoom) = (limits.octetsOfText, limits.attachedOctets)
        for key in keys.suffix(limits.mails).reversed() {
            guard textRoom > 0, let mail = try transaction.filedMail(key) else { break }
            let structure = MIMEStructure(encoded: mail.body.structure)
            var files = structure.map { Self.files($0.root, words) } ?? []
            if !files.isEmpty {
                let size = mail.header.count + mail.body.size - mail.body.bodyOffset
                if size <= fileRoom, mail.kind != .note {
                    fileRoom -= size
                    attached.append(key)
                } else {
                    files = files.map(words.leftOut)
                }
            }
            var text = try structure.map { try Self.text($0.root, mail.body, limits, transaction) } ?? ""
            if text.utf8.count > textRoom { text = String(decoding: text.utf8.prefix(textRoom), as: UTF8.self) + "\n\(words.cut)" }
            textRoom -= text.utf8.count
            pieces.append(Self.title(mail, ticket, files, roster, words) + "\n\n" + text)
        }
        if pieces.count < keys.count { pieces.append(words.omitted(keys.count - pieces.count)) }
        self.text = pieces.reversed().joined(separator: "\n\n\(String(repeating: "–", count: 20))\n\n")
        self.attached = attached.reversed()
    }

    private static func title(
        _ mail: FiledMail, _ ticket: Ticket, _ files: [String], _ roster: Roster, _ words: CorrespondenceWords
    ) -> String {
        let header = HeaderSection(mail.header)
        let author: String
        switch mail.kind {
        case .note: author = mail.agent.flatMap { roster.agents[$0]?.definition.name } ?? "?"
        default:
            let named = header.addresses(of: "From").first
            author = named.map { named in
                named.displayName.map { "\($0) <\(named.address)>" } ?? named.address.description
            } ?? "?"
        }
        let subject = mail.kind == .note ? "" : String((header.text("Subject") ?? "").prefix(500))
        return words.title(author: author, at: mail.at, subject: subject, kind: mail.kind, files: files)
    }

    /// The first text that a mail shows, plain where there is a choice (RFC 2046 §5.1.4).
    private static func text(
        _ root: BodyPart, _ body: StoredBody, _ limits: Limits, _ transaction: any DeskTransaction
    ) throws -> String {
        guard let part = firstText(root) else { return "" }
        let start = min(body.bodyOffset + max(0, part.bodyOffset), body.size)
        let end = min(start + min(max(0, part.bodyLength), limits.octetsPerText), body.size)
        let octets = try transaction.octets(start..<end, of: body.content)
        let text = TextDecoder.decodedText(part, octets, limit: limits.octetsPerText)
        let shown = part.mediaType.is("text", "html") ? HTMLText.visible(text) : text
        return trimmed(String(decoding: shown.utf8.filter { $0 != 0x0D && $0 != 0 }, as: UTF8.self))
    }

    private static func firstText(_ root: BodyPart) -> BodyPart? {
        if root.isMultipart {
            if root.mediaType.is("multipart", "alternative"),
                let plain = root.children.first(where: { $0.mediaType.is("text", "plain") })
            {
                return plain
            }
            for child in root.children { if let found = firstText(child) { return found } }
            return nil
        }
        guard root.mediaType.isOfType("text"), !isFile(root) else { return nil }
        return root
    }

    private static func isFile(_ part: BodyPart) -> Bool {
        part.disposition.map { String(decoding: $0.kind, as: UTF8.self).lowercased() } == "attachment" || part.filename != nil && part.contentID == nil
    }

    /// The names of what is attached, at most 20; pictures that HTML shows are none.
    private static func files(_ root: BodyPart, _ words: CorrespondenceWords) -> [String] {
        var names: [String] = []
        var open = [root]
        while let part = open.popLast(), names.count < 20 {
            if part.isMultipart {
                open += part.children.reversed()
            } else if part.isMessage || isFile(part) || !part.mediaType.isOfType("text") && part.contentID == nil {
                names.append(part.filename.map { String($0.prefix(100)) } ?? words.unnamed)
            }
        }
        return names
    }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while let last = text.last, last.isWhitespace { text = text.dropLast() }
        while let first = text.first, first.isNewline { text = text.dropFirst() }
        return String(text)
    }
}
