/// Something that must be in a mail for a condition to hold, and that is quickly found.
struct RuleClue: Sendable {
    enum Kind: Sendable {
        /// A text that is this, folded, as a whole.
        case whole([UInt8])
        /// A text that contains this, folded.
        case contained([UInt8])
        /// Any text at all.
        case present
    }

    var source: TextSource
    var kind: Kind

    /// The less, the sooner it tells mails apart and the less has to be decoded for it.
    fileprivate var weight: Int {
        let weight =
            switch kind {
            case .whole: 0
            case .contained: 1
            case .present: 2
            }
        return source == .body ? weight + 3 : weight
    }
}

extension RuleProgram.Condition {
    /// Clues of which at least one is in every mail for which this holds; `nil`: nothing of the kind is known.
    var clues: [RuleClue]? {
        switch self {
        case .all(let parts): parts.compactMap(\.clues).min { Self.weight($0) < Self.weight($1) }
        case .any(let parts):
            parts.reduce([]) { clues, part in
                guard let clues, let more = part.clues else { return nil }
                return clues + more
            }
        case .text(let source, let matcher): matcher.clue.map { [RuleClue(source: source, kind: $0)] } ?? []
        default: nil
        }
    }

    private static func weight(_ clues: [RuleClue]) -> Int { clues.map(\.weight).max() ?? -1 }
}

extension TextMatcher {
    /// What every text that matches is or contains; `nil` if none does.
    fileprivate var clue: RuleClue.Kind? {
        switch self {
        case .whole(let text): .whole(text)
        case .contained(let text): text.isEmpty ? .present : .contained(text)
        case .glob(let pieces):
            pieces.max { $0.count < $1.count }.map { piece in
                pieces.count == 1 ? .whole(piece) : piece.isEmpty ? .present : .contained(piece)
            }
        case .expression: .present
        case .never: nil
        }
    }
}
