/// The commands by name. The table below is the language: what each is called in English and in Polish, and what stands
/// behind it.
package enum CommandWord: String, CaseIterable, Sendable {
    case take, new, waiting, done, close, spam, assign, group, pool, category, priority, tag, untag, due, send, recall
    case replace, note, consult, forward, cc, approve, reject, merge, split, customer, template, answer, find, follow
    case unfollow, away, from, source, each

    /// Whether it may stand several times beside itself, though not beside others of its kind: several departments are asked
    /// at once.
    var mayRepeat: Bool { self == .consult }

    /// What stands behind the word.
    enum Form: Sendable {
        case nothing
        /// A name, whatever spaces it holds.
        case name
        /// Words, separated by spaces or commas; quotes keep spaces.
        case names
        /// Anything.
        case text
        case textOrNothing
        case addresses
        /// An address, with a name before it or without.
        case sender
        case priority
        case source
        case deadline
        case moment
        case period
        case cases
        case forward
        case customer
        /// `question=value`
        case answer
    }

    /// Of the commands of one kind a mail has one.
    enum Kind: Sendable {
        case status, holder, pool, category, priority, due, send, verdict, mail, split, template, away, from, source, each
        case following
    }

    /// A row of the table.
    struct Entry: Sendable {
        let word: CommandWord
        let english: [String]
        let polish: [String]
        let form: Form
        /// What follows the word, as an example shows it in both languages.
        let example: (english: String, polish: String)
        /// None: it may stand several times.
        let kinds: [Kind]
    }

    static let table: [Entry] = [
        row(.take, "take", "weź", .nothing, once: [.holder]),
        row(.new, "new", "nowe nowy nowa", .nothing, once: [.status, .holder]),
        row(.waiting, "waiting wait", "czeka czekaj oczekuje", .nothing, once: [.status]),
        row(.done, "done", "wykonane zrobione gotowe", .nothing, once: [.status]),
        row(.close, "close closed", "zamknij zamknięte", .nothing, once: [.status]),
        row(.spam, "spam", "spam", .nothing, once: [.status]),
        row(.assign, "assign", "przypisz przydziel", .name, "agent2", once: [.holder]),
        row(.group, "group", "grupa", .name, "returns | zwroty", once: [.holder]),
        row(.pool, "pool", "pula", .name, "Orders | Zamówienia", once: [.pool]),
        row(.category, "category", "kategoria", .name, "Invoices | Faktury", once: [.category]),
        row(.priority, "priority", "priorytet", .priority, "high | wysoki", once: [.priority]),
        row(.tag, "tag label", "etykieta", .names, "refund | zwrot"),
        row(.untag, "untag unlabel", "usuń-etykietę bez-etykiety", .names, "refund | zwrot"),
        row(.due, "due deadline", "termin", .deadline, "2026-12-01", once: [.due]),
        row(.send, "send", "wyślij", .moment, "2026-12-01 09:00", once: [.send]),
        row(.recall, "recall", "cofnij odwołaj", .nothing, once: [.verdict]),
        row(.replace, "replace", "zastąp", .nothing, once: [.verdict]),
        row(.note, "note", "notatka", .textOrNothing, once: [.mail]),
        row(.consult, "consult", "konsultuj konsultacja", .name, "Legal | Prawny", once: [.mail]),
        row(.forward, "forward fwd", "przekaż", .forward, "ann@firm.example", once: [.mail]),
        row(.cc, "cc", "dw", .addresses, "ann@firm.example"),
        row(.approve, "approve", "zatwierdź akceptuj", .nothing, once: [.verdict]),
        row(.reject, "reject", "odrzuć", .textOrNothing, "too long | za długie", once: [.verdict]),
        row(.merge, "merge", "połącz scal", .cases, "1044"),
        row(.split, "split", "podziel wydziel", .nothing, once: [.split]),
        row(.customer, "customer", "klient", .customer, "ann@firm.example"),
        row(.template, "template", "szablon", .name, "returns | zwroty", once: [.template]),
        row(.answer, "answer", "odpowiedź", .answer, "product=kettle | produkt=czajnik"),
        row(.find, "find search", "szukaj znajdź", .text, "blue kettle | niebieski czajnik"),
        row(.follow, "follow", "obserwuj", .nothing, once: [.following]),
        row(.unfollow, "unfollow", "nie-obserwuj przestań-obserwować", .nothing, once: [.following]),
        row(.away, "away", "nieobecny nieobecna nieobecność urlop", .period, "2026-12-01..2026-12-10 agent2", once: [.away]),
        row(.from, "from", "od", .sender, "ann@firm.example", once: [.from]),
        row(.source, "source", "źródło", .source, "phone | telefon", once: [.source]),
        row(.each, "each", "każdy każdemu", .nothing, once: [.each]),
    ]

    /// Spellings are separated by spaces, the examples of the two languages by a bar.
    private static func row(
        _ word: CommandWord, _ english: String, _ polish: String, _ form: Form, _ example: String = "", once kinds: [Kind] = []
    ) -> Entry {
        func words(_ text: String, _ separator: Character) -> [String] { text.split(separator: separator).map(String.init) }
        let examples = words(example, "|").map { TypedText.squeezed($0) }
        return Entry(
            word: word, english: words(english, " "), polish: words(polish, " "), form: form,
            example: (examples.first ?? "", examples.last ?? ""), kinds: kinds)
    }

    private static let entries = Dictionary(uniqueKeysWithValues: table.map { ($0.word, $0) })

    /// Every word has its row.
    var entry: Entry {
        guard let entry = Self.entries[self] else { preconditionFailure("the table of commands lacks \(rawValue)") }
        return entry
    }

    /// The name that explanations in a language use.
    package func name(in language: Language) -> String {
        let names = language == .english ? entry.english : entry.polish
        return names.first ?? rawValue
    }

    /// How the command is written, in full: `#assign agent2`.
    package func example(in language: Language) -> String {
        let example = language == .english ? entry.example.english : entry.example.polish
        return "#\(name(in: language))\(example.isEmpty ? "" : " ")\(example)"
    }

    /// Every spelling of every command.
    static let spellings = table.flatMap { $0.english + $0.polish }

    private static let bySpelling = Dictionary(
        table.flatMap { entry in (entry.english + entry.polish).map { (key($0), entry.word) } },
        uniquingKeysWith: { first, _ in first })

    /// The command of a name in either language, in any case, with or without the marks of its letters and its hyphens.
    package init?(_ name: some StringProtocol) {
        guard let word = Self.bySpelling[Self.key(name)] else { return nil }
        self = word
    }

    private static func key(_ name: some StringProtocol) -> String {
        TypedText.folded(name).filter { !TypedText.isDash($0) && $0 != "_" }
    }
}
