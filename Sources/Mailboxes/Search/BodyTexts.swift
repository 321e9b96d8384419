import MailFormat

/// The texts in the body of a message, as SEARCH BODY and TEXT look at them: text parts decoded, and the header sections
/// of messages within.
enum BodyTexts {
    /// Octets of one part that are looked through.
    private static let partLimit = 2_000_000
    /// Octets of one message that are read.
    private static let messageLimit = 8_000_000

    static func read(_ row: MessageRow, _ transaction: any MailboxTransaction) throws -> [String] {
        guard let structure = MIMEStructure(encoded: row.structure) else {
            let body = row.headerSize..<min(row.size, row.headerSize + partLimit)
            return [Charset.decode(try row.servedBody(body, transaction))]
        }
        var texts: [String] = []
        var left = messageLimit
        func octets(_ offset: Int, _ length: Int) throws -> [UInt8] {
            let start = min(row.headerSize + offset, row.size)
            let end = min(start + min(length, partLimit, left), row.size)
            left -= end - start
            return try row.servedBody(start..<end, transaction)
        }
        func visit(_ part: BodyPart) throws {
            guard left > 0 else { return }
            if part.isMessage, let message = part.children.first {
                let header = HeaderSection(try octets(message.headerOffset, message.headerLength))
                texts += header.fields.map { header.text($0) }
                try visit(message)
            } else if part.isMultipart {
                for child in part.children { try visit(child) }
            } else if part.mediaType.isOfType("text") {
                texts.append(TextDecoder.decodedText(part, try octets(part.bodyOffset, part.bodyLength)))
            }
        }
        try visit(structure.root)
        return texts
    }
}
