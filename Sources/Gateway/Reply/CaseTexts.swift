import Desk
import MailFormat
import MailTypes

/// The texts of messages of a case, as far as it takes to find a quotation: their first parts, of the newest ones.
struct CaseTexts {
    private static let messages = 20
    private static let partsPerMessage = 4
    private static let octetsPerPart = 65536

    private let transaction: any DeskTransaction

    init(_ transaction: any DeskTransaction) { self.transaction = transaction }

    func texts(of ticket: TicketNumber, _ kinds: [MessageKind]) throws -> [String] {
        try transaction.contents(of: ticket, kinds, limit: Self.messages).flatMap { try texts(in: $0) }
    }

    func texts(in body: StoredBody) throws -> [String] {
        guard let structure = MIMEStructure(encoded: body.structure) else { return [] }
        var texts: [String] = []
        var open = [structure.root]
        while let part = open.popLast(), texts.count < Self.partsPerMessage {
            if part.isMultipart || part.isMessage {
                open += part.children.reversed()
            } else if part.mediaType.isOfType("text") {
                let start = min(body.bodyOffset + max(0, part.bodyOffset), body.size)
                let end = min(start + min(max(0, part.bodyLength), Self.octetsPerPart), body.size)
                let octets = try transaction.octets(start..<end, of: body.content)
                let text = TextDecoder.decodedText(part, octets, limit: Self.octetsPerPart)
                texts.append(part.mediaType.is("text", "html") ? HTMLText.visible(text) : text)
            }
        }
        return texts
    }
}

/// Subjects that clients give to forwarded mail: `Fwd:`, `FW:`, `PD:` and kin, after any stamp.
enum ForwardSubject {
    private static let prefixes: Set<String> = ["fwd", "fw", "pd", "wg", "tr", "rv", "enc", "doorst", "vb", "vl"]

    static func isOne(_ subject: String) -> Bool {
        guard let colon = subject.firstIndex(of: ":") else { return false }
        let word = subject[..<colon].trimmedSpaces.lowercased()
        return prefixes.contains(word)
    }
}

extension Substring {
    fileprivate var trimmedSpaces: Substring {
        var text = self
        while text.first == " " { text = text.dropFirst() }
        while text.last == " " { text = text.dropLast() }
        return text
    }
}
