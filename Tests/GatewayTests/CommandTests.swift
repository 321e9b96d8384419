import Desk
import Gateway
import MailFormat
import MailTypes
import Storage
import TestKit
import Testing

/// What agents tell the desk in lines of a mail, fields, templates and signatures (DESIGN §4).
@Suite struct CommandTests {
    private static let anna = "anna@acme.example"
    private static let bob = "bob@acme.example"
    private static let jan = "jan@customer.example"

    private func answer(_ body: String, to: String = jan, id: String = "a1@annas-laptop.local") -> TestMail {
        TestMail(
            author: Self.anna, from: "Anna <\(Self.anna)>", to: to, subject: "Re: Where is my parcel?", id: id,
            inReplyTo: "m1@customer.example", extra: ["Content-Type: text/plain; charset=UTF-8"], body: body)
    }

    private func withCase(
        _ change: (inout DeskDefinition) -> Void = { _ in }, _ body: (DeskFixture) async throws -> Void
    ) async throws {
        var definition = DeskDefinition.example
        change(&definition)
        try await DeskFixture.run(definition) { desk in
            try await desk.open(TestMail(id: "m1@customer.example"))
            try await body(desk)
        }
    }

    private func tags(_ desk: DeskFixture, _ number: Int64 = 1) async throws -> [String] {
        try await desk.store.read { (transaction: Transaction) in try transaction.tags(of: TicketNumber(rawValue: number)) }
    }

    @Test func `commands are cut out, done at once what concerns the case, and its status when the mail has left`() async throws {
        try await withCase { desk async throws in
            #expect(
                try await desk.send(
                    answer("#tag refund\r\n# Close\r\n#priority high\r\n\r\nYour money is on its way.\r\n"), as: Self.anna,
                    to: [Self.jan]) == .accepted)
            let ticket = try await desk.ticket(1)
            #expect(ticket.status == .closed)
            #expect(ticket.assignee == desk.agent(Self.anna))
            #expect(ticket.priority == .high)
            #expect(try await tags(desk) == ["refund"])
            let body = String(decoding: try await desk.outgoingBody(1), as: UTF8.self)
            #expect(body.contains("Your money is on its way."))
            #expect(!body.contains("#"))
        }
    }

    @Test func `while the mail waits the case stays where it is`() async throws {
        try await withCase({ $0.undo = .seconds(30) }) { desk async throws in
            try await desk.send(answer("#done\r\n\r\nDone.\r\n"), as: Self.anna, to: [Self.jan])
            #expect(try await desk.ticket(1).status == .new)
            #expect(try await desk.toSend(Self.anna).first?.body.contains("#done") == false)
            try await desk.pass(.seconds(31))
            #expect(try await desk.ticket(1).status == .done)
        }
    }

    @Test func `what a command changes of a case is told by an event, from what it was to what it is, once`() async throws {
        try await withCase { desk async throws in
            let lines = "#category parcels\r\n#source phone\r\n#due 2026-04-01\r\n#priority high\r\n"
            for id in ["1", "2"] {
                let mail = TestMail(
                    author: Self.anna, from: "Anna <\(Self.anna)>", to: "desk@acme.example", subject: "[#1]",
                    id: "d\(id)@annas-laptop.local", body: lines)
                try await desk.send(mail, as: Self.anna, to: ["desk@acme.example"])
            }
            let told = try await desk.texts(
                "SELECT kind || ' ' || coalesce(from_value, '-') || ' ' || to_value FROM event WHERE kind IN (20, 21, 22)")
            #expect(told.sorted() == ["20 normal high", "21 - parcels", "22 mail phone"])
            #expect(try await desk.events(1).count { $0 == .dueChanged } == 1)
        }
    }

    private static let wrong: [(String, String)] = [
        ("#clsoe\r\n\r\nHello\r\n", "#close"), ("#assign nobody\r\n\r\nHello\r\n", "nobody"),
        ("#winter sale\r\n\r\nHello\r\n", "##"), ("#template unheard-of\r\n\r\nHello\r\n", "unheard-of"),
        ("#consult legal\r\n\r\nHello\r\n", "goes with a note"), ("#merge 2 notify\r\n\r\nHello\r\n", "no case"),
        ("#from ewa@firm.example\r\n\r\nHello\r\n", "alone"), ("Dear ${customer.nmae}\r\n", "customer.name"),
    ]

    @Test(arguments: wrong) func `a wrong command sends nothing, explains itself, and leaves the mail among the drafts`(
        body: String, hint: String
    ) async throws {
        try await withCase { desk async throws in
            let reply = try await desk.send(answer("#tag sent\r\n" + body), as: Self.anna, to: [Self.jan])
            #expect(reply == .accepted, "\(reply)")
            #expect(try await desk.outbox().isEmpty)
            #expect(try await desk.ticket(1).status == .new)
            #expect(try await tags(desk).isEmpty)
            let notices = try await desk.shown(.inbox(desk.agent(Self.anna)))
            #expect(notices.count == 1)
            #expect(notices.first?.body.contains(hint) == true, "\(notices.first?.body ?? "")")
            let drafts = try await desk.shown(.drafts(desk.agent(Self.anna)))
            #expect(drafts.count == 1)
            #expect(drafts.first?.body == "#tag sent\r\n" + body)
        }
    }

    @Test func `a doubled mark is a mark`() async throws {
        try await withCase { desk async throws in
            try await desk.send(answer("##1 in service\r\n"), as: Self.anna, to: [Self.jan])
            #expect(String(decoding: try await desk.outgoingBody(1), as: UTF8.self) == "#1 in service\r\n")
        }
    }

    @Test func `fields and templates are filled in, and the signature stands above the quotation, once`() async throws {
        try await withCase({ desk in
            desk.templates = [TemplateDefinition(name: "refund", text: "Dear ${customer.name}, case ${case.number} is settled.\n")]
            desk.agents[0].signature = SignatureDefinition(
                text: "${agent.name}, ${pool.senderName}", picture: .init(format: .jpeg, octets: [0xFF, 0xD8, 0xFF, 0xD9]))
        }) { desk async throws in
            try await desk.send(
                answer("#template refund\r\n\r\nRegards\r\n\r\nOn 3 March 2026, Jan Kowalski wrote:\r\n> Hello ${case.number}\r\n", to: "Jan Kowalski <\(Self.jan)>"),
                as: Self.anna, to: [Self.jan])
            let body = String(decoding: try await desk.outgoingBody(1), as: UTF8.self)
            #expect(body.contains("Dear Jan Kowalski, case 1 is settled."))
            #expect(body.contains("Anna, Acme Help"))
            #expect(body.contains("Hello ${case.number}"))
            #expect(!body.contains("#template"))
            #expect(body.split(separator: "Content-Type: image/jpeg").count == 2 && body.contains("\r\n/9j/2Q==\r\n"))
            let lines = body.split(separator: "\r\n")
            let signature = lines.firstIndex { $0.contains("Anna, Acme Help") } ?? .max
            #expect(signature < lines.firstIndex { $0.hasPrefix("> Hello") } ?? 0)
        }
    }

    @Test func `what is known of a customer is filled in where the mail names none`() async throws {
        try await withCase { desk async throws in
            let known = TestMail(
                author: Self.anna, from: Self.anna, to: "desk@acme.example", subject: "[#1] x", id: "known@laptop",
                body: "#customer firm=Turtles Ltd\r\n#customer phone=600\r\n")
            try await desk.send(known, as: Self.anna, to: ["desk@acme.example"])
            try await desk.send(
                answer("${customer.name} of ${customer.firm}, ${customer.phone}.\r\n"), as: Self.anna, to: [Self.jan])
            let body = String(decoding: try await desk.outgoingBody(1), as: UTF8.self)
            #expect(body.hasPrefix("Jan Kowalski of Turtles Ltd, 600."), "\(body)")
        }
    }

    @Test func `a mail to the desk's own address carries commands for the case in its subject`() async throws {
        try await withCase { desk async throws in
            let mail = TestMail(
                author: Self.anna, from: "Anna <\(Self.anna)>", to: "desk@acme.example", subject: "[#1] take", id: "b1@annas-laptop.local",
                body: "#take\r\n#tag vip\r\n")
            #expect(try await desk.send(mail, as: Self.anna, to: ["desk@acme.example"]) == .accepted)
            #expect(try await desk.ticket(1).assignee == desk.agent(Self.anna))
            #expect(try await tags(desk) == ["vip"])
            #expect(try await desk.messages(1).map(\.kind) == [.inbound])
            #expect(try await desk.shown(.inbox(desk.agent(Self.anna))).isEmpty == false)
        }
    }

    @Test func `a note can command, too, and is none where nothing but commands stand in it`() async throws {
        try await withCase { desk async throws in
            try await desk.send(
                TestMail(author: Self.anna, from: "Anna <\(Self.anna)>", to: "note@acme.example", subject: "[#1]", id: "n1@annas-laptop.local", body: "#follow\r\n"),
                as: Self.anna, to: ["note@acme.example"])
            #expect(try await desk.messages(1).map(\.kind) == [.inbound])
            try await desk.send(answer("#note\r\n#category parcels\r\n\r\nCustomer is upset.\r\n", id: "n2@annas-laptop.local"), as: Self.anna, to: [Self.jan])
            #expect(try await desk.messages(1).map(\.kind) == [.inbound, .note])
            #expect(try await desk.ticket(1).category == "parcels")
            #expect(try await desk.outbox().isEmpty)
        }
    }

    @Test func `one mail to several customers opens a case for each, who hear nothing of each other`() async throws {
        try await withCase { desk async throws in
            let mail = TestMail(
                author: Self.anna, from: "Anna <\(Self.anna)>", to: "a@one.example, b@two.example", subject: "News",
                id: "e1@annas-laptop.local", body: "#each\r\n\r\nWe moved.\r\n")
            try await desk.send(mail, as: Self.anna, to: ["a@one.example", "b@two.example"])
            let outbox = try await desk.outbox()
            #expect(outbox.map(\.recipients) == [["a@one.example"], ["b@two.example"]])
            #expect(outbox.allSatisfy { !$0.header.contains("one.example") || !$0.header.contains("two.example") })
            #expect(try await desk.number("SELECT count(*) FROM ticket") == 3)
        }
    }

    @Test func `copies are added to the mail, and merged cases and splits follow their commands`() async throws {
        try await withCase { desk async throws in
            try await desk.open(TestMail(subject: "Second", id: "m2@customer.example"))
            try await desk.send(
                answer("#merge 2\r\n#cc boss@customer.example\r\n\r\nBoth are one.\r\n"), as: Self.anna, to: [Self.jan])
            #expect(try await desk.ticket(2).mergedInto == TicketNumber(rawValue: 1))
            // What the other case brought was not known when the mail was written: it is held with a doubt.
            #expect(try await desk.outbox().isEmpty)
            try await desk.confirm(Self.anna)
            let leaving = try await desk.outbox().last
            #expect(leaving?.recipients == [Self.jan, "boss@customer.example"])
            #expect(leaving?.header.field("Cc") == "boss@customer.example")
        }
    }

    @Test func `a mail is held until the time it names`() async throws {
        try await withCase { desk async throws in
            let time = CivilTime(desk.clock.now + .seconds(3 * 86400))
            let day = "\(time.year)-\(time.month < 10 ? "0" : "")\(time.month)-\(time.day < 10 ? "0" : "")\(time.day)"
            try await desk.send(answer("#send \(day) 09:00\r\n\r\nLater.\r\n"), as: Self.anna, to: [Self.jan])
            #expect(try await desk.outbox().isEmpty)
            #expect(try await desk.toSend(Self.anna).count == 1)
            try await desk.pass(.seconds(4 * 86400))
            #expect(try await desk.outbox().count == 1)
        }
    }
}
