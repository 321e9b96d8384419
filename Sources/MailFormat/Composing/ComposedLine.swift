/// A line of a submitted text as its reader sees it, and where it stands in the source: the decoded text of its part, in
/// UTF-8.
struct ComposedLine: Sendable {
    /// Whose words they are.
    enum Kind: Sendable {
        case own
        /// Quoted or forwarded, with the lines that announce it.
        case foreign
        /// What the agent's program puts below: `-- ` and after.
        case signature
    }

    /// A run of visible octets and the source that shows them.
    struct Piece: Sendable {
        /// In the UTF-8 of `text`.
        var visible: Range<Int>
        /// In the source.
        var source: Range<Int>
        /// Octet for octet the same; else the source stands or falls as a whole (`&nbsp;`).
        var isExact: Bool
    }

    var kind = Kind.own
    /// White space at the ends included.
    var text = ""
    var pieces: [Piece] = []
    /// All of its source that is text: what is taken out when the line is cut.
    var sources: [Range<Int>] = []
    /// The `<br>` or line end behind it.
    var terminator: Range<Int>?
    /// Quoted with `>` rather than by markup.
    var isMarkedQuote = false
    /// For HTML: the tokens it is made of.
    var tokens = 0..<0
    /// For HTML: the outermost `blockquote` around it that may be an indented text or a quotation.
    var looseQuote: Int?
    /// For HTML: an element that quotes stands above it, whether it shows anything or not.
    var isBelowQuotation = false
    /// Which text of the rendition it belongs to.
    var textIndex = 0

    /// Without white space and invisible characters at its ends.
    var trimmed: Substring { text[...].trimmedVisibly }
    var isBlank: Bool { trimmed.isEmpty }

    /// Where the line begins in the source.
    var start: Int { sources.first?.lowerBound ?? terminator?.lowerBound ?? 0 }
    /// Behind its line end.
    var end: Int { terminator?.upperBound ?? sources.last?.upperBound ?? 0 }

    /// The source of a visible range, piece by piece.
    func sources(of visible: Range<Int>) -> [Range<Int>] {
        pieces.compactMap { piece in
            let common = piece.visible.clamped(to: visible)
            guard !common.isEmpty else { return nil }
            guard piece.isExact else { return piece.source }
            let start = piece.source.lowerBound + common.lowerBound - piece.visible.lowerBound
            return start..<start + common.count
        }
    }
}

extension Substring {
    /// Without white space of any width, marks of direction and what has no width at both ends.
    var trimmedVisibly: Substring {
        var scalars = unicodeScalars[...]
        while let first = scalars.first, first.isInvisible { scalars = scalars.dropFirst() }
        while let last = scalars.last, last.isInvisible { scalars = scalars.dropLast() }
        return Substring(scalars)
    }
}

extension Unicode.Scalar {
    fileprivate var isInvisible: Bool {
        switch value {
        case 0x00...0x20, 0x7F, 0xA0, 0xAD, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x2064, 0x2066...0x2069, 0xFEFF: true
        default: properties.isWhitespace
        }
    }
}
