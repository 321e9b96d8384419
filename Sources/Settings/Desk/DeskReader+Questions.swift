import Desk
import MailTypes

extension DeskReader {
    /// `products: [kettle, toaster]`
    mutating func readDictionaries(_ field: Field) -> [DictionaryDefinition] {
        guard let mapping = field.mapping else { return [] }
        return mapping.entries.map { name, field in
            DictionaryDefinition(name: Self.declare(name, at: field, in: &dictionaries), values: choices(field))
        }
    }

    /// `{ name: product, text: Which product?, choices: products, required: true }`
    func readQuestions(_ field: Field) -> [QuestionDefinition] {
        var seen: Set<String> = []
        return field.items.compactMap { item -> QuestionDefinition? in
            guard var part = item.mapping else { return nil }
            let nameField = part.require("name", "give the name that #answer calls it by")
            let name = nameField?.name
            let text = part.require("text", "give the question as people read it").flatMap(\.line)
            let kindField = part.take("kind")
            let kind = kindField.flatMap { self.kind($0) }
            let offered = part.take("choices").flatMap { self.offered($0) }
            let isRequired = part.take("required")?.boolean ?? false
            part.finish()
            guard let name, let nameField else { return nil }
            if name.contains("=") { nameField.report("contains =", "#answer writes the answer after it") }
            if !seen.insert(foldedName(name)).inserted {
                nameField.report("another question here is named so", "every question needs a name of its own")
            }
            if let kindField, kind == Self.choiceWord, offered == nil {
                kindField.report("offers nothing to choose from", "give choices: a list, or the name of a dictionary")
            } else if let kindField, let kind, kind != Self.choiceWord, offered != nil {
                kindField.report("does not go with choices", "leave out one of the two")
            }
            let result: QuestionDefinition.Kind =
                offered.map { .choice($0) } ?? kind.flatMap { Self.kinds[$0] } ?? .text
            return QuestionDefinition(name: name, text: text ?? "", kind: result, isRequired: isRequired)
        }
    }

    private static let choiceWord = "choice"
    private static let kinds: [String: QuestionDefinition.Kind] = [
        "text": .text, "number": .number, "date": .date, "yes-no": .yesNo,
    ]

    /// How the file writes a kind.
    static func word(of kind: QuestionDefinition.Kind) -> String {
        kinds.first { $0.value == kind }?.key ?? choiceWord
    }

    private func kind(_ field: Field) -> String? {
        guard let word = field.line else { return nil }
        let words = Self.kinds.keys.sorted() + [Self.choiceWord]
        if words.contains(word) { return word }
        field.report(
            "\(field.shown(word)) is not possible here",
            Spelling.hint(for: word, among: words, listed: false) ?? "write one of: \(words.joined(separator: ", "))")
        return nil
    }

    /// A list, or the name of a dictionary.
    private func offered(_ field: Field) -> QuestionDefinition.Choices? {
        field.isSequence ? .list(choices(field)) : dictionaries.resolve(field).map { .dictionary($0) }
    }

    private func choices(_ field: Field) -> [String] {
        var seen: Set<String> = []
        let values = field.items.compactMap { item -> String? in
            guard let value = item.line else { return nil }
            guard value.count <= QuestionDefinition.maximumAnswerLength, seen.insert(foldedName(value)).inserted else {
                item.report("\(item.shown(value)) is in the list twice or too long", "keep one, of 1000 characters at most")
                return nil
            }
            return value
        }
        if field.isEmpty { field.report("is empty", "give something to choose from") }
        return values
    }
}
