import MailTypes

/// A question about a case that its agent answers (FEATURES S23, S24): of a pool, or of one of its addresses.
package struct QuestionDefinition: Hashable, Sendable {
    /// What an answer is.
    package enum Kind: Hashable, Sendable {
        case text, number, date, yesNo
        case choice(Choices)
    }

    /// What can be chosen.
    package enum Choices: Hashable, Sendable {
        case list([String])
        /// The values of a dictionary, which many questions can share.
        case dictionary(String)
    }

    /// What `#answer NAME=` calls it. Questions of one name in several places are one and the same question.
    package var name: String
    /// As people read it.
    package var text: String
    package var kind: Kind
    /// Without an answer the case can be neither done nor closed.
    package var isRequired: Bool

    package init(name: String, text: String, kind: Kind = .text, isRequired: Bool = false) {
        (self.name, self.text, self.kind, self.isRequired) = (name, text, kind, isRequired)
    }

    /// The longest answer, in characters.
    package static let maximumAnswerLength = 1000
}

/// Values that questions offer: edited once, used often.
package struct DictionaryDefinition: Hashable, Sendable {
    package var name: String
    package var values: [String]

    package init(name: String, values: [String]) { (self.name, self.values) = (name, values) }
}

extension DeskDefinition {
    /// The questions about a case that came to an address of a pool, the pool's first.
    package func questions(pool: PoolDefinition, address: String?) -> [QuestionDefinition] {
        let own = pool.addresses.first { $0.address.identity == address }?.questions ?? []
        var seen: Set<String> = []
        return (pool.questions + own).filter { seen.insert($0.id).inserted }
    }

    /// What can be chosen as an answer; none where it is written freely.
    package func choices(of question: QuestionDefinition) -> [String] {
        guard case .choice(let choices) = question.kind else { return [] }
        switch choices {
        case .list(let values): return values
        case .dictionary(let name): return dictionaries.first { $0.name == name }?.values ?? []
        }
    }
}

extension QuestionDefinition {
    /// What tells it from others: the name in any spelling.
    package var id: String { TypedText.folded(TypedText.squeezed(name)) }

    /// The one that a name means.
    package static func named(_ name: String, in questions: [QuestionDefinition]) -> QuestionDefinition? {
        let folded = TypedText.folded(TypedText.squeezed(name))
        return questions.first { $0.id == folded }
    }
}
