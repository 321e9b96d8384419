/// An answer as it is kept: a number with a point, a day as `2026-12-31`, `yes` or `no`, a choice as the desk spells it.
package enum QuestionAnswer: Equatable, Sendable {
    /// `nil`: no answer any more.
    case value(String?)
    case fault(AnswerFault)

    /// Reads what a person typed; `choices` are those of the question.
    package init(_ typed: String, to question: QuestionDefinition, choices: [String], today: LocalTime) {
        let text = TypedText.unquoted(TypedText.squeezed(typed))
        guard !text.isEmpty else {
            self = .value(nil)
            return
        }
        guard text.count <= QuestionDefinition.maximumAnswerLength else {
            self = .fault(.tooLong)
            return
        }
        switch question.kind {
        case .text: self = .value(text)
        case .number: self = Self.number(text).map { .value($0) } ?? .fault(.noNumber)
        case .date: self = Self.day(text, today).map { .value($0) } ?? .fault(.noDate)
        case .yesNo:
            switch TypedText.folded(text) {
            case "yes", "y", "tak", "t", "true": self = .value("yes")
            case "no", "n", "nie", "false": self = .value("no")
            default: self = .fault(.neitherYesNorNo)
            }
        case .choice:
            let folded = TypedText.folded(text)
            if let found = choices.first(where: { TypedText.folded(TypedText.squeezed($0)) == folded }) {
                self = .value(found)
            } else {
                self = .fault(.noChoice(suggestion: Spelling.nearest(to: text, among: choices)))
            }
        }
    }

    /// Digits with at most one point or comma, and a sign.
    private static func number(_ text: String) -> String? {
        let plain = text.filter { $0 != " " }.replacing(",", with: ".").replacing("−", with: "-")
        let digits = plain.hasPrefix("-") ? plain.dropFirst() : plain[...]
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), digits.count <= 30,
            parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
        else { return nil }
        return plain
    }

    private static func day(_ text: String, _ today: LocalTime) -> String? {
        var reader = MomentReader(text, now: today)
        guard let day = try? reader.day(), reader.isAtEnd else { return nil }
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = "\(number)"
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(day.year, 4))-\(padded(day.month, 2))-\(padded(day.day, 2))"
    }
}

/// Why an answer is none.
package enum AnswerFault: Hashable, Sendable {
    case tooLong, noNumber, noDate, neitherYesNorNo
    case noChoice(suggestion: String?)

    /// In a sentence, for the agent.
    package func sentence(_ question: QuestionDefinition, choices: [String], _ language: Language) -> String {
        let name = question.name
        switch (self, language) {
        case (.tooLong, .english):
            return "The answer to “\(name)” has more than \(QuestionDefinition.maximumAnswerLength) characters"
        case (.tooLong, .polish):
            return "Odpowiedź na „\(name)” ma ponad \(QuestionDefinition.maximumAnswerLength) znaków"
        case (.noNumber, .english): return "“\(name)” asks for a number such as 12.50"
        case (.noNumber, .polish): return "„\(name)” wymaga liczby, na przykład 12,50"
        case (.noDate, .english): return "“\(name)” asks for a day such as 2026-12-31"
        case (.noDate, .polish): return "„\(name)” wymaga daty, na przykład 31.12.2026"
        case (.neitherYesNorNo, .english): return "“\(name)” is answered with yes or no"
        case (.neitherYesNorNo, .polish): return "Na „\(name)” odpowiada się tak albo nie"
        case (.noChoice(let near), .english):
            let hint = near.map { "did you mean “\($0)”?" } ?? "choose from: \(Self.list(choices))"
            return "“\(name)” has no such choice: \(hint)"
        case (.noChoice(let near), .polish):
            let hint = near.map { "czy chodzi o „\($0)”?" } ?? "do wyboru: \(Self.list(choices))"
            return "„\(name)” nie ma takiej możliwości: \(hint)"
        }
    }

    private static func list(_ choices: [String]) -> String {
        choices.prefix(20).joined(separator: ", ") + (choices.count > 20 ? ", …" : "")
    }
}
