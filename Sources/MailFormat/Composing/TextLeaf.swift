/// A part of a mail that holds text of its writer: text/plain or text/html, no attachment.
struct TextLeaf: Sendable {
    let part: BodyPart
    let isHTML: Bool
    /// The message itself: its MIME fields stand in the header section of the mail.
    let isRoot: Bool
    /// The multipart/related whose first part it is, or belongs to as an alternative.
    let related: BodyPart?
    /// Boundaries of the multiparts around it.
    let boundaries: [[UInt8]]

    /// What must be at hand to read and rewrite it: its header section and its body, counted from the beginning of the
    /// message's body.
    var section: Range<Int> { isRoot ? 0..<part.end : part.headerOffset..<part.end }
    /// The body within the section.
    var body: Range<Int> { part.bodyOffset - section.lowerBound..<part.end - section.lowerBound }
}

/// Finds the texts of a mail.
struct TextLeaves {
    private(set) var leaves: [TextLeaf] = []
    /// Signed or encrypted by S/MIME (RFC 8551) or OpenPGP (RFC 3156), as a whole or in part.
    private(set) var isSealed = false
    /// A text in a form that is not understood, beside the others.
    private(set) var hasOtherText = false

    init(_ structure: MIMEStructure) { visit(structure.root, isRoot: true, related: nil, boundaries: []) }

    private mutating func visit(_ part: BodyPart, isRoot: Bool, related: BodyPart?, boundaries: [[UInt8]]) {
        guard !part.isMultipart else { return visitChildren(of: part, related, boundaries) }
        guard !part.isMessage else { return }
        if part.mediaType.is("application", "pkcs7-mime") || part.mediaType.is("application", "x-pkcs7-mime") { isSealed = true }
        guard part.mediaType.isOfType("text"), part.filename == nil, part.disposition.map(\.isInline) ?? true else { return }
        let isHTML = part.mediaType.is("text", "html")
        guard isHTML || part.mediaType.is("text", "plain"), TransferDecoder.knows(part.transferEncoding ?? []) else {
            hasOtherText = hasOtherText || !part.mediaType.is("text", "calendar")
            return
        }
        leaves.append(TextLeaf(part: part, isHTML: isHTML, isRoot: isRoot, related: related, boundaries: boundaries))
    }

    private mutating func visitChildren(of part: BodyPart, _ outer: BodyPart?, _ boundaries: [[UInt8]]) {
        if part.mediaType.is("multipart", "encrypted") {
            isSealed = true
            return
        }
        let isSigned = part.mediaType.is("multipart", "signed")
        let isRelated = part.mediaType.is("multipart", "related")
        let isAlternative = part.mediaType.is("multipart", "alternative")
        isSealed = isSealed || isSigned
        let own = part.mediaType.parameter("boundary").map { boundaries + [Array($0.utf8)] } ?? boundaries
        for (index, child) in part.children.enumerated() where index == 0 || !isSigned {
            let related = isRelated && index == 0 ? part : isAlternative ? outer : nil
            visit(child, isRoot: false, related: related, boundaries: own)
        }
    }
}
