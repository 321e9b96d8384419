import Testing

@testable import Desk

@Suite struct CommandProblemTests {
    static let rows: [(line: String, english: String, polish: String)] = [
        ("#clsoe", "“#clsoe” is no command. Did you mean “#close”?", "„#clsoe” nie jest poleceniem. Czy chodziło o „#zamknij”?"),
        ("#winter sale", "“#winter sale” is no command.", "„#winter sale” nie jest poleceniem."),
        (
            "# Assign", "“# Assign” says too little: write it as in “#assign agent2”.",
            "W wierszu „# Assign” czegoś brakuje: napisz na przykład „#przypisz agent2”."
        ),
        (
            "#close now", "#close stands alone in its line, and here “now” follows it.",
            "#zamknij stoi w wierszu samo, a tu następuje po nim „now”."
        ),
        (
            "#due 1/2/2026", "“1/2/2026” in “#due 1/2/2026” can be two days: write the year first, as in 2026-12-01.",
            "„1/2/2026” w wierszu „#due 1/2/2026” może oznaczać dwa dni: zacznij od roku, na przykład 2026-12-01."
        ),
        (
            "#priority hihg",
            "“hihg” in “#priority hihg” is no priority: low, normal, high or urgent. Did you mean “high”?",
            "„hihg” w wierszu „#priority hihg” nie jest priorytetem: niski, normalny, wysoki albo pilny. Czy chodziło o „high”?"
        ),
    ]

    @Test(arguments: rows) func `a problem says what is wrong and what would be right`(row: (line: String, english: String, polish: String)) {
        guard case .problems(let problems) = CommandReaderTests.reader.read([row.line]), let problem = problems.first else {
            Issue.record("no problem")
            return
        }
        #expect(problem.sentence(in: .english) == row.english)
        #expect(problem.sentence(in: .polish) == row.polish)
    }

    static let faults: [CommandProblem.Fault] = [
        .noDate("x"), .endsBeforeBegin("x"), .noAddress("x"), .noNumber("x"), .noSource("x", suggestion: "y"),
        .noOption(.merge, "x", suggestion: "y"), .noAnswer, .tooLong(1), .tooManyItems(1), .tooMany(1), .repeated(.assign),
        .contradicts(.close), .notOnTop, .touchesQuotation, .differs,
    ] + CommandProblem.Thing.allCases.map { .noSuch($0, "x", suggestion: "y") }

    @Test(arguments: faults) func `every problem has a sentence of its own in both languages`(fault: CommandProblem.Fault) {
        let sentences = Self.faults.map { CommandProblem(line: "#x", fault: $0).sentence(in: .polish) }
        #expect(Set(sentences).count == Self.faults.count)
        let problem = CommandProblem(line: "#x", fault: fault)
        #expect(problem.sentence(in: .english) != problem.sentence(in: .polish))
        #expect(Language.allCases.allSatisfy { problem.sentence(in: $0).hasSuffix(".") || problem.sentence(in: $0).hasSuffix("?") })
    }

    @Test func `a long line is cut in the sentence about it`() {
        let problem = CommandProblem(line: "#" + String(repeating: "x", count: 5000), fault: .tooLong(1000))
        #expect(problem.sentence(in: .english).count < 200)
    }
}
