import Desk
import Gateway
import MailTypes
import Storage
import Synchronization
import TestKit
import Testing

/// Rules for incoming mail, from the content to what the database holds.
@Suite struct RuleTests {
    private static func desk(_ rules: RuleDefinition...) -> DeskDefinition {
        var definition = DeskDefinition.example
        definition.rules = rules
        return definition
    }

    private static func status(_ desk: DeskFixture, _ ticket: Int64) async throws -> TicketStatus {
        try await desk.ticket(ticket).status
    }

    @Test func `a rule hands a new case to a group, tags it and says so in an event`() async throws {
        let rule = RuleDefinition(
            name: "refunds", when: .subject(.text("refund")), then: [.group("Tier 2"), .tag("Refund"), .tag("to do")])
        try await DeskFixture.run(Self.desk(rule)) { desk async throws -> Void in
            let ticket = try await desk.open(TestMail(subject: "My REFUND, please"))
            #expect(try await desk.place(ticket) == "group")
            #expect(try await desk.texts("SELECT keywords FROM message WHERE ticket_id = \(ticket)") == ["refund to=20do"])
            #expect(try await desk.texts("SELECT reason FROM event WHERE kind = 18") == ["refunds"])
            #expect(try await desk.place(try await desk.open(TestMail(subject: "Something else"))) == "new")
        }
    }

    @Test func `a rule gives a case to an agent, who must be there and read the pool`() async throws {
        let rules = [
            RuleDefinition(name: "a", when: .subject(.text("one")), then: [.agent("anna@acme.example")]),
            RuleDefinition(name: "b", when: .subject(.text("two")), then: [.agent("ada@acme.example"), .pool("Returns")]),
            RuleDefinition(name: "c", when: .subject(.text("three")), then: [.agent("anna@acme.example"), .pool("Returns")]),
        ]
        var definition = DeskDefinition.example
        definition.rules = rules
        try await DeskFixture.run(definition) { desk async throws -> Void in
            let first = try await desk.open(TestMail(subject: "one"))
            #expect(try await desk.place(first) == "inbox anna@acme.example")
            #expect(try await Self.status(desk, first) == .assigned)
            // The admin reads every pool.
            let second = try await desk.open(TestMail(subject: "two"))
            #expect(try await desk.place(second) == "inbox ada@acme.example")
            #expect(try await desk.ticket(second).pool == desk.pool("Returns"))
            // Anna is no member of Returns.
            let third = try await desk.open(TestMail(subject: "three"))
            #expect(try await desk.place(third) == "new")
            #expect(try await desk.ticket(third).pool == desk.pool("Returns"))
        }
    }

    @Test func `a rule sets the status`() async throws {
        let rules = [
            RuleDefinition(name: "a", when: .subject(.text("spam")), then: [.spam, .agent("anna@acme.example")]),
            RuleDefinition(
                name: "b", when: .subject(.text("done")), then: [.status(.done), .agent("anna@acme.example")]),
        ]
        var definition = DeskDefinition.example
        definition.rules = rules
        try await DeskFixture.run(definition) { desk async throws -> Void in
            let spam = try await desk.open(TestMail(subject: "spam"))
            #expect(try await desk.place(spam) == "spam")
            #expect(try await desk.ticket(spam).assignee == nil)
            #expect(try await desk.place(try await desk.open(TestMail(subject: "done"))) == "done anna@acme.example")
        }
    }

    @Test func `a mail that a rule refuses is not there, whatever its size`() async throws {
        let rule = RuleDefinition(name: "no", when: .from(.glob("*@spam.example")), then: [.reject("Not from you")])
        try await DeskFixture.run(Self.desk(rule)) { desk async throws -> Void in
            for size in [10, 200_000] {
                let body = String(repeating: String(repeating: "x", count: 70) + "\r\n", count: size / 72 + 1)
                let mail = TestMail(from: "Eve <eve@spam.example>", body: body)
                #expect(try await desk.receive(mail.octets, to: ["help@acme.example"]) == 550)
            }
            #expect(try await desk.number("SELECT count(*) FROM ticket") == 0)
            #expect(try await desk.number("SELECT count(*) FROM content") == 0)
        }
    }

    @Test func `what is known of the author is asked of the database`() async throws {
        let rule = RuleDefinition(name: "new here", when: .customerIsKnown(false), then: [.tag("first")])
        try await DeskFixture.run(Self.desk(rule)) { desk async throws -> Void in
            let first = try await desk.open(TestMail(id: "1@customer.example"))
            let second = try await desk.open(TestMail(subject: "Another", id: "2@customer.example"))
            let tags = try await desk.texts("SELECT coalesce(keywords, '') FROM message ORDER BY ticket_id")
            #expect(first != second)
            #expect(tags == ["first", ""])
        }
    }

    @Test func `a mail to two pools that a rule brings together is one case`() async throws {
        let rule = RuleDefinition(name: "all to Help", when: .pool("Returns"), then: [.pool("Help")])
        try await DeskFixture.run(Self.desk(rule)) { desk async throws -> Void in
            let recipients = ["help@acme.example", "returns@acme.example"]
            #expect(try await desk.receive(TestMail().octets, to: recipients) == 250)
            #expect(try await desk.number("SELECT count(*) FROM ticket") == 1)
        }
    }

    @Test func `a case that is under way is tagged and stays where it is`() async throws {
        let rule = RuleDefinition(
            name: "angry", when: .body(.regularExpression("lawyer|complain")), then: [.tag("angry"), .group("Tier 2")])
        try await DeskFixture.run(Self.desk(rule)) { desk async throws -> Void in
            let ticket = try await desk.open(TestMail(id: "1@customer.example"))
            try await desk.decide(.take, ticket, as: "anna@acme.example")
            let answer = TestMail(
                subject: "Re: Where is my parcel?", id: "2@customer.example", inReplyTo: "1@customer.example",
                body: "I shall ask my Lawyer.\r\n")
            #expect(try await desk.receive(answer.octets, to: ["help@acme.example"]) == 250)
            #expect(try await desk.place(ticket) == "inbox anna@acme.example")
            let tags = try await desk.texts("SELECT keywords FROM message WHERE ticket_id = \(ticket)")
            #expect(tags == ["angry", "angry"])
        }
    }

    @Test func `a rule writes down what it knows of the customer, when a case is opened`() async throws {
        let rule = RuleDefinition(
            name: "partner", when: .from(.glob("*@customer.example")),
            then: [.customerField(name: "Firm", value: "Customer Ltd"), .customerField(name: "contract", value: "gold")])
        try await DeskFixture.run(Self.desk(rule)) { desk async throws -> Void in
            for mail in [TestMail(id: "1@customer.example"), TestMail.stranger(id: "2@elsewhere.example")] {
                _ = try await desk.open(mail)
            }
            let firms = try await desk.texts("SELECT coalesce(firm, '-') FROM customer ORDER BY id")
            #expect(firms == ["Customer Ltd", "-"])
            let customer = try #require(try await desk.ticket(1).customer)
            let fields = try await desk.store.read { (transaction: Transaction) in try transaction.fields(of: customer) }
            #expect(fields == ["contract": "gold"])
        }
    }

    // MARK: - Folders, priorities, mail sent on

    private static let machines = RuleDefinition(
        name: "machines", when: .from(.glob("*@monitoring.example")),
        then: [.folder("Systems"), .priority(.low), .category("alarm")])

    private static func withFolder(_ rules: RuleDefinition...) -> DeskDefinition {
        var definition = DeskDefinition.example
        (definition.rules, definition.folders) = (rules, ["Systems"])
        return definition
    }

    @Test func `a rule files into a folder with priority and category, and only a person fetches it out`() async throws {
        try await DeskFixture.run(Self.withFolder(Self.machines)) { desk async throws -> Void in
            let alarm = TestMail(
                author: "disk@monitoring.example", from: "disk@monitoring.example", subject: "Disk", id: "1@monitoring.example")
            let ticket = try await desk.open(alarm)
            #expect(try await desk.place(ticket) == "folder")
            #expect(try await desk.ticket(ticket).priority == .low)
            #expect(try await desk.ticket(ticket).category == "alarm")
            let events = try await desk.events(ticket)
            for kind in [EventKind.filed, .priorityChanged, .categoryChanged] { #expect(events.contains(kind)) }
            // The machine goes on, an autoresponder answers: it stays. Somebody who takes part writes: it comes out.
            let more = TestMail(
                author: "disk@monitoring.example", from: "disk@monitoring.example",
                cc: "op@customer.example", subject: "Re: Disk", id: "2@monitoring.example", inReplyTo: "1@monitoring.example", body: "2\r\n")
            try await desk.receive(more.octets, from: "disk@monitoring.example", to: ["help@acme.example"])
            #expect(try await desk.place(ticket) == "folder")
            let robot = TestMail(
                from: "op@customer.example", subject: "Re: Disk", inReplyTo: "1@monitoring.example",
                extra: ["Auto-Submitted: auto-replied"], body: "away\r\n")
            try await desk.receive(robot.octets, from: "op@customer.example", to: ["help@acme.example"])
            #expect(try await desk.place(ticket) == "folder")
            let person = TestMail(
                from: "op@customer.example", subject: "Re: Disk", inReplyTo: "2@monitoring.example", body: "Please look\r\n")
            try await desk.receive(person.octets, from: "op@customer.example", to: ["help@acme.example"])
            #expect(try await desk.place(ticket) == "new")
            #expect(try await desk.messages(ticket).count == 4)
        }
    }

    private static let sending = RuleDefinition(
        name: "send on", when: .subject(.text("invoice")),
        then: [
            .forward([emailAddress("books@elsewhere.example")]),
            .copy([emailAddress("archive@elsewhere.example"), emailAddress("returns@acme.example")]),
        ])

    @Test func `a rule forwards as the desk and copies untouched, both with signed reverse-paths`() async throws {
        try await DeskFixture.run(Self.desk(Self.sending)) { desk async throws -> Void in
            let ticket = try await desk.open(
                TestMail(subject: "Invoice", id: "1@customer.example", extra: ["Content-Type: text/plain; charset=utf-8"]))
            let outbox = try await desk.outbox()
            #expect(outbox.map(\.recipients) == [["books@elsewhere.example"], ["archive@elsewhere.example"]])
            let (forward, copy) = (outbox[0], outbox[1])
            #expect(forward.header.field("From") == "Acme Help <help@acme.example>")
            #expect(forward.header.field("Subject") == "Fwd: [#\(ticket)] Invoice")
            #expect(forward.header.field("Reply-To")?.contains("help+\(ticket).") == true)
            #expect(forward.header.field("Content-Type") == "text/plain; charset=utf-8")
            #expect(!forward.header.contains("jan@customer.example"))
            #expect(copy.header.field("From") == "Jan Kowalski <jan@customer.example>")
            #expect(copy.header.field("Subject") == "Invoice")
            #expect(copy.header.hasPrefix("Received:"))
            for mail in outbox { #expect(mail.reversePath?.hasPrefix("help+\(ticket).") == true) }
            #expect(try await desk.events(ticket).filter { $0 == .forwarded }.count == 2)
            #expect(try await desk.place(ticket) == "new")
        }
    }

    @Test func `what was sent on from here, bounces and automatic replies are not sent on`() async throws {
        try await DeskFixture.run(Self.desk(Self.sending)) { desk async throws -> Void in
            for (index, extra) in ["X-Loop: help@acme.example", "Auto-Submitted: auto-replied"].enumerated() {
                _ = try await desk.open(TestMail(subject: "Invoice", extra: [extra], body: "\(index)\r\n"))
            }
            let bounce = TestMail(subject: "Invoice", body: "bounce\r\n")
            try await desk.receive(bounce.octets, from: nil, to: ["help@acme.example"])
            #expect(try await desk.outbox().isEmpty)
            #expect(try await desk.number("SELECT count(*) FROM ticket") == 3)
        }
    }

    @Test func `one sender's mail is sent on twenty times in ten minutes, the rest is said in events`() async throws {
        try await DeskFixture.run(Self.desk(Self.sending)) { desk async throws -> Void in
            for index in 0..<12 { _ = try await desk.open(TestMail(subject: "Invoice", body: "\(index)\r\n")) }
            #expect(try await desk.outbox().count == 20)
            #expect(
                try await desk.number("SELECT count(*) FROM event WHERE kind = \(EventKind.forwarded) AND to_value IS NULL")
                    == 4)
            _ = try await desk.open(
                TestMail(author: "eve@elsewhere.example", from: "eve@elsewhere.example", subject: "Invoice", body: "e\r\n"))
            #expect(try await desk.outbox().count == 22)
            desk.clock.advance(by: .seconds(601))
            _ = try await desk.open(TestMail(subject: "Invoice", body: "later\r\n"))
            #expect(try await desk.outbox().count == 24)
        }
    }

    @Test func `attachments of a mail are looked at`() async throws {
        let rule = RuleDefinition(
            name: "programs", when: .any([.attachmentName(.glob("*.exe")), .attachmentType(.text("msdownload"))]),
            then: [.reject("No programs")])
        try await DeskFixture.run(Self.desk(rule)) { desk async throws -> Void in
            func mail(_ name: String) -> TestMail {
                TestMail(
                    extra: ["MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b"],
                    body: """
                        --b\r\nContent-Type: text/plain\r\n\r\nsee below\r\n--b\r
                        Content-Type: application/octet-stream\r
                        Content-Disposition: attachment; filename*=utf-8''\(name)\r\n\r\nMZ\r\n--b--\r\n
                        """)
            }
            #expect(try await desk.receive(mail("Faktura%C5%82.EXE").octets, to: ["help@acme.example"]) == 550)
            #expect(try await desk.receive(mail("faktura.pdf").octets, to: ["help@acme.example"]) == 250)
        }
    }

    @Test func `rules are asked on a thread of their own, and too many mails are put off`() async throws {
        var definition = Self.desk(RuleDefinition(name: "a", when: .subject(.text("x")), then: [.tag("t")]))
        let rules = HeldRules(limit: 2)
        let desk = try await DeskFixture.make(definition, rules: rules)
        let replies = Replies()
        for number in 0..<3 {
            let content = desk.intake.makeContent {}
            // Of the last a piece is staged, which must not stay.
            let body = String(repeating: "text\r\n", count: number == 2 ? 20_000 : 1)
            desk.feedContent(TestMail(subject: "x\(number)", id: "\(number)@x.example", body: body).octets, to: content, piece: 5000)
            desk.intake.accept(
                content, envelope: Envelope(reversePath: nil, recipients: [emailAddress("help@acme.example")]),
                peer: .test
            ) { replies.note(number, $0) }
        }
        // The third was answered at once, the others were not asked about yet.
        #expect(replies.codes == [2: .overloaded])
        rules.release()
        await replies.until(3)
        #expect(replies.codes == [0: .accepted, 1: .accepted, 2: .overloaded])
        #expect(try await desk.number("SELECT count(*) FROM ticket") == 2)
        #expect(try await desk.number("SELECT count(*) FROM content WHERE staged_at IS NOT NULL") == 0)
        // Without rules nobody waits for the thread.
        definition.rules = []
        let plain = try await DeskFixture.make(definition, rules: HeldRules(limit: 0))
        #expect(try await plain.receive(TestMail().octets, to: ["help@acme.example"]) == 250)
    }

    @Test func `many slow expressions over many texts are bounded together`() async throws {
        let expression = "^(\\w+\\s?)*$"
        var definition = DeskDefinition.example
        definition.rules = (0..<500).map { number in
            RuleDefinition(
                name: "slow \(number)", when: .header(name: "X-Slow", .regularExpression(expression)), then: [.tag("t")])
        }
        let desk = try await DeskFixture.make(definition, rules: RulesForAWhile())
        let slow = Array(repeating: "X-Slow: " + String(repeating: "word ", count: 50) + "!", count: 60)
        let start = ContinuousClock.now
        let ticket = try await desk.open(TestMail(extra: slow))
        // Without a bound it is a minute and more, and more still on a busy machine.
        #expect(ContinuousClock.now - start < .seconds(40))
        #expect(try await desk.place(ticket) == "new")
        #expect(try await desk.texts("SELECT coalesce(keywords, '') FROM message WHERE ticket_id = \(ticket)") == [""])
    }
}

/// Asks rules at once, for 50 ms in all.
private struct RulesForAWhile: RuleThread {
    func run(_ work: @escaping @Sendable (RuleBudget) -> Void) -> Bool {
        let start = ContinuousClock.now
        work(RuleBudget { ContinuousClock.now - start > .milliseconds(50) })
        return true
    }
}

/// Takes so many mails and asks nothing until it is let go.
private final class HeldRules: RuleThread {
    private let limit: Int
    private let held = Mutex<[@Sendable (RuleBudget) -> Void]>([])

    init(limit: Int) { self.limit = limit }

    func run(_ work: @escaping @Sendable (RuleBudget) -> Void) -> Bool {
        held.withLock { held in
            guard held.count < limit else { return false }
            held.append(work)
            return true
        }
    }

    func release() { for work in held.withLock({ $0 }) { work(RuleBudget { false }) } }
}

/// Replies as they come, by number.
private final class Replies: Sendable {
    private let state = Mutex<[Int: Reply]>([:])
    private let (changes, continuation) = AsyncStream.makeStream(of: Int.self)

    var codes: [Int: Reply] { state.withLock { $0 } }

    func note(_ number: Int, _ reply: Reply) {
        continuation.yield(
            state.withLock { state in
                state[number] = reply
                return state.count
            })
    }

    func until(_ count: Int) async {
        for await now in changes where now >= count { return }
    }
}
