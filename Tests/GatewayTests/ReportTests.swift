import Desk
import Gateway
import MailTypes
import Storage
import Testing

/// Mail that machines write: filed and shown, but it moves nothing, except for a report that an answer did not arrive.
@Suite struct ReportTests {
    /// A desk whose case 1 Anna answered, and the signed reverse-path of that answer.
    private func answered(_ desk: DeskFixture) async throws -> String {
        let case1 = try await desk.open(TestMail(id: "first@customer.example"))
        try await desk.send(
            TestMail(from: "anna@acme.example", to: "jan@customer.example", inReplyTo: "first@customer.example"),
            as: "anna@acme.example", to: ["jan@customer.example"])
        #expect(try await desk.place(case1) == "waiting anna@acme.example")
        let outbox = try await desk.outbox()
        return try #require(outbox.first?.reversePath)
    }

    private static func report(_ action: String, from: String = "Mail Delivery <mailer-daemon@customer.example>")
        -> TestMail
    {
        TestMail(
            author: nil, from: from, subject: "Undelivered Mail Returned to Sender",
            extra: [
                "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
                "Auto-Submitted: auto-replied",
            ],
            body: """
                --b\r\nContent-Type: text/plain\r\n\r\nIt did not work.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\
                Reporting-MTA: dns; mx.customer.example\r\n\r\nFinal-Recipient: rfc822; jan@customer.example\r\n\
                Action: \(action)\r\nStatus: 5.1.1\r\n--b--\r\n
                """)
    }

    static let automatic: [TestMail] = [
        TestMail(inReplyTo: "first@customer.example", extra: ["Auto-Submitted: auto-replied"]),
        TestMail(inReplyTo: "first@customer.example", extra: ["Precedence: bulk"]),
        TestMail(inReplyTo: "first@customer.example", extra: ["X-Autoreply: yes"]),
        TestMail(author: nil, inReplyTo: "first@customer.example"),
    ]

    @Test(arguments: automatic) func `automatic mail is filed and moves nothing`(mail: TestMail) async throws {
        try await DeskFixture.run { desk in
            _ = try await answered(desk)
            try await desk.receive(mail.octets, from: mail.author, to: ["help@acme.example"])
            #expect(try await desk.place(1) == "waiting anna@acme.example")
            #expect(try await desk.messages(1).map(\.kind) == [.inbound, .outbound, .inbound])
        }
    }

    @Test func `automatic mail copies nobody in`() async throws {
        try await DeskFixture.run { desk in
            _ = try await answered(desk)
            let mail = TestMail(
                cc: "ewa@customer.example", inReplyTo: "first@customer.example", extra: ["Auto-Submitted: auto-replied"]
            )
            try await desk.receive(mail.octets, to: ["help@acme.example"])
            #expect(try await desk.number("SELECT count(*) FROM participant") == 1)
        }
    }

    @Test func `a report of failure to the signed reverse-path brings the case back`() async throws {
        try await DeskFixture.run { desk in
            let path = try await answered(desk)
            try await desk.receive(Self.report("failed").octets, from: nil, to: [path])
            #expect(try await desk.place(1) == "inbox anna@acme.example")
            #expect(try await desk.messages(1).map(\.kind) == [.inbound, .outbound, .notice])
        }
    }

    @Test func `a report names the mail that bounced and marks the address, until it writes again`() async throws {
        try await DeskFixture.run { desk in
            let path = try await answered(desk)
            try await desk.receive(Self.report("failed").octets, from: nil, to: [path])
            let marked = "SELECT count(*) FROM address WHERE bounced_at IS NOT NULL" as SQL
            #expect(try await desk.texts("SELECT bounce_status FROM address WHERE bounced_at IS NOT NULL") == ["5.1.1"])
            #expect(
                try await desk.texts(
                    """
                    SELECT e.to_value FROM event e JOIN submission s ON s.message_id = e.message_id
                     WHERE e.kind = \(EventKind.deliveryFailed)
                    """) == ["jan@customer.example"])
            let told = try await desk.store.write { (transaction: Transaction) in
                let marked = try transaction.bouncedAddresses(of: TicketNumber(rawValue: 1))
                let customer = marked.first?.customer
                let events = try customer.map { try transaction.customerEvents(of: $0) } ?? []
                return marked.map { "\($0.spelling) \($0.bounceStatus ?? "")" } + events.map(\.what)
            }
            #expect(
                told == [
                    "jan@customer.example 5.1.1", "mail to an address of theirs does not arrive: 5.1.1",
                ])
            let away = TestMail(subject: "Away", extra: ["Auto-Submitted: auto-replied"])
            try await desk.receive(away.octets, to: ["help@acme.example"])
            #expect(try await desk.number(marked) == 1)
            try await desk.receive(TestMail(subject: "Here I am").octets, to: ["help@acme.example"])
            #expect(try await desk.number(marked) == 0)
        }
    }

    @Test func `a report that a mail system sends in its own name is one, a customer's mail of that kind is none`() async throws {
        for (sender, count) in [("postmaster@customer.example", 1), ("jan@customer.example", 0)] as [(String, Int64)] {
            try await DeskFixture.run { desk in
                let path = try await answered(desk)
                try await desk.receive(Self.report("failed").octets, from: sender, to: [path])
                #expect(try await desk.number("SELECT count(*) FROM address WHERE bounced_at IS NOT NULL") == count)
            }
        }
    }

    @Test func `who does not take part in the mail cannot be marked by its report`() async throws {
        try await DeskFixture.run { desk in
            _ = try await desk.open(TestMail(from: "ewa@customer.example", id: "ewa@customer.example"))
            let path = try await answered(desk)
            let two = TestMail(
                author: nil, from: "mailer-daemon@customer.example", subject: "failure notice",
                body: "<ewa@customer.example>:\r\nno such user (#5.1.1)\r\n\r\n<jan@customer.example>:\r\nfull (#5.2.2)\r\n")
            try await desk.receive(two.octets, from: nil, to: [path])
            #expect(
                try await desk.texts("SELECT bounce_status FROM address WHERE identity = 'ewa@customer.example'")
                    == ["NULL"])
        }
    }

    @Test func `a sender who asks is told that the mail has arrived, and others are not`() async throws {
        try await DeskFixture.run { desk in
            var wishes = DeliveryWishes(text: "ENVID x+2B1\nRCPT SUCCESS rfc822;help+40acme.example help@acme.example")
            try await desk.receive(TestMail(id: "a@customer.example").octets, to: ["help@acme.example"], wishes: wishes)
            let report = try #require(try await desk.outbox().first)
            #expect(report.recipients == ["jan@customer.example"] && report.reversePath == nil)
            let octets = try await desk.store.read { (transaction: Transaction) in
                try transaction.connection.first(
                    "SELECT c.octets FROM submission s JOIN content c ON c.id = s.content_id"
                ) { $0.blob(0) }
            }
            let content = String(decoding: octets ?? [], as: UTF8.self)
            for line in [
                "Original-Envelope-Id: x+1", "Original-Recipient: rfc822; help@acme.example",
                "Final-Recipient: rfc822; help@acme.example", "Action: delivered", "Status: 2.1.5",
            ] { #expect(content.contains("\(line)\r\n"), "\(line)") }
            #expect(content.contains("From: Mail Delivery System <postmaster@acme.example>\r\n"))
            // The same mail again, which has arrived, too; a mail without a way back, and one whose sender wants to hear nothing.
            try await desk.receive(TestMail(id: "a@customer.example").octets, to: ["help@acme.example"], wishes: wishes)
            let pathless = TestMail(id: "b@customer.example").octets
            try await desk.receive(pathless, from: nil, to: ["help@acme.example"], wishes: wishes)
            wishes = DeliveryWishes(text: "RCPT NEVER - help@acme.example")
            try await desk.receive(TestMail(id: "c@customer.example").octets, to: ["help@acme.example"], wishes: wishes)
            #expect(try await desk.outbox().count == 2)
        }
    }

    @Test func `a closed case comes back by it, too`() async throws {
        try await DeskFixture.run { desk in
            let path = try await answered(desk)
            try await desk.decide(.setStatus(.closed), 1, as: "anna@acme.example")
            try await desk.receive(Self.report("failed").octets, from: nil, to: [path])
            #expect(try await desk.place(1) == "inbox anna@acme.example")
            #expect(try await desk.number("SELECT count(*) FROM ticket") == 1)
        }
    }

    @Test func `a plain bounce of an old mail system counts by its author`() async throws {
        try await DeskFixture.run { desk in
            let path = try await answered(desk)
            let bounce = TestMail(author: nil, from: "MAILER-DAEMON@customer.example", subject: "failure notice")
            try await desk.receive(bounce.octets, from: nil, to: [path])
            #expect(try await desk.place(1) == "inbox anna@acme.example")
        }
    }

    @Test(arguments: ["delayed", "relayed", "delivered"])
    func `a report of progress moves nothing`(action: String) async throws {
        try await DeskFixture.run { desk in
            let path = try await answered(desk)
            try await desk.receive(Self.report(action).octets, from: nil, to: [path])
            #expect(try await desk.place(1) == "waiting anna@acme.example")
            #expect(try await desk.messages(1).map(\.kind) == [.inbound, .outbound, .notice])
        }
    }

    @Test func `an autoresponder that answers the reverse-path moves nothing, into a closed case neither`() async throws
    {
        try await DeskFixture.run { desk in
            let path = try await answered(desk)
            try await desk.decide(.setStatus(.closed), 1, as: "anna@acme.example")
            let away = TestMail(author: nil, subject: "Out of office", extra: ["Auto-Submitted: auto-replied"])
            try await desk.receive(away.octets, from: nil, to: [path])
            #expect(try await desk.place(1) == "closed anna@acme.example")
            #expect(try await desk.messages(1).map(\.kind) == [.inbound, .outbound, .inbound])
        }
    }

    @Test func `a report without a signed address is no report of ours`() async throws {
        try await DeskFixture.run { desk in
            _ = try await answered(desk)
            try await desk.receive(Self.report("failed").octets, from: nil, to: ["help@acme.example"])
            #expect(try await desk.place(1) == "waiting anna@acme.example")
            #expect(try await desk.number("SELECT count(*) FROM ticket") == 2)
        }
    }
}
