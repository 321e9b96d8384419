import Desk

/// The words of the pages, in the language of who reads them.
struct PageWords {
    let language: Language

    private func say(_ english: String, _ polish: String) -> String { language == .polish ? polish : english }

    var question: String { RatingWords(language).question }
    func about(_ stamp: String) -> String { say("Your case \(stamp)", "Twoja sprawa \(stamp)") }
    var commentLabel: String { say("Do you want to add anything? (optional)", "Czy chcesz coś dodać? (opcjonalnie)") }
    var send: String { say("Send the rating", "Wyślij ocenę") }
    var change: String { say("Change the rating", "Zmień ocenę") }
    var chooseFirst: String { say("Please choose a rating first.", "Najpierw wybierz ocenę.") }
    var promise: String {
        say(
            "We ask only about this case. The page uses no cookies.",
            "Pytamy tylko o tę sprawę. Strona nie używa plików cookie.")
    }

    func thanks(_ rating: Rating, until day: String?) -> String {
        let name = RatingWords(language).name(of: rating)
        let said = say(
            "Thank you. Your rating: \(rating.rawValue) – \(name).", "Dziękujemy. Twoja ocena: \(rating.rawValue) – \(name).")
        guard let day else { return said }
        return said + " " + say("You can change it until \(day).", "Możesz ją zmienić do \(day).")
    }

    var notFoundTitle: String { say("This link leads nowhere", "Ten odnośnik nie działa") }
    var notFoundText: String {
        say(
            "It may be too old, already used, or not copied as a whole.",
            "Mógł stracić ważność, został już wykorzystany albo nie skopiowano go w całości.")
    }

    var failedTitle: String { say("That did not work", "Nie udało się") }
    var failedText: String {
        say(
            "Nothing was stored. Please try again in a few minutes.",
            "Niczego nie zapisano. Spróbuj ponownie za kilka minut.")
    }

    var tooManyTitle: String { say("Too many requests", "Za dużo żądań") }
    var tooManyText: String { say("Please try again in a minute.", "Spróbuj ponownie za minutę.") }

    var tooLargeTitle: String { say("That is too long", "Za długi tekst") }
    var tooLargeText: String {
        say("Nothing was stored. Please write less.", "Niczego nie zapisano. Napisz krócej.")
    }
}
