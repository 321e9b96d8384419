import Desk
import MailTypes
import Testing

@testable import Settings

@Suite struct RoundTripTests {
    @Test func `an exported desk is the same desk, and its export the same text`() throws {
        let desk = try #require(DeskFile.parse(Examples.desk, fileName: "desk.yaml").desk)
        let text = DeskFile.write(desk)
        let (again, problems) = DeskFile.parse(text, fileName: "export")
        #expect(problems.map(\.description) == [])
        #expect(again == DeskFileTests.withoutPasswords(desk))
        #expect(again.map(DeskFile.write) == text)
    }

    @Test func `an export holds no secret`() throws {
        let desk = try #require(DeskFile.parse(Examples.desk, fileName: "desk.yaml").desk)
        let text = DeskFile.write(desk)
        #expect(!text.contains("horse"))
        #expect(!text.contains("initialPassword"))
    }

    static let texts = [
        "a", " a", "a ", "null", "~", "true", "No", "42", "1e3", "0x1F", "2026-12-25", "- a", "a: b", "a #b", "#a",
        "&a", "*a",
        "!a", "|", ">", "'a'", "\"a\"", "\\", "a\\nb", "{a}", "[a]", "a,b", "@a", "`a", "%a", "?", ":", "-", "...",
        "---",
        "Zażółć gęślą jaźń", "日本語", "😀", "a\u{A0}b", "a\u{200B}b", "e\u{301}", "=", "<<",
        String(repeating: "long words ", count: 90) + ".", "${case.number}", "\u{E000}x",
    ]
    static let blocks = [
        "one\n", "one\ntwo", "one\ntwo\n", "one\n\n", "\none", "  indented\nfirst\n", "a\n  b\n\n  c\n", "tab\there\n",
        "trailing \nspace",
        "# no comment\n---\n...\n", "a\n\u{FEFF}b\n", "\n", "", "ą\u{301}\nb\n", "a\n ", "key: value\n- item\n",
    ]

    @Test(arguments: texts) func `any text of one line comes back`(text: String) throws {
        var desk = try #require(DeskFile.parse(Examples.desk, fileName: "desk.yaml").desk)
        desk.agents[0].name = text
        desk.pools[0].senderName = text
        desk.templates[0].subject = text
        desk.rules[0].then.append(.category(text))
        desk.rules[0].then.append(.customerField(name: Field.isName(text) ? text : "firm", value: text))
        try expectSame(desk)
    }

    @Test(arguments: texts + blocks) func `any text of a template comes back`(text: String) throws {
        var desk = try #require(DeskFile.parse(Examples.desk, fileName: "desk.yaml").desk)
        desk.templates[1].text = text
        try expectSame(desk)
    }

    @Test func `every choice of a desk comes back`() throws {
        var desk = try #require(DeskFile.parse(Examples.desk, fileName: "desk.yaml").desk)
        desk.language = .polish
        desk.undo = .seconds(90)
        desk.closeAfter = .seconds(7200)
        desk.agents[0].active = false
        desk.agents[0].rights = [.delete, .folders]
        desk.agents[1].role = .admin
        desk.calendars[0].timeZone = "Europe/London"
        desk.calendars[0].weekly = [
            WeeklyHours(days: [.saturday, .sunday, .monday], hours: [TimeSpan(start: 0, end: 1440)]),
            WeeklyHours(days: [.tuesday, .thursday], hours: [TimeSpan(start: 1, end: 2), TimeSpan(start: 5, end: 7)]),
            WeeklyHours(days: [.wednesday], hours: []),
        ]
        desk.priorities = [
            .urgent: ActionTimes(firstAnswerWithin: .hours(1), solveWithin: .hours(4)),
            .low: ActionTimes(solveWithin: .days(9)),
        ]
        desk.autoReplyLimits.perSender = .init(tenMinutes: 0, day: 1)
        desk.pools[0].priorities = [.high: ActionTimes(firstAnswerWithin: .minutes(30))]
        desk.pools[1].closeAfter = .seconds(14 * 86400)
        desk.pools[1].autoReply = .silent
        desk.pools[1].autoReplyClosed = .template("received")
        desk.pools[1].addresses[0].autoReplyClosed = .template("refund-approved")
        desk.pools[1].mayTakeOver = true
        desk.pools[1].membersSee = .own
        desk.pools[1].deleteMeans = .done
        desk.pools[1].starMeansPriority = true
        desk.pools[1].receipts = true
        desk.pools[1].firstAnswerWithin = .minutes(60)
        desk.pools[1].members = []
        desk.departments[0].remindEvery = .hours(4)
        desk.departments[0].calendar = "office"
        desk.groups[0].members = []
        desk.rules = []
        desk.folders = []
        try expectSame(desk)
    }

    private func expectSame(_ desk: DeskDefinition) throws {
        let text = DeskFile.write(desk)
        let (again, problems) = DeskFile.parse(text, fileName: "export")
        #expect(problems.map(\.description) == [], "\(text)")
        #expect(again == DeskFileTests.withoutPasswords(desk), "\(text)")
    }
}
