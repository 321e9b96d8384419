/// A sentence to a person, in each language that people of a desk read.
package struct Sentence: Hashable, Sendable {
    private let english: String
    private let polish: String

    package init(_ english: String, _ polish: String) { (self.english, self.polish) = (english, polish) }

    /// In the reader's language already.
    package init(worded sentence: String) { self.init(sentence, sentence) }

    package func text(in language: Language) -> String {
        switch language {
        case .english: english
        case .polish: polish
        }
    }
}
