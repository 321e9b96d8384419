import Desk
import MailTypes
import Testing

struct QuestionTests {
    private static let today = LocalTime(
        date: CalendarDate(year: 2026, month: 11, day: 26), weekday: .thursday, minute: 600)
    private static let products = ["Czajnik", "Toster", "Ekspres do kawy"]

    static let answers: [(kind: QuestionDefinition.Kind, typed: String, answer: QuestionAnswer)] = [
        (.text, "  too   loud ", .value("too loud")), (.text, "", .value(nil)), (.text, " ", .value(nil)),
        (.text, String(repeating: "x", count: 1001), .fault(.tooLong)),
        (.number, "12,50", .value("12.50")), (.number, "-3", .value("-3")), (.number, "1 200", .value("1200")),
        (.number, "1.2.3", .fault(.noNumber)), (.number, "twelve", .fault(.noNumber)), (.number, ".", .fault(.noNumber)),
        (.number, "-", .fault(.noNumber)),
        (.date, "31.12.2026", .value("2026-12-31")), (.date, "2026-12-31", .value("2026-12-31")),
        (.date, "jutro", .value("2026-11-27")), (.date, "2026-02-30", .fault(.noDate)), (.date, "soon", .fault(.noDate)),
        (.date, "31.12.2026 or so", .fault(.noDate)),
        (.yesNo, "TAK", .value("yes")), (.yesNo, "no", .value("no")), (.yesNo, "maybe", .fault(.neitherYesNorNo)),
        (.choice(.list(products)), "czajnik", .value("Czajnik")),
        (.choice(.list(products)), "„ekspres do kawy”", .value("Ekspres do kawy")),
        (.choice(.list(products)), "tostar", .fault(.noChoice(suggestion: "Toster"))),
        (.choice(.list(products)), "fridge", .fault(.noChoice(suggestion: nil))),
    ]

    @Test(arguments: answers) func `an answer is kept in one form, or it is said what is asked for`(
        kind: QuestionDefinition.Kind, typed: String, answer: QuestionAnswer
    ) {
        let question = QuestionDefinition(name: "q", text: "?", kind: kind)
        #expect(QuestionAnswer(typed, to: question, choices: Self.products, today: Self.today) == answer)
    }

    @Test(arguments: Language.allCases) func `every fault is a sentence that names the question`(language: Language) {
        let question = QuestionDefinition(name: "product", text: "?")
        let faults: [AnswerFault] = [
            .tooLong, .noNumber, .noDate, .neitherYesNorNo, .noChoice(suggestion: nil), .noChoice(suggestion: "Toster"),
        ]
        let sentences = faults.map { $0.sentence(question, choices: Self.products, language) }
        #expect(Set(sentences).count == faults.count)
        #expect(sentences.allSatisfy { $0.contains("product") })
    }

    @Test func `an address asks beside its pool, and a name is asked for once`() throws {
        let help = try #require(EmailAddress("help@acme.example"))
        let shop = try #require(EmailAddress("shop@acme.example"))
        var desk = DeskDefinition(domain: help.domain, postmaster: "Help")
        desk.dictionaries = [DictionaryDefinition(name: "products", values: Self.products)]
        let product = QuestionDefinition(name: "Product", text: "Which?", kind: .choice(.dictionary("products")))
        let own = [QuestionDefinition(name: "product", text: "again"), QuestionDefinition(name: "ąż", text: "?")]
        let pool = PoolDefinition(
            name: "Help", addresses: [PoolAddress(address: help, questions: own), PoolAddress(address: shop)],
            questions: [product])
        let asked = desk.questions(pool: pool, address: help.identity)
        #expect(asked.map(\.name) == ["Product", "ąż"])
        #expect(desk.questions(pool: pool, address: shop.identity) == [product])
        #expect(desk.questions(pool: pool, address: nil) == [product])
        #expect(desk.choices(of: product) == Self.products)
        #expect(QuestionDefinition.named(" AZ ", in: asked)?.name == "ąż")
    }
}
