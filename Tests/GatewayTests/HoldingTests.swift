import Desk
import Gateway
import Logging
import MailFormat
import MailTypes
import Storage
import TestKit
import Testing

/// Holding, releasing and recalling what agents send (DESIGN §4), over a real database and a clock that is set by hand.
@Suite struct HoldingTests {
    private static let anna = "anna@acme.example"
    private static let bob = "bob@acme.example"
    private static let jan = "jan@customer.example"

    private static func answer(
        to: String = jan, cc: String? = nil, inReplyTo: String? = "first@customer.example",
        id: String = "client-1@laptop",
        subject: String = "Re: Where is my parcel?", extra: [String] = [], body: String = "It comes.\r\n",
        by author: String = anna
    ) -> TestMail {
        TestMail(
            author: author, from: author, to: to, cc: cc, subject: subject, id: id, inReplyTo: inReplyTo, extra: extra,
            body: body)
    }

    private func withCase(
        undo: Duration = .seconds(30), _ body: (DeskFixture) async throws -> Void
    ) async throws {
        var definition = DeskDefinition.example
        definition.undo = undo
        try await DeskFixture.run(definition) { desk in
            _ = try await desk.open(TestMail(id: "first@customer.example"))
            try await body(desk)
        }
    }

    // MARK: - Holding

    @Test func `an answer is held for the undo time, shown as it will leave, and no part of the case`() async throws {
        try await withCase { desk async throws in
            #expect(try await desk.send(Self.answer(), as: Self.anna, to: [Self.jan]).code == 250)
            #expect(try await desk.outbox().isEmpty)
            #expect(try await desk.place(1) == "new")
            #expect(try await desk.messages(1).map(\.kind) == [.inbound])
            #expect(try await desk.number("SELECT count(*) FROM participant") == 1)
            let shown = try #require(try await desk.toSend(Self.anna).first)
            #expect(shown.header.field("From") == "Acme Help <help@acme.example>")
            #expect(shown.header.field("Subject") == "Re: [#1] Where is my parcel?")
            #expect(shown.header.field("Reply-To") == Self.jan)
            #expect(shown.header.field("X-Stempel-Held") == nil)
            #expect(shown.body == "It comes.\r\n" && shown.flags == .seen)
            #expect(try await desk.toSend(Self.bob).isEmpty)

            desk.clock.advance(by: .seconds(29))
            try await desk.releaseDue()
            #expect(try await desk.outbox().isEmpty)
            desk.clock.advance(by: .seconds(1))
            try await desk.releaseDue()
            #expect(try await desk.outbox().map(\.recipients) == [[Self.jan]])
            #expect(try await desk.place(1) == "waiting \(Self.anna)")
            #expect(try await desk.messages(1).map(\.kind) == [.inbound, .outbound])
            #expect(try await desk.messages(1).first?.flags == .answered)
            #expect(try await desk.events(1) == [.opened, .received, .held, .assigned, .statusChanged, .firstAnswered, .answered])
            #expect(try await desk.toSend(Self.anna).isEmpty)
            // What was shown is what left, but for what only the desk reads.
            let left = try #require(try await desk.outbox().first).header
            for name in ["From", "Subject", "Message-ID", "To", "In-Reply-To"] {
                #expect(shown.header.field(name) == left.field(name))
            }
            try await desk.releaseDue()
            #expect(try await desk.outbox().count == 1)
        }
    }

    @Test func `a new case opens when its mail leaves, under the number that was shown`() async throws {
        try await withCase { desk async throws in
            let mail = Self.answer(to: "eve@else.example", inReplyTo: nil, subject: "Your order")
            #expect(try await desk.send(mail, as: Self.anna, to: ["eve@else.example"]).code == 250)
            #expect(try await desk.number("SELECT count(*) FROM ticket") == 1)
            #expect(try await desk.toSend(Self.anna).first?.header.field("Subject") == "[#2] Your order")
            try await desk.open(TestMail.stranger(subject: "Other"))
            try await desk.pass(.seconds(30))
            #expect(try await desk.place(2) == "waiting \(Self.anna)")
            #expect(try await desk.outbox().first?.header.field("Subject") == "[#2] Your order")
            #expect(try await desk.number("SELECT count(*) FROM ticket") == 3)
        }
    }

    @Test func `moves of the case do not move a held mail, nor recall it`() async throws {
        try await withCase { desk async throws in
            try await desk.send(Self.answer(), as: Self.anna, to: [Self.jan])
            try await desk.decide(.take, 1, as: Self.bob)
            try await desk.decide(.handOver(desk.agent(Self.anna)), 1, as: Self.bob)
            #expect(try await desk.toSend(Self.anna).count == 1)
            try await desk.pass(.seconds(30))
            #expect(try await desk.place(1) == "waiting \(Self.anna)")
        }
    }

    @Test func `a mail with a large body is held and leaves octet by octet`() async throws {
        try await withCase { desk async throws in
            let body = String(repeating: "0123456789\r\n", count: 20_000)
            let mail = Self.answer(cc: "eve@else.example", body: body)
            try await desk.send(mail, as: Self.anna, to: [Self.jan, "eve@else.example"])
            let shown = try #require(try await desk.toSend(Self.anna).first)
            #expect(shown.body.hasPrefix("[Stempel] Not sent: ") && shown.body.hasSuffix(body))
            try await desk.confirm(Self.anna)
            #expect(try await desk.outgoingBody(1) == Array(body.utf8))
            #expect(try await desk.number("SELECT count(*) FROM content") == 2)
        }
    }

    @Test func `the same mail sent twice leaves once`() async throws {
        try await withCase { desk async throws in
            for _ in 0..<2 { #expect(try await desk.send(Self.answer(), as: Self.anna, to: [Self.jan]).code == 250) }
            #expect(try await desk.toSend(Self.anna).count == 1)
            try await desk.pass(.seconds(30))
            #expect(try await desk.send(Self.answer(), as: Self.anna, to: [Self.jan]).code == 250)
            #expect(try await desk.toSend(Self.anna).isEmpty)
            #expect(try await desk.outbox().count == 1)
        }
    }

    // MARK: - Recall

    @Test func `a recalled mail is a draft with the octets that the client sent, and can be sent again`() async throws {
        try await withCase { desk async throws in
            let mail = Self.answer(extra: ["User-Agent: Thunderbird"])
            try await desk.send(mail, as: Self.anna, to: [Self.jan])
            try await desk.recall(Self.anna)
            let draft = try #require(try await desk.shown(.drafts(desk.agent(Self.anna))).first)
            #expect(Array((draft.header + draft.body).utf8) == mail.octets)
            #expect(draft.flags == [.draft, .seen])
            #expect(try await desk.toSend(Self.anna).isEmpty)
            try await desk.pass(.seconds(60))
            #expect(try await desk.outbox().isEmpty)
            #expect(try await desk.place(1) == "new")
            #expect(try await desk.events(1) == [.opened, .received, .held, .recalled])
            // The same mail, sent again: it is no repetition of one that left.
            #expect(try await desk.send(mail, as: Self.anna, to: [Self.jan]).code == 250)
            try await desk.pass(.seconds(30))
            #expect(try await desk.outbox().count == 1)
            #expect(try await desk.outbox().first?.header.field("Subject") == "Re: [#1] Where is my parcel?")
        }
    }

    @Test func `recipients of blind copies are in the draft`() async throws {
        try await withCase { desk async throws in
            try await desk.send(Self.answer(), as: Self.anna, to: [Self.jan, "ewa@customer.example"])
            try await desk.recall(Self.anna)
            #expect(
                try await desk.shown(.drafts(desk.agent(Self.anna))).first?.header.field("Bcc")
                    == "ewa@customer.example")
        }
    }

    @Test func `what has left is recalled by nobody, and its agent hears when it left`() async throws {
        try await withCase { desk async throws in
            try await desk.send(Self.answer(), as: Self.anna, to: [Self.jan])
            let uid = try #require(try await desk.toSend(Self.anna).first).uid
            try await desk.pass(.seconds(30))
            let time = SendingWords(.english, clock: UniversalTime()).time(desk.clock.now)
            await #expect(throws: CaseRefusal(.impossible, Sentence(worded: "Already sent at \(time)"))) {
                try await desk.recall(Self.anna, uid)
            }
            #expect(try await desk.outbox().count == 1)
            #expect(try await desk.shown(.drafts(desk.agent(Self.anna))).isEmpty)
        }
    }

    @Test func `a held mail that is marked deleted comes back to Drafts at its time`() async throws {
        try await withCase { desk async throws in
            try await desk.send(Self.answer(), as: Self.anna, to: [Self.jan])
            let agent = desk.agent(Self.anna)
            _ = try await desk.store.write { (transaction: Transaction) in
                let key = MessageKey(
                    rawValue: try #require(try transaction.connection.integer("SELECT message_id FROM held_mail")))
                try transaction.setPersonalFlags([.deleted], of: key, for: agent, at: transaction.takeModSequence())
            }
            try await desk.pass(.seconds(30))
            #expect(try await desk.outbox().isEmpty)
            #expect(try await desk.shown(.drafts(agent)).count == 1)
        }
    }

    // MARK: - Doubts

    @Test func `two agents do not answer at once`() async throws {
        try await withCase { desk async throws in
            try await desk.send(Self.answer(), as: Self.anna, to: [Self.jan])
            try await desk.send(
                Self.answer(id: "b@laptop", body: "No.\r\n", by: Self.bob), as: Self.bob, to: [Self.jan])
            #expect(try await desk.toSend(Self.bob).first?.header.field("X-Stempel-Held") == nil)
            try await desk.pass(.seconds(30))
            // Anna's came first; Bob's stays with what came in between.
            #expect(try await desk.outbox().count == 1)
            let shown = try await desk.toSend(Self.bob)
            #expect(shown.count == 1 && shown.first?.header.field("X-Stempel-Held") == "case-changed")
            #expect(shown.first?.body.contains("Anna answered at ") == true)
            #expect(shown.first?.flags == [])
            #expect(try await desk.events(1).last == .doubted)
            try await desk.pass(.seconds(3600))
            #expect(try await desk.outbox().count == 1)
            try await desk.confirm(Self.bob)
            #expect(try await desk.outbox().count == 2)
            #expect(try await desk.outgoingBody(2) == Array("No.\r\n".utf8))
            #expect(try await desk.toSend(Self.bob).isEmpty)
        }
    }

    @Test func `an answer to a mail after which the customer wrote again is held`() async throws {
        try await withCase { desk async throws in
            try await desk.receive(
                TestMail(subject: "[#1] And more", id: "second@customer.example").octets, to: ["help@acme.example"])
            try await desk.send(Self.answer(), as: Self.anna, to: [Self.jan])
            #expect(
                try await desk.toSend(Self.anna).first?.body.split(separator: "\r\n").joined(separator: " ")
                    .contains("Jan Kowalski wrote at ") == true)
            try await desk.recall(Self.anna)
            // The answer to the newer one is none.
            try await desk.send(
                Self.answer(inReplyTo: "second@customer.example"), as: Self.anna, to: [Self.jan])
            try await desk.pass(.seconds(30))
            #expect(try await desk.outbox().count == 1)
        }
    }

    @Test func `an answer for later is held back when the customer writes first, and its agent is told at once`() async throws {
        try await withCase { desk async throws in
            let time = CivilTime(desk.clock.now + .seconds(3 * 86400))
            let day = "\(time.year)-\(time.month < 10 ? "0" : "")\(time.month)-\(time.day < 10 ? "0" : "")\(time.day)"
            try await desk.send(
                Self.answer(body: "#send \(day) 09:00\r\n\r\nLater.\r\n"), as: Self.anna, to: [Self.jan])
            desk.clock.advance(by: .seconds(60))
            try await desk.receive(
                TestMail(subject: "[#1] Away", id: "away@x", extra: ["Auto-Submitted: auto-replied"]).octets,
                to: ["help@acme.example"])
            #expect(try await desk.toSend(Self.anna).first?.header.field("X-Stempel-Held") == nil)
            try await desk.receive(
                TestMail(subject: "[#1] And more", id: "second@customer.example").octets, to: ["help@acme.example"])
            let shown = try #require(try await desk.toSend(Self.anna).first)
            #expect(shown.header.field("X-Stempel-Held") == "customer-wrote")
            #expect(shown.body.contains("[Stempel] Not sent:") && shown.body.contains("Jan Kowalski"), "\(shown.body)")
            try await desk.pass(.seconds(10 * 86400))
            #expect(try await desk.outbox().isEmpty)
        }
    }

    @Test func `an out-of-office reply and one's own earlier answer raise no doubt`() async throws {
        try await withCase { desk async throws in
            try await desk.send(Self.answer(), as: Self.anna, to: [Self.jan])
            try await desk.pass(.seconds(30))
            try await desk.receive(
                TestMail(subject: "[#1] Away", extra: ["Auto-Submitted: auto-replied"]).octets,
                to: ["help@acme.example"])
            try await desk.send(Self.answer(id: "two@laptop", body: "And this.\r\n"), as: Self.anna, to: [Self.jan])
            try await desk.pass(.seconds(30))
            #expect(try await desk.outbox().count == 2)
        }
    }

    @Test func `a case that a colleague has closed is not answered blindly`() async throws {
        try await withCase { desk async throws in
            try await desk.decide(.setStatus(.done), 1, as: Self.bob)
            try await desk.send(Self.answer(id: "x@y", by: "sue@acme.example"), as: "sue@acme.example", to: [Self.jan])
            #expect(try await desk.toSend("sue@acme.example").first?.header.field("X-Stempel-Held") == "case-changed")
            // Who took it back since has seen that it was done.
            try await desk.recall("sue@acme.example")
            try await desk.decide(.take, 1, as: "sue@acme.example")
            try await desk.send(Self.answer(id: "z@y", by: "sue@acme.example"), as: "sue@acme.example", to: [Self.jan])
            #expect(try await desk.toSend("sue@acme.example").first?.header.field("X-Stempel-Held") == nil)
        }
    }

    static let doubtful: [(recipients: [String], words: String?)] = [
        ([jan, "ewa@customer.example"], nil), ([jan, "help@acme.example", bob], nil),
        ([jan, "eve@else.example"], "stranger"), ([jan, "note@acme.example"], "mixed-recipients"),
        ([jan, "desk@acme.example", "else@else.example"], "mixed-recipients, stranger"),
        ([jan, "kim@third.example"], "other-customer"), (["kim@third.example"], "other-customer"),
        (["eve@else.example"], nil),
    ]

    @Test(arguments: doubtful) func `recipients decide whether a mail is held`(
        recipients: [String], words: String?
    ) async throws {
        try await withCase { desk async throws in
            try await desk.open(
                TestMail(author: "kim@third.example", from: "kim@third.example", id: "kim@third.example"))
            let mail = Self.answer(to: recipients.joined(separator: ", "))
            #expect(try await desk.send(mail, as: Self.anna, to: recipients).code == 250)
            #expect(try await desk.toSend(Self.anna).first?.header.field("X-Stempel-Held") == words)
            try await desk.pass(.seconds(30))
            #expect(try await desk.outbox().count == (words == nil ? 1 : 0))
            if words != nil { try await desk.confirm(Self.anna) }
            let left = try #require(try await desk.outbox().first)
            #expect(left.recipients == recipients.filter { !$0.hasSuffix("@acme.example") })
            #expect(!left.header.contains("note@") && !left.header.contains("desk@") && !left.header.contains("bob@"))
        }
    }

    @Test func `text of a note does not reach a customer unasked`() async throws {
        try await withCase { desk async throws in
            let note = TestMail(
                from: Self.bob, to: "note@acme.example", subject: "x", id: "n2@laptop",
                inReplyTo: "first@customer.example",
                body: "This customer has cheated us before, be careful.\r\n")
            #expect(try await desk.send(note, as: Self.bob, to: ["note@acme.example"]).code == 250)
            let root = try #require(try await desk.messages(1).last).header.field("Message-ID")
            let id = try #require(root).dropFirst().dropLast()
            let quoting = Self.answer(
                inReplyTo: String(id), body: "> This customer has cheated us\r\n> before, be careful.\r\nHello\r\n")
            try await desk.send(quoting, as: Self.anna, to: [Self.jan])
            #expect(try await desk.toSend(Self.anna).first?.header.field("X-Stempel-Held") == "quotes-internal")
            try await desk.recall(Self.anna)
            // Under whatever header.
            var other = quoting
            other.inReplyTo = "first@customer.example"
            other.id = "other@laptop"
            try await desk.send(other, as: Self.anna, to: [Self.jan])
            #expect(
                try await desk.toSend(Self.anna).first?.header.field("X-Stempel-Held")?.contains("quotes-internal")
                    == true)
        }
    }

    @Test func `doubts hold a mail without undo time, too`() async throws {
        try await withCase(undo: .zero) { desk async throws in
            try await desk.send(Self.answer(), as: Self.anna, to: [Self.jan])
            #expect(try await desk.outbox().count == 1)
            try await desk.send(Self.answer(id: "b@c", by: Self.bob), as: Self.bob, to: [Self.jan])
            #expect(try await desk.outbox().count == 1)
            #expect(try await desk.toSend(Self.bob).count == 1)
        }
    }

    // MARK: - The outbox

    @Test(.timeLimit(.minutes(5)))
    func `the outbox lets go at its time, and one mail that cannot leave keeps no other back`() async throws {
        try await withCase { desk async throws in
            try await desk.open(TestMail(id: "other@customer.example"))
            try await desk.send(Self.answer(), as: Self.anna, to: [Self.jan])
            try await desk.send(
                Self.answer(inReplyTo: "other@customer.example", id: "two@laptop"), as: Self.anna, to: [Self.jan])
            _ = try await desk.store.write { (transaction: Transaction) in
                try transaction.connection.run("UPDATE held_mail SET ticket_id = 99 WHERE id = 1")
            }
            let (wire, timer) = (ScriptedWire(), ManualTimer(desk.clock))
            let runner = OutboxRunner(
                store: desk.store, feed: desk.feed, wire: wire,
                notices: FailureNoticeFiling(
                    roster: desk.roster, cryptography: desk.cryptography, hostname: DeskFixture.host),
                held: desk.submission.held, clock: desk.clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                sleep: { try await timer.sleep($0) }, chance: { 0 })
            let running = Task { await runner.run() }
            #expect(try await timer.passOne() == .seconds(30))
            while wire.calls.isEmpty { await Task.yield() }
            running.cancel()
            await running.value
            #expect(wire.calls.count == 1 && wire.calls.first?.content.contains("[#2]") == true)
            let kept = try await desk.toSend(Self.anna)
            #expect(kept.map { $0.header.field("X-Stempel-Held") } == ["impossible"])
            #expect(kept.first?.body.contains("There is no such case") == true)
        }
    }
}
