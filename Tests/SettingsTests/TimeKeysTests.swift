import Desk
import MailTypes
import Testing

@testable import Settings

@Suite struct TimeKeysTests {
    private static func reading(_ top: String, pool: String = "") -> (desk: DeskDefinition?, problems: [String]) {
        let text = Examples.desk.replacingFirst("closeAfter: 30d", with: "closeAfter: 30d\n\(top)")
            .replacingFirst("    solveWithin: 2d", with: "    solveWithin: 2d\n    \(pool)")
        let (desk, problems) = DeskFile.parse(text, fileName: "d")
        return (desk, problems.map { "\($0.key): \($0.reason)" })
    }

    @Test func `deadlines of priorities, idle times and caps mean what they say`() throws {
        let (parsed, problems) = Self.reading(
            """
            priorities:
              urgent: { firstAnswerWithin: 1h, solveWithin: 4h }
              low: { solveWithin: 9d }
            autoReplyLimits: { sender: { tenMinutes: 1 }, all: { day: 500 } }
            """, pool: "priorities: { high: { firstAnswerWithin: 30m } }\n    closeAfter: 14d")
        #expect(problems == [])
        let desk = try #require(parsed)
        #expect(desk.priorities[.urgent] == ActionTimes(firstAnswerWithin: .hours(1), solveWithin: .hours(4)))
        #expect(desk.priorities[.low] == ActionTimes(solveWithin: .days(9)))
        #expect(desk.priorities.count == 2)
        #expect(desk.autoReplyLimits.perSender == .init(tenMinutes: 1, day: 10))
        #expect(desk.autoReplyLimits.perPool == .init(tenMinutes: 100, day: 2000))
        #expect(desk.autoReplyLimits.inAll == .init(tenMinutes: 300, day: 500))
        #expect(desk.pools[0].priorities == [.high: ActionTimes(firstAnswerWithin: .minutes(30))])
        #expect(desk.pools[0].closeAfter == .seconds(14 * 86400))
        #expect(desk.pools[1].closeAfter == nil)
    }

    static let mistakes: [(top: String, pool: String, problem: String)] = [
        ("priorities: { urgnt: { solveWithin: 4h } }", "", "priorities.urgnt: unknown key"),
        ("priorities: { urgent: { solveIn: 4h } }", "", "priorities.urgent.solveIn: unknown key"),
        ("priorities: { urgent: {} }", "", "priorities.urgent: holds no time"),
        ("priorities: { urgent: { solveWithin: 4 } }", "", "priorities.urgent.solveWithin: \"4\" is no working time"),
        ("autoReplyLimits: { senders: { day: 1 } }", "", "autoReplyLimits.senders: unknown key"),
        (
            "autoReplyLimits: { sender: { day: -1 } }", "",
            "autoReplyLimits.sender.day: \"-1\" is no whole number from 0 to 1000000"
        ),
        ("autoReplyLimits: { sender: { hour: 1 } }", "", "autoReplyLimits.sender.hour: unknown key"),
        ("", "closeAfter: 1s", "pools[0].closeAfter: \"1s\" is out of range"),
        ("", "priorities: [ urgent ]", "pools[0].priorities: is a list"),
    ]

    @Test(arguments: mistakes) func `a mistake in them is told`(top: String, pool: String, problem: String) {
        let problems = Self.reading(top, pool: pool).problems
        #expect(problems.contains { $0.hasPrefix(problem) }, "\(problems)")
    }
}
