import Desk
import Gateway
import MailFormat
import MailTypes
import Storage
import Testing

/// What is stored of a mail, and what IMAP serves of it (DESIGN §6).
@Suite struct FilingTests {
    static let subjects: [(written: String?, served: String)] = [
        ("Where is my parcel?", "[REK#1] Where is my parcel?"), ("Re: AW: parcel", "Re: AW: [REK#1] parcel"),
        ("[#1] mine", "[#1] mine"), ("[#7] theirs", "[REK#1] [#7] theirs"), (nil, "[REK#1]"), ("", "[REK#1]"),
        ("=?iso-8859-2?q?=BF=F3=B3w?=", "[REK#1] =?iso-8859-2?q?=BF=F3=B3w?="),
    ]

    @Test(arguments: subjects)
    func `the subject bears the stamp once`(written: String?, served: String) async throws {
        try await DeskFixture.run { desk in
            let case1 = try await desk.open(TestMail(subject: written), to: ["returns@acme.example"])
            let messages = try await desk.messages(case1)
            let message = try #require(messages.first)
            #expect(message.header.field("Subject") == served)
            #expect(message.envelope == IMAPEnvelope.render(HeaderSection(Array(message.header.utf8))))
        }
    }

    @Test func `References begin with the root of the case`() async throws {
        try await DeskFixture.run { desk in
            let case1 = try await desk.open(TestMail(id: "a@x"))
            let ticket = try await desk.ticket(case1)
            let root = try #require(ticket.rootMessageID(host: DeskFixture.host)).description
            try await desk.receive(
                TestMail(inReplyTo: "a@x", references: "<z@x> <a@x>").octets, to: ["help@acme.example"])
            try await desk.receive(TestMail(subject: "Re:", inReplyTo: "a@x").octets, to: ["help@acme.example"])
            #expect(
                try await desk.messages(case1).map { $0.header.field("References") }
                    == [root, "\(root) <z@x> <a@x>", "\(root) <a@x>"])
        }
    }

    @Test func `trace fields come first and what only we may write is removed`() async throws {
        try await DeskFixture.run { desk in
            let case1 = try await desk.open(
                TestMail(extra: [
                    "Return-Path: <evil@x>", "X-Stempel-Case: 999", "x-stempel-anything: y", "X-Other: kept",
                ]))
            let messages = try await desk.messages(case1)
            let header = try #require(messages.first).header
            #expect(header.hasPrefix("Return-Path: <jan@customer.example>\r\nReceived: from mail.customer.example"))
            #expect(header.field("X-Stempel-Case") == "1" && header.field("X-Other") == "kept")
            #expect(!header.contains("evil") && !header.contains("999") && !header.contains("anything"))
            #expect(header.contains("for <help@acme.example>"))
        }
    }

    @Test func `several recipients are not told of each other`() async throws {
        try await DeskFixture.run { desk in
            try await desk.receive(
                TestMail().octets, from: nil, to: ["help@acme.example", "returns@acme.example"])
            let messages = try await desk.messages(1)
            #expect(messages.first?.header.contains(" for <") == false)
            #expect(messages.first?.header.hasPrefix("Return-Path: <>\r\n") == true)
        }
    }

    // MARK: - Octets

    /// Lengths of the content around the boundaries of pieces.
    static let lengths = [300, 65535, 65536, 65537, 131_071, 131_072, 131_073, 400_000]

    @Test(arguments: lengths, [1000, 65536, 70_000])
    func `the octets are stored as they came`(length: Int, piece: Int) async throws {
        try await DeskFixture.run { desk in
            let start = TestMail(body: "").octets
            let octets = start + (0..<length - start.count).map { UInt8(truncatingIfNeeded: 0x20 &+ $0 % 90) }
            #expect(try await desk.receive(octets, to: ["help@acme.example"], piece: piece) == 250)
            let messages = try await desk.messages(1)
            let message = try #require(messages.first)
            #expect(try await desk.content(message.content) == octets)
            #expect(message.bodyOffset == start.count)
            let chunks = try await desk.number("SELECT count(*) FROM content_chunk")
            #expect(chunks == Int64(length <= 65536 ? 0 : (length + 65535) / 65536))
        }
    }

    static let odd: [String] = [
        "", "\r\n", "\r\nbody", "Subject: x", "Subject: x\r\n", "no header at all\r\n", "From: \r\nTo:\r\n\r\n",
        "From: =?utf-8?b?4pyT?=\r\nSubject: =?x?\r\nMessage-ID: <>\r\nReferences: <<<>>>\r\n\r\n\r\n",
    ]

    @Test(arguments: odd) func `a mail that is hardly one is filed all the same`(text: String) async throws {
        try await DeskFixture.run { desk in
            #expect(try await desk.receive(Array(text.utf8), from: nil, to: ["help@acme.example"]) == 250)
            let messages = try await desk.messages(1)
            let message = try #require(messages.first)
            #expect(try await desk.content(message.content) == Array(text.utf8))
            #expect(message.envelope == IMAPEnvelope.render(HeaderSection(Array(message.header.utf8))))
        }
    }

    @Test func `a mail given up in the middle leaves nothing`() async throws {
        try await DeskFixture.run { desk in
            let incoming = desk.intake.makeContent {}
            [UInt8](repeating: 0x41, count: 200_000).withUnsafeBytes { incoming.append($0) }
            incoming.abandon()
            _ = try await desk.store.write { (_: Transaction) in }
            #expect(
                try await desk.number("SELECT (SELECT count(*) FROM content) + (SELECT count(*) FROM content_chunk)")
                    == 0)
        }
    }

    @Test func `a piece that could not be stored fails its mail and touches no other`() async throws {
        try await DeskFixture.run { desk in
            // Where the first piece of the next content would go, something stands already.
            try await desk.store.write { (transaction: Transaction) in
                let id = try transaction.connection.integer("SELECT coalesce(max(id), 0) + 1 FROM content") ?? 0
                _ = try transaction.connection.run(
                    "INSERT INTO content_chunk (id, octets) VALUES (\(id * 65536), \(Array("x".utf8)))")
            }
            let large = TestMail(body: String(repeating: "0123456789\r\n", count: 30_000)).octets
            #expect(try await desk.receive(large, to: ["help@acme.example"]) == 451)
            #expect(try await desk.number("SELECT count(*) FROM ticket") == 0)
            #expect(try await desk.number("SELECT count(*) FROM content_chunk") == 1)
            try await desk.store.write { (transaction: Transaction) in
                _ = try transaction.connection.run("DELETE FROM content_chunk")
            }
            #expect(try await desk.receive(large, to: ["help@acme.example"]) == 250)
        }
    }
}
