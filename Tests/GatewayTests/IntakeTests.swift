import Desk
import Gateway
import MailTypes
import Storage
import TestKit
import Testing

/// Where a mail from outside goes (DESIGN §5), over a real database.
@Suite struct IntakeTests {
    @Test func `a first mail opens a case in New`() async throws {
        try await DeskFixture.run { desk in
            let case1 = try await desk.open()
            let ticket = try await desk.ticket(case1)
            #expect(case1 == 1 && ticket.status == .new && ticket.assignee == nil)
            #expect(ticket.pool == desk.pool("Help") && ticket.address == emailAddress("help@acme.example"))
            #expect(try await desk.place(case1) == "new")
            #expect(try await desk.events(case1) == [.opened, .received])
            #expect(try await desk.open(TestMail(author: "eve@elsewhere.example")) == 2)
        }
    }

    @Test func `customers are kept with their addresses and names`() async throws {
        try await DeskFixture.run { desk in
            _ = try await desk.open(
                TestMail(
                    from: "jan@customer.example", cc: "\"Kowalska, Ewa\" <Ewa@Customer.example>, help@acme.example"))
            _ = try await desk.open(TestMail(from: "=?utf-8?q?Jan_=C5=BB=C3=B3=C5=82w?= <JAN@customer.example>"))
            #expect(
                try await desk.texts(
                    "SELECT identity || '|' || spelling || '|' || coalesce(display_name, '') FROM address ORDER BY id")
                    == [
                        "jan@customer.example|jan@customer.example|Jan Żółw",
                        "ewa@customer.example|Ewa@customer.example|Kowalska, Ewa",
                    ])
            #expect(try await desk.texts("SELECT name FROM customer ORDER BY id") == ["Jan Żółw", "Kowalska, Ewa"])
            #expect(try await desk.number("SELECT count(*) FROM participant") == 3)
        }
    }

    @Test(arguments: [
        "help@acme.example", "SUPPORT@Acme.Example", "help+old@acme.example", "postmaster@acme.example",
        "Abuse@acme.example",
    ])
    func `every address of a pool leads there`(recipient: String) async throws {
        try await DeskFixture.run { desk in
            let number = try await desk.open(to: [recipient])
            #expect(try await desk.ticket(number).pool == desk.pool("Help"))
        }
    }

    @Test func `unknown addresses are refused and other domains are relaying`() async throws {
        try await DeskFixture.run { desk in
            #expect(desk.intake.verify(recipient: emailAddress("who@acme.example")) == .refused(.unknownRecipient))
            #expect(desk.intake.verify(recipient: emailAddress("help@else.example")) == .refused(.relayingDenied))
            #expect(desk.intake.verify(recipient: emailAddress("anna@acme.example")) == .refused(.unknownRecipient))
            #expect(desk.intake.verifyPostmaster() == .accepted)
        }
    }

    // MARK: - Thread, address, stamp

    @Test func `an answer by thread goes into its case, wherever the reference stands`() async throws {
        try await DeskFixture.run { desk in
            let case1 = try await desk.open(TestMail(id: "first@customer.example"))
            for mail in [
                TestMail(subject: "Re: x", id: "2@customer.example", inReplyTo: "first@customer.example"),
                TestMail(subject: "Re: x", references: "<other@x> <first@customer.example>"),
                TestMail(subject: "Re: x", references: "<first@customer.example>\r\n <unknown@x.example>"),
            ] {
                #expect(try await desk.receive(mail.octets, to: ["help@acme.example"]) == 250)
            }
            #expect(try await desk.messages(case1).map(\.kind) == [.inbound, .inbound, .inbound, .inbound])
            #expect(try await desk.number("SELECT count(*) FROM ticket") == 1)
        }
    }

    @Test func `an answer to a signed address goes into its case, in any case of letters`() async throws {
        try await DeskFixture.run { desk in
            let case1 = try await desk.open()
            let signed = desk.keys.signedAddress(
                emailAddress("help@acme.example"), ticket: TicketNumber(rawValue: case1), purpose: .reply, subject: 1)
            for spelling in [signed.description, signed.description.uppercased()] {
                try await desk.receive(TestMail(subject: "no stamp").octets, to: [spelling])
            }
            #expect(try await desk.messages(case1).map(\.kind) == [.inbound, .inbound, .inbound])
        }
    }

    @Test func `a signed form of postmaster is an address of ours`() async throws {
        try await DeskFixture.run { desk in
            let case1 = try await desk.open(to: ["postmaster@acme.example"])
            let ticket = try await desk.ticket(case1)
            let signed = desk.keys.signedAddress(
                try #require(ticket.address), ticket: ticket.number, purpose: .reply, subject: 1)
            try await desk.receive(TestMail().octets, to: [signed.description])
            #expect(try await desk.messages(case1).count == 2)
        }
    }

    @Test func `a forged or foreign token is the plain address`() async throws {
        try await DeskFixture.run { desk in
            let case1 = try await desk.open()
            let number = TicketNumber(rawValue: case1)
            let signed = desk.keys.signedAddress(
                emailAddress("help@acme.example"), ticket: number, purpose: .reply, subject: 1)
            let consultation = desk.keys.signedAddress(
                emailAddress("help@acme.example"), ticket: number, purpose: .consultation, subject: 1)
            let forged = "help+1.ara" + String(repeating: "a", count: 16) + "@acme.example"
            for recipient in [
                forged, consultation.description, signed.description.replacing("help+1.", with: "help+2."),
            ] {
                try await desk.receive(TestMail(author: nil).octets, from: "x@y.example", to: [recipient])
            }
            #expect(try await desk.number("SELECT count(*) FROM ticket") == 4)
        }
    }

    @Test func `a stamp counts from a participant, decorated or not`() async throws {
        try await DeskFixture.run { desk in
            let case1 = try await desk.open()
            for subject in ["Re: [#1] Where is my parcel?", "AW: [REK#1] x", "=?utf-8?q?Odp:_[#1]_=C5=BC?="] {
                try await desk.receive(TestMail(subject: subject).octets, to: ["help@acme.example"])
            }
            #expect(try await desk.messages(case1).count == 4)
        }
    }

    @Test func `a stranger's stamp opens a case that claims to belong`() async throws {
        try await DeskFixture.run { desk in
            _ = try await desk.open()
            let case2 = try await desk.open(.stranger(subject: "Re: [#1] Where is my parcel?"))
            #expect(case2 == 2)
            #expect(try await desk.number("SELECT count(*) FROM ticket_link") == 0)
            #expect(
                try await desk.texts("SELECT to_value || ' ' || reason FROM event WHERE ticket_id = 2 AND kind = 10")
                    == ["1 claims to belong to it"])
        }
    }

    @Test func `of several stamps the first that its author may use counts`() async throws {
        try await DeskFixture.run { desk in
            _ = try await desk.open(.stranger())
            let case2 = try await desk.open()
            try await desk.receive(TestMail(subject: "Re: [#1] [#2] x").octets, to: ["help@acme.example"])
            #expect(try await desk.messages(case2).count == 2)
        }
    }

    @Test func `a stranger's answer by thread is unconfirmed and moves nothing`() async throws {
        try await DeskFixture.run { desk in
            let case1 = try await desk.open(TestMail(id: "first@customer.example"))
            try await desk.decide(.take, case1, as: "anna@acme.example")
            try await desk.decide(.setStatus(.done), case1, as: "anna@acme.example")
            try await desk.receive(
                TestMail.stranger(inReplyTo: "first@customer.example", id: "x@elsewhere.example").octets,
                from: "eve@elsewhere.example", to: ["help@acme.example"])
            #expect(try await desk.messages(case1).map(\.kind) == [.inbound, .unconfirmed])
            #expect(try await desk.place(case1) == "done anna@acme.example")
            #expect(try await desk.number("SELECT count(*) FROM participant") == 1)
            // Nobody gets in through an unconfirmed mail either.
            try await desk.receive(
                TestMail.stranger(inReplyTo: "x@elsewhere.example").octets, from: "eve@elsewhere.example",
                to: ["help@acme.example"])
            #expect(try await desk.number("SELECT count(*) FROM ticket") == 2)
        }
    }

    @Test func `an agent's address in From gives no rights`() async throws {
        try await DeskFixture.run { desk in
            let mail = TestMail(author: "x@y.example", from: "Anna <anna@acme.example>", id: "a@y.example")
            let case1 = try await desk.open(mail)
            #expect(try await desk.number("SELECT count(*) FROM participant") == 0)
            let case2 = try await desk.open(
                TestMail(author: "x@y.example", from: "Anna <anna@acme.example>", subject: "[#1]"))
            #expect(case2 != case1)
            try await desk.receive(
                TestMail(from: "anna@acme.example", inReplyTo: "a@y.example").octets, to: ["help@acme.example"])
            #expect(try await desk.messages(case1).map(\.kind) == [.inbound, .unconfirmed])
        }
    }

    // MARK: - Several pools

    @Test func `one mail to two pools gives two linked cases in one transaction`() async throws {
        try await DeskFixture.run { desk in
            let mail = TestMail(to: "help@acme.example, returns@acme.example", id: "first@customer.example")
            let recipients = ["help@acme.example", "support@acme.example", "returns@acme.example"]
            try await desk.receive(mail.octets, to: recipients)
            #expect(try await desk.ticket(1).pool == desk.pool("Help"))
            #expect(try await desk.ticket(2).pool == desk.pool("Returns"))
            #expect(try await desk.number("SELECT count(*) FROM ticket_link") == 2)
            #expect(try await desk.number("SELECT count(*) FROM content") == 1)
            #expect(try await desk.number("SELECT count(DISTINCT modseq) FROM message") == 1)
            // An answer to both goes into both, an answer to one into that one.
            let answer = TestMail(subject: "Re: x", inReplyTo: "first@customer.example")
            try await desk.receive(answer.octets, to: recipients)
            try await desk.receive(
                TestMail(subject: "Re: y", inReplyTo: "first@customer.example").octets, to: ["returns@acme.example"])
            #expect(try await desk.messages(1).count == 2)
            #expect(try await desk.messages(2).count == 3)
        }
    }

    @Test func `two addresses of one pool give one case`() async throws {
        try await DeskFixture.run { desk in
            try await desk.receive(TestMail().octets, to: ["support@acme.example", "help@acme.example"])
            #expect(try await desk.number("SELECT count(*) FROM ticket") == 1)
            #expect(try await desk.ticket(1).address == emailAddress("support@acme.example"))
        }
    }

    @Test func `an answer that copies another pool in opens a linked case there`() async throws {
        try await DeskFixture.run { desk in
            let case1 = try await desk.open(TestMail(id: "first@customer.example"))
            try await desk.receive(
                TestMail(inReplyTo: "first@customer.example").octets, to: ["help@acme.example", "returns@acme.example"])
            #expect(try await desk.messages(case1).count == 2)
            #expect(try await desk.ticket(2).pool == desk.pool("Returns"))
            #expect(try await desk.number("SELECT count(*) FROM ticket_link") == 2)
        }
    }

    // MARK: - Closed cases

    @Test func `a signed address alone does not wake a closed case`() async throws {
        try await DeskFixture.run { desk in
            let case1 = try await desk.open(TestMail(id: "first@customer.example"))
            try await desk.decide(.setStatus(.closed), case1, as: "anna@acme.example")
            let signed = desk.keys.signedAddress(
                emailAddress("help@acme.example"), ticket: TicketNumber(rawValue: case1), purpose: .reply, subject: 1
            ).description
            try await desk.receive(TestMail(subject: "New matter").octets, to: [signed])
            #expect(try await desk.place(case1) == "closed anna@acme.example")
            #expect(try await desk.number("SELECT count(*) FROM ticket") == 2)
            #expect(try await desk.number("SELECT count(*) FROM ticket_link") == 2)
            // With the thread it does.
            try await desk.receive(TestMail(subject: "Re: x", inReplyTo: "first@customer.example").octets, to: [signed])
            #expect(try await desk.place(case1) == "inbox anna@acme.example")
            #expect(try await desk.ticket(case1).status == .assigned)
        }
    }

    @Test func `a case that was closed too long ago is followed by a linked one`() async throws {
        try await DeskFixture.run { desk in
            let case1 = try await desk.open(TestMail(id: "first@customer.example"))
            try await desk.decide(.setStatus(.closed), case1, as: "anna@acme.example")
            desk.clock.advance(by: .seconds(365 * 86400))
            let within = TestMail(inReplyTo: "first@customer.example", body: "1\r\n")
            try await desk.receive(within.octets, to: ["help@acme.example"])
            #expect(try await desk.messages(case1).count == 2)
            try await desk.decide(.setStatus(.closed), case1, as: "anna@acme.example")
            desk.clock.advance(by: .seconds(365 * 86400 + 1))
            let late = TestMail(inReplyTo: "first@customer.example", body: "2\r\n")
            try await desk.receive(late.octets, to: ["help@acme.example"])
            #expect(try await desk.messages(case1).count == 2)
            #expect(try await desk.messages(2).count == 1)
            #expect(try await desk.number("SELECT count(*) FROM ticket_link") == 2)
        }
    }

    @Test func `a customer's mail brings the case back to its agent, or to New`() async throws {
        try await DeskFixture.run { desk in
            let case1 = try await desk.open(TestMail(id: "first@customer.example"))
            try await desk.decide(.setStatus(.waiting), case1, as: "anna@acme.example")
            let answer = TestMail(inReplyTo: "first@customer.example")
            try await desk.receive(answer.octets, to: ["help@acme.example"])
            #expect(try await desk.place(case1) == "inbox anna@acme.example")
            try await desk.decide(.setStatus(.done), case1, as: "anna@acme.example")
            var without = DeskDefinition.example
            without.agents[0].active = false
            try await desk.apply(without)
            try await desk.receive(answer.octets, to: ["help@acme.example"])
            #expect(try await desk.place(case1) == "new")
            #expect(try await desk.ticket(case1).assignee == nil)
        }
    }

    @Test func `a customer's mail fetches its case out of Trash`() async throws {
        var definition = DeskDefinition.example
        definition.agents[0].rights = [.delete]
        try await DeskFixture.run(definition) { desk in
            let case1 = try await desk.open(TestMail(id: "first@customer.example"))
            try await desk.decide(.take, case1, as: "anna@acme.example")
            let (anna, roster, now) = (desk.agent("anna@acme.example"), desk.roster.current, desk.clock.now)
            try await desk.store.write { (transaction: Transaction) in
                try CaseWork(transaction, roster: roster, now: now).delete(TicketNumber(rawValue: case1), by: anna)
            }
            #expect(try await desk.place(case1) == "trash anna@acme.example")
            try await desk.receive(TestMail(inReplyTo: "first@customer.example").octets, to: ["help@acme.example"])
            #expect(try await desk.place(case1) == "inbox anna@acme.example")
            #expect(try await desk.messages(case1).count == 2)
        }
    }

    @Test func `spam stays spam`() async throws {
        try await DeskFixture.run { desk in
            let case1 = try await desk.open(TestMail(id: "first@customer.example"))
            try await desk.decide(.setStatus(.spam), case1, as: "anna@acme.example")
            try await desk.receive(TestMail(inReplyTo: "first@customer.example").octets, to: ["help@acme.example"])
            #expect(try await desk.place(case1) == "spam")
            #expect(try await desk.messages(case1).count == 2)
        }
    }

    @Test func `a mail for a pool that went meanwhile is not swallowed`() async throws {
        try await DeskFixture.run { desk in
            let incoming = desk.intake.makeContent {}
            TestMail().octets.withUnsafeBytes { incoming.append($0) }
            var without = DeskDefinition.example
            without.pools.remove(at: 1)
            try await desk.apply(without)
            let envelope = Envelope(reversePath: nil, recipients: [emailAddress("returns@acme.example")])
            let reply = await withCheckedContinuation { continuation in
                desk.intake.accept(incoming, envelope: envelope, peer: .test) { continuation.resume(returning: $0) }
            }
            #expect(reply.code == 451)
        }
    }
}
