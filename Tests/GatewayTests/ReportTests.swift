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
