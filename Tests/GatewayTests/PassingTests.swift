import Desk
import Gateway
import MailFormat
import MailTypes
import Storage
import TestKit
import Testing

/// What commands send to others than the customer that a mail answers: the correspondence passed on, a notice of a merge,
/// and cases in a customer's name (DESIGN §4).
@Suite struct PassingTests {
    private static let anna = "anna@acme.example"
    private static let bob = "bob@acme.example"
    private static let jan = "jan@customer.example"
    private static let law = "office@law.example"

    private static func written(
        _ body: String, by author: String = anna, to: String = "desk@acme.example", subject: String = "[#1]",
        id: String = "w@annas-laptop.local"
    ) -> TestMail {
        TestMail(
            author: author, from: author, to: to, subject: subject, id: id,
            extra: ["Content-Type: text/plain; charset=UTF-8", "User-Agent: Thunderbird"], body: body)
    }

    /// A case with a mail of the customer, a note of Bob's and an answer of his.
    private static func withThread(undo: Duration = .zero, _ body: (DeskFixture) async throws -> Void) async throws {
        var definition = DeskDefinition.example
        definition.undo = undo
        try await DeskFixture.run(definition) { desk in
            try await desk.open(TestMail(id: "m1@customer.example", body: "Where is it?\r\n"))
            try await desk.send(
                TestMail(
                    from: "Bob <\(bob)>", to: "note@acme.example", subject: "Re: [#1]", id: "n@bobs-laptop.local",
                    body: "SECRETNOTE about a difficult customer of ours\r\n"),
                as: bob, to: ["note@acme.example"])
            try await desk.send(
                TestMail(
                    from: bob, to: jan, subject: "Re: Where is my parcel?", id: "o@bobs-laptop.local",
                    inReplyTo: "m1@customer.example", body: "On its way.\r\n"),
                as: bob, to: [jan])
            try await desk.pass(undo)
            try await desk.confirm(bob)
            try await body(desk)
        }
    }

    // MARK: - Forward

    @Test(arguments: ["#forward", "#przekaż"])
    func `the correspondence goes on with the agent's words, and nothing internal with it`(word: String) async throws {
        try await Self.withThread { desk async throws in
            let place = try await desk.place(1)
            try await desk.send(
                Self.written("\(word) \(Self.law)\r\n\r\nIs he right in ${case.number}?\r\n\r\n> quoted\r\n"), as: Self.anna, to: ["desk@acme.example"])
            let left = try #require(try await desk.outbox().last)
            #expect(left.recipients == [Self.law])
            #expect(left.header.field("From") == "Acme Help <help@acme.example>")
            #expect(left.header.field("Subject") == "Fwd: [#1] Where is my parcel?")
            #expect(left.header.field("Reply-To")?.contains("help+1.") == true)
            let text = try await desk.leftText(2)
            for part in [
                "Anna (Acme Help) forwards case [#1].", "Status: waiting", "Subject: Where is my parcel?",
                "An answer to this mail goes into the case.", "Is he right in 1?", "Jan Kowalski <jan@customer.example>",
                "Where is it?", "On its way.",
            ] { #expect(text.contains(part), "\(part) in \(text)") }
            #expect(!text.contains("quoted") && !text.contains(word), "\(text)")
            try await desk.expectNoSecrets(but: ["Anna"])
            // It stops no clock and moves nothing.
            #expect(try await desk.place(1) == place)
            #expect(try await desk.events(1).last == .forwarded)
            #expect(try await desk.messages(1).last?.kind == .outbound)
        }
    }

    @Test func `notes go along only where that is asked for, and name nobody's address`() async throws {
        try await Self.withThread { desk async throws in
            try await desk.send(
                Self.written("#forward \(Self.law), with notes\r\n"), as: Self.anna, to: ["desk@acme.example"])
            let text = try await desk.leftText(2)
            #expect(text.contains("SECRETNOTE about a difficult customer") && text.contains("From: Bob (internal note)"))
            try await desk.expectNoSecrets(but: ["Anna", "SECRETNOTE"])
        }
    }

    @Test(arguments: [true, false]) func `an answer comes back into the case, or opens one of its own`(returns: Bool) async throws {
        try await Self.withThread { desk async throws in
            try await desk.send(
                Self.written("#forward \(Self.law)\(returns ? "" : " noreturn")\r\n"), as: Self.anna, to: ["desk@acme.example"])
            let left = try #require(try await desk.outbox().last)
            #expect((left.header.field("Reply-To") != nil) == returns)
            #expect(left.header.field("Subject")?.contains("[#1]") == returns)
            let (id, to) = (left.header.field("Message-ID") ?? "", left.header.field("Reply-To") ?? "<help@acme.example>")
            let answer = TestMail(
                author: Self.law, from: "Law <\(Self.law)>", to: to, subject: "Re: \(left.header.field("Subject") ?? "")",
                id: "l1@law.example", inReplyTo: String(id.dropFirst().dropLast()), references: id)
            let recipient = try #require(HeaderSection(Array("To: \(to)\r\n\r\n".utf8)).addresses(of: "To").first)
            try await desk.receive(answer.octets, from: Self.law, to: [recipient.address.description])
            #expect(try await desk.number("SELECT count(*) FROM ticket") == (returns ? 1 : 2))
            let kind = try await desk.messages(returns ? 1 : 2).last?.kind
            #expect(kind == (returns ? .unconfirmed : .inbound))
        }
    }

    @Test func `until the undo time is over it is recalled to the agent's own mail`() async throws {
        try await Self.withThread(undo: .seconds(30)) { desk async throws in
            let mail = Self.written("#forward \(Self.law)\r\n\r\nLook.\r\n")
            try await desk.send(mail, as: Self.anna, to: ["desk@acme.example"])
            #expect(try await desk.outbox().count == 1)
            #expect(try await desk.toSend(Self.anna).count == 1)
            try await desk.recall(Self.anna)
            #expect(try await desk.shown(.drafts(desk.agent(Self.anna))).first?.body == mail.body)
            try await desk.send(mail, as: Self.anna, to: ["desk@acme.example"])
            try await desk.pass(.seconds(31))
            #expect(try await desk.outbox().count == 2)
        }
    }

    @Test func `an answer can pass the correspondence on beside it, without its own words`() async throws {
        try await Self.withThread { desk async throws in
            var mail = Self.written("#forward \(Self.law)\r\n\r\nTo Jan only.\r\n", to: Self.jan, subject: "Re: [#1]")
            mail.inReplyTo = "m1@customer.example"
            try await desk.send(mail, as: Self.anna, to: [Self.jan])
            try await desk.confirm(Self.anna)
            #expect(try await desk.outbox().map(\.recipients) == [[Self.jan], [Self.law], [Self.jan]])
            let (passed, answer) = (try await desk.leftText(2), try await desk.leftText(3))
            #expect(!passed.contains("To Jan only.") && answer.contains("To Jan only."))
        }
    }

    @Test func `mails with files go whole behind the text, as far as there is room`() async throws {
        try await DeskFixture.run { desk in
            func mail(_ id: String, _ octets: Int) -> TestMail {
                let line = String(repeating: "A", count: 76) + "\r\n"
                return TestMail(
                    subject: "Re: [#1] Photos", id: id,
                    extra: ["MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b", "X-Stempel-Forged: x"],
                    body: "--b\r\nContent-Type: text/plain\r\n\r\nSee \(id).\r\n--b\r\nContent-Type: image/png; name=\(id).png\r\n"
                        + "Content-Transfer-Encoding: base64\r\n\r\n" + String(repeating: line, count: octets / 78) + "--b--\r\n")
            }
            try await desk.open(mail("small", 1000))
            try await desk.receive(mail("large", 11_000_000).octets, to: ["help@acme.example"], piece: 60000)
            try await desk.receive(mail("middle", 200_000).octets, to: ["help@acme.example"], piece: 60000)
            try await desk.send(Self.written("#forward \(Self.law)\r\n"), as: Self.anna, to: ["desk@acme.example"])
            let text = try await desk.leftText(1)
            #expect(text.contains("See small.") && text.contains("See large.") && text.contains("See middle."))
            #expect(text.contains("large.png (not attached)") && text.contains("Files: middle.png"))
            let body = try await desk.outgoingBody(1)
            #expect(body.count > 200_000 && body.count < 400_000)
            var scanner = MIMEScanner()
            scanner.consume(Array((try await desk.outbox().last?.header ?? "").utf8) + body)
            let parts = scanner.finish().root.children
            #expect(parts.map(\.isMessage) == [false, true, true])
            let whole = String(decoding: body, as: UTF8.self)
            #expect(whole.contains("Message-ID: <small>") && !whole.contains("Message-ID: <large>"))
            try await desk.expectNoSecrets(but: ["Anna"])
        }
    }

    private static let refused: [(TestMail, String, String)] = [
        (written("#forward bob@acme.example\r\n"), "desk@acme.example", "address of the desk"),
        (written("#forward \(law)\r\n", to: "new@elsewhere.example", subject: "Hello"), "new@elsewhere.example", "needs a case"),
        (written("#forward \(law)\r\n\r\nDear ${custmer.name}\r\n"), "desk@acme.example", "customer.name"),
        (written("#from \(jan)\r\n\r\nHe called.\r\n"), "desk@acme.example", "new mail"),
        (written("#from \(bob)\r\n\r\nHe called.\r\n", to: "help@acme.example", subject: "Call"), "help@acme.example", "not a customer"),
    ]

    @Test(arguments: refused) func `what cannot be passed on is explained, and nothing of it happens`(
        mail: TestMail, recipient: String, hint: String
    ) async throws {
        try await Self.withThread { desk async throws in
            #expect(try await desk.send(mail, as: Self.anna, to: [recipient]) == .accepted)
            #expect(try await desk.outbox().count == 1)
            #expect(try await desk.number("SELECT count(*) FROM ticket") == 1)
            let notices = try await desk.shown(.inbox(desk.agent(Self.anna)))
            #expect(notices.last?.body.replacing("=\r\n", with: "").contains(hint) == true, "\(notices.last?.body ?? "")")
            #expect(try await desk.shown(.drafts(desk.agent(Self.anna))).first?.body == mail.body)
        }
    }

    // MARK: - On a customer's behalf

    @Test func `what a customer said becomes a case in that name, with its source, and answers go to the customer`() async throws {
        try await DeskFixture.run { desk in
            let mail = Self.written(
                "#from Ewa Nowak <ewa@firm.example>\r\n#źródło telefon\r\n#take\r\n\r\nShe wants her money back.\r\n", to: "help@acme.example",
                subject: "Refund")
            #expect(try await desk.send(mail, as: Self.anna, to: ["help@acme.example"]) == .accepted)
            let ticket = try await desk.ticket(1)
            #expect(ticket.source == .phone && ticket.assignee == desk.agent(Self.anna) && ticket.pool == desk.pool("Help"))
            let filed = try #require(try await desk.messages(1).first)
            #expect(filed.kind == .inbound && filed.header.field("From") == "Ewa Nowak <ewa@firm.example>")
            #expect(filed.header.field("Subject") == "[#1] Refund")
            #expect(!filed.header.contains("annas-laptop") && !filed.header.contains(Self.anna))
            let id = try #require(filed.header.field("Message-ID"))
            #expect(try await desk.outbox().isEmpty)
            let answer = TestMail(
                from: Self.anna, to: "ewa@firm.example", subject: "Re: [#1] Refund", id: "a@annas-laptop.local",
                inReplyTo: String(id.dropFirst().dropLast()), body: "Done.\r\n")
            try await desk.send(answer, as: Self.anna, to: ["ewa@firm.example"])
            #expect(try await desk.outbox().last?.recipients == ["ewa@firm.example"])
            #expect(try await desk.ticket(1).status == .waiting)
            try await desk.expectNoSecrets()
            // The same mail once more is the same mail.
            try await desk.send(mail, as: Self.anna, to: ["help@acme.example"])
            #expect(try await desk.number("SELECT count(*) FROM ticket") == 1)
        }
    }

    @Test func `a mail to the desk's own address alone is still refused where it names no customer`() async throws {
        try await DeskFixture.run { desk async throws in
            let mail = Self.written("Hello\r\n", to: "help@acme.example", subject: "Hm")
            #expect(try await desk.send(mail, as: Self.anna, to: ["help@acme.example"]).code == 554)
            #expect(try await desk.number("SELECT count(*) FROM ticket") == 0)
        }
    }

    // MARK: - Merge

    @Test func `a customer is told of a merge where that is asked for, after the undo time`() async throws {
        try await Self.withThread(undo: .seconds(30)) { desk async throws in
            try await desk.open(TestMail(subject: "Once more", id: "m9@customer.example"))
            let status = try await desk.ticket(1).status
            // The case is Bob's since his answer.
            try await desk.send(Self.written("#połącz 2 powiadom\r\n", by: Self.bob), as: Self.bob, to: ["desk@acme.example"])
            #expect(try await desk.ticket(2).mergedInto == TicketNumber(rawValue: 1))
            #expect(try await desk.outbox().count == 1)
            try await desk.pass(.seconds(31))
            let left = try #require(try await desk.outbox().last)
            #expect(left.recipients == [Self.jan] && left.header.field("Auto-Submitted") == "auto-generated")
            #expect(try await desk.leftText(2).contains("[#2] and [#1] are about the same matter."))
            #expect(try await desk.messages(1).last?.kind == .automatic)
            let after = try await desk.ticket(1).status
            #expect(after == (status == .waiting ? .assigned : status))
            try await desk.expectNoSecrets()
        }
    }

    @Test(arguments: ["#merge 2 undo", "#scal 2 cofnij"])
    func `a merge is undone by a command, and only one that was made`(command: String) async throws {
        try await Self.withThread { desk async throws in
            try await desk.open(TestMail(subject: "Once more", id: "m9@customer.example"))
            for (line, id) in [(command, "u1"), ("#merge 2", "u2"), (command, "u3")] {
                let mail = Self.written(line + "\r\n", by: Self.bob, id: "\(id)@bobs-laptop.local")
                try await desk.send(mail, as: Self.bob, to: ["desk@acme.example"])
                let into = try await desk.ticket(2).mergedInto
                #expect((into != nil) == (id == "u2"), "\(id)")
            }
            let notices = try await desk.shown(.inbox(desk.agent(Self.bob))).filter { $0.header.contains("Subject: Not sent") }
            #expect(notices.count == 1)
            #expect(try await desk.place(2) == "new")
        }
    }

    @Test func `cases of different customers are joined without a notice, and one that nobody can be told of is not joined`() async throws {
        try await Self.withThread { desk async throws in
            try await desk.open(TestMail(author: "ola@other.example", from: "ola@other.example", subject: "Mine", id: "o1@other.example"))
            var mail = Self.written("#merge 2 anyway notify\r\n")
            (mail.from, mail.author) = ("Sue <sue@acme.example>", "sue@acme.example")
            try await desk.send(mail, as: "sue@acme.example", to: ["desk@acme.example"])
            #expect(try await desk.ticket(2).mergedInto == nil)
            #expect(try await desk.shown(.inbox(desk.agent("sue@acme.example"))).count == 1)
        }
    }
}

extension DeskFixture {
    /// The first text of a mail in the outbox, decoded, without its soft line ends.
    func leftText(_ submission: Int64) async throws -> String {
        let header = try #require(try await outbox().dropFirst(Int(submission) - 1).first, "no such mail left").header
        let body = try await outgoingBody(submission)
        var scanner = MIMEScanner()
        scanner.consume(Array(header.utf8) + body)
        var part = scanner.finish().root
        while let first = part.children.first { part = first }
        return TextDecoder.decodedText(part, Array(body[part.bodyOffset..<part.end])).replacing(" \r\n", with: " ")
    }
}
