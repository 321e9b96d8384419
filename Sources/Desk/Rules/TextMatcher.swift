/// A pattern of a rule made ready.
enum TextMatcher: Sendable {
    /// The whole folded text.
    case whole([UInt8])
    /// Contained in the folded text.
    case contained([UInt8])
    /// The pieces between the asterisks of a glob, folded: the first begins the text, the last ends it.
    case glob([[UInt8]])
    case expression(any CompiledPattern)
    case never

    init(_ pattern: TextPattern, _ patterns: any PatternCompiler) {
        switch pattern {
        case .text(let text): self = .contained(RuleText(text).folded)
        case .glob(let text): self = .glob(Self.pieces(text))
        case .regularExpression(let expression):
            self = (try? patterns.compile(expression)).map { .expression($0) } ?? .never
        }
    }

    /// For addresses, where a plain text is the whole of one.
    init(address pattern: TextPattern, _ patterns: any PatternCompiler) {
        if case .text(let address) = pattern {
            self = .whole(RuleText(address).folded)
        } else {
            self.init(pattern, patterns)
        }
    }

    func search(_ text: RuleText) -> PatternOutcome {
        switch self {
        case .whole(let whole): whole == text.folded ? .found : .notFound
        case .contained(let needle): Self.find(needle, in: text.folded[...]) == nil ? .notFound : .found
        case .glob(let pieces): Self.matches(pieces, text.folded) ? .found : .notFound
        case .expression(let pattern): text.octets.withUnsafeBufferPointer(pattern.search)
        case .never: .notFound
        }
    }

    /// `\*` is an asterisk.
    private static func pieces(_ glob: String) -> [[UInt8]] {
        var pieces: [String] = [""]
        var isEscaped = false
        for character in glob {
            switch (character, isEscaped) {
            case ("\\", false): isEscaped = true
            case ("*", false): pieces.append("")
            default:
                if isEscaped, character != "*" { pieces[pieces.count - 1].append("\\") }
                pieces[pieces.count - 1].append(character)
                isEscaped = false
            }
        }
        if isEscaped { pieces[pieces.count - 1].append("\\") }
        return pieces.map { RuleText($0).folded }
    }

    private static func matches(_ pieces: [[UInt8]], _ text: [UInt8]) -> Bool {
        guard let first = pieces.first, let last = pieces.last else { return false }
        guard pieces.count > 1 else { return text == first }
        guard text.count >= first.count + last.count, text.starts(with: first), text.suffix(last.count).elementsEqual(last)
        else { return false }
        var rest = text[first.count..<(text.count - last.count)]
        for piece in pieces.dropFirst().dropLast() {
            guard let end = find(piece, in: rest) else { return false }
            rest = rest[end...]
        }
        return true
    }

    /// The place behind the first occurrence.
    private static func find(_ needle: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
        guard let first = needle.first else { return text.startIndex }
        guard needle.count <= text.count else { return nil }
        let found = needle.withUnsafeBufferPointer { needle in
            text.withUnsafeBufferPointer { text -> Int? in
                var place = 0
                while place <= text.count - needle.count {
                    if text[place] == first {
                        var length = 1
                        while length < needle.count, text[place + length] == needle[length] { length += 1 }
                        if length == needle.count { return place + length }
                    }
                    place += 1
                }
                return nil
            }
        }
        return found.map { text.startIndex + $0 }
    }
}
