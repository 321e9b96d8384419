import MailTypes
import NIOCore
import SMTPProtocol
import Testing

/// Content in chunks (RFC 3030), for servers that offer that.
@Suite struct ClientChunkTests {
    private static let ehlo = "220 mx ESMTP\r\n250-mx hello\r\n250-PIPELINING\r\n250 CHUNKING\r\n"
    private static let envelope = "MAIL FROM:<help@acme.example>\r\nRCPT TO:<a@a.example>\r\nRCPT TO:<b@b.example>\r\n"
    private static let unknown = "the server does not know the chunks that it offers"
    private static let all = "BDAT 10 LAST\r\na\r\n.\r\n.b\r\n"

    /// What the server says after its introduction, and the events from the envelope on.
    static let rows: [(server: String, events: [String])] = [
        (
            "250 ok\r\n250 ok\r\n250 ok\r\n250 queued\r\n221 bye\r\n",
            [envelope, all, "<delivered: queued, delivered: queued>", "QUIT\r\n", "<close>"]
        ),
        (
            "250 ok\r\n550 5.1.1 no\r\n250 ok\r\n250 queued\r\n221 bye\r\n",
            [envelope, all, "<failed recipient 5.1.1: no, delivered: queued>", "QUIT\r\n", "<close>"]
        ),
        // nobody is left, so nothing is sent
        (
            "250 ok\r\n550 5.1.1 no\r\n550 5.1.1 no\r\n221 bye\r\n",
            [envelope, "<failed recipient 5.1.1: no, failed recipient 5.1.1: no>", "QUIT\r\n", "<close>"]
        ),
        (
            "550 5.7.1 no\r\n503 no\r\n503 no\r\n221 bye\r\n",
            [envelope, "<failed sender 5.7.1: no, failed sender 5.7.1: no>", "QUIT\r\n", "<close>"]
        ),
        (
            "250 ok\r\n250 ok\r\n250 ok\r\n554 5.6.0 spam\r\n221 bye\r\n",
            [envelope, all, "<failed content 5.6.0: spam, failed content 5.6.0: spam>", "QUIT\r\n", "<close>"]
        ),
        (
            "250 ok\r\n250 ok\r\n250 ok\r\n",
            [
                envelope, all,
                "<deferred content 4.4.2?: the connection was lost, deferred content 4.4.2?: the connection was lost>",
                "<close>",
            ]
        ),
        (
            "250 ok\r\n250 ok\r\n250 ok\r\n421 4.3.2 down\r\n",
            [envelope, all, "<deferred content 4.3.2: down, deferred content 4.3.2: down>", "<close>"]
        ),
        (
            "250 ok\r\n250 ok\r\n250 ok\r\n354 what\r\n",
            [
                envelope, all,
                "<deferred content 4.5.0: the server's reply was out of step, deferred content 4.5.0: the server's reply was out of step>",
                "<close>",
            ]
        ),
        // It does not know what it offered, and takes the lines of the content for commands: whatever it goes on to say.
        (
            "250 ok\r\n250 ok\r\n250 ok\r\n502 5.5.1 what\r\n250 reset\r\n250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 queued\r\n",
            [
                envelope, all,
                "<deferred content 4.5.0: \(unknown), deferred content 4.5.0: \(unknown)>", "<close>",
            ]
        ),
    ]

    @Test(arguments: rows) func `content goes in one chunk, with no dot doubled`(server: String, events: [String]) {
        for pieces in everySplit(of: Self.ehlo + server) {
            var driver = ClientDriver(
                .plain(), mails: [(clientMail(to: ["a@a.example", "b@b.example"]), "a\r\n.\r\n.b")])
            driver.feed(pieces)
            driver.lose()
            #expect(Array(driver.events.dropFirst()) == events, "\(visible(server))")
        }
    }

    private static let large = [
        "Subject: x\r\n\r\n", String(repeating: "y", count: 100_000), String(repeating: "z", count: 100_000),
        String(repeating: "-", count: 100_000), "\nend",
    ]

    /// What the server says to three chunks, and how it ends; before another mail comes RSET where one is refused.
    static let chunks: [(replies: String, outcome: String, next: String)] = [
        ("250 one\r\n250 two\r\n250 queued\r\n", "<delivered: queued>", "MAIL"),
        ("250 one\r\n452 4.3.1 full\r\n503 what\r\n", "<deferred content 4.3.1: full>", "RSET\r\nMAIL"),
        ("552 5.3.4 enough\r\n503 what\r\n503 what\r\n", "<failed content 5.3.4: enough>", "RSET\r\nMAIL"),
        ("250 one\r\n250 two\r\n554 5.6.0 spam\r\n", "<failed content 5.6.0: spam>", "RSET\r\nMAIL"),
    ]

    @Test(arguments: chunks) func `large content goes in several chunks that do not wait for each other`(
        replies: String, outcome: String, next: String
    ) {
        for pieces in [[replies], replies.map(String.init)] {
            var driver = ClientDriver(.plain(), mails: [(clientMail(), ""), (clientMail(), "")])
            driver.pieces = Self.large
            driver.feed(Self.ehlo + "250 ok\r\n250 ok\r\n")
            let sent = driver.events.suffix(3)
            #expect(sent.map { $0.prefix(while: { $0 != "\r\n" }) } == ["BDAT 100014", "BDAT 100000", "BDAT 100007 LAST"])
            #expect(sent.map(\.utf8.count) == [100_014 + 13, 100_013, 100_007 + 18])
            for piece in pieces { driver.feed(piece) }
            let rest = driver.events.drop { !$0.hasPrefix("BDAT 100007") }.dropFirst()
            #expect(rest.first?.hasPrefix(outcome) == true, "\(rest)")
            #expect(rest.first(where: { $0.contains("MAIL") })?.hasPrefix(next) == true, "\(rest)")
        }
    }

    @Test func `a server that does not know its chunks is left at once, and the next connection goes without`() {
        var session = SMTPClientSession(configuration: .plain())
        var input = ByteBuffer(string: Self.ehlo)
        while session.receive(&input) != .ready {}
        _ = session.deliver(clientMail())
        input.writeString("250 ok\r\n250 ok\r\n")
        while session.receive(&input) != .sendContent {}
        for _ in 0..<3 { _ = session.encode(ByteBuffer(repeating: 0x78, count: 100_000)) }
        #expect(!session.lacksChunks)
        // The first answer is enough, with more on its way.
        input.writeString("500 what\r\n250 ok\r\n354 go\r\n250 queued\r\n")
        guard case .settled(let outcomes) = session.receive(&input) else {
            Issue.record("not settled")
            return
        }
        #expect(outcomes.map(ClientDriver.words) == ["deferred content 4.5.0: \(Self.unknown)"])
        #expect(session.lacksChunks)
        #expect(session.receive(&input) == .close)
        var configuration = SMTPClientSession.Configuration.plain()
        configuration.usesChunks = false
        var driver = ClientDriver(configuration, mails: [(clientMail(), "x\r\n")])
        driver.feed(Self.ehlo + "250 ok\r\n250 ok\r\n354 go\r\n")
        #expect(driver.events.suffix(3) == [Self.envelope.replacing("RCPT TO:<b@b.example>\r\n", with: "DATA\r\n"), "x\r\n", ".\r\n"])
    }

    @Test func `what is refused while it is sent is not sent to its end`() {
        var session = SMTPClientSession(configuration: .plain())
        var input = ByteBuffer(string: Self.ehlo)
        while session.receive(&input) != .ready {}
        _ = session.deliver(clientMail())
        input.writeString("250 ok\r\n250 ok\r\n")
        while session.receive(&input) != .sendContent {}
        func encode(_ count: Int) -> Int { session.encode(ByteBuffer(repeating: 0x78, count: count)).readableBytes }
        #expect(encode(100_000) == 0)
        #expect(encode(100_000) == 100_013)
        #expect(encode(100_000) == 100_013)
        input.writeString("552 5.3.4 enough\r\n")
        #expect(session.receive(&input) == .needMoreInput)
        #expect(encode(100_000) == 0)
        #expect(session.contentEnded() == .needMoreInput)
        #expect(session.timeout == .seconds(600))
        input.writeString("503 5.5.1 what\r\n")
        guard case .settled(let outcomes) = session.receive(&input) else {
            Issue.record("not settled")
            return
        }
        #expect(outcomes.map(ClientDriver.words) == ["failed content 5.3.4: enough"])
        #expect(session.receive(&input) == .ready)
    }

    @Test func `without PIPELINING, and for who gets it all or not at all, it is DATA`() {
        var stream = clientMail()
        stream.extent = .allOrNobody
        for (server, mail) in [
            ("220 mx\r\n250-mx\r\n250 CHUNKING\r\n", clientMail()), (Self.ehlo, stream),
        ] {
            var driver = ClientDriver(.plain(), mails: [(mail, "x\r\n")])
            driver.feed(server + "250 ok\r\n250 ok\r\n354 go\r\n")
            #expect(driver.events.suffix(3) == ["DATA\r\n", "x\r\n", ".\r\n"])
        }
    }
}
