extension CommandProblem {
    /// What is wrong and what would be right, in one to three sentences.
    package func sentence(in language: Language) -> String {
        switch language {
        case .english: english
        case .polish: polish
        }
    }

    /// What every explanation ends with.
    package static func literalHint(in language: Language) -> String {
        switch language {
        case .english:
            "Nothing was sent. Lines that begin with # on top of your text are commands; to begin a line with #, write ##."
        case .polish:
            "Nic nie zostało wysłane. Wiersze zaczynające się od # na początku Twojego tekstu to polecenia; aby zacząć "
                + "wiersz znakiem #, napisz ##."
        }
    }

    /// Long lines are cut.
    private static let shownCharacters = 60

    private static func shown(_ text: String) -> String {
        let text = TypedText.squeezed(text)
        return text.count > shownCharacters ? "\(text.prefix(shownCharacters))…" : text
    }

    private func english(_ text: String) -> String { "“\(Self.shown(text))”" }
    private func polish(_ text: String) -> String { "„\(Self.shown(text))”" }

    // MARK: English

    private var english: String {
        switch fault {
        case .unknown(let suggestion):
            "\(english(line)) is no command.\(englishHint(suggestion?.example(in: .english)))"
        case .missing(let word):
            "\(english(line)) says too little: write it as in \(english(word.example(in: .english)))."
        case .unexpected(let word, let text):
            "#\(word.name(in: .english)) stands alone in its line, and here \(english(text)) follows it."
        case .noDate(let text):
            "\(english(text)) in \(english(line)) is no day or time: write 2026-12-01, 2026-12-01 09:00 or tomorrow 9:00."
        case .ambiguousDate(let text):
            "\(english(text)) in \(english(line)) can be two days: write the year first, as in 2026-12-01."
        case .endsBeforeBegin: "In \(english(line)) the last day is before the first."
        case .noAddress(let text): "\(english(text)) in \(english(line)) is no mail address."
        case .noNumber(let text): "\(english(text)) in \(english(line)) is no case number: write it as in \(english("#merge 1044"))."
        case .noPriority(let text, let suggestion):
            "\(english(text)) in \(english(line)) is no priority: low, normal, high or urgent.\(englishHint(suggestion))"
        case .noSource(let text, let suggestion):
            "\(english(text)) in \(english(line)) is no source: phone, mail, sms, chat, web, letter or in-person."
                + englishHint(suggestion)
        case .noOption(let word, let text, let suggestion):
            "\(english(text)) in \(english(line)) means nothing after #\(word.name(in: .english)).\(englishHint(suggestion))"
        case .noAnswer: "\(english(line)) is no answer to a question: write it as in \(english("#answer product=kettle"))."
        case .tooLong(let limit): "\(english(line)) is too long: a command has at most \(limit) characters."
        case .tooManyItems(let limit): "\(english(line)) names more than \(limit)."
        case .tooMany(let limit): "The mail has more than \(limit) commands."
        case .repeated(let word): "#\(word.name(in: .english)) stands twice, and differently: \(english(line))."
        case .contradicts(let other): "\(english(line)) does not go with #\(other.name(in: .english)) in the same mail."
        case .notOnTop:
            "\(english(line)) looks like a command, but stands within the text. Commands stand above it; write ## for #."
        case .touchesQuotation:
            "\(english(line)) stands right below a quoted line. Put an empty line between, so that it is surely yours."
        case .differs:
            "\(english(line)) is not the same in the plain and in the HTML text of the mail. Write the command again, "
                + "in a line of its own."
        case .noSuch(let thing, let name, let suggestion):
            "There is no \(Self.english(thing)) \(english(name)).\(englishHint(suggestion))"
        case .severalSuch(let thing, let name):
            "There is more than one \(Self.english(thing)) \(english(name)): write an address."
        }
    }

    private func englishHint(_ suggestion: String?) -> String {
        suggestion.map { " Did you mean \(english($0))?" } ?? ""
    }

    private static func english(_ thing: Thing) -> String {
        switch thing {
        case .agent: "agent"
        case .group: "group"
        case .pool: "pool"
        case .department: "department"
        case .template: "template"
        case .question: "question"
        case .ticket: "case"
        case .customer: "customer"
        }
    }

    // MARK: Polish

    private var polish: String {
        switch fault {
        case .unknown(let suggestion):
            "\(polish(line)) nie jest poleceniem.\(polishHint(suggestion?.example(in: .polish)))"
        case .missing(let word):
            "W wierszu \(polish(line)) czegoś brakuje: napisz na przykład \(polish(word.example(in: .polish)))."
        case .unexpected(let word, let text):
            "#\(word.name(in: .polish)) stoi w wierszu samo, a tu następuje po nim \(polish(text))."
        case .noDate(let text):
            "\(polish(text)) w wierszu \(polish(line)) nie jest dniem ani godziną: napisz 2026-12-01, 2026-12-01 09:00 "
                + "albo jutro 9:00."
        case .ambiguousDate(let text):
            "\(polish(text)) w wierszu \(polish(line)) może oznaczać dwa dni: zacznij od roku, na przykład 2026-12-01."
        case .endsBeforeBegin: "W wierszu \(polish(line)) ostatni dzień jest przed pierwszym."
        case .noAddress(let text): "\(polish(text)) w wierszu \(polish(line)) nie jest adresem pocztowym."
        case .noNumber(let text):
            "\(polish(text)) w wierszu \(polish(line)) nie jest numerem sprawy: napisz na przykład \(polish("#połącz 1044"))."
        case .noPriority(let text, let suggestion):
            "\(polish(text)) w wierszu \(polish(line)) nie jest priorytetem: niski, normalny, wysoki albo pilny."
                + polishHint(suggestion)
        case .noSource(let text, let suggestion):
            "\(polish(text)) w wierszu \(polish(line)) nie jest źródłem: telefon, mail, sms, czat, www, list albo osobiście."
                + polishHint(suggestion)
        case .noOption(let word, let text, let suggestion):
            "\(polish(text)) w wierszu \(polish(line)) nic nie znaczy po #\(word.name(in: .polish)).\(polishHint(suggestion))"
        case .noAnswer:
            "\(polish(line)) nie jest odpowiedzią na pytanie: napisz na przykład \(polish("#odpowiedź produkt=czajnik"))."
        case .tooLong(let limit): "Wiersz \(polish(line)) jest za długi: polecenie ma najwyżej \(limit) znaków."
        case .tooManyItems(let limit): "Wiersz \(polish(line)) wymienia więcej niż \(limit)."
        case .tooMany(let limit): "Wiadomość ma więcej niż \(limit) poleceń."
        case .repeated(let word): "#\(word.name(in: .polish)) występuje dwa razy, za każdym razem inaczej: \(polish(line))."
        case .contradicts(let other):
            "\(polish(line)) nie może stać w tej samej wiadomości co #\(other.name(in: .polish))."
        case .notOnTop:
            "\(polish(line)) wygląda na polecenie, ale stoi wewnątrz tekstu. Polecenia stoją nad tekstem; zamiast # napisz ##."
        case .touchesQuotation:
            "\(polish(line)) stoi tuż pod cytatem. Zostaw między nimi pusty wiersz, żeby było pewne, że to Twoje polecenie."
        case .differs:
            "\(polish(line)) nie jest takie samo w tekście zwykłym i w HTML tej wiadomości. Napisz polecenie jeszcze raz, "
                + "w osobnym wierszu."
        case .noSuch(let thing, let name, let suggestion):
            "Nie ma \(Self.polish(thing)) \(polish(name)).\(polishHint(suggestion))"
        case .severalSuch(let thing, let name):
            "Nazwa \(polish(name)) pasuje do więcej niż jednego \(Self.polish(thing)): podaj adres."
        }
    }

    private func polishHint(_ suggestion: String?) -> String {
        suggestion.map { " Czy chodziło o \(polish($0))?" } ?? ""
    }

    /// In the genitive, as after `nie ma`.
    private static func polish(_ thing: Thing) -> String {
        switch thing {
        case .agent: "agenta"
        case .group: "grupy"
        case .pool: "puli"
        case .department: "działu"
        case .template: "szablonu"
        case .question: "pytania"
        case .ticket: "sprawy"
        case .customer: "klienta"
        }
    }
}
