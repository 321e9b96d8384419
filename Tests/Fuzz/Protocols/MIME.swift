import FuzzKit
import MailFormat

/// A whole message: its structure, what IMAP shows of it, and its texts.
func fuzzMIME(_ input: FuzzInput) {
    var limits = MIMEScanner.Limits()
    if input.chooses(0) { limits.parts = 5 }
    if input.chooses(1) { limits.nesting = 3 }
    if input.chooses(2) { limits.headerOctets = 120 }
    if input.chooses(3) { limits.boundaryOctets = 10 }
    let whole = Scanned([input.octets], limits)
    let cut = Scanned(input.pieces, limits)
    must(whole.structure == cut.structure, "pieces change a structure: \(whole.structure) \(cut.structure)")
    must(whole.header == cut.header && whole.headerLength == cut.headerLength, "pieces change a header section")
    whole.checkPlaces(input.octets.count, limits)
    checkShown(whole.structure, whole.header)
    checkStored(whole.structure)
    checkSections(whole)
    checkTexts(whole, input)
    checkSevenBit(whole, input)
}

private struct Scanned {
    let structure: MIMEStructure
    let header: HeaderSection?
    let headerLength: Int

    init(_ pieces: [[UInt8]], _ limits: MIMEScanner.Limits) {
        var scanner = MIMEScanner(limits: limits)
        for piece in pieces { scanner.consume(piece) }
        structure = scanner.finish()
        header = scanner.header
        headerLength = scanner.headerLength ?? scanner.octetCount
    }

    func checkPlaces(_ count: Int, _ limits: MIMEScanner.Limits) {
        must(headerLength + structure.root.bodyLength == count, "header and body are not the whole message")
        var parts = 0
        check(structure.root, within: 0..<structure.root.bodyLength, depth: 0, limits, &parts)
        must(parts <= limits.parts, "\(parts) parts")
    }

    private func check(
        _ part: BodyPart, within outer: Range<Int>, depth: Int, _ limits: MIMEScanner.Limits, _ parts: inout Int
    ) {
        parts += 1
        must(depth <= limits.nesting + 1, "\(depth) levels")
        must(part.lineCount >= 0 && part.lineCount <= part.bodyLength, "\(part.lineCount) lines")
        var start = part.bodyOffset
        for child in part.children {
            must(child.headerOffset >= start && child.headerLength >= 0, "a part begins in another")
            must(child.bodyOffset == child.headerOffset + child.headerLength, "a body away from its header section")
            must(child.bodyLength >= 0 && child.end <= part.end, "a part ends outside of its whole")
            start = child.end
            check(child, within: part.bodyOffset..<part.end, depth: depth + 1, limits, &parts)
        }
        must(part.bodyOffset >= outer.lowerBound && part.end <= outer.upperBound, "a part outside of its whole")
    }
}

private func checkShown(_ structure: MIMEStructure, _ header: HeaderSection?) {
    for isExtended in [false, true] {
        let shown = BodyStructure.render(structure, extended: isExtended)
        must(ResponseReader.elements(of: shown) != nil || ResponseReader.isValue(shown), "BODYSTRUCTURE out of shape")
    }
    guard let header else { return }
    let envelope = IMAPEnvelope.render(header)
    must(
        ResponseReader.elements(of: envelope)?.count == 10,
        "ENVELOPE out of shape: \(String(decoding: envelope, as: UTF8.self))")
    checkHeader(header)
}

/// The fields are the section, without gaps.
func checkHeader(_ header: HeaderSection) {
    var place = 0
    for field in header.fields {
        must(field.range.lowerBound == place && !field.range.isEmpty, "a gap between fields")
        must(
            field.name.lowerBound >= field.range.lowerBound && field.body.upperBound <= field.range.upperBound,
            "a field beyond its end")
        place = field.range.upperBound
        _ = header.text(field)
    }
    must(place == header.parsedEnd && header.parsedEnd <= header.fieldsEnd, "octets behind the last field")
    must(
        header.fieldsEnd <= header.bodyStart && header.bodyStart <= header.octets.count,
        "a body before its header section")
    let names = ["subject", "From", "Received"]
    must(header.fields(named: names).suffix(2) == [0x0D, 0x0A], "no empty line")
    // Where the message has none, a section that stands for the rest of it has none either.
    must(!header.hasEmptyLine || header.fieldsNot(named: names).suffix(2) == [0x0D, 0x0A], "no empty line")
    _ = (
        MailTraits(header), header.references, header.inReplyTo, header.messageID, header.date, header.transferEncoding
    )
    _ = (header.addresses(of: "From"), header.contentDisposition)
}

private func checkStored(_ structure: MIMEStructure) {
    let stored = structure.encoded()
    must(MIMEStructure(encoded: stored) == structure, "a structure is not what was stored")
    must(MIMEStructure(encoded: Array(stored.dropLast())) == nil, "half a structure was read")
}

private func checkSections(_ scanned: Scanned) {
    let end = scanned.headerLength + scanned.structure.root.bodyLength
    let paths = [[], [1], [2], [1, 1], [1, 2], [2, 1], [1, 1, 1], [3, 1, 2], [0], [-1], [1, .max], [.max]]
    for path in paths {
        for piece in [SectionPiece.content, .header, .text, .mime] {
            guard let range = scanned.structure.range(of: path, piece, headerLength: scanned.headerLength) else {
                continue
            }
            must(range.lowerBound >= 0 && range.upperBound <= end, "section \(path) \(piece) outside of the message")
        }
    }
}

private func checkTexts(_ scanned: Scanned, _ input: FuzzInput) {
    var parts = [scanned.structure.root]
    while let part = parts.popLast() {
        parts += part.children
        _ = (part.filename, part.mediaType.charset, part.mediaType.essence)
        guard part.children.isEmpty else { continue }
        let start = scanned.headerLength + part.bodyOffset
        let body = Array(input.octets[start..<start + part.bodyLength])
        let limit = input.chooses(4) ? 20 : 100_000
        var decoder = TextDecoder(part, limit: limit)
        for piece in input.pieces(of: body) { decoder.consume(piece) }
        let text = TextDecoder.decodedText(part, body, limit: limit)
        must(decoder.finish() == text, "pieces change a text")
        for deletesSpaces in [false, true] {
            let unflowed = FlowedText.unflowed(text, deletesSpaces: deletesSpaces)
            must(unflowed.utf8.count <= 2 * text.utf8.count, "unflowed text is longer than flowed text")
        }
        let (rest, names) = UUEncodedText.withoutFiles(text)
        must(names.isEmpty == (rest == text), "files without names, or names without files")
    }
}

/// What takes no octets above 127 gets none, the same whatever pieces it comes in, and nothing is left to convert then.
private func checkSevenBit(_ scanned: Scanned, _ input: FuzzInput) {
    guard let whole = sevenBit([input.octets], scanned) else { return }
    must(whole.allSatisfy { $0 < 0x80 }, "an octet above 127 is left")
    must(sevenBit(input.pieces, scanned) == whole, "pieces change what is converted")
}

private func sevenBit(_ pieces: [[UInt8]], _ scanned: Scanned) -> [UInt8]? {
    var plan = SevenBitPlan(scanned.structure, headerLength: scanned.headerLength)
    for piece in pieces { piece.withUnsafeBytes { plan.look(at: $0) } }
    guard plan.isPossible else { return nil }
    var converter = SevenBitConverter(plan)
    var output: [UInt8] = []
    for piece in pieces { piece.withUnsafeBytes { converter.convert($0, into: &output) } }
    converter.finish(into: &output)
    return output
}
