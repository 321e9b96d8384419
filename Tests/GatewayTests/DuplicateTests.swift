import Desk
import Gateway
import Storage
import TestKit
import Testing

/// The same mail twice (DESIGN §7).
@Suite struct DuplicateTests {
    private static let mail = TestMail(id: "same@customer.example")

    @Test func `the same mail within seven days is an event and nothing else`() async throws {
        try await DeskFixture.run { desk in
            let case1 = try await desk.open(Self.mail)
            desk.clock.advance(by: .seconds(7 * 86400))
            #expect(try await desk.receive(Self.mail.octets, to: ["support@acme.example"]) == 250)
            #expect(try await desk.messages(case1).count == 1)
            #expect(try await desk.events(case1) == [.opened, .received, .duplicate])
            #expect(try await desk.number("SELECT count(*) FROM content") == 1)
        }
    }

    @Test func `after seven days it is a mail of its own, in the same case by its thread`() async throws {
        try await DeskFixture.run { desk in
            _ = try await desk.open(Self.mail)
            desk.clock.advance(by: .seconds(7 * 86400 + 1))
            #expect(try await desk.receive(Self.mail.octets, to: ["help@acme.example"]) == 250)
            #expect(try await desk.number("SELECT count(*) FROM message") == 2)
        }
    }

    @Test func `to another pool it is a linked case`() async throws {
        try await DeskFixture.run { desk in
            _ = try await desk.open(Self.mail)
            try await desk.receive(Self.mail.octets, to: ["returns@acme.example"])
            #expect(try await desk.ticket(2).pool == desk.pool("Returns"))
            #expect(try await desk.number("SELECT count(*) FROM ticket_link") == 2)
        }
    }

    @Test(arguments: [
        TestMail(id: "same@customer.example", body: "Other\r\n"),
        TestMail(subject: "Other", id: "same@customer.example"),
        TestMail(id: "other@customer.example"), TestMail(),
    ])
    func `other content or another id is another mail`(other: TestMail) async throws {
        try await DeskFixture.run { desk in
            _ = try await desk.open(Self.mail)
            try await desk.receive(other.octets, to: ["help@acme.example"])
            #expect(try await desk.number("SELECT count(*) FROM ticket") == 2)
        }
    }

    @Test func `trace fields that differ make no other mail, however it is cut into pieces`() async throws {
        try await DeskFixture.run { desk in
            let body = String(repeating: "0123456789abcdef\r\n", count: 8000)
            let first = TestMail(id: "same@customer.example", body: body)
            let second = TestMail(id: "same@customer.example", extra: ["X-Spam-Score: 0"], body: body)
            _ = try await desk.open(first)
            try await desk.receive(first.octets, to: ["help@acme.example"], piece: 65537)
            try await desk.receive(second.octets, to: ["help@acme.example"], piece: 131)
            #expect(try await desk.number("SELECT count(*) FROM message") == 1)
            #expect(try await desk.number("SELECT count(*) FROM content") == 1)
        }
    }
}
