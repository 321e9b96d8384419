import MailTypes

/// Writes a text part anew: in its charset and transfer encoding where the new text fits them, else in UTF-8 and the
/// encoding that is good for it.
struct TextPartWriter {
    /// What a part becomes.
    struct Written {
        /// The part's header section, with its empty line.
        var header: [UInt8]
        var body: [UInt8]
    }

    let leaf: TextLeaf
    /// The part's own header section; of the message itself, the MIME fields of it.
    let header: HeaderSection
    /// The part's body as it is.
    let body: [UInt8]

    func write(_ text: ComposedText, _ edits: TextEdits) -> Written {
        let charset = leaf.part.mediaType.charset
        var decoder = TransferDecoder(leaf.part)
        var decoded: [UInt8] = []
        body.withUnsafeBytes { decoder.decode($0, into: &decoded) }
        decoder.finish(into: &decoded)
        let isFaithful = Charset.encode(text.source, as: charset) == decoded
        let isUTF8 = charset.map(Charset.canonicalName) == "utf-8"
        if isFaithful, isUTF8 || leaf.isHTML {
            // What a charset lacks, HTML can say all the same.
            let edited = edits.applied(to: text.source, spelled: isUTF8 ? { $0 } : HTMLAlternative.inASCII)
            if let octets = Charset.encode(edited, as: charset) { return encoded(octets, charset: nil) }
        }
        let edited = edits.applied(to: text.source)
        if isFaithful, let octets = Charset.encode(edited, as: charset) { return encoded(octets, charset: nil) }
        return encoded(edited, charset: "utf-8")
    }

    /// `charset`: a new one.
    private func encoded(_ octets: [UInt8], charset: String?) -> Written {
        let old = (leaf.part.transferEncoding).map { String(decoding: $0.map(\.lowered), as: UTF8.self) } ?? "7bit"
        var encoding = old
        if old != "base64", old != "quoted-printable", !isPlain(octets, allowsEightBit: old != "7bit") {
            let odd = octets.reduce(into: 0) { $0 += $1 >= 0x80 || $1 == UInt8(ascii: "=") || $1 == 0 ? 1 : 0 }
            encoding = odd * 2 > octets.count / 3 ? "base64" : "quoted-printable"
        }
        if encoding == "quoted-printable", hasBoundary(octets) { encoding = "base64" }
        return Written(header: newHeader(charset, encoding == old ? nil : encoding), body: Self.encode(octets, encoding))
    }

    private static func encode(_ octets: [UInt8], _ encoding: String) -> [UInt8] {
        switch encoding {
        case "base64":
            var encoder = Base64Encoder()
            var output: [UInt8] = []
            encoder.encode(octets, into: &output)
            encoder.finish(into: &output)
            return output
        case "quoted-printable": return QuotedPrintableEncoder.encode(octets)
        default: return octets
        }
    }

    /// RFC 5322 §2.1.1 and §2.3, and no line that could end the part.
    private func isPlain(_ octets: [UInt8], allowsEightBit: Bool) -> Bool {
        var column = 0
        var last: UInt8 = 0
        for octet in octets {
            if octet == 0 || octet >= 0x80 && !allowsEightBit { return false }
            if (octet == .lineFeed) != (last == .carriageReturn) { return false }
            column = octet == .lineFeed ? 0 : column + 1
            if column > 999 { return false }
            last = octet
        }
        return last != .carriageReturn && !hasBoundary(octets)
    }

    private func hasBoundary(_ octets: [UInt8]) -> Bool {
        leaf.boundaries.contains { Octets.contains(octets, Array("--".utf8) + $0) }
    }

    // MARK: Header section

    /// The part's fields, but those that are not true any more.
    private func newHeader(_ charset: String?, _ encoding: String?) -> [UInt8] {
        var writer = HeaderWriter()
        for field in header.fields {
            let isReplaced =
                charset != nil && header.isNamed(field, "Content-Type")
                || encoding != nil && header.isNamed(field, "Content-Transfer-Encoding") || header.isNamed(field, "Content-MD5")
            if !isReplaced { writer.copy(field, of: header) }
        }
        var output = writer.octets
        if let charset { output += Self.contentType(leaf.part.mediaType, charset: charset) }
        if let encoding { output += MIMEWriter.field("Content-Transfer-Encoding", encoding) }
        return output + [.carriageReturn, .lineFeed]
    }

    private static func isSound(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 != .carriageReturn && $0 != .lineFeed && $0 != 0 }
    }

    /// The media type with another charset and all its other parameters.
    private static func contentType(_ type: MediaType, charset: String) -> [UInt8] {
        var parameters = [(name: "charset", value: charset)]
        for parameter in type.parameters {
            let name = String(decoding: parameter.name.filter { $0 != UInt8(ascii: "*") }, as: UTF8.self)
            guard !name.isEmpty, !parameters.contains(where: { $0.name.lowercased() == name.lowercased() }),
                let value = type.parameter(name), isSound(name + value)
            else { continue }
            parameters.append((name, value))
        }
        // What a mail's own field says may hold anything.
        return MIMEWriter.field("Content-Type", isSound(type.essence) ? type.essence : "text/plain", parameters)
    }
}
