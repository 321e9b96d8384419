/// What a customer reads of ratings, in mail and on the page.
package struct RatingWords: Sendable {
    package let language: Language

    package init(_ language: Language) { self.language = language }

    private func say(_ english: String, _ polish: String) -> String { language == .polish ? polish : english }

    /// What a rating is called.
    package func name(of rating: Rating) -> String {
        switch rating {
        case .veryGood: say("Very good", "Bardzo dobrze")
        case .good: say("Good", "Dobrze")
        case .fair: say("So so", "Średnio")
        case .bad: say("Badly", "Źle")
        case .veryBad: say("Very badly", "Bardzo źle")
        }
    }

    /// The question, in the mail and as the heading of the page.
    package var question: String { say("How did we do?", "Jak nam poszło?") }

    /// A line for each rating, the best first: `5 – Very good: https://…`.
    package func links(_ link: (Rating) -> String) -> String {
        Rating.allCases.reversed().map { "\($0.rawValue) – \(name(of: $0)): \(link($0))" }.joined(separator: "\n")
    }

    /// What stands in the place of a link where people of the desk read the mail: the rating is the customer's.
    package var hiddenLink: String { say("[the customer's link]", "[odnośnik klienta]") }

    /// A day, as a sentence has it.
    package func day(_ date: CalendarDate) -> String { CalendarWords.text(LocalMoment(date: date), in: language) }

    /// The name that a customer's comment is from, as the desk reads it.
    package var noteSender: String { say("Customer's rating", "Ocena klienta") }

    /// The subject of the note with a comment, without the stamp.
    package func noteSubject(_ rating: Rating) -> String {
        say("Rating \(rating.rawValue) of 5", "Ocena \(rating.rawValue) na 5")
    }

    /// The first line of such a note.
    package func noteIntroduction(_ rating: Rating) -> String {
        say(
            "The customer rated this case \(rating.rawValue) of 5 (\(name(of: rating))) and wrote:",
            "Klient ocenił sprawę na \(rating.rawValue) w skali do 5 (\(name(of: rating))) i napisał:")
    }
}
