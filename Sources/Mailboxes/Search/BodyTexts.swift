import MailFormat

/// The texts in the body of a message, as searches and previews look at them: text parts decoded, HTML as it is seen, the
/// header sections of messages within, names of attachments.
struct BodyTexts {
    /// Octets of one part that are looked through.
    private static let partLimit = 2_000_000
    /// Octets of one message that are read.
    private static let messageLimit = 8_000_000

    var texts: [String] = []
    /// That of the first text part.
    var first: String?
    /// Not all was read.
    private(set) var isCut = false

    private let row: MessageRow
    private let transaction: any MailboxTransaction
    private var left = messageLimit

    /// `isPreview`: only the first text part is wanted.
    init(_ row: MessageRow, _ transaction: any MailboxTransaction, isPreview: Bool = false) throws {
        (self.row, self.transaction) = (row, transaction)
        guard let structure = MIMEStructure(encoded: row.structure) else {
            take(plain: Charset.decode(try octets(0, row.size - row.headerSize)))
            return
        }
        try visit(structure.root, isPreview)
    }

    private mutating func octets(_ offset: Int, _ length: Int) throws -> [UInt8] {
        let start = min(row.headerSize + max(0, offset), row.size)
        let end = min(start + min(max(0, length), Self.partLimit, left), row.size)
        if end - start < length { isCut = true }
        left -= end - start
        return start < end ? try row.servedBody(start..<end, transaction) : []
    }

    private mutating func visit(_ part: BodyPart, _ isPreview: Bool) throws {
        if isPreview, first != nil { return }
        guard left > 0 else {
            isCut = true
            return
        }
        if !isPreview, let name = part.filename, !name.isEmpty { texts.append(name) }
        if part.isMessage, let message = part.children.first {
            if !isPreview {
                let header = HeaderSection(try octets(message.headerOffset, message.headerLength))
                texts += header.fields.map { header.text($0) }
            }
            try visit(message, isPreview)
        } else if part.isMultipart {
            for child in part.children { try visit(child, isPreview) }
        } else if part.mediaType.isOfType("text") {
            let limit = isPreview ? 65536 : part.bodyLength
            let text = TextDecoder.decodedText(
                part, try octets(part.bodyOffset, min(part.bodyLength, limit)), limit: Self.partLimit)
            if part.mediaType.is("text", "html") {
                take(HTMLText.visible(text))
            } else if part.mediaType.isFlowed {
                take(plain: FlowedText.unflowed(text, deletesSpaces: part.mediaType.deletesSpaces))
            } else {
                take(plain: text)
            }
        }
    }

    /// A text as it is read. Files that stand uuencoded in it count as attachments: by their names.
    private mutating func take(plain text: String) {
        let (rest, names) = UUEncodedText.withoutFiles(text)
        take(rest)
        texts += names
    }

    private mutating func take(_ text: String) {
        if first == nil { first = text }
        texts.append(text)
    }
}

extension SearchTexts {
    /// Those of a message that the index has not, or not whole, read on the spot. The row has size, content, structure and
    /// header.
    package init(reading row: MessageRow, _ transaction: any MailboxTransaction) throws {
        self.init(HeaderSection(row.header), try BodyTexts(row, transaction).texts)
    }
}
