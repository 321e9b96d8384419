/// Tells which rules of a program a mail may fulfil at all, by one look through each of its texts: however many rules
/// look for a sender or a word, only those are asked whose word is there.
struct RuleIndex: Sendable {
    /// The clues that lie in one source, each with the number of its rule.
    private struct Part: Sendable {
        var whole: [[UInt8]: [Int]] = [:]
        var contained: [(needle: [UInt8], rule: Int)] = []
        var present: [Int] = []
        var automaton = NeedleAutomaton([])
    }

    private var parts: [TextSource: Part] = [:]
    /// By rule: whether it is asked in any case.
    private var unconditional: [Bool]

    init(_ conditions: [RuleProgram.Condition]) {
        unconditional = conditions.map { _ in false }
        for (rule, condition) in conditions.enumerated() {
            guard let clues = condition.clues else {
                unconditional[rule] = true
                continue
            }
            for clue in clues { add(clue, rule) }
        }
        parts = parts.mapValues { part in
            var part = part
            part.automaton = NeedleAutomaton(part.contained)
            // What it had no room for.
            part.present += part.automaton.rejected
            return part
        }
    }

    private mutating func add(_ clue: RuleClue, _ rule: Int) {
        switch clue.kind {
        case .whole(let text): parts[clue.source, default: Part()].whole[text, default: []].append(rule)
        case .contained(let text): parts[clue.source, default: Part()].contained.append((text, rule))
        case .present: parts[clue.source, default: Part()].present.append(rule)
        }
    }

    /// By rule: whether the mail may fulfil it.
    func candidates(_ mail: some RuleMail) -> [Bool] {
        var candidates = unconditional
        for (source, part) in parts {
            let texts = mail.texts(of: source)
            guard !texts.isEmpty else { continue }
            for rule in part.present { candidates[rule] = true }
            for text in texts {
                for rule in part.whole[text.folded] ?? [] { candidates[rule] = true }
                part.automaton.search(text.folded) { candidates[$0] = true }
            }
        }
        return candidates
    }
}
