@testable import Desk
import MailTypes
import Testing

@Suite struct RuleIndexTests {
    @Test(arguments: [
        (["a", "aa", "aaa"], "xaay", [0, 1]), (["he", "she", "hers", "his"], "ushers", [0, 1, 2]),
        (["abc", "bcd", "c"], "abd", []), (["żółw", "ółw"], "zielony żółw", [0, 1]), (["same", "same"], "the same", [0, 1]),
        ([], "anything", []), (["x"], "", []),
    ]) func `every needle in a text is found, also inside and across others`(
        needles: [String], text: String, found: [Int]
    ) {
        let automaton = NeedleAutomaton(needles.enumerated().map { (Array($1.utf8), $0) })
        var told: Set<Int> = []
        automaton.search(Array(text.utf8)) { told.insert($0) }
        #expect(told.sorted() == found)
        #expect(automaton.rejected.isEmpty)
    }

    @Test func `needles are found as one by one, whatever the letters`() {
        var random = SystemRandomNumberGenerator()
        func word(_ count: ClosedRange<Int>) -> [UInt8] {
            (0..<Int.random(in: count, using: &random)).map { _ in UInt8.random(in: 97...99, using: &random) }
        }
        for _ in 0..<300 {
            let needles = (0..<20).map { _ in word(1...5) }
            let text = word(0...30)
            var told: Set<Int> = []
            NeedleAutomaton(needles.enumerated().map { ($1, $0) }).search(text) { told.insert($0) }
            let wanted = needles.indices.filter { index in
                let needle = needles[index]
                return text.count >= needle.count
                    && (0...(text.count - needle.count)).contains { text[$0...].starts(with: needle) }
            }
            #expect(told.sorted() == wanted, "\(needles) in \(text)")
        }
    }

    @Test func `what there is no room for is said, and the rest is found`() {
        func needle(_ number: Int) -> [UInt8] {
            (0..<5_000).map { (place: Int) -> UInt8 in UInt8(truncatingIfNeeded: 65 + (place * (7 + number)) % 57) }
        }
        let long = (0..<64).map(needle)
        let automaton = NeedleAutomaton([(Array("short".utf8), 0)] + long.enumerated().map { ($1, $0 + 1) })
        #expect(!automaton.rejected.isEmpty && !automaton.rejected.contains(0))
        var told: Set<Int> = []
        for text in long + [Array("a short one".utf8)] { automaton.search(text) { told.insert($0) } }
        #expect(told.union(automaton.rejected) == Set(0...64))
    }

    /// What of a mail is asked for.
    private final class Asked { var sources: [String] = [] }

    private struct Mail: RuleMail {
        var asked = Asked()
        var from: [String] = []
        var title = ""
        var text: [String] = []
        var fields: [String] = []
        func header(_ name: String) -> [RuleText] { fields.map { RuleText($0) } }
        var author: [RuleText] { from.map { RuleText($0) } }
        var addressees: [RuleText] { [] }
        var reversePath: RuleText { RuleText("") }
        var recipients: [RuleText] { [] }
        var subject: RuleText { RuleText(title) }
        var body: [RuleText] {
            asked.sources.append("body")
            return text.map { RuleText($0) }
        }
        var size: Int { 100 }
        var attachmentNames: [RuleText] { [] }
        var attachmentTypes: [RuleText] { [] }
        var hasAttachment: Bool { false }
        var list: RuleText? { nil }
        var isAutomatic: Bool { false }
        func verdict(of method: AuthenticationMethod) -> AuthenticationVerdict { .none }
        var arrival: LocalTime { LocalTime(date: .init(year: 2026, month: 11, day: 23), weekday: .monday, minute: 600) }
        func isOpen(calendar: String) -> Bool { true }
    }

    private struct Words: PatternCompiler {
        struct Word: CompiledPattern {
            var word: String
            func search(_ text: UnsafeBufferPointer<UInt8>) -> PatternOutcome {
                String(decoding: text, as: UTF8.self).contains(word) ? .found : .notFound
            }
        }
        func compile(_ expression: String) throws(PatternFault) -> any CompiledPattern { Word(word: expression) }
    }

    private static func condition(_ depth: Int) -> RuleCondition {
        let word = ["a", "b", "ab", "ba", "", "abc"].randomElement() ?? ""
        let pattern: TextPattern = [
            .text(word), .glob(word), .glob("*\(word)"), .glob("\(word)*b*"), .glob("*"), .regularExpression(word),
        ].randomElement() ?? .text(word)
        let parts = { (0..<Int.random(in: 0...3)).map { _ in condition(depth - 1) } }
        return switch Int.random(in: 0..<(depth > 0 ? 9 : 6)) {
        case 0: .from(pattern)
        case 1: .subject(pattern)
        case 2: .body(pattern)
        case 3: .header(name: "X-Field", pattern)
        case 4: .envelopeFrom(pattern)
        case 5: .sizeOver(Bool.random() ? 50 : 150)
        case 6: .all(parts())
        case 7: .any(parts())
        default: .not(condition(depth - 1))
        }
    }

    @Test func `the index passes over no rule that would hold`() {
        func texts() -> [String] {
            (0..<Int.random(in: 0...2)).map { _ in ["", "a", "ab", "cab", "abab", "x"].randomElement() ?? "" }
        }
        for _ in 0..<400 {
            let conditions = (0..<12).map { _ in Self.condition(3) }
            let mail = Mail(from: texts(), title: texts().first ?? "", text: texts(), fields: texts())
            // Of what is denied twice no clue is known, so that it is asked in any case.
            let verdicts = [conditions, conditions.map { .not(.not($0)) }].map { conditions in
                RuleProgram(
                    conditions.enumerated().map { RuleDefinition(name: "\($0)", when: $1, then: [.spam]) }, patterns: Words())
                    .judge(mail, pool: "Help", isKnownCustomer: false, within: RuleBudget { false }).rules
            }
            #expect(verdicts[0] == verdicts[1], "\(conditions) for \(mail)")
        }
    }

    @Test func `a body is not decoded for rules whose sender or subject is another`() {
        let rules: [RuleCondition] = [
            .all([.body(.text("word")), .from(.text("eve@customer.example"))]),
            .all([.body(.regularExpression("word")), .subject(.text("invoice"))]),
        ]
        let program = RuleProgram(rules.map { RuleDefinition(name: "r", when: $0, then: [.spam]) }, patterns: Words())
        let mail = Mail(from: ["jan@customer.example"], title: "Order", text: ["word"])
        #expect(program.judge(mail, pool: "Help", isKnownCustomer: false, within: RuleBudget { false }).rules.isEmpty)
        #expect(mail.asked.sources.isEmpty)
    }
}
