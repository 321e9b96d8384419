import Desk
import Gateway
import MailFormat
import MailTypes
import Storage
import Testing

/// What sending means (DESIGN §4), over a real database.
@Suite struct SubmissionTests {
    private static let anna = "anna@acme.example"
    private static let jan = "jan@customer.example"

    /// An answer of Anna's to the customer's first mail.
    private static func answer(
        _ subject: String = "Re: [#1] Where is my parcel?", to: String = jan, cc: String? = nil,
        inReplyTo: String? = "first@customer.example", references: String? = nil, extra: [String] = []
    ) -> TestMail {
        TestMail(
            author: anna, from: "Anna <\(anna)>", to: to, cc: cc, subject: subject, id: "client-1@laptop",
            inReplyTo: inReplyTo, references: references,
            extra: ["User-Agent: Thunderbird", "X-Identity: \(anna)", "Sender: \(anna)"] + extra, body: "It comes.\r\n")
    }

    private func withCase(_ body: (DeskFixture) async throws -> Void) async throws {
        try await DeskFixture.run { desk in
            _ = try await desk.open(TestMail(id: "first@customer.example"))
            try await body(desk)
        }
    }

    // MARK: - What is refused

    @Test(arguments: ["bob@acme.example", "returns@acme.example", "else@where.example"])
    func `nobody sends from an address of others`(author: String) async throws {
        try await withCase { desk async throws in
            var mail = Self.answer()
            mail.from = author
            let byHeader = try await desk.send(mail, as: Self.anna, from: Self.anna, to: [Self.jan])
            #expect(byHeader.description.hasPrefix("550 5.7.1"))
            let byEnvelope = try await desk.send(Self.answer(), as: Self.anna, from: author, to: [Self.jan])
            #expect(byEnvelope.description.hasPrefix("550 5.7.1"))
            #expect(try await desk.outbox().isEmpty)
            #expect(try await desk.place(1) == "new")
        }
    }

    @Test func `a case of somebody else's pool is out of reach by thread, address and stamp`() async throws {
        try await DeskFixture.run { desk in
            _ = try await desk.open(TestMail(id: "first@customer.example"), to: ["returns@acme.example"])
            let signed = desk.keys.signedAddress(
                emailAddress("returns@acme.example"), ticket: TicketNumber(rawValue: 1), purpose: .reply, subject: 1)
            let byStamp = Self.answer(inReplyTo: nil)
            let byAddress = Self.answer("x", cc: signed.description, inReplyTo: nil)
            let root = try #require(try await desk.ticket(1).rootMessageID(host: DeskFixture.host)).text
            for mail in [byStamp, byAddress, Self.answer("x", inReplyTo: root)] {
                #expect(try await desk.send(mail, as: Self.anna, to: [Self.jan]).code == 550)
            }
            #expect(try await desk.outbox().isEmpty)
            #expect(try await desk.number("SELECT count(*) FROM content") == 1)
        }
    }

    @Test func `a mail to nobody outside is refused`() async throws {
        try await withCase { desk async throws in
            let reply = try await desk.send(
                Self.answer(to: "help@acme.example"), as: Self.anna, to: ["help@acme.example", "bob@acme.example"])
            #expect(reply.code == 554)
            #expect(try await desk.number("SELECT count(*) FROM ticket") == 1)
        }
    }

    @Test func `a receipt is dropped and automatic mail refused`() async throws {
        try await withCase { desk async throws in
            let receipt = Self.answer(
                extra: ["Content-Type: multipart/report; report-type=disposition-notification; boundary=b"])
            #expect(try await desk.send(receipt, as: Self.anna, from: nil, to: [Self.jan]).code == 250)
            let automatic = Self.answer(extra: ["Auto-Submitted: auto-replied"])
            #expect(try await desk.send(automatic, as: Self.anna, to: [Self.jan]).code == 550)
            #expect(try await desk.outbox().isEmpty)
            #expect(try await desk.place(1) == "new")
        }
    }

    // MARK: - An answer

    @Test func `an answer leaves from the pool with stamp and signed addresses and nothing of the agent`() async throws
    {
        try await withCase { desk async throws in
            let root = try #require(try await desk.ticket(1).rootMessageID(host: DeskFixture.host))
            let mail = Self.answer(
                "Re: Where is my parcel?", cc: "Ewa <ewa@customer.example>, help@acme.example, bob@acme.example",
                references: "\(root) <first@customer.example>")
            let recipients = [Self.jan, "ewa@customer.example", "help@acme.example", "bob@acme.example"]
            #expect(try await desk.send(mail, as: Self.anna, from: Self.anna, to: recipients).code == 250)
            let outbox = try await desk.outbox()
            let leaving = try #require(outbox.first)
            #expect(outbox.count == 1 && leaving.recipients == [Self.jan, "ewa@customer.example"])
            let header = leaving.header
            #expect(header.field("From") == "Acme Help <help@acme.example>")
            #expect(header.field("Subject") == "Re: [#1] Where is my parcel?")
            #expect(header.field("Cc") == "Ewa <ewa@customer.example>")
            #expect(header.field("In-Reply-To") == "<first@customer.example>")
            #expect(header.field("References") == "<first@customer.example>")
            for word in ["anna", "Anna", "bob", "Thunderbird", "X-", "ticket-", "Sender:", "laptop"] {
                #expect(!header.contains(word), "\(word) is in \(header)")
            }
            let replyTo = HeaderSection(Array(header.utf8)).addresses(of: "Reply-To")
            #expect(replyTo.first.flatMap { desk.keys.token(in: $0.address) }?.ticket == TicketNumber(rawValue: 1))
            #expect(replyTo.first?.displayName == "Acme Help")
            let id = try #require(HeaderSection(Array(header.utf8)).messageID)
            #expect(desk.keys.token(in: id, host: DeskFixture.host)?.purpose == .reply)
            #expect(leaving.reversePath.flatMap { desk.keys.token(in: emailAddress($0)) }?.purpose == .bounce)
            #expect(leaving.clientMessageID == "client-1@laptop")
        }
    }

    @Test func `an answer takes the case, leaves it waiting and is part of the thread`() async throws {
        try await withCase { desk async throws in
            #expect(try await desk.send(Self.answer(), as: Self.anna, to: [Self.jan]).code == 250)
            #expect(try await desk.place(1) == "waiting \(Self.anna)")
            let messages = try await desk.messages(1)
            #expect(messages.map(\.kind) == [.inbound, .outbound])
            #expect(messages.map { $0.flags.contains(.answered) } == [true, false])
            let root = try #require(try await desk.ticket(1).rootMessageID(host: DeskFixture.host)).description
            #expect(messages.last?.header.field("References") == "\(root) <first@customer.example>")
            #expect(messages.last?.header.field("X-Stempel-Case") == "1")
            #expect(try await desk.events(1) == [.opened, .received, .assigned, .statusChanged, .firstAnswered, .answered])
            // Anna has seen what she wrote, Bob has not.
            #expect(
                try await desk.texts("SELECT agent_id || ' ' || flags FROM agent_message")
                    == ["\(desk.agent(Self.anna)) \(Flags.seen.rawValue)"])
        }
    }

    @Test func `the customer's answer to it comes back into the case`() async throws {
        try await withCase { desk async throws in
            try await desk.send(Self.answer(), as: Self.anna, to: [Self.jan])
            let outbox = try await desk.outbox()
            let header = HeaderSection(Array(try #require(outbox.first).header.utf8))
            let back = try #require(header.addresses(of: "Reply-To").first).address.description
            let id = try #require(header.messageID).text
            // By the id alone even where the database never saw it, and by the address alone.
            try await desk.receive(TestMail(subject: "a", inReplyTo: id).octets, to: ["help@acme.example"])
            try await desk.receive(TestMail(subject: "b").octets, to: [back])
            #expect(try await desk.messages(1).map(\.kind) == [.inbound, .outbound, .inbound, .inbound])
            #expect(try await desk.place(1) == "inbox \(Self.anna)")
        }
    }

    @Test func `an answer that comes back by a detour opens no case and moves nothing`() async throws {
        try await withCase { desk async throws in
            try await desk.send(Self.answer(), as: Self.anna, to: [Self.jan])
            let header = try #require(try await desk.outbox().first).header
            let octets = Array((header + "It comes.\r\n").utf8)
            try await desk.receive(octets, from: "list@else.example", to: ["help@acme.example"])
            #expect(try await desk.messages(1).map(\.kind) == [.inbound, .outbound, .unconfirmed])
            #expect(try await desk.place(1) == "waiting \(Self.anna)")
            #expect(try await desk.number("SELECT count(*) FROM ticket") == 1)
        }
    }

    @Test func `a colleague's case keeps its assignee`() async throws {
        try await withCase { desk async throws in
            try await desk.decide(.take, 1, as: "bob@acme.example")
            try await desk.send(Self.answer(), as: Self.anna, to: [Self.jan])
            #expect(try await desk.place(1) == "waiting bob@acme.example")
        }
    }

    @Test func `after a change of pool the answer leaves from the new pool`() async throws {
        try await withCase { desk async throws in
            try await desk.decide(.changePool(desk.pool("Returns")), 1, as: Self.anna)
            var mail = Self.answer()
            mail.from = "bob@acme.example"
            #expect(try await desk.send(mail, as: "bob@acme.example", to: [Self.jan]).code == 250)
            let outbox = try await desk.outbox()
            #expect(outbox.first?.header.field("From") == "Returns <returns@acme.example>")
            #expect(outbox.first?.reversePath?.hasPrefix("returns+1.") == true)
        }
    }

    @Test func `the address that the customer wrote to answers, as the desk spells it`() async throws {
        try await DeskFixture.run { desk in
            _ = try await desk.open(TestMail(id: "first@customer.example"), to: ["SUPPORT+x@acme.example"])
            try await desk.send(Self.answer(), as: Self.anna, to: [Self.jan])
            #expect(try await desk.outbox().first?.header.field("From") == "Acme Help <support@acme.example>")
        }
    }

    @Test func `a large answer leaves with the body as it was written`() async throws {
        try await withCase { desk async throws in
            var mail = Self.answer()
            mail.body = String(repeating: "0123456789\r\n", count: 20_000)
            try await desk.send(mail, as: Self.anna, to: [Self.jan])
            let body = try await desk.store.write { (transaction: Transaction) in
                var octets: [UInt8] = []
                var piece = 0
                while let next = try transaction.outgoingBody(of: SubmissionID(rawValue: 1), piece: piece) {
                    octets += next
                    piece += 1
                }
                return octets
            }
            #expect(body == Array(mail.body.utf8))
        }
    }

    // MARK: - Other meanings

    @Test func `a mail to nobody who takes part does not wait`() async throws {
        try await withCase { desk async throws in
            let forward = Self.answer(
                "Fwd: [#1] Where is my parcel?", to: "carrier@else.example", inReplyTo: nil,
                extra: ["X-Forwarded-Message-Id: <first@customer.example>"])
            #expect(try await desk.send(forward, as: Self.anna, to: ["carrier@else.example"]).code == 250)
            #expect(try await desk.place(1) == "new")
            #expect(try await desk.messages(1).map(\.flags) == [.forwarded, []])
            #expect(try await desk.number("SELECT count(*) FROM participant") == 1)
            #expect(try await desk.events(1).last == .forwarded)
            #expect(try await desk.outbox().first?.header.contains("X-Forwarded") == false)
        }
    }

    @Test func `an answer to an unconfirmed mail makes its author take part`() async throws {
        try await withCase { desk async throws in
            try await desk.receive(
                TestMail.stranger(inReplyTo: "first@customer.example", id: "eve@elsewhere.example").octets,
                from: "eve@elsewhere.example", to: ["help@acme.example"])
            try await desk.send(
                Self.answer(to: "eve@elsewhere.example", inReplyTo: "eve@elsewhere.example"), as: Self.anna,
                to: ["eve@elsewhere.example"])
            #expect(try await desk.place(1) == "waiting \(Self.anna)")
            try await desk.receive(
                TestMail.stranger(subject: "[#1] again").octets, from: "eve@elsewhere.example",
                to: ["help@acme.example"])
            #expect(try await desk.messages(1).map(\.kind) == [.inbound, .unconfirmed, .outbound, .inbound])
            #expect(try await desk.place(1) == "inbox \(Self.anna)")
        }
    }

    @Test func `a new mail to a customer opens a case in the pool it is written from`() async throws {
        try await DeskFixture.run { desk in
            var mail = Self.answer("About your order", inReplyTo: nil)
            #expect(try await desk.send(mail, as: Self.anna, to: [Self.jan]).code == 250)
            mail.from = "Support <support@acme.example>"
            #expect(try await desk.send(mail, as: Self.anna, from: "support@acme.example", to: [Self.jan]).code == 250)
            for number in [Int64(1), 2] {
                #expect(try await desk.place(number) == "waiting \(Self.anna)")
                #expect(try await desk.ticket(number).pool == desk.pool("Help"))
                #expect(try await desk.messages(number).map(\.kind) == [.outbound])
            }
            let outbox = try await desk.outbox()
            #expect(
                outbox.map { $0.header.field("From") }
                    == ["Acme Help <help@acme.example>", "Acme Help <support@acme.example>"])
            #expect(outbox.map { $0.header.field("Subject") } == ["[#1] About your order", "[#2] About your order"])
            // The customer's answer speaks as the customer.
            try await desk.receive(TestMail(subject: "Re: [#1] About your order").octets, to: ["help@acme.example"])
            #expect(try await desk.place(1) == "inbox \(Self.anna)")
        }
    }
}
