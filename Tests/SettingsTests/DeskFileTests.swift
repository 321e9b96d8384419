import Desk
import MailTypes
import Testing

@testable import Settings

@Suite struct DeskFileTests {
    @Test func `the example is accepted and means what it says`() throws {
        let (parsed, problems) = DeskFile.parse(Examples.desk, fileName: "desk.yaml")
        #expect(problems.map(\.description) == [])
        let desk = try #require(parsed)
        #expect(desk.domain.ascii == "acme.example")
        #expect(desk.postmaster == "Help")
        #expect(desk.language == .english)
        #expect(desk.timeZone == "Europe/Warsaw")
        #expect(desk.stamp == "[{prefix}#{number}]")
        #expect(desk.undo == .seconds(30))
        #expect(desk.reopenWithin == .seconds(365 * 86400))
        #expect(desk.closeAfter == .seconds(30 * 86400))
        #expect(desk.purgeSpamAfter == .seconds(30 * 86400))
        let weekdays: [Weekday] = [.monday, .tuesday, .wednesday, .thursday, .friday]
        let office = CalendarDefinition(
            name: "office", weekly: [WeeklyHours(days: weekdays, hours: [TimeSpan(start: 480, end: 960)])],
            holidays: [CalendarDate(year: 2026, month: 12, day: 25), CalendarDate(year: 2026, month: 12, day: 26)])
        #expect(desk.calendars == [office])
        #expect(office.hours(on: .friday) == [TimeSpan(start: 480, end: 960)])
        #expect(office.hours(on: .sunday) == [])
        let people: [AgentDefinition] = [
            AgentDefinition(login: "agent1@acme.example", name: "Agent One", initialPassword: "correct horse 1"),
            AgentDefinition(
                login: "agent2@acme.example", name: "Agent Two", language: .polish, initialPassword: "correct horse 2"),
            AgentDefinition(
                login: "trainee1@acme.example", name: "Trainee One", role: .trainee, initialPassword: "correct horse 3"),
            AgentDefinition(
                login: "supervisor1@acme.example", name: "Supervisor", role: .supervisor, rights: [.delete],
                initialPassword: "correct horse 4"),
        ]
        #expect(desk.agents == people)
        #expect(
            desk.groups == [GroupDefinition(name: "returns", members: ["agent1@acme.example", "agent2@acme.example"])])
        #expect(desk.folders == ["Systems", "Newsletters"])
        #expect(desk.templates.map(\.name) == ["received", "refund-approved", "consultation-reminder"])
        #expect(desk.templates[0].subject == "We have your message")
        #expect(
            desk.templates[0].text
                == "Thank you. Your case has the number ${case.number}. We answer within ${pool.firstAnswerWithin}.\n")
        #expect(desk.templates[1].subject == nil)
    }

    @Test func `the example's pools, departments and rules mean what they say`() throws {
        let desk = try #require(DeskFile.parse(Examples.desk, fileName: "desk.yaml").desk)
        func address(_ text: String) throws -> EmailAddress { try #require(EmailAddress(text)) }
        let help = PoolDefinition(
            name: "Help",
            addresses: [
                PoolAddress(address: try address("help@acme.example")),
                PoolAddress(address: try address("info@acme.example"), autoReply: .silent),
            ],
            senderName: "ACME Help",
            members: [
                PoolMember(login: "agent1@acme.example", priority: 1),
                PoolMember(login: "agent2@acme.example", priority: 2),
                PoolMember(login: "trainee1@acme.example", priority: 1),
            ],
            supervisors: ["supervisor1@acme.example"], calendar: "office", firstAnswerWithin: .hours(4),
            solveWithin: .days(2), autoReply: .template("received"))
        let complaints = PoolDefinition(
            name: "Complaints", prefix: "REK",
            addresses: [PoolAddress(address: try address("complaints@acme.example"))],
            members: [PoolMember(login: "agent2@acme.example", priority: 1)], supervisors: ["supervisor1@acme.example"],
            takeNextOnly: true)
        #expect(desk.pools == [help, complaints])
        #expect(
            desk.departments == [
                DepartmentDefinition(
                    name: "Legal", addresses: [try address("legal@dept.example")], answerWithin: .days(2),
                    remind: "consultation-reminder")
            ])
        #expect(
            desk.rules == [
                RuleDefinition(
                    name: "machines",
                    when: .any([
                        .header(name: "Auto-Submitted", .regularExpression("^auto-")),
                        .from(.glob("*@monitoring.example")),
                    ]),
                    then: [.folder("Systems"), .tag("machine"), .autoReply(.silent)], stop: true),
                RuleDefinition(
                    name: "refunds", when: .subject(.text("refund")),
                    then: [.group("returns"), .priority(.high), .tag("refund")]),
            ])
    }

    @Test func `every kind of condition and action is understood`() throws {
        let rules = """
            rules:
              - name: everything
                then: { stop: true }
                when:
                  not: { all: [ { subject: [ a, "*b" ] }, { pool: help } ] }
                  to: "x@y.example"
                  envelopeFrom: "*@y.example"
                  envelopeTo: help@acme.example
                  body: /refund(ed)?/
                  size: { over: 5MB, under: 6MiB }
                  attachment: { name: "*.exe", type: application/* }
                  list: true
                  autoSubmitted: false
                  authentication: { dmarc: fail, spf: none }
                  customer: unknown
                  time: { days: "sat,sun", hours: [ "00:00-08:00", "22:00-24:00" ] }
                  calendar: { OFFICE: closed }
              - name: all mail
                then: [ { tag: a }, { tag: b }, { folder: systems } ]
              - name: actions
                when: { list: "*@lists.example", attachment: true }
                then:
                  pool: complaints
                  agent: AGENT1@acme.example
                  category: Refunds
                  status: closed
                  customer: { firm: ACME }
                  autoReply: received
                  forward: a@b.example
                  copy: [ c@d.example, e@f.example ]
                  reject: "We do not take this."
                  spam: true
            """
        let text = Self.replacingRules(with: rules)
        let (parsed, problems) = DeskFile.parse(text, fileName: "desk.yaml")
        #expect(problems.map(\.description) == [])
        let desk = try #require(parsed)
        #expect(
            desk.rules[0].when
                == .all([
                    .not(.all([.any([.subject(.text("a")), .subject(.glob("*b"))]), .pool("Help")])),
                    .to(.text("x@y.example")), .envelopeFrom(.glob("*@y.example")),
                    .envelopeTo(.text("help@acme.example")), .body(.regularExpression("refund(ed)?")),
                    .sizeOver(5_000_000), .sizeUnder(6_291_456), .attachmentName(.glob("*.exe")),
                    .attachmentType(.glob("application/*")), .isFromList(true), .autoSubmitted(false),
                    .authentication(.spf, .none), .authentication(.dmarc, .fail), .customerIsKnown(false),
                    .time(
                        days: [.saturday, .sunday],
                        hours: [TimeSpan(start: 0, end: 480), TimeSpan(start: 1320, end: 1440)]),
                    .calendar("office", isOpen: false),
                ]))
        #expect(desk.rules[0].stop)
        #expect(desk.rules[1] == RuleDefinition(name: "all mail", then: [.tag("a"), .tag("b"), .folder("Systems")]))
        #expect(desk.rules[2].when == .all([.list(.glob("*@lists.example")), .hasAttachment(true)]))
        let addresses = ["a@b.example", "c@d.example", "e@f.example"].compactMap { EmailAddress($0) }
        #expect(
            desk.rules[2].then == [
                .pool("Complaints"), .agent("agent1@acme.example"), .category("Refunds"), .status(.closed),
                .customerField(name: "firm", value: "ACME"), .autoReply(.template("received")),
                .forward([addresses[0]]),
                .copy([addresses[1], addresses[2]]), .reject("We do not take this."), .spam,
            ])
        #expect(DeskFile.parse(DeskFile.write(desk), fileName: "export").desk == Self.withoutPasswords(desk))
    }

    static let fields: [(text: String, problem: String?)] = [
        ("Case ${case.number}", nil), ("$${HOME}", nil),
        ("Case ${case.nunber}", "there is no field ${case.nunber}; did you mean \"${case.number}\"?"),
        ("Case ${case.number", "there is no field ${case.number}; did you mean \"${case.number}\"?"),
        ("${HOME}", "there is no field ${HOME}; a ${ that is no field is written $${"),
    ]

    @Test(arguments: fields) func `a template with an unknown field is not applied, and read where it was stored`(
        text: String, problem: String?
    ) throws {
        for key in ["subject: \"We have your message\"", "subject: \"Reminder: your answer is due\""] {
            let desk = Examples.desk.replacingFirst(key, with: "subject: \"\(text)\"")
            let problems = DeskFile.parse(desk, fileName: "desk.yaml").problems
            #expect(problems.map { $0.reason + ($0.remedy.map { "; \($0)" } ?? "") } == (problem.map { [$0] } ?? []))
            #expect(DeskFile.parse(desk, fileName: "stored desk", isStored: true).problems == [])
        }
    }

    @Test func `references take the spelling of what they name`() throws {
        let text = Examples.desk.replacingFirst("postmaster: Help", with: "postmaster: HELP")
            .replacingFirst("returns: [ agent1@", with: "returns: [ Agent1@")
        let desk = try #require(DeskFile.parse(text, fileName: "desk.yaml").desk)
        #expect(desk.postmaster == "Help")
        #expect(desk.groups[0].members[0] == "agent1@acme.example")
    }

    @Test func `a demonstration desk is accepted in any domain`() throws {
        for name in ["acme.example", "żółw.example"] {
            let domain = try #require(DomainName(name))
            let (desk, problems) = DeskFile.parse(Fresh.demoDesk(domain: domain), fileName: "desk.yaml")
            #expect(problems.map(\.description) == [])
            let accounts = Fresh.demoAccounts(domain: domain)
            #expect(desk?.agents.map(\.login) == accounts.map(\.login))
            #expect(desk?.agents.map(\.initialPassword) == accounts.map(\.password))
        }
    }

    @Test func `a description of an agent holds no password`() throws {
        let agent = AgentDefinition(login: "a@b.example", name: "A", initialPassword: "hunter2")
        var dumped = ""
        dump(agent, to: &dumped)
        for text in ["\(agent)", String(reflecting: agent), dumped] { #expect(!text.contains("hunter2")) }
    }

    static func replacingRules(with rules: String) -> String {
        let lines = Examples.desk.split(separator: "\n", omittingEmptySubsequences: false)
        let start = lines.firstIndex { $0.hasPrefix("rules:") } ?? lines.endIndex
        let end = lines.firstIndex { $0.hasPrefix("templates:") } ?? lines.endIndex
        return (lines[..<start] + [Substring(rules)] + lines[end...]).joined(separator: "\n")
    }

    static func withoutPasswords(_ desk: DeskDefinition) -> DeskDefinition {
        var desk = desk
        for index in desk.agents.indices { desk.agents[index].initialPassword = nil }
        return desk
    }
}
