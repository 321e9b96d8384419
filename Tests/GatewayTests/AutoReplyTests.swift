import Desk
import Gateway
import Logging
import MailTypes
import Storage
import TestKit
import Testing

/// Automatic answers (RFC 3834, FEATURES S17).
@Suite(.timeLimit(.minutes(5))) struct AutoReplyTests {
    private static func definition(_ change: (inout DeskDefinition) -> Void = { _ in }) -> DeskDefinition {
        var desk = DeskDefinition.example
        desk.calendars = [
            CalendarDefinition(
                name: "office", weekly: [WeeklyHours(days: [.tuesday], hours: [TimeSpan(start: 480, end: 960)])])
        ]
        desk.folders = ["Systems"]
        desk.templates = [
            TemplateDefinition(
                name: "received", subject: "We have it",
                text: "Your case is ${case.number}, ${customer.name}.\nWe answer within ${pool.firstAnswerWithin}.\n"),
            TemplateDefinition(name: "closed", text: "We are closed.\n"),
        ]
        desk.rules = [
            RuleDefinition(name: "quiet", when: .subject(.text("quiet")), then: [.autoReply(.silent)]),
            RuleDefinition(name: "loud", when: .subject(.text("loud")), then: [.autoReply(.template("closed"))]),
            RuleDefinition(name: "spam", when: .subject(.text("lottery")), then: [.spam]),
            RuleDefinition(name: "file", when: .subject(.text("alarm")), then: [.folder("Systems")]),
        ]
        desk.pools[0].autoReply = .template("received")
        desk.pools[0].firstAnswerWithin = .hours(4)
        desk.pools[0].addresses[1].autoReply = .silent
        change(&desk)
        return desk
    }

    /// Who gets automatic answers, in order.
    private static func answered(_ desk: DeskFixture) async throws -> [String] {
        try await desk.outbox().flatMap(\.recipients)
    }

    @Test func `a customer's mail is answered in the transaction that files it`() async throws {
        try await DeskFixture.run(Self.definition()) { desk in
            let ticket = try await desk.open(
                TestMail(id: "q@customer.example", references: "<p@customer.example>"))
            let leaving = try #require(try await desk.outbox().first)
            #expect(leaving.recipients == ["jan@customer.example"])
            #expect(leaving.reversePath == nil)
            let header = leaving.header
            #expect(header.field("Auto-Submitted") == "auto-replied")
            #expect(header.field("From") == "Acme Help <help@acme.example>")
            #expect(header.field("To") == "Jan Kowalski <jan@customer.example>")
            #expect(header.field("Subject") == "[#\(ticket)] We have it")
            #expect(header.field("In-Reply-To") == "<q@customer.example>")
            #expect(header.field("References") == "<p@customer.example> <q@customer.example>")
            #expect(header.field("Reply-To")?.contains("help+\(ticket).") == true)
            #expect(header.field("Content-Type")?.hasPrefix("multipart/alternative") == true)
            #expect(!header.contains("X-Stempel"))
            let messages = try await desk.messages(ticket)
            #expect(messages.map(\.kind) == [.inbound, .automatic])
            let text = String(decoding: try await desk.content(messages[1].content), as: UTF8.self)
            #expect(text.contains("Your case is \(ticket), Jan Kowalski."))
            #expect(text.contains("We answer within 4 hours."))
            #expect(text.contains("text/html"))
            #expect(try await desk.events(ticket) == [.opened, .received, .answeredAutomatically])
            // It is no answer: the case stays where it is, and its clock runs.
            #expect(try await desk.ticket(ticket).status == .new)
            #expect(try await desk.ticket(ticket).clock.firstAnsweredAt == nil)

            // What the customer answers to it finds the case, and gets no second one.
            let id = try #require(header.field("Message-ID")?.dropFirst().dropLast())
            try await desk.receive(
                TestMail.stranger(inReplyTo: String(id), id: "r@elsewhere.example").octets, from: "eve@elsewhere.example",
                to: ["help@acme.example"])
            #expect(try await desk.messages(ticket).count == 3)
            #expect(try await Self.answered(desk).count == 1)
        }
    }

    static let mails: [(mail: TestMail, path: String?, to: String)] = [
        (TestMail(), nil, "help@acme.example"),
        (TestMail(extra: ["Auto-Submitted: auto-replied"]), "jan@customer.example", "help@acme.example"),
        (TestMail(extra: ["Auto-Submitted: auto-generated"]), "jan@customer.example", "help@acme.example"),
        (TestMail(extra: ["Precedence: bulk"]), "jan@customer.example", "help@acme.example"),
        (TestMail(extra: ["List-Id: <news.customer.example>"]), "jan@customer.example", "help@acme.example"),
        (TestMail(extra: ["List-Unsubscribe: <mailto:x@customer.example>"]), "jan@customer.example", "help@acme.example"),
        (TestMail(extra: ["X-Auto-Response-Suppress: All"]), "jan@customer.example", "help@acme.example"),
        (TestMail(extra: ["X-Autoreply: yes"]), "jan@customer.example", "help@acme.example"),
        (TestMail(from: "no-reply@customer.example"), "jan@customer.example", "help@acme.example"),
        (TestMail(), "noreply@customer.example", "help@acme.example"),
        (TestMail(), "owner-list@customer.example", "help@acme.example"),
        (TestMail(), "list-request@customer.example", "help@acme.example"),
        (TestMail(), "MAILER-DAEMON@customer.example", "help@acme.example"),
        (TestMail(), "returns@acme.example", "help@acme.example"),
        (TestMail(), "help+1.abc@acme.example", "help@acme.example"),
        (TestMail(from: "help@acme.example"), "jan@customer.example", "help@acme.example"),
        (TestMail(from: "anna@acme.example"), "jan@customer.example", "help@acme.example"),
        (TestMail(subject: "quiet please"), "jan@customer.example", "help@acme.example"),
        (TestMail(subject: "lottery"), "jan@customer.example", "help@acme.example"),
        (TestMail(subject: "alarm"), "jan@customer.example", "help@acme.example"),
        // The address says none, the pool has none.
        (TestMail(), "jan@customer.example", "support@acme.example"),
        (TestMail(), "jan@customer.example", "returns@acme.example"),
    ]

    @Test(arguments: mails) func `machines, lists, ourselves and those who are told so get none`(
        mail: TestMail, path: String?, to: String
    ) async throws {
        try await DeskFixture.run(Self.definition()) { desk in
            let reply = try await desk.receive(mail.octets, from: path, to: [to])
            #expect(reply == 250)
            #expect(try await desk.outbox().isEmpty)
            #expect(try await desk.number("SELECT count(*) FROM message") == 1)
        }
    }

    @Test func `outside working hours another text goes out, and rules have the last word`() async throws {
        let definition = Self.definition {
            $0.pools[0].calendar = "office"
            $0.pools[0].autoReplyClosed = .template("closed")
        }
        try await DeskFixture.run(definition) { desk in
            // Tuesday noon, then Wednesday.
            _ = try await desk.open(TestMail(id: "a@customer.example"))
            desk.clock.advance(by: .seconds(86400))
            _ = try await desk.open(TestMail(subject: "Second", id: "b@customer.example"))
            _ = try await desk.open(TestMail(subject: "Quite loud", id: "c@customer.example"))
            let subjects = try await desk.outbox().map { $0.header.field("Subject") }
            #expect(subjects == ["[#1] We have it", "[#2] Auto: Second", "[#3] Auto: Quite loud"])
        }
    }

    @Test func `a rule answers later mail, too, but a sender gets one a day for a case`() async throws {
        try await DeskFixture.run(Self.definition()) { desk in
            let ticket = try await desk.open(TestMail(id: "a@customer.example"))
            func more(_ number: Int) async throws {
                try await desk.receive(
                    TestMail(subject: "Re: [#\(ticket)] loud \(number)", id: "m\(number)@customer.example").octets,
                    to: ["help@acme.example"])
            }
            try await more(1)
            #expect(try await Self.answered(desk).count == 1)
            desk.clock.advance(by: .seconds(86399))
            try await more(2)
            #expect(try await Self.answered(desk).count == 1)
            desk.clock.advance(by: .seconds(1))
            try await more(3)
            try await more(4)
            #expect(try await Self.answered(desk).count == 2)
            // A clock that was set back far silences nobody for longer.
            desk.clock.advance(by: .seconds(-30 * 86400))
            try await more(5)
            #expect(try await Self.answered(desk).count == 3)
        }
    }

    @Test func `somebody who answers every answer with a new mail is answered three times, then not`() async throws {
        try await DeskFixture.run(Self.definition()) { desk in
            for number in 1...20 { _ = try await desk.open(TestMail(subject: "Loop \(number)", id: "l\(number)@x.example")) }
            #expect(try await Self.answered(desk).count == 3)
            // Others are answered all the same.
            _ = try await desk.open(
                TestMail(author: "ola@customer.example", from: "ola@customer.example", id: "o@x.example"))
            #expect(try await Self.answered(desk).count == 4)
            for _ in 1...10 {
                desk.clock.advance(by: .seconds(600))
                for number in 1...4 {
                    _ = try await desk.open(TestMail(id: "n\(number).\(desk.clock.now.seconds)@x.example"))
                }
            }
            #expect(try await Self.answered(desk).filter { $0.hasPrefix("jan") }.count == 10)
            desk.clock.advance(by: .seconds(86400))
            _ = try await desk.open(TestMail(id: "tomorrow@x.example"))
            #expect(try await Self.answered(desk).filter { $0.hasPrefix("jan") }.count == 11)
        }
    }

    @Test func `a flood from many senders stops at the caps of the pool and of the desk`() async throws {
        let definition = Self.definition {
            $0.autoReplyLimits.perPool = .init(tenMinutes: 5, day: 8)
            $0.autoReplyLimits.inAll = .init(tenMinutes: 7, day: 10)
            $0.pools[1].autoReply = .template("closed")
        }
        try await DeskFixture.run(definition) { desk in
            func flood(_ to: String) async throws {
                for number in 1...10 {
                    let author = "s\(number).\(desk.clock.now.seconds).\(to.prefix(4))@customer.example"
                    _ = try await desk.open(TestMail(author: author, from: author, id: author), to: [to])
                }
            }
            try await flood("help@acme.example")
            #expect(try await Self.answered(desk).count == 5)
            try await flood("returns@acme.example")
            #expect(try await Self.answered(desk).count == 7)
            desk.clock.advance(by: .seconds(600))
            try await flood("help@acme.example")
            #expect(try await Self.answered(desk).count == 10)
            desk.clock.advance(by: .seconds(600))
            try await flood("returns@acme.example")
            #expect(try await Self.answered(desk).count == 10)
        }
    }

    @Test func `the same mail twice is answered once, and one to two pools once for each case`() async throws {
        let definition = Self.definition { $0.pools[1].autoReply = .template("closed") }
        try await DeskFixture.run(definition) { desk in
            let mail = TestMail(id: "a@customer.example")
            for _ in 1...2 { try await desk.receive(mail.octets, to: ["help@acme.example", "returns@acme.example"]) }
            #expect(try await desk.outbox().map { $0.header.field("Subject") }.count == 2)
        }
    }

    @Test func `a customer who cannot be reached is nobody's business`() async throws {
        try await DeskFixture.run(Self.definition()) { desk in
            let ticket = try await desk.open(TestMail(id: "a@customer.example"))
            let runner = OutboxRunner(
                store: desk.store, feed: desk.feed, wire: ScriptedWire([.refused]),
                notices: FailureNoticeFiling(
                    roster: desk.roster, cryptography: desk.cryptography, hostname: DeskFixture.host),
                clock: desk.clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let running = Task { await runner.run() }
            while try await desk.texts("SELECT state FROM delivery") != ["failed"] { try Task.checkCancellation() }
            running.cancel()
            await running.value
            #expect(try await desk.messages(ticket).map(\.kind) == [.inbound, .automatic])
            #expect(try await desk.events(ticket).last == .deliveryFailed)
        }
    }
}
