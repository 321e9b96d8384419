import Desk
import Gateway
import MailTypes
import Testing

/// What a trainee sends waits for a supervisor, and leaves no other way (DESIGN §2-§4).
struct ApprovalTests {
    private static let (tom, sue, ada, jan) = ("tom@acme.example", "sue@acme.example", "ada@acme.example", "jan@customer.example")

    private func withCase(
        _ definition: DeskDefinition = .example, undo: Duration = .zero, _ body: (DeskFixture) async throws -> Void
    ) async throws {
        var definition = definition
        definition.undo = undo
        try await DeskFixture.run(definition) { desk in
            try await desk.open(TestMail(id: "first@customer.example"))
            try await body(desk)
        }
    }

    private static func answer(
        _ id: String = "t1@laptop", from: String = tom, to: String = jan, inReplyTo: String? = "first@customer.example",
        body: String = "It left today.\r\n"
    ) -> TestMail {
        TestMail(from: from, to: to, subject: "Re: [#1] Question", id: id, inReplyTo: inReplyTo, body: body)
    }

    // MARK: - Nothing leaves by itself

    @Test func `an answer waits with its case, its author and every supervisor of the pool`() async throws {
        try await withCase { desk in
            #expect(try await desk.send(Self.answer(), as: Self.tom, to: [Self.jan]).code == 250)
            #expect(try await desk.ticket(1).status == .approval)
            #expect(try await desk.ticket(1).assignee == desk.agent(Self.tom))
            for person in [Self.tom, Self.sue, Self.ada] {
                let shown = try #require(try await desk.approval(person).first)
                #expect(shown.header.field("Reply-To") == "note@acme.example")
                #expect(shown.flags.contains(.seen) == (person == Self.tom))
            }
            #expect(try await desk.toSend(Self.tom).isEmpty)
            try await desk.tellSupervisors()
            let notices = try await desk.shown(.inbox(desk.agent(Self.sue)))
            #expect(notices.map { $0.header.field("Subject") } == ["Waiting for your approval: 1"])
            #expect(try await desk.shown(.inbox(desk.agent(Self.ada))).isEmpty)
            try await desk.pass(.seconds(86400))
            #expect(try await desk.outbox().isEmpty)
        }
    }

    @Test(arguments: ["forward", "new", "each", "scheduled"])
    func `whatever kind of mail it is, it waits`(kind: String) async throws {
        try await withCase { desk in
            var mail = Self.answer()
            var recipients = [Self.jan]
            switch kind {
            case "forward": mail = Self.answer(to: "eve@else.example")
            case "new": mail = Self.answer(to: "eve@else.example", inReplyTo: nil)
            case "each":
                mail = Self.answer(to: "eve@else.example, ola@else.example", inReplyTo: nil, body: "#each\r\n\r\nHi.\r\n")
            default: mail = Self.answer(body: "#send tomorrow\r\n\r\nHi.\r\n")
            }
            if kind == "forward" || kind == "new" { recipients = ["eve@else.example"] }
            if kind == "each" { recipients = ["eve@else.example", "ola@else.example"] }
            if kind == "new" || kind == "each" { mail.subject = "Your order" }
            #expect(try await desk.send(mail, as: Self.tom, to: recipients).code == 250)
            #expect(try await desk.approval(Self.sue).count == recipients.count)
            try await desk.pass(.seconds(3 * 86400))
            #expect(try await desk.outbox().isEmpty)
            for shown in try await desk.approval(Self.sue) { try await desk.judge(.approve, shown.uid, as: Self.sue) }
            #expect(try await desk.outbox().count == recipients.count)
            #expect(try await desk.approval(Self.tom).isEmpty)
        }
    }

    @Test func `who was a trainee when sending stays one for that mail`() async throws {
        try await withCase { desk in
            try await desk.send(Self.answer(), as: Self.tom, to: [Self.jan])
            var promoted = DeskDefinition.example
            promoted.undo = .zero
            promoted.agents[2].role = .agent
            try await desk.apply(promoted)
            try await desk.pass(.seconds(3600))
            #expect(try await desk.outbox().isEmpty)
            #expect(try await desk.approval(Self.sue).count == 1)
        }
    }

    // MARK: - Judging

    @Test func `an approved answer leaves after the undo time, and its case waits for the customer`() async throws {
        try await withCase(undo: .seconds(30)) { desk in
            try await desk.send(Self.answer(), as: Self.tom, to: [Self.jan])
            try await desk.tellSupervisors()
            try await desk.judge(.approve, try #require(try await desk.approval(Self.sue).first).uid, as: Self.sue)
            try await desk.tellSupervisors(after: ApprovalNotices.patience)
            #expect(try await desk.outbox().isEmpty)
            #expect(try await desk.toSend(Self.tom).count == 1)
            #expect(try await desk.toSend(Self.sue).count == 1)
            #expect(try await desk.approval(Self.sue).isEmpty)
            #expect(try await desk.shown(.inbox(desk.agent(Self.sue))).isEmpty)
            #expect(try await desk.ticket(1).status == .approval)
            try await desk.pass(.seconds(25))
            #expect(try await desk.outbox().map(\.recipients) == [[Self.jan]])
            #expect(try await desk.ticket(1).status == .waiting)
            #expect(try await desk.toSend(Self.sue).isEmpty)
            #expect(try await desk.ticket(1).assignee == desk.agent(Self.tom))
            try await desk.expectNoSecrets()
        }
    }

    @Test func `an approval is taken back while the mail waits`() async throws {
        try await withCase(undo: .seconds(30)) { desk in
            try await desk.send(Self.answer(), as: Self.tom, to: [Self.jan])
            try await desk.judge(.approve, try #require(try await desk.approval(Self.sue).first).uid, as: Self.sue)
            let sent = try #require(try await desk.toSend(Self.sue).first).uid
            try await desk.judge(.withdraw, sent, in: .toSend(desk.agent(Self.sue)), as: Self.sue)
            try await desk.pass(.seconds(60))
            #expect(try await desk.outbox().isEmpty)
            #expect(try await desk.approval(Self.ada).count == 1)
        }
    }

    @Test func `who comes second finds it judged, and nobody judges a mail of one's own`() async throws {
        try await withCase { desk in
            try await desk.send(Self.answer(), as: Self.tom, to: [Self.jan])
            let (first, second) = (
                try #require(try await desk.approval(Self.sue).first).uid,
                try #require(try await desk.approval(Self.ada).first).uid
            )
            let own = try #require(try await desk.approval(Self.tom).first).uid
            await #expect(throws: CaseRefusal.self) { try await desk.judge(.approve, own, as: Self.tom) }
            try await desk.judge(.approve, first, as: Self.sue)
            await #expect(throws: CaseRefusal.self) { try await desk.judge(.approve, second, as: Self.ada) }
            await #expect(throws: CaseRefusal.self) { try await desk.judge(.sendBack, second, as: Self.ada) }
            #expect(try await desk.outbox().count == 1)
        }
    }

    @Test func `what is sent back is a draft again, with the words in INBOX`() async throws {
        try await withCase { desk in
            try await desk.send(Self.answer(), as: Self.tom, to: [Self.jan])
            let uid = try #require(try await desk.approval(Self.sue).first).uid
            try await desk.judge(.sendBack, uid, as: Self.sue, words: "Be kinder.")
            #expect(try await desk.shown(.drafts(desk.agent(Self.tom))).count == 1)
            let inbox = try await desk.shown(.inbox(desk.agent(Self.tom)))
            #expect(inbox.last?.header.field("Subject") == "Sent back: Re: [#1] Question")
            #expect(inbox.last?.body.contains("Be kinder.") == true)
            #expect(try await desk.ticket(1).status == .assigned)
            #expect(try await desk.approval(Self.tom).isEmpty)
            #expect(try await desk.events(1).contains(.sentBack))
        }
    }

    @Test func `who takes over has the text as a draft and the case`() async throws {
        try await withCase { desk in
            try await desk.send(Self.answer(), as: Self.tom, to: [Self.jan])
            try await desk.judge(.takeOver, try #require(try await desk.approval(Self.sue).first).uid, as: Self.sue)
            let draft = try #require(try await desk.shown(.drafts(desk.agent(Self.sue))).first)
            #expect(draft.header.field("From")?.contains(Self.sue) == true && draft.body.contains("It left today."))
            #expect(try await desk.ticket(1).assignee == desk.agent(Self.sue))
            #expect(try await desk.ticket(1).status == .assigned)
            #expect(try await desk.shown(.drafts(desk.agent(Self.tom))).isEmpty)
        }
    }

    @Test func `its author recalls it`() async throws {
        try await withCase { desk in
            try await desk.send(Self.answer(), as: Self.tom, to: [Self.jan])
            try await desk.tellSupervisors()
            let mail = Self.answer("r@laptop", to: "desk@acme.example", body: "#recall\r\n")
            #expect(try await desk.send(mail, as: Self.tom, to: ["desk@acme.example"]).code == 250)
            #expect(try await desk.approval(Self.sue).isEmpty)
            #expect(try await desk.shown(.drafts(desk.agent(Self.tom))).count == 1)
            #expect(try await desk.ticket(1).status == .assigned)
            try await desk.tellSupervisors(after: ApprovalNotices.patience)
            #expect(try await desk.shown(.inbox(desk.agent(Self.sue))).isEmpty)
        }
    }

    // MARK: - By mail

    private func reply(
        _ desk: DeskFixture, _ body: String, to: String = "note@acme.example"
    ) async throws -> Int {
        let shown = try #require(try await desk.approval(Self.sue).first)
        let id = try #require(shown.header.field("Message-ID")).dropFirst().dropLast()
        let mail = Self.answer("s@laptop", from: Self.sue, to: to, inReplyTo: String(id), body: body)
        return Int(try await desk.send(mail, as: Self.sue, to: [to]).code.number)
    }

    @Test(arguments: ["note@acme.example", jan])
    func `a reply sends back, whoever it is written to`(recipient: String) async throws {
        try await withCase { desk in
            try await desk.send(Self.answer(), as: Self.tom, to: [Self.jan])
            #expect(try await reply(desk, "Not like this.\r\n", to: recipient) == 250)
            #expect(try await desk.outbox().isEmpty)
            #expect(try await desk.toSend(Self.sue).isEmpty)
            #expect(try await desk.shown(.inbox(desk.agent(Self.tom))).last?.body.contains("Not like this.") == true)
        }
    }

    @Test func `commands in a reply approve and reject`() async throws {
        try await withCase { desk in
            try await desk.send(Self.answer(), as: Self.tom, to: [Self.jan])
            #expect(try await reply(desk, "#reject too short\r\n") == 250)
            #expect(try await desk.shown(.inbox(desk.agent(Self.tom))).last?.body.contains("too short") == true)
            try await desk.send(Self.answer("t2@laptop", body: "Better.\r\n"), as: Self.tom, to: [Self.jan])
            #expect(try await reply(desk, "#approve\r\n") == 250)
            #expect(try await desk.outbox().count == 1)
        }
    }

    @Test func `a command to desk@ means the one mail that waits in its case`() async throws {
        try await withCase { desk in
            func command() async throws {
                let mail = Self.answer("c@laptop", from: Self.sue, to: "desk@acme.example", body: "#approve\r\n")
                #expect(try await desk.send(mail, as: Self.sue, to: ["desk@acme.example"]).code == 250)
            }
            try await command()
            #expect(try await desk.shown(.inbox(desk.agent(Self.sue))).last?.body.contains("nothing of this case waits") == true)
            try await desk.send(Self.answer(), as: Self.tom, to: [Self.jan])
            try await command()
            #expect(try await desk.outbox().count == 1)
        }
    }

    @Test func `a supervisor's own mail to the same customer goes instead`() async throws {
        try await withCase { desk in
            try await desk.send(Self.answer(), as: Self.tom, to: [Self.jan])
            let mail = Self.answer("s@laptop", from: Self.sue, body: "It left yesterday.\r\n")
            #expect(try await desk.send(mail, as: Self.sue, to: [Self.jan]).code == 250)
            #expect(try await desk.approval(Self.sue).isEmpty)
            #expect(try await desk.shown(.drafts(desk.agent(Self.tom))).count == 1)
            #expect(try await desk.events(1).contains(.replaced))
            for held in try await desk.toSend(Self.sue) {
                #expect(!held.body.contains("It left today."))
            }
            try await desk.confirm(Self.sue)
            #expect(try await desk.outbox().count == 1)
        }
    }

    // MARK: - Meanwhile

    @Test func `a customer who writes meanwhile is shown before anything leaves`() async throws {
        try await withCase { desk in
            try await desk.send(Self.answer(), as: Self.tom, to: [Self.jan])
            let before = try #require(try await desk.approval(Self.sue).first).uid
            try await desk.receive(
                TestMail(subject: "Re: [#1] Question", id: "second@customer.example", inReplyTo: "first@customer.example")
                    .octets, to: ["help@acme.example"])
            let shown = try #require(try await desk.approval(Self.sue).first)
            #expect(shown.uid != before && shown.body.contains("[Stempel]"))
            #expect(shown.header.field("X-Stempel-Held") == "case-changed")
            #expect(try await desk.ticket(1).status == .approval)
            try await desk.judge(.approve, shown.uid, as: Self.sue)
            #expect(try await desk.outbox().count == 1)
        }
    }

    @Test func `what comes in after the approval brings the mail back to Approval`() async throws {
        try await withCase(undo: .seconds(30)) { desk in
            try await desk.send(Self.answer(), as: Self.tom, to: [Self.jan])
            try await desk.judge(.approve, try #require(try await desk.approval(Self.sue).first).uid, as: Self.sue)
            try await desk.receive(
                TestMail(subject: "Re: [#1] Question", id: "second@customer.example", inReplyTo: "first@customer.example")
                    .octets, to: ["help@acme.example"])
            try await desk.pass(.seconds(30))
            #expect(try await desk.outbox().isEmpty)
            #expect(try await desk.toSend(Self.tom).isEmpty)
            #expect(try await desk.approval(Self.sue).count == 1)
        }
    }

    @Test func `one notice lists what waits, and is replaced`() async throws {
        try await withCase { desk in
            for number in 1...3 {
                let mail = TestMail(
                    from: Self.tom, to: "c\(number)@else.example", subject: "Offer \(number)", id: "n\(number)@laptop")
                try await desk.send(mail, as: Self.tom, to: ["c\(number)@else.example"])
            }
            try await desk.tellSupervisors()
            let notices = try await desk.shown(.inbox(desk.agent(Self.sue)))
            #expect(notices.map { $0.header.field("Subject") } == ["Waiting for your approval: 3"])
            #expect(notices.first?.body.contains("Offer 2") == true)
            try await desk.judge(.approve, try #require(try await desk.approval(Self.sue).first).uid, as: Self.sue)
            try await desk.tellSupervisors(after: ApprovalNotices.patience)
            let later = try await desk.shown(.inbox(desk.agent(Self.sue)))
            #expect(later.map { $0.header.field("Subject") } == ["Waiting for your approval: 2"])
            #expect(later.first?.flags.contains(.seen) == true)
        }
    }

    @Test func `a new supervisor sees what waits already, one who left does not`() async throws {
        try await withCase { desk in
            try await desk.send(Self.answer(), as: Self.tom, to: [Self.jan])
            try await desk.tellSupervisors()
            var changed = DeskDefinition.example
            changed.undo = .zero
            changed.pools[0].supervisors = ["bob@acme.example"]
            try await desk.apply(changed)
            try await desk.tellSupervisors(after: ApprovalNotices.patience)
            #expect(try await desk.shown(.inbox(desk.agent(Self.sue))).isEmpty)
            #expect(
                try await desk.shown(.inbox(desk.agent("bob@acme.example"))).map { $0.header.field("Subject") }
                    == ["Waiting for your approval: 1"])
            #expect(try await desk.approval(Self.sue).isEmpty)
            let uid = try #require(try await desk.approval("bob@acme.example").first).uid
            try await desk.judge(.approve, uid, as: "bob@acme.example")
            #expect(try await desk.outbox().count == 1)
        }
    }
}
