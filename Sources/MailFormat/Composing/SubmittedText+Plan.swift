import MailTypes

/// Why a mail cannot be changed as asked.
package enum ComposingFailure: Error, Equatable, Sendable {
    /// It is signed or encrypted, and a change would break that.
    case sealed
}

extension SubmittedText {
    /// The body that leaves: commands cut out of every form of the text, `##` made `#`, and `changes` made. A mail in which
    /// nothing changes keeps every octet. `entropy`: octets that make a boundary unlike anything in the mail.
    package func plan(_ changes: TextChanges, entropy: [UInt8]) throws(ComposingFailure) -> BodyPlan {
        var replacements: [(range: Range<Int>, octets: [UInt8])] = []
        var newHeader = header
        let hasHTML = renditions.contains { $0.texts.contains(where: \.leaf.isHTML) }
        for rendition in renditions {
            let edits = rendition.edits(changes)
            for (text, edits) in zip(rendition.texts, edits) where !edits.isEmpty {
                let picture = text.leaf.isHTML || !hasHTML ? changes.signature?.picture(putBy: edits, isHTML: hasHTML) : nil
                let change = replacement(for: text, edits, picture: picture, entropy)
                replacements += change.replacements
                if let header = change.header { newHeader = header }
            }
        }
        guard replacements.isEmpty || !isSealed else { throw .sealed }
        return BodyPlan(header: newHeader, length: structure.root.end, replacing: replacements)
    }

    private func replacement(
        for text: ComposedText, _ edits: TextEdits, picture: TextChanges.Picture?, _ entropy: [UInt8]
    ) -> (replacements: [(range: Range<Int>, octets: [UInt8])], header: HeaderSection?) {
        let leaf = text.leaf
        let section = sections[leaf.section.lowerBound] ?? []
        let fields = leaf.isRoot ? mimeFields(true) : Array(section[..<leaf.body.lowerBound])
        let writer = TextPartWriter(leaf: leaf, header: HeaderSection(fields), body: Array(section[leaf.body]))
        let written = writer.write(text, edits)
        guard let picture else {
            return leaf.isRoot
                ? ([(leaf.section, written.body)], topHeader(written.header)) : ([(leaf.section, written.header + written.body)], nil)
        }
        if let related = leaf.related, let boundary = related.mediaType.parameter("boundary"), let last = related.children.last {
            // The HTML has company already: the picture comes to it.
            let image = RelatedWriter(boundary: Array(boundary.utf8)).part(picture)
            return ([(leaf.section, written.header + written.body), (last.end..<last.end, image)], nil)
        }
        let whole = RelatedWriter(entropy: entropy).whole(written, picture, isHTML: leaf.isHTML)
        return leaf.isRoot ? ([(leaf.section, whole.body)], topHeader(whole.header)) : ([(leaf.section, whole.header + whole.body)], nil)
    }

    /// The fields of the mail's header section that tell of its body, or all others.
    private func mimeFields(_ areWanted: Bool) -> [UInt8] {
        var writer = HeaderWriter()
        for field in header.fields where header.name(of: field).lowercased().hasPrefix("content-") == areWanted {
            writer.copy(field, of: header)
        }
        return writer.octets
    }

    private func topHeader(_ mimeHeader: [UInt8]) -> HeaderSection {
        let version = header.contains("MIME-Version") ? [] : Array("MIME-Version: 1.0\r\n".utf8)
        return HeaderSection(mimeFields(false) + version + mimeHeader)
    }
}

extension TextChanges.Signature {
    /// The picture, if the signature comes in with these edits: HTML shows it where it stands, a mail without HTML has it
    /// below its text.
    fileprivate func picture(putBy edits: TextEdits, isHTML: Bool) -> TextChanges.Picture? {
        guard let picture else { return nil }
        guard !isHTML else { return edits.insert("cid:\(picture.contentID)") ? picture : nil }
        let first = passage.text.split(whereSeparator: \.isNewline).first { !$0.allSatisfy(\.isWhitespace) }
        return first.map { edits.insert(String($0)) } == true ? picture : nil
    }
}

/// Writes a multipart/related (RFC 2387), HTML and the picture that it shows, or a multipart/mixed, plain text and a
/// picture below it.
private struct RelatedWriter {
    let boundary: [UInt8]

    init(boundary: [UInt8]) { self.boundary = boundary }

    /// `=_` is in no quoted-printable text and in no base64 (RFC 2045 §6.7).
    init(entropy: [UInt8]) {
        boundary = Array("=_\(MIMEWriter.hexadecimal(entropy))_r".utf8)
    }

    /// The multipart in place of its first part.
    func whole(
        _ text: TextPartWriter.Written, _ picture: TextChanges.Picture, isHTML: Bool
    ) -> TextPartWriter.Written {
        var parameters = [(name: "boundary", value: String(decoding: boundary, as: UTF8.self))]
        if isHTML { parameters.append((name: "type", value: "text/html")) }
        let line = [UInt8.carriageReturn, .lineFeed]
        let header = MIMEWriter.field("Content-Type", isHTML ? "multipart/related" : "multipart/mixed", parameters) + line
        let dashes = Array("--".utf8)
        let body = dashes + boundary + line + text.header + text.body + part(picture) + line + dashes + boundary + dashes + line
        return TextPartWriter.Written(header: header, body: body)
    }

    /// The picture as a further part, with the boundary before it.
    func part(_ picture: TextChanges.Picture) -> [UInt8] {
        let line = [UInt8.carriageReturn, .lineFeed]
        var output = line + Array("--".utf8) + boundary + line
        output += MIMEWriter.fileHeader(named: picture.name, picture.mediaType, contentID: picture.contentID)
        var encoder = Base64Encoder()
        encoder.encode(picture.octets, into: &output)
        encoder.finish(into: &output)
        // The line end before the next boundary is the boundary's.
        return Array(output.dropLast(2))
    }
}
