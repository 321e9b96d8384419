import Desk
import Testing

@testable import Settings

/// The keys of an account that concern its mail client: `imapWithout`, `quota`, `quotaMessages`.
@Suite struct AccountKeysTests {
    static let capabilities = ["IDLE", "MOVE", "CONDSTORE", "QRESYNC", "ESEARCH"]

    private static func parse(agent keys: String, top: String = "") -> (desk: DeskDefinition?, problems: [Problem]) {
        let text = top
            + Examples.desk.replacingFirst(
                "name: Agent One,   role: agent,", with: "name: Agent One,   role: agent, \(keys)")
        #expect(text != Examples.desk)
        return DeskFile.parse(text, fileName: "d", capabilities: capabilities)
    }

    static let lists: [(written: String, read: [String])] = [
        ("imapWithout: [QRESYNC, MOVE],", ["QRESYNC", "MOVE"]), ("imapWithout: idle,", ["IDLE"]),
        ("imapWithout: [ move, MOVE ],", ["MOVE"]), ("imapWithout: [],", []), ("", []),
    ]

    @Test(arguments: lists) func `an account can be without capabilities`(written: String, read: [String]) throws {
        let (parsed, problems) = Self.parse(agent: written)
        #expect(problems.map(\.description) == [])
        let desk = try #require(parsed)
        #expect(desk.agents[0].imapWithout == read)
        #expect(desk.agents[1].imapWithout == [])
        #expect(DeskFile.parse(DeskFile.write(desk), fileName: "export").desk?.agents[0].imapWithout == read)
    }

    @Test func `a capability that nobody can be without is named with its line and its neighbour`() {
        #expect(
            Self.parse(agent: "imapWithout: [MOVE, QRESYNK, LITERAL+],").problems.map(\.description) == [
                "d:17: agents[0].imapWithout[1]: \"QRESYNK\" is no capability that an account can be without;"
                    + " did you mean \"QRESYNC\"?",
                "d:17: agents[0].imapWithout[2]: \"LITERAL+\" is no capability that an account can be without;"
                    + " possible are: IDLE, MOVE, CONDSTORE, QRESYNC, ESEARCH",
            ])
    }

    @Test func `an account says when it is away, and where it lives`() throws {
        let (parsed, problems) = Self.parse(
            agent: "timeZone: Asia/Tokyo, absences: [ { from: 2026-12-01, to: 2026-12-10, substitute: agent2@acme.example },"
                + " { from: 2027-01-04 } ],")
        #expect(problems.map(\.description) == [])
        let agent = try #require(parsed).agents[0]
        let first = CalendarDate(year: 2027, month: 1, day: 4)
        #expect(agent.timeZone == "Asia/Tokyo")
        #expect(
            agent.absences == [
                AbsenceDefinition(
                    first: CalendarDate(year: 2026, month: 12, day: 1), last: CalendarDate(year: 2026, month: 12, day: 10),
                    substitute: "agent2@acme.example"),
                AbsenceDefinition(first: first, last: first),
            ])
        let again = try #require(parsed.flatMap { DeskFile.parse(DeskFile.write($0), fileName: "export").desk })
        #expect(again.agents[0].absences == agent.absences && again.agents[0].timeZone == agent.timeZone)
    }

    static let absences: [(written: String, problem: String)] = [
        ("{ from: 2026-02-30 }", "is no day"), ("{ from: 2026-12-02, to: 2026-12-01 }", "is before the first day"),
        ("{ from: 2026-12-01, substitute: agent1@acme.example }", "is who is away"),
        ("{ from: 2026-12-01, substitute: agent9@acme.example }", "no agent is named"), ("{ to: 2026-12-01 }", "from"),
    ]

    @Test(arguments: absences) func `an absence that makes no sense is named`(written: String, problem: String) {
        let problems = Self.parse(agent: "absences: \(written),").problems.map(\.description)
        #expect(problems.count == 1 && problems[0].contains(problem), "\(problems)")
    }

    @Test func `a stored desk may name what this server does not know`() throws {
        let text = Examples.desk.replacingFirst("role: agent,", with: "role: agent, imapWithout: [ TELEPATHY ],")
        #expect(try #require(DeskFile.parse(text, fileName: "stored").desk).agents[0].imapWithout == ["TELEPATHY"])
    }

    @Test func `an account has the quota of the house or its own`() throws {
        #expect(try #require(DeskFile.parse(Examples.desk, fileName: "d").desk).quota == 2_000_000_000)
        let (parsed, problems) = Self.parse(
            agent: "quota: 5MB, quotaMessages: 100,", top: "quota: 1GiB\nquotaMessages: 5000\n")
        #expect(problems.map(\.description) == [])
        let desk = try #require(parsed)
        #expect((desk.quota, desk.quotaMessages) == (1 << 30, 5000))
        #expect(desk.agents[0].quota == QuotaDefinition(storage: 5_000_000, messages: 100))
        #expect(desk.agents[1].quota == QuotaDefinition())
        let again = try #require(DeskFile.parse(DeskFile.write(desk), fileName: "export").desk)
        #expect(again.quota == desk.quota && again.quotaMessages == desk.quotaMessages)
        #expect(again.agents[0].quota == desk.agents[0].quota)
    }

    @Test(arguments: ["quota: 5KB,", "quota: much,", "quotaMessages: 1,", "quota: 2PB,", "quotaMessages: -5,"])
    func `a quota that nobody can mean is refused`(keys: String) {
        #expect(Self.parse(agent: keys).problems.count == 1)
    }
}
