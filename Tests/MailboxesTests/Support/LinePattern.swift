/// What a line of the server must look like: text, `*` for anything, `${name}` for what is to be kept.
struct LinePattern {
    private enum Piece {
        case text(String)
        case anything
        case kept(String)
    }

    let text: String
    private let pieces: [Piece]

    init(_ text: String) {
        self.text = text
        var pieces: [Piece] = []
        var literal = ""
        func flush() {
            if !literal.isEmpty { pieces.append(.text(literal)) }
            literal = ""
        }
        var rest = text[...]
        // In front it is the sign of an untagged response.
        if rest.hasPrefix("* ") {
            literal = "* "
            rest = rest.dropFirst(2)
        }
        while let character = rest.first {
            if character == "*", literal.last != "\\" {
                flush()
                pieces.append(.anything)
            } else if rest.hasPrefix("${"), let end = rest.firstIndex(of: "}") {
                flush()
                pieces.append(.kept(String(rest[..<end].dropFirst(2))))
                rest = rest[end...]
            } else {
                literal.append(character)
            }
            rest = rest.dropFirst()
        }
        flush()
        self.pieces = pieces
    }

    /// Whether the lines are what the patterns say; then what was kept, together with what was before.
    static func match(
        _ patterns: ArraySlice<LinePattern>, _ lines: ArraySlice<String>, _ kept: [String: String]
    ) -> [String: String]? {
        guard let pattern = patterns.first else { return lines.isEmpty ? kept : nil }
        if pattern.text == "..." {
            return match(patterns.dropFirst(), lines, kept)
                ?? (lines.isEmpty ? nil : match(patterns, lines.dropFirst(), kept))
        }
        guard let line = lines.first else { return nil }
        return match(pattern.pieces[...], line[...], kept).flatMap {
            match(patterns.dropFirst(), lines.dropFirst(), $0)
        }
    }

    private static func match(
        _ pieces: ArraySlice<Piece>, _ rest: Substring, _ kept: [String: String]
    ) -> [String: String]? {
        guard let piece = pieces.first else { return rest.isEmpty ? kept : nil }
        let following = pieces.dropFirst()
        switch piece {
        case .text(let text):
            return rest.hasPrefix(text) ? match(following, rest.dropFirst(text.count), kept) : nil
        case .anything:
            return everyEnd(of: rest) { match(following, rest[$0...], kept) }
        case .kept(let name):
            if let value = kept[name] {
                return rest.hasPrefix(value) ? match(following, rest.dropFirst(value.count), kept) : nil
            }
            return everyEnd(of: rest) { end in
                guard end > rest.startIndex else { return nil }
                return match(following, rest[end...], kept.merging([name: String(rest[..<end])]) { $1 })
            }
        }
    }

    private static func everyEnd(
        of text: Substring, _ attempt: (Substring.Index) -> [String: String]?
    ) -> [String: String]? {
        for end in text.indices { if let kept = attempt(end) { return kept } }
        return attempt(text.endIndex)
    }
}
