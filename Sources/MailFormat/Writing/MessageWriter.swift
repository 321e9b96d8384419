/// Writes small mails of text: failure notices, automatic answers, events. Larger ones are made with `MIMEWriter`.
package enum MessageWriter {
    /// A whole message: the fields of `header`, the MIME fields, and `text` as `text/plain; format=flowed` in UTF-8.
    /// Lines of `text` end with LF or CRLF; each is a paragraph.
    package static func plainText(_ header: HeaderWriter, _ text: String, allowsEightBit: Bool = false) -> [UInt8] {
        // One part has no boundary, and so needs no entropy.
        var writer = MIMEWriter(header, entropy: [], allowsEightBit: allowsEightBit)
        writer.text(text)
        return writer.takeOutput()
    }

    /// A whole message of the text and its alternative in HTML: the one given, else one made of the text.
    package static func alternative(
        _ header: HeaderWriter, _ text: String, html: String? = nil, entropy: [UInt8], allowsEightBit: Bool = false
    ) -> [UInt8] {
        var writer = MIMEWriter(header, entropy: entropy, allowsEightBit: allowsEightBit)
        writer.openMultipart(.alternative)
        writer.text(text)
        writer.html(html.map(withCRLF) ?? HTMLAlternative.write(text))
        writer.closeMultipart()
        return writer.takeOutput()
    }

    static func withCRLF(_ html: String) -> [UInt8] {
        var result: [UInt8] = []
        for line in FlowedText.lines(html) { result += Array(line.filter { $0 != .carriageReturn }) + [.carriageReturn, .lineFeed] }
        return result
    }
}
