import Desk
import Gateway
import MailTypes
import Storage
import TestKit
import Testing

/// A department is asked by plain mail, and its answer comes back to the agent and to nobody else (DESIGN §2-§5).
struct ConsultationTests {
    private static let (anna, tom, sue) = ("anna@acme.example", "tom@acme.example", "sue@acme.example")
    private static let (jan, legal) = ("jan@customer.example", "legal@firm.example")

    private func withCase(
        _ definition: DeskDefinition = .consulting, undo: Duration = .zero, _ body: (DeskFixture) async throws -> Void
    ) async throws {
        var definition = definition
        definition.undo = undo
        try await DeskFixture.run(definition) { desk in
            try await desk.open(TestMail(id: "first@customer.example", body: "My parcel is lost.\r\n"))
            try await body(desk)
        }
    }

    /// A mail of an agent about case 1.
    private static func mail(
        _ id: String, to: String, inReplyTo: String? = "first@customer.example", body: String
    ) -> TestMail {
        TestMail(from: anna, to: to, subject: "Re: [#1] Where is my parcel?", id: id, inReplyTo: inReplyTo, body: body)
    }

    private func asked(_ desk: DeskFixture) async throws -> (mail: Leaving, body: String) {
        let outbox = try await desk.outbox()
        let mail = try #require(outbox.last)
        return (mail, String(decoding: try await desk.outgoingBody(Int64(outbox.count)), as: UTF8.self))
    }

    // MARK: - Asking

    @Test func `a case dropped on a department asks with the correspondence, after the undo time`() async throws {
        try await withCase(undo: .seconds(30)) { desk in
            let note = Self.mail("n@laptop", to: "note@acme.example", body: "SECRETNOTE: he is a liar.\r\n")
            #expect(try await desk.send(note, as: Self.anna, to: ["note@acme.example"]).code == 250)
            try await desk.ask("Legal", about: 1, as: Self.anna)
            #expect(try await desk.ticket(1).status == .consultation)
            #expect(try await desk.place(1) == "consultation anna@acme.example")
            #expect(try await desk.toSend(Self.anna).count == 1)
            #expect(try await desk.outbox().isEmpty)
            try await desk.pass(.seconds(30))
            let (mail, body) = try await asked(desk)
            #expect(mail.recipients == [Self.legal])
            #expect(mail.header.field("Subject") == "[?1-1] Where is my parcel?")
            #expect(mail.header.field("Reply-To")?.contains("help+1.") == true)
            #expect(mail.header.field("From")?.contains("help@acme.example") == true)
            for words in ["Anna (Help) asks:", "Just reply to this mail; answer by", "The customer does not see this",
                "My parcel is lost."]
            {
                #expect(body.replacing(" \r\n", with: " ").contains(words), "\(words) in \(body)")
            }
            #expect(!body.contains("SECRETNOTE") && !mail.header.contains("anna@"))
            #expect(try await desk.messages(1).last?.kind == .consultationOut)
            #expect(try await desk.texts("SELECT spelling FROM address") == [Self.jan])
        }
    }

    @Test func `a mail to the department's address is a question, without what its client quoted`() async throws {
        try await withCase { desk in
            let note = Self.mail("n@laptop", to: "note@acme.example", body: "SECRETNOTE: he is a liar.\r\n")
            #expect(try await desk.send(note, as: Self.anna, to: ["note@acme.example"]).code == 250)
            try await desk.decide(.take, 1, as: Self.anna)
            let question = Self.mail(
                "q@laptop", to: Self.legal,
                body: "May we refund?\r\n\r\nOn Tuesday Anna wrote:\r\n> SECRETNOTE: he is a liar.\r\n")
            #expect(try await desk.send(question, as: Self.anna, to: [Self.legal]).code == 250)
            let (mail, body) = try await asked(desk)
            #expect(mail.recipients == [Self.legal] && body.contains("May we refund?"))
            #expect(!body.contains("SECRETNOTE"))
            #expect(try await desk.ticket(1).status == .consultation)
            let without = TestMail(from: Self.anna, to: Self.legal, subject: "Hello", id: "w@laptop")
            #expect(try await desk.send(without, as: Self.anna, to: [Self.legal]).code == 550)
        }
    }

    @Test func `#consult asks several departments, of which one may be in the house`() async throws {
        try await withCase { desk in
            try await desk.decide(.take, 1, as: Self.anna)
            let question = Self.mail(
                "q@laptop", to: "desk@acme.example", body: "#consult legal\r\n#consult Stock\r\n\r\nDo we have one?\r\n")
            #expect(try await desk.send(question, as: Self.anna, to: ["desk@acme.example"]).code == 250)
            #expect(try await desk.outbox().map(\.recipients) == [[Self.legal], ["stock@acme.example"]])
            #expect(try await desk.left() == ["[?1-1] Where is my parcel?", "[?1-2] Where is my parcel?"])
            let wrong = Self.mail("w@laptop", to: "desk@acme.example", body: "#consult lgal\r\n")
            #expect(try await desk.send(wrong, as: Self.anna, to: ["desk@acme.example"]).code == 250)
            #expect(try await desk.outbox().count == 2)
            #expect(try await desk.shown(.inbox(desk.agent(Self.anna))).last?.body.contains("Legal") == true)
        }
    }

    @Test func `a trainee's question waits for approval`() async throws {
        try await withCase { desk in
            try await desk.ask("Legal", about: 1, as: Self.tom)
            #expect(try await desk.outbox().isEmpty)
            #expect(try await desk.ticket(1).status == .approval)
            try await desk.judge(.approve, try #require(try await desk.approval(Self.sue).first).uid, as: Self.sue)
            #expect(try await desk.outbox().map(\.recipients) == [[Self.legal]])
            #expect(try await desk.ticket(1).status == .consultation)
        }
    }

    @Test func `moving the case back before it left recalls the question`() async throws {
        try await withCase(undo: .seconds(30)) { desk in
            try await desk.ask("Legal", about: 1, as: Self.anna)
            let (now, roster, held, agent) = (
                desk.clock.now, desk.roster.current, desk.submission.held, desk.agent(Self.anna)
            )
            try await desk.store.write { (transaction: Transaction) in
                let work = CaseWork(transaction, roster: roster, now: now)
                try Consultations(held: held).recallMoved(TicketNumber(rawValue: 1), by: agent, work)
                _ = try work.apply(.take, to: TicketNumber(rawValue: 1), by: agent)
            }
            try await desk.pass(.seconds(60))
            #expect(try await desk.outbox().isEmpty)
            #expect(try await desk.toSend(Self.anna).isEmpty)
            #expect(try await desk.number("SELECT state FROM consultation") == 4)
        }
    }

    // MARK: - Answers

    private func asking(_ body: (DeskFixture, _ question: Leaving) async throws -> Void) async throws {
        try await withCase { desk in
            try await desk.ask("Legal", about: 1, as: Self.anna)
            let question = try await asked(desk).mail
            try await body(desk, question)
        }
    }

    private func replyAddress(_ question: Leaving) throws -> String {
        let field = try #require(question.header.field("Reply-To"))
        return String(try #require(field.firstMatch(of: /<?([^ <>]+@[^ <>]+)>?$/)?.1))
    }

    private func messageID(_ question: Leaving) throws -> String {
        String(try #require(question.header.field("Message-ID")).dropFirst().dropLast())
    }

    static let ways: [(name: String, author: String, by: String, subject: String)] = [
        ("by token", legal, "token", "Yes"), ("by token, from a colleague", "boss@firm.example", "token", "ODP: yes"),
        ("by thread", legal, "thread", "Yes"), ("by thread, from a colleague's phone", "boss@firm.example", "thread", "RE:"),
        ("by mark, with To typed by hand", legal, "mark", "AW: [?1-1] Where is my parcel?"),
        ("by the case's stamp", legal, "stamp", "PD: [#1] Where is my parcel?"),
    ]

    @Test(arguments: ways) func `an answer is recognised`(
        name: String, author: String, by way: String, subject: String
    ) async throws {
        try await asking { desk, question in
            let to = way == "token" ? try replyAddress(question) : "help@acme.example"
            let answer = TestMail(
                author: author, from: author, to: to, cc: Self.jan, subject: subject, id: "a@firm.example",
                inReplyTo: way == "thread" ? try messageID(question) : nil, body: "Yes. DEPTSECRET\r\n")
            #expect(try await desk.receive(answer.octets, from: author, to: [to]) == 250)
            #expect(try await desk.number("SELECT count(*) FROM ticket") == 1)
            let filed = try #require(try await desk.messages(1).last)
            #expect(filed.kind == .consultationIn, "\(name)")
            // Reply and Reply-All reach the department only.
            #expect(filed.header.field("Reply-To") == "Legal <legal@firm.example>")
            #expect(filed.header.field("Cc") == nil && !(filed.header.field("To") ?? "").contains("jan@"))
            #expect(try await desk.ticket(1).status == .assigned)
            #expect(try await desk.place(1) == "inbox anna@acme.example")
            #expect(try await desk.number("SELECT state FROM consultation") == 3)
            #expect(try await desk.number("SELECT count(*) FROM timer WHERE kind = 8") == 0)
            #expect(try await desk.texts("SELECT spelling FROM address") == [Self.jan])
        }
    }

    @Test func `a mark from anybody else proves nothing, and a department starts cases as any customer`() async throws {
        try await asking { (desk, _) async throws in
            let stranger = TestMail.stranger(subject: "Re: [?1-1] Where is my parcel?")
            #expect(try await desk.receive(stranger.octets, from: "eve@elsewhere.example", to: ["help@acme.example"]) == 250)
            let own = TestMail(author: Self.legal, from: Self.legal, subject: "A matter of ours", id: "o@firm.example")
            #expect(try await desk.receive(own.octets, from: Self.legal, to: ["help@acme.example"]) == 250)
            #expect(try await desk.number("SELECT count(*) FROM ticket") == 3)
            #expect(try await desk.ticket(1).status == .consultation)
        }
    }

    @Test func `a second answer, a late one and one into a closed case are filed and bring the case back`() async throws {
        try await asking { desk, question in
            let to = try replyAddress(question)
            for number in 1...3 {
                if number == 3 { try await desk.decide(.setStatus(.closed), 1, as: Self.anna) }
                desk.clock.advance(by: .seconds(86400))
                let answer = TestMail(
                    author: Self.legal, from: Self.legal, to: to, subject: "Yes \(number)", id: "a\(number)@firm.example")
                #expect(try await desk.receive(answer.octets, from: Self.legal, to: [to]) == 250)
                #expect(try await desk.ticket(1).status == .assigned)
            }
            #expect(try await desk.messages(1).filter { $0.kind == .consultationIn }.count == 3)
        }
    }

    @Test func `an out-of-office is no answer, a bounce brings the case back`() async throws {
        try await asking { desk, question in
            let to = try replyAddress(question)
            let away = TestMail(
                author: Self.legal, from: Self.legal, to: to, subject: "Away", id: "o@firm.example",
                extra: ["Auto-Submitted: auto-replied"])
            #expect(try await desk.receive(away.octets, from: nil, to: [to]) == 250)
            #expect(try await desk.ticket(1).status == .consultation)
            #expect(try await desk.number("SELECT state FROM consultation") == 2)
            #expect(try await desk.messages(1).last?.kind == .consultationIn)
            let reversePath = try #require(question.reversePath)
            let bounce = TestMail(
                from: "Mail Delivery <mailer-daemon@firm.example>", to: reversePath, subject: "Undelivered",
                id: "b@firm.example")
            #expect(try await desk.receive(bounce.octets, from: nil, to: [reversePath]) == 250)
            #expect(try await desk.ticket(1).status == .assigned)
            #expect(try await desk.number("SELECT state FROM consultation") == 5)
        }
    }

    @Test func `nothing of a department's answer reaches the customer unless the agent insists`() async throws {
        try await asking { desk, question in
            let to = try replyAddress(question)
            let answer = TestMail(
                author: Self.legal, from: Self.legal, to: to, subject: "Yes", id: "a@firm.example",
                body: "The DEPTSECRET is that we never refund such parcels at all.\r\n")
            try await desk.receive(answer.octets, from: Self.legal, to: [to])
            let reply = TestMail(
                from: Self.anna, to: Self.jan, subject: "Re: [#1] Where is my parcel?", id: "r@laptop",
                inReplyTo: "a@firm.example",
                body: "No.\r\n\r\n> The DEPTSECRET is that we never refund such parcels at all.\r\n")
            #expect(try await desk.send(reply, as: Self.anna, to: [Self.jan]).code == 250)
            #expect(try await desk.outbox().count == 1)
            #expect(try await desk.toSend(Self.anna).first?.header.field("X-Stempel-Held")?.contains("quotes-internal") == true)
            // Reply goes to the department: another round.
            let again = TestMail(
                from: Self.anna, to: Self.legal, subject: "Re: [#1] Yes", id: "s@laptop", inReplyTo: "a@firm.example",
                body: "Sure?\r\n")
            #expect(try await desk.send(again, as: Self.anna, to: [Self.legal]).code == 250)
            #expect(try await desk.left().last == "[?1-2] Where is my parcel?")
        }
    }

    @Test(arguments: [true, false])
    func `who has read a department's answer may answer the customer's older mail`(hasRead: Bool) async throws {
        try await asking { desk, question in
            let to = try replyAddress(question)
            let answer = TestMail(
                author: Self.legal, from: Self.legal, to: to, subject: "Yes", id: "a@firm.example", body: "Do.\r\n")
            try await desk.receive(answer.octets, from: Self.legal, to: [to])
            if hasRead {
                let agent = desk.agent(Self.anna)
                try await desk.store.write { (transaction: Transaction) in
                    guard let key = try transaction.newestMessage(in: TicketNumber(rawValue: 1)) else { return }
                    try transaction.setPersonalFlags([.seen], of: key, for: agent, at: transaction.takeModSequence())
                }
            }
            let reply = Self.mail("r@laptop", to: Self.jan, body: "We will.\r\n")
            #expect(try await desk.send(reply, as: Self.anna, to: [Self.jan]).code == 250)
            #expect(
                try await desk.toSend(Self.anna).first?.header.field("X-Stempel-Held") == (hasRead ? nil : "case-changed"))
        }
    }

    // MARK: - Time

    @Test func `who does not answer is reminded once each time, whoever looks, and a supervisor hears of it`() async throws {
        try await asking { desk, question in
            let (one, two) = (desk.reminders(), desk.reminders())
            func pass(_ time: Duration) async {
                desk.clock.advance(by: time)
                async let first = one.carryOutDue()
                async let second = two.carryOutDue()
                _ = await (first, second)
                _ = await desk.reminders().carryOutDue()
            }
            await pass(.seconds(4 * 3600 - 1))
            #expect(try await desk.outbox().count == 1)
            await pass(.seconds(1))
            let (mail, body) = try await asked(desk)
            #expect(try await desk.outbox().count == 2)
            #expect(mail.header.field("Subject") == "[?1-1] Reminder: Where is my parcel?")
            #expect(body.contains("Still open:") && mail.header.field("Auto-Submitted") == "auto-generated")
            #expect(try await desk.shown(.inbox(desk.agent(Self.sue))).isEmpty)
            await pass(.seconds(2 * 3600))
            #expect(try await desk.outbox().count == 3)
            #expect(try await desk.shown(.inbox(desk.agent(Self.sue))).count == 1)
            await pass(.seconds(2 * 3600))
            #expect(try await desk.shown(.inbox(desk.agent(Self.sue))).count == 1)
            let to = try replyAddress(question)
            let answer = TestMail(author: Self.legal, from: Self.legal, to: to, subject: "Yes", id: "a@firm.example")
            try await desk.receive(answer.octets, from: Self.legal, to: [to])
            let count = try await desk.outbox().count
            await pass(.seconds(86400))
            #expect(try await desk.outbox().count == count)
        }
    }

    private func figures(_ desk: DeskFixture) async throws -> [FigureEvent.Change] {
        try await desk.store.read { (transaction: Transaction) in
            var found: [FigureEvent.Change] = []
            _ = try transaction.figureEvents(after: 0, limit: 1000) { found.append($0.change) }
            return found
        }
    }

    @Test func `reports hear of questions and of how they ended`() async throws {
        try await asking { desk, question in
            let legal = desk.department("Legal")
            #expect(try await figures(desk).contains(.consulted(legal)))
            #expect(desk.roster.current.departmentNames[legal] == "Legal")
            desk.clock.advance(by: .seconds(4 * 3600 + 1))
            let to = try replyAddress(question)
            let answer = TestMail(author: Self.legal, from: Self.legal, to: to, subject: "Yes", id: "a@firm.example")
            try await desk.receive(answer.octets, from: Self.legal, to: [to])
            let found = try await figures(desk)
            #expect(found.contains(.consultationEnded(legal, isLate: true)))
            // The question's case began with the only mail of a customer.
            #expect(found.count { $0 == .received(isAutomatic: false) } == 1)
            // What was written before such events told of departments says so after its migration.
            let migration = try #require(Schema.migrations.first { $0.number == 5 })
            try await desk.store.write { (transaction: Transaction) in
                try transaction.connection.run("UPDATE event SET from_value = NULL WHERE kind = \(EventKind.received)")
                // Its first statement; the others add columns, which are there.
                if let statement = migration.statements.first { try transaction.connection.run(statement) }
            }
            #expect(try await figures(desk) == found)
            let named = try await desk.store.read { (transaction: Transaction) in
                try transaction.connection.all("SELECT from_value FROM event WHERE kind = \(EventKind.received) ORDER BY id") {
                    $0.optionalText(0)
                }
            }
            #expect(named == [nil, legal.rawValue.description])
            // One that is called off in time is no figure, and the department is none that was late.
            try await desk.ask("Stock", about: 1, as: Self.anna)
            try await desk.decide(.setStatus(.done), 1, as: Self.anna)
            let ended = try await figures(desk).filter { if case .consultationEnded = $0 { true } else { false } }
            #expect(ended == [.consultationEnded(legal, isLate: true)])
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a thousand questions that fall due in one minute are reminded of once each, by two schedulers`() async throws {
        try await DeskFixture.run(.consulting) { desk in
            for number in 1...1000 {
                try await desk.open(TestMail(subject: "Mail \(number)", id: "m\(number)@customer.example"))
            }
            let (now, roster, held, agent, legal) = (
                desk.clock.now, desk.roster.current, desk.submission.held, desk.agent(Self.anna), desk.department("Legal")
            )
            for page in 0..<20 {
                try await desk.store.write { (transaction: Transaction) in
                    let work = CaseWork(transaction, roster: roster, now: now)
                    for number in page * 50 + 1...page * 50 + 50 {
                        try Consultations(held: held).ask(TicketNumber(rawValue: Int64(number)), legal, by: agent, work)
                    }
                }
            }
            #expect(try await desk.number("SELECT count(*) FROM timer WHERE kind = \(TimerKind.consultation)") == 1000)
            #expect(try await desk.outbox().count == 1000)
            desk.clock.advance(by: .seconds(4 * 3600))
            let (one, two) = (desk.reminders(), desk.reminders())
            // Customers go on to write meanwhile.
            async let first = one.carryOutDue()
            async let second = two.carryOutDue()
            for number in 1001...1020 {
                try await desk.open(TestMail(subject: "Mail \(number)", id: "m\(number)@customer.example"))
            }
            _ = await (first, second)
            #expect(try await desk.number("SELECT count(*) FROM event WHERE kind = \(EventKind.reminded)") == 1000)
            #expect(
                try await desk.number(
                    "SELECT count(DISTINCT ticket_id) FROM event WHERE kind = \(EventKind.reminded)") == 1000)
            #expect(try await desk.outbox().count == 2000)
            #expect(try await desk.number("SELECT count(*) FROM ticket") == 1020)
            _ = await desk.reminders().carryOutDue()
            #expect(try await desk.outbox().count == 2000)
        }
    }

    @Test func `nobody is reminded of a case that is done`() async throws {
        try await asking { desk, _ in
            try await desk.decide(.setStatus(.done), 1, as: Self.anna)
            #expect(try await desk.number("SELECT state FROM consultation") == 4)
            desk.clock.advance(by: .seconds(86400))
            _ = await desk.reminders().carryOutDue()
            #expect(try await desk.outbox().count == 1)
        }
    }
}
