import Desk
import MailTypes
import Testing

/// A mail as a test describes it.
private struct SampleMail: RuleMail {
    var headers: [String: [String]] = [:]
    var from = "Jan@Customer.Example"
    var to = ["help@desk.example"]
    var envelopeFrom = "jan@customer.example"
    var title = "Zwrot pieniędzy, PILNE"
    var text = ["Please send my refund back."]
    var size = 2000
    var files: [(name: String, type: String)] = []
    var listID: String?
    var isAutomatic = false
    var arrival = LocalTime(date: .init(year: 2026, month: 11, day: 23), weekday: .monday, minute: 600)
    var open: Set<String> = []

    func header(_ name: String) -> [RuleText] { headers[name.lowercased(), default: []].map { RuleText($0) } }
    var author: [RuleText] { [RuleText(from)] }
    var addressees: [RuleText] { to.map { RuleText($0) } }
    var reversePath: RuleText { RuleText(envelopeFrom) }
    var recipients: [RuleText] { to.map { RuleText($0) } }
    var subject: RuleText { RuleText(title) }
    var body: [RuleText] { text.map { RuleText($0) } }
    var attachmentNames: [RuleText] { files.map { RuleText($0.name) } }
    var attachmentTypes: [RuleText] { files.map { RuleText($0.type) } }
    var hasAttachment: Bool { !files.isEmpty }
    var list: RuleText? { listID.map { RuleText($0) } }
    func verdict(of method: AuthenticationMethod) -> AuthenticationVerdict { .none }
    func isOpen(calendar: String) -> Bool { open.contains(calendar) }
}

/// Finds its expression as it stands; `!` gives up.
private struct PlainPatterns: PatternCompiler {
    struct Plain: CompiledPattern {
        var word: [UInt8]
        func search(_ text: UnsafeBufferPointer<UInt8>) -> PatternOutcome {
            if word == Array("!".utf8) { return .limitReached }
            return String(decoding: text, as: UTF8.self).contains(String(decoding: word, as: UTF8.self))
                ? .found : .notFound
        }
    }
    func compile(_ expression: String) throws(PatternFault) -> any CompiledPattern {
        if expression == "(" { throw PatternFault("missing", offset: 1) }
        return Plain(word: Array(expression.utf8))
    }
}

@Suite struct RuleProgramTests {
    private static func holds(_ condition: RuleCondition, _ mail: SampleMail, isKnown: Bool = false) -> Bool {
        let rule = RuleDefinition(name: "r", when: condition, then: [.spam])
        return !RuleProgram([rule], patterns: PlainPatterns())
            .judge(mail, pool: "Help", isKnownCustomer: isKnown, within: RuleBudget { false }).rules.isEmpty
    }

    static let conditions: [(condition: RuleCondition, holds: Bool)] = [
        (.all([]), true), (.any([]), false), (.not(.all([])), false),
        (.subject(.text("zwrot")), true), (.subject(.text("ZWROT PIENIĘDZY")), true), (.subject(.text("refund")), false),
        (.subject(.glob("zwrot*pilne")), true), (.subject(.glob("zwrot*")), true), (.subject(.glob("pilne*")), false),
        (.subject(.glob("*")), true), (.subject(.glob("zwrot")), false),
        (.subject(.regularExpression("PILNE")), true), (.subject(.regularExpression("(")), false),
        (.from(.text("jan@customer.example")), true), (.from(.text("customer.example")), false),
        (.from(.glob("*@customer.example")), true), (.to(.text("help@desk.example")), true),
        (.envelopeFrom(.text("")), false), (.envelopeTo(.glob("help@*")), true),
        (.body(.text("REFUND")), true), (.body(.text("invoice")), false),
        (.header(name: "X-Order", .text("4711")), false), (.header(name: "Auto-Submitted", .glob("*")), false),
        (.sizeOver(1999), true), (.sizeOver(2000), false), (.sizeUnder(2001), true), (.sizeUnder(2000), false),
        (.hasAttachment(false), true), (.attachmentName(.glob("*.exe")), false), (.isFromList(false), true),
        (.list(.text("news")), false), (.autoSubmitted(false), true), (.authentication(.dmarc, .fail), false),
        (.authentication(.dmarc, .none), true), (.pool("HELP"), true), (.pool("Complaints"), false),
        (.customerIsKnown(false), true), (.customerIsKnown(true), false),
        (.time(days: [.monday], hours: [TimeSpan(start: 600, end: 601)]), true),
        (.time(days: [], hours: [TimeSpan(start: 0, end: 600)]), false), (.time(days: [.sunday], hours: []), false),
        (.calendar("office", isOpen: false), true), (.calendar("office", isOpen: true), false),
        (.all([.subject(.text("zwrot")), .sizeOver(1)]), true), (.all([.subject(.text("zwrot")), .sizeUnder(1)]), false),
        (.any([.subject(.text("nothing")), .sizeOver(1)]), true),
        // What gives up does not match, and its opposite does not either.
        (.subject(.regularExpression("!")), false), (.not(.subject(.regularExpression("!"))), false),
    ]

    @Test(arguments: conditions) func `a condition holds or not`(condition: RuleCondition, holds: Bool) {
        #expect(Self.holds(condition, SampleMail()) == holds)
    }

    @Test func `headers, attachments, lists and calendars are looked at`() {
        var mail = SampleMail()
        mail.headers = ["auto-submitted": ["no", "auto-generated"]]
        mail.files = [("Faktura.PDF", "application/pdf")]
        mail.listID = "news.example"
        mail.open = ["office"]
        #expect(Self.holds(.header(name: "Auto-Submitted", .text("auto-")), mail))
        #expect(Self.holds(.attachmentName(.glob("*.pdf")), mail))
        #expect(Self.holds(.attachmentType(.glob("application/*")), mail))
        #expect(Self.holds(.list(.text("news")), mail))
        #expect(Self.holds(.calendar("office", isOpen: true), mail))
        #expect(Self.holds(.customerIsKnown(true), mail, isKnown: true))
    }

    @Test func `rules are asked in order until one says stop, and later actions win`() {
        let rules = [
            RuleDefinition(name: "a", when: .all([]), then: [.tag("x"), .agent("eve"), .priority(.low)]),
            RuleDefinition(name: "b", when: .subject(.text("nothing")), then: [.spam], stop: true),
            RuleDefinition(name: "c", when: .all([]), then: [.tag("x"), .tag("y"), .group("g"), .reject("No")], stop: true),
            RuleDefinition(name: "d", when: .all([]), then: [.spam]),
        ]
        let verdict = RuleProgram(rules, patterns: PlainPatterns())
            .judge(SampleMail(), pool: "Help", isKnownCustomer: false, within: RuleBudget { false })
        #expect(verdict.rules == ["a", "c"])
        #expect(verdict.tags == ["x", "y"])
        #expect(verdict.assignment == .group("g"))
        #expect(verdict.priority == .low)
        #expect(verdict.status == nil)
        #expect(verdict.rejection == "No")
    }

    @Test func `a rule whose expression gave up is named`() {
        let rule = RuleDefinition(name: "slow", when: .subject(.regularExpression("!")), then: [.spam])
        let verdict = RuleProgram([rule], patterns: PlainPatterns())
            .judge(SampleMail(), pool: "Help", isKnownCustomer: false, within: RuleBudget { false })
        #expect(verdict.exhausted == ["slow"])
        #expect(verdict.rules.isEmpty)
    }

    @Test func `once the budget is used up nothing holds any more, and no rule is asked`() {
        let rules = (0..<500).map { number in
            RuleDefinition(name: "r\(number)", when: .not(.subject(.text("nothing"))), then: [.tag("t\(number)")])
        }
        var looks = 0
        let budget = RuleBudget {
            looks += 1
            return looks == 3
        }
        let verdict = RuleProgram(rules, patterns: PlainPatterns())
            .judge(SampleMail(), pool: "Help", isKnownCustomer: false, within: budget)
        // Looked at with every sixteenth search; the rule that was being asked does not hold, negated or not.
        #expect(verdict.exhausted == ["r47"])
        #expect(verdict.rules == (0..<47).map { "r\($0)" } && verdict.tags.count == 47)
        #expect(budget.isUsedUp && looks == 3)
        let next = RuleProgram(rules, patterns: PlainPatterns())
            .judge(SampleMail(), pool: "Other", isKnownCustomer: false, within: budget)
        #expect(next == RuleVerdict())
    }

    @Test func `only a program that asks for the customer says so`() {
        func asks(_ condition: RuleCondition) -> Bool {
            RuleProgram([RuleDefinition(name: "r", when: condition, then: [.spam])], patterns: PlainPatterns())
                .asksForCustomer
        }
        #expect(asks(.any([.not(.customerIsKnown(true)), .sizeOver(1)])))
        #expect(!asks(.any([.not(.hasAttachment(true)), .sizeOver(1)])))
    }

    @Test(arguments: [
        ("refund", "refund"), ("Pilne sprawy", "pilne=20sprawy"), ("a=b", "a=3db"), ("żółw", "=c5=bc=c3=b3=c5=82w"),
        ("(x)", "=28x=29"), ("\\Seen", "=5cseen"),
    ]) func `a tag is written as Thunderbird writes it`(tag: String, keyword: String) {
        #expect(TagKeyword.keyword(of: tag) == keyword)
    }
}
