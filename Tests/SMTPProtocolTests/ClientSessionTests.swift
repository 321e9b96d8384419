import MailTypes
import NIOCore
import SMTPProtocol
import Testing

private let two = ["a@a.example", "b@b.example"]
private let content = "Subject: x\r\n\r\nx\r\n"
private let framed = content
/// Greeting and EHLO reply of a server that offers the usual, but no TLS.
private let pipelining =
    "220 mx ESMTP\r\n250-mx hello\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
private let plain = "220 mx ESMTP\r\n250 mx\r\n"
private let ehlo = "EHLO desk.example\r\n"

/// The events at every split of what the server says, which must all be the same.
private func events(
    _ server: String, to recipients: [String] = two, _ configuration: SMTPClientSession.Configuration = .plain(),
    ending: (inout ClientDriver) -> Void = { $0.lose() }
) -> [String] {
    var results: Set<[String]> = []
    for pieces in everySplit(of: server) {
        var driver = ClientDriver(configuration, mails: [(clientMail(to: recipients), content)])
        driver.feed(pieces)
        ending(&driver)
        results.insert(driver.events)
    }
    #expect(results.count == 1)
    return results.first ?? []
}

@Suite struct ClientDialogueTests {
    private static let envelope =
        "MAIL FROM:<help@acme.example>\r\nRCPT TO:<a@a.example>\r\nRCPT TO:<b@b.example>\r\nDATA\r\n"

    /// What a pipelining server says after its introduction, and the events from the envelope on.
    static let pipelined: [(server: String, events: [String])] = [
        (
            "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 2.0.0 queued as 1\r\n221 bye\r\n",
            [envelope, framed, ".\r\n", "<delivered: queued as 1, delivered: queued as 1>", "QUIT\r\n", "<close>"]
        ),
        (
            "250 ok\r\n550 5.1.1 no such user\r\n250 ok\r\n354 go\r\n250 queued\r\n221 bye\r\n",
            [
                envelope, framed, ".\r\n", "<failed recipient 5.1.1: no such user, delivered: queued>", "QUIT\r\n",
                "<close>",
            ]
        ),
        (
            "250 ok\r\n250 ok\r\n450-4.2.0 try\r\n450 4.2.0 later\r\n354 go\r\n250 queued\r\n221 bye\r\n",
            [
                envelope, framed, ".\r\n", "<delivered: queued, deferred recipient 4.2.0: try later>", "QUIT\r\n",
                "<close>",
            ]
        ),
        // all refused, DATA too
        (
            "250 ok\r\n550 no\r\n550 no\r\n554 no recipients\r\n221 bye\r\n",
            [envelope, "<failed recipient 5.0.0: no, failed recipient 5.0.0: no>", "QUIT\r\n", "<close>"]
        ),
        // all refused, DATA taken all the same: the content is empty and its reply means nothing
        (
            "250 ok\r\n550 no\r\n450 no\r\n354 go\r\n250 queued\r\n221 bye\r\n",
            [envelope, ".\r\n", "<failed recipient 5.0.0: no, deferred recipient 4.0.0: no>", "QUIT\r\n", "<close>"]
        ),
        (
            "554 5.7.1 not you\r\n503 no mail\r\n503 no mail\r\n503 no mail\r\n221 bye\r\n",
            [envelope, "<failed sender 5.7.1: not you, failed sender 5.7.1: not you>", "QUIT\r\n", "<close>"]
        ),
        (
            "250 ok\r\n250 ok\r\n250 ok\r\n451 4.3.0 disk\r\n221 bye\r\n",
            [envelope, "<deferred data 4.3.0: disk, deferred data 4.3.0: disk>", "QUIT\r\n", "<close>"]
        ),
        (
            "250 ok\r\n250 ok\r\n552 too many\r\n354 go\r\n554 5.6.0 spam\r\n221 bye\r\n",
            [
                envelope, framed, ".\r\n", "<failed content 5.6.0: spam, deferred recipient 4.5.3: too many>",
                "QUIT\r\n", "<close>",
            ]
        ),
        (
            "250 ok\r\n552 5.2.2 full\r\n250 ok\r\n354 go\r\n452 busy\r\n221 bye\r\n",
            [
                envelope, framed, ".\r\n", "<failed recipient 5.2.2: full, deferred content 4.0.0: busy>", "QUIT\r\n",
                "<close>",
            ]
        ),
        // our credentials are at fault, not the mail
        (
            "530 5.7.0 log in\r\n503 x\r\n503 x\r\n503 x\r\n221 bye\r\n",
            [envelope, "<deferred sender 4.7.0: log in, deferred sender 4.7.0: log in>", "QUIT\r\n", "<close>"]
        ),
        // 421 at any time; what is decided stays decided
        (
            "250 ok\r\n550 5.1.1 no\r\n421 4.3.2 going down\r\n",
            [envelope, "<failed recipient 5.1.1: no, deferred recipient 4.3.2: going down>", "<close>"]
        ),
        (
            "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n421 down\r\n",
            [envelope, framed, ".\r\n", "<deferred content 4.0.0: down, deferred content 4.0.0: down>", "<close>"]
        ),
        // closed by the server: before the dot nothing is delivered, after it nobody knows
        (
            "",
            [
                envelope,
                "<deferred sender 4.4.2: the connection was lost, deferred sender 4.4.2: the connection was lost>",
                "<close>",
            ]
        ),
        (
            "250 ok\r\n250 ok\r\n250 ok\r\n",
            [
                envelope,
                "<deferred data 4.4.2: the connection was lost, deferred data 4.4.2: the connection was lost>",
                "<close>",
            ]
        ),
        (
            "250 ok\r\n250 ok\r\n550 5.1.1 no\r\n354 go\r\n",
            [
                envelope, framed, ".\r\n",
                "<deferred content 4.4.2?: the connection was lost, failed recipient 5.1.1: no>", "<close>",
            ]
        ),
        (
            "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 queued\r\n",
            [envelope, framed, ".\r\n", "<delivered: queued, delivered: queued>", "QUIT\r\n", "<close>"]
        ),
        // no SMTP
        (
            "250 ok\r\nHTTP/1.1 400 Bad\r\n",
            [
                envelope,
                "<deferred recipient 4.5.0: the server spoke no SMTP, deferred recipient 4.5.0: the server spoke no SMTP>",
                "<close>",
            ]
        ),
        (
            "250 ok\r\n250 ok\r\n250 ok\r\n250 what\r\n221 bye\r\n",
            [
                envelope,
                "<deferred data 4.5.0: the server's reply was out of step, deferred data 4.5.0: the server's reply was out of step>",
                "<close>",
            ]
        ),
    ]

    @Test(arguments: pipelined)
    func `a pipelined transaction settles each recipient`(server: String, expected: [String]) {
        #expect(events(pipelining + server) == [ehlo] + expected, "\(visible(server))")
    }

    static let stepwise: [(server: String, events: [String])] = [
        (
            "250 ok\r\n250 ok\r\n550 5.1.1 no\r\n354 go\r\n250 queued\r\n221 bye\r\n",
            [
                "MAIL FROM:<help@acme.example>\r\n", "RCPT TO:<a@a.example>\r\n", "RCPT TO:<b@b.example>\r\n",
                "DATA\r\n",
                framed, ".\r\n", "<delivered: queued, failed recipient 5.1.1: no>", "QUIT\r\n", "<close>",
            ]
        ),
        (
            "250 ok\r\n550 no\r\n450 no\r\n221 bye\r\n",
            [
                "MAIL FROM:<help@acme.example>\r\n", "RCPT TO:<a@a.example>\r\n", "RCPT TO:<b@b.example>\r\n",
                "<failed recipient 5.0.0: no, deferred recipient 4.0.0: no>", "QUIT\r\n", "<close>",
            ]
        ),
        (
            "451 no\r\n221 bye\r\n",
            [
                "MAIL FROM:<help@acme.example>\r\n", "<deferred sender 4.0.0: no, deferred sender 4.0.0: no>",
                "QUIT\r\n",
                "<close>",
            ]
        ),
    ]

    @Test(arguments: stepwise)
    func `without PIPELINING each command waits for its reply`(server: String, expected: [String]) {
        #expect(events(plain + server) == [ehlo] + expected, "\(visible(server))")
    }

    @Test func `several mails go over one connection, with RSET where the last was cut short`() {
        var driver = ClientDriver(
            .plain(),
            mails: [
                (clientMail(to: ["a@a.example"]), content), (clientMail(from: nil, to: ["b@b.example"]), "y"),
                (clientMail(to: ["c@c.example"]), content),
            ])
        driver.feed(plain + "250 ok\r\n550 no\r\n" + "250 reset\r\n250 ok\r\n250 ok\r\n354 go\r\n250 one\r\n")
        driver.feed("250 ok\r\n250 ok\r\n354 go\r\n250 two\r\n221 bye\r\n")
        #expect(
            driver.events == [
                ehlo, "MAIL FROM:<help@acme.example>\r\n", "RCPT TO:<a@a.example>\r\n", "<failed recipient 5.0.0: no>",
                "RSET\r\n", "MAIL FROM:<>\r\n", "RCPT TO:<b@b.example>\r\n", "DATA\r\n", "y", "\r\n.\r\n",
                "<delivered: one>", "MAIL FROM:<help@acme.example>\r\n", "RCPT TO:<c@c.example>\r\n", "DATA\r\n",
                content,
                ".\r\n", "<delivered: two>", "QUIT\r\n", "<close>",
            ])
    }

    static let parameters: [(mail: SMTPClientSession.Mail, line: String)] = [
        (clientMail(size: 1000), "MAIL FROM:<help@acme.example> SIZE=1000\r\n"),
        (clientMail(is8BitMIME: true), "MAIL FROM:<help@acme.example> BODY=8BITMIME\r\n"),
        (clientMail(size: 5, isSMTPUTF8: true), "MAIL FROM:<help@acme.example> SIZE=5 SMTPUTF8\r\n"),
        (clientMail(to: ["żółw@a.example"]), "MAIL FROM:<help@acme.example> SMTPUTF8\r\n"),
        (clientMail(to: ["a@żółw.example"]), "MAIL FROM:<help@acme.example>\r\n"),
        (clientMail(from: "\"a b\"@acme.example"), "MAIL FROM:<\"a b\"@acme.example>\r\n"),
    ]

    @Test(arguments: parameters) func `MAIL names what is offered and needed`(
        mail: SMTPClientSession.Mail, line: String
    ) {
        var driver = ClientDriver(.plain(), mails: [(mail, content)])
        driver.feed(pipelining)
        #expect(driver.events.last?.hasPrefix(line) == true)
    }

    static let obstacles: [(server: String, mail: SMTPClientSession.Mail, status: String)] = [
        (pipelining, clientMail(size: 1001), "failed sender 5.3.4"),
        (plain, clientMail(to: ["żółw@a.example"]), "failed sender 5.6.7"),
        (
            plain,
            SMTPClientSession.Mail(
                envelope: Envelope(
                    reversePath: nil,
                    recipients: [EmailAddress(localPart: "a>\r\nRSET", domain: DomainName("a.example")!)]), size: nil),
            "failed sender 5.1.3"
        ),
    ]

    @Test(arguments: obstacles)
    func `a mail that the server cannot take is not tried`(server: String, mail: SMTPClientSession.Mail, status: String)
    {
        var driver = ClientDriver(.plain(), mails: [(mail, content), (clientMail(), content)])
        driver.feed(server)
        #expect(driver.events.dropFirst().first?.hasPrefix("<" + status) == true)
        #expect(driver.events.last?.hasPrefix("MAIL FROM:<help@acme.example>") == true)
    }

    @Test func `for a server that does not offer 8BITMIME the content is converted first`() {
        var driver = ClientDriver(.plain(), mails: [(clientMail(size: 900, is8BitMIME: true), content)])
        driver.feed("220 mx\r\n250-mx\r\n250 SIZE 1000\r\n")
        // It is longer then, and nobody knows how long.
        #expect(driver.events.suffix(2) == ["<convert body>", "MAIL FROM:<help@acme.example>\r\n"])
    }

    static let withoutUTF8: [(extensions: String, mail: SMTPClientSession.Mail, isConvertible: Bool, events: [String])] = [
        ("8BITMIME", clientMail(isSMTPUTF8: true), true, ["<convert header>", "MAIL FROM:<help@acme.example>\r\n"]),
        (
            "8BITMIME", clientMail(is8BitMIME: true, isSMTPUTF8: true), true,
            ["<convert header>", "MAIL FROM:<help@acme.example> BODY=8BITMIME\r\n"]
        ),
        (
            "HELP", clientMail(is8BitMIME: true, isSMTPUTF8: true), true,
            ["<convert header body>", "MAIL FROM:<help@acme.example>\r\n"]
        ),
        (
            "8BITMIME", clientMail(isSMTPUTF8: true), false,
            [
                "<convert header>",
                "<failed sender 5.6.9: the next hop does not offer SMTPUTF8, and the header cannot be said without>",
            ]
        ),
        // A header in ASCII is of no use to an address that is not.
        (
            "8BITMIME", clientMail(to: ["żółw@a.example"], isSMTPUTF8: true), true,
            ["<failed sender 5.6.7: the next hop does not offer SMTPUTF8>"]
        ),
    ]

    @Test(arguments: withoutUTF8) func `for a server that does not offer SMTPUTF8 a header is said in ASCII`(
        extensions: String, mail: SMTPClientSession.Mail, isConvertible: Bool, expected: [String]
    ) {
        var driver = ClientDriver(.plain(), mails: [(mail, content)], isConvertible: isConvertible)
        driver.feed("220 mx\r\n250-mx\r\n250 \(extensions)\r\n")
        #expect(Array(driver.events.dropFirst().prefix(expected.count)) == expected)
    }

    @Test func `content that cannot be converted fails, and the next mail is delivered`() {
        var driver = ClientDriver(
            .plain(), mails: [(clientMail(to: ["a@a.example", "b@a.example"], is8BitMIME: true), content), (clientMail(), content)],
            isConvertible: false)
        driver.feed(plain)
        let problem = "failed sender 5.6.3: the next hop does not offer 8BITMIME, and the mail cannot be converted"
        #expect(
            driver.events.suffix(3) == ["<convert body>", "<\(problem), \(problem)>", "MAIL FROM:<help@acme.example>\r\n"])
    }

    @Test func `content that cannot be read waits for another time`() {
        var driver = ClientDriver(.plain(), mails: [(clientMail(is8BitMIME: true), content)], isConvertible: nil)
        driver.feed(plain)
        #expect(
            driver.events.suffix(3) == ["<convert body>", "<deferred sender 4.3.0: the content could not be read>", "<close>"])
    }

    @Test(arguments: ["421 4.3.2 going\r\n", "250 what?\r\n", "lost", "late"])
    func `a connection that ends while content is converted defers the mail`(event: String) {
        var session = SMTPClientSession(configuration: .plain())
        var input = ByteBuffer(string: plain)
        while session.receive(&input) != .ready {}
        #expect(session.deliver(clientMail(is8BitMIME: true)) == .downgrade(.body))
        #expect(session.receive(&input) == .needMoreInput)
        let action: SMTPClientSession.Action
        switch event {
        case "lost": action = session.connectionClosed()
        case "late": action = session.timedOut()
        default:
            input.writeString(event)
            action = session.receive(&input)
        }
        guard case .settled(let outcomes) = action else {
            Issue.record("not settled: \(action)")
            return
        }
        #expect(outcomes.map(ClientDriver.words).allSatisfy { $0.hasPrefix("deferred sender 4.") })
        // What comes of the conversion matters no more.
        #expect(session.contentDowngraded() == .needMoreInput && session.contentCannotBeDowngraded() == .needMoreInput)
        #expect(session.receive(&input) == .close)
    }

    @Test func `a refusal before the content ends is heard and the rest is not sent`() {
        var session = SMTPClientSession(configuration: .plain())
        var input = ByteBuffer(string: plain)
        _ = session.receive(&input)
        #expect(session.receive(&input) == .ready)
        _ = session.deliver(clientMail())
        input.writeString("250 ok\r\n250 ok\r\n354 go\r\n")
        while session.receive(&input) != .sendContent {}
        #expect(session.encode(ByteBuffer(string: ".x")) == ByteBuffer(string: "..x"))
        #expect(session.timeout == .seconds(180))
        input.writeString("552 5.3.4 enough\r\n")
        guard case .settled(let outcomes) = session.receive(&input) else {
            Issue.record("not settled")
            return
        }
        #expect(outcomes.map(ClientDriver.words) == ["failed content 5.3.4: enough"])
        #expect(session.encode(ByteBuffer(string: "y")).readableBytes == 0)
        #expect(session.contentEnded() == .needMoreInput)
        #expect(session.receive(&input) == .close)
    }

    @Test func `content that cannot be read is never ended with a dot`() {
        var session = SMTPClientSession(configuration: .plain())
        var input = ByteBuffer(string: plain)
        while session.receive(&input) != .ready {}
        _ = session.deliver(clientMail())
        input.writeString("250 ok\r\n250 ok\r\n354 go\r\n")
        while session.receive(&input) != .sendContent {}
        guard case .settled(let outcomes) = session.contentUnavailable() else {
            Issue.record("not settled")
            return
        }
        #expect(outcomes.map(ClientDriver.words) == ["deferred content 4.3.0: the content could not be read"])
        #expect(session.receive(&input) == .close)
    }

    @Test func `a timeout settles like a lost connection`() {
        let result = events(pipelining + "250 ok\r\n250 ok\r\n550 5.1.1 no\r\n354 go\r\n") { $0.expire() }
        #expect(
            result.suffix(2) == [
                "<deferred content 4.4.2?: the server did not answer in time, failed recipient 5.1.1: no>", "<close>",
            ])
    }
}

@Suite struct ClientIntroductionTests {
    private static let credentials = Credentials(login: "a", password: "secret")
    private static let tls = "220 mx\r\n250-mx\r\n250 STARTTLS\r\n"

    static let rows: [(server: String, configuration: SMTPClientSession.Configuration, events: [String])] = [
        ("220-mx\r\n220 hello\r\n250 mx\r\n", .plain(), [ehlo]),
        ("554 5.7.1 no\r\n", .plain(), ["<failed greeting 4.7.1: no>"]),
        ("421 4.7.0 busy\r\n", .plain(), ["<failed greeting 4.7.0: busy>"]),
        ("521 mx takes no mail\r\n", .plain(), ["<failed greeting 5.3.2: mx takes no mail>"]),
        ("garbage\r\n", .plain(), ["<failed greeting 4.5.0: the server spoke no SMTP>"]),
        ("", .plain(), ["<failed greeting 4.4.2: the connection was lost>"]),
        ("220 mx\r\n", .plain(), [ehlo, "<failed greeting 4.4.2: the connection was lost>"]),
        ("220 mx\r\n502 what\r\n250 mx\r\n", .plain(), [ehlo, "HELO desk.example\r\n"]),
        (
            "220 mx\r\n502 what\r\n502 what\r\n", .plain(),
            [ehlo, "HELO desk.example\r\n", "<failed greeting 4.0.0: what>"]
        ),
        ("220 mx\r\n451 later\r\n", .plain(), [ehlo, "<failed greeting 4.0.0: later>"]),
        ("220 mx\r\n502 what\r\n", .plain { $0.tls = .required }, [ehlo, "<failed greeting 4.0.0: what>"]),
        // STARTTLS
        (tls, .plain { $0.tls = .none }, [ehlo]),
        (
            tls + "220 go\r\n", .plain(),
            [ehlo, "STARTTLS\r\n", "<TLS>", ehlo, "<failed greeting 4.4.2: the connection was lost>"]
        ),
        (tls + "454 no\r\n", .plain(), [ehlo, "STARTTLS\r\n"]),
        (
            tls + "454 4.7.0 no\r\n", .plain { $0.tls = .required },
            [ehlo, "STARTTLS\r\n", "<failed tls 4.7.0: no>"]
        ),
        (
            "220 mx\r\n250 mx\r\n", .plain { $0.tls = .required },
            [ehlo, "<failed tls 4.7.4: TLS is required, but the server does not offer it>"]
        ),
        // AUTH: `AGEAc2VjcmV0` is NUL a NUL secret
        (
            "220 mx\r\n250-mx\r\n250 AUTH LOGIN PLAIN\r\n235 ok\r\n",
            .plain {
                $0.credentials = credentials
                $0.allowsPlaintextLogin = true
            }, [ehlo, "AUTH PLAIN AGEAc2VjcmV0\r\n"]
        ),
        (
            "220 mx\r\n250-mx\r\n250 AUTH PLAIN\r\n334 \r\n235 ok\r\n",
            .plain {
                $0.credentials = credentials
                $0.allowsPlaintextLogin = true
            }, [ehlo, "AUTH PLAIN AGEAc2VjcmV0\r\n", "AGEAc2VjcmV0\r\n"]
        ),
        (
            "220 mx\r\n250-mx\r\n250 AUTH=LOGIN\r\n334 VXNlcm5hbWU6\r\n334 UGFzc3dvcmQ6\r\n235 ok\r\n",
            .plain {
                $0.credentials = credentials
                $0.allowsPlaintextLogin = true
            }, [ehlo, "AUTH LOGIN\r\n", "YQ==\r\n", "c2VjcmV0\r\n"]
        ),
        (
            "220 mx\r\n250-mx\r\n250 AUTH PLAIN\r\n535 5.7.8 wrong\r\n",
            .plain {
                $0.credentials = credentials
                $0.allowsPlaintextLogin = true
            }, [ehlo, "AUTH PLAIN AGEAc2VjcmV0\r\n", "<failed authentication 4.7.8: wrong>"]
        ),
        (
            "220 mx\r\n250-mx\r\n250 AUTH PLAIN\r\n", .plain { $0.credentials = credentials },
            [ehlo, "<failed authentication 4.7.11: a password is configured, but there is no TLS to send it>"]
        ),
        (
            "220 mx\r\n250-mx\r\n250 AUTH CRAM-MD5\r\n",
            .plain {
                $0.credentials = credentials
                $0.allowsPlaintextLogin = true
            }, [ehlo, "<failed authentication 4.7.0: the server offers no AUTH that we speak>"]
        ),
    ]

    @Test(arguments: rows)
    func `a session introduces itself as its policy asks`(
        server: String, configuration: SMTPClientSession.Configuration, expected: [String]
    ) {
        for pieces in server.isEmpty ? [[]] : everySplit(of: server) {
            // Over TLS a server speaks only after the handshake; a piece that goes on is discarded as injected.
            var driver = ClientDriver(configuration, mails: [])
            driver.feed(pieces)
            driver.lose()
            #expect(driver.events.filter { $0 != "QUIT\r\n" && $0 != "<close>" } == expected, "\(visible(server))")
        }
    }

    @Test func `replies injected before the handshake are discarded`() {
        var driver = ClientDriver(.plain(), mails: [(clientMail(), content)])
        driver.feed(Self.tls + "220 go\r\n250-mx\r\n250 AUTH PLAIN\r\n250 ok\r\n")
        #expect(driver.events == [ehlo, "STARTTLS\r\n", "<TLS>", ehlo])
        driver.feed("250-mx\r\n250 PIPELINING\r\n")
        #expect(driver.session.isSecured && driver.session.extensions.mechanisms.isEmpty)
        #expect(driver.events.last?.hasPrefix("MAIL FROM") == true)
    }

    @Test func `a handshake that ends after the timer changes nothing`() {
        var session = SMTPClientSession(configuration: .plain())
        var input = ByteBuffer(string: Self.tls + "220 go\r\n")
        while session.receive(&input) != .startTLS {}
        guard case .failed(let problem) = session.timedOut() else {
            Issue.record("not failed")
            return
        }
        #expect(problem.stage == .tls && problem.isTransient)
        #expect(session.tlsEstablished() == .close)
        #expect(session.tlsFailed("late") == .close)
    }

    @Test func `a failed handshake fails the session`() {
        var driver = ClientDriver(.plain(), mails: [(clientMail(), content)], tlsWorks: false)
        driver.feed(Self.tls + "220 go\r\n")
        #expect(driver.events.last == "<failed tls 4.7.5: bad certificate>")
    }

    @Test func `a password goes out after STARTTLS only`() {
        var driver = ClientDriver(.plain { $0.credentials = Self.credentials }, mails: [])
        driver.feed(Self.tls)
        driver.feed("220 go\r\n")
        driver.feed("250-mx\r\n250 AUTH PLAIN\r\n235 ok\r\n221 bye\r\n")
        #expect(
            driver.events == [
                ehlo, "STARTTLS\r\n", "<TLS>", ehlo, "AUTH PLAIN AGEAc2VjcmV0\r\n", "QUIT\r\n", "<close>",
            ])
    }

    @Test func `a server that closes while idle is not quarrelled with`() {
        var session = SMTPClientSession(configuration: .plain())
        var input = ByteBuffer(string: plain)
        while session.receive(&input) != .ready {}
        input.writeString("421 4.4.2 idle too long\r\n")
        #expect(session.receive(&input) == .close)
        #expect(session.connectionClosed() == .close)
    }
}

@Suite struct ReplyReadingTests {
    static let rows: [(wire: String, words: String)] = [
        ("550 5.1.1 no\r\n", "failed recipient 5.1.1: no"),
        ("550\r\n", "failed recipient 5.0.0: "),
        ("550 \r\n", "failed recipient 5.0.0: "),
        ("550 no\n", "failed recipient 5.0.0: no"),
        ("550-5.1.1 no\r\n550-5.1.1 such\r\n550 5.1.1 user\r\n", "failed recipient 5.1.1: no such user"),
        ("550-no\r\n450 yes\r\n", "deferred recipient 4.0.0: no yes"),
        ("550 4.2.1 odd\r\n", "failed recipient 5.2.1: odd"),
        ("550 5.1 not a status\r\n", "failed recipient 5.0.0: 5.1 not a status"),
        ("550 a\u{1B}[31mb\tc\r\n", "failed recipient 5.0.0: a [31mb c"),
        ("550-żółw\r\n550 x\r\n", "failed recipient 5.0.0: żółw x"),
        ("550x\r\n", "deferred recipient 4.5.0: the server spoke no SMTP"),
        ("150 x\r\n", "deferred recipient 4.5.0: the server spoke no SMTP"),
        ("650 x\r\n", "deferred recipient 4.5.0: the server spoke no SMTP"),
        ("\r\n", "deferred recipient 4.5.0: the server spoke no SMTP"),
        ("55\r\n", "deferred recipient 4.5.0: the server spoke no SMTP"),
    ]

    @Test(arguments: rows) func `replies are read forgivingly and quoted harmlessly`(wire: String, words: String) {
        #expect(events(plain + "250 ok\r\n" + wire, to: ["a@a.example"]).contains("<\(words)>"), "\(visible(wire))")
    }

    @Test func `a reply has limits of length and lines`() {
        var long = ClientDriver(.plain(), mails: [(clientMail(), content)])
        long.feed(plain + "250 ok\r\n550 " + String(repeating: "x", count: 5000) + "\r\n")
        #expect(long.events.contains("<failed recipient 5.0.0: \(String(repeating: "x", count: 512))>"))
        var endless = ClientDriver(.plain(), mails: [(clientMail(), content)])
        endless.feed(plain + "250 ok\r\n" + String(repeating: "x", count: 8193))
        #expect(endless.events.last == "<close>")
        for (count, isGarbage) in [(199, false), (200, true)] {
            var driver = ClientDriver(.plain(), mails: [(clientMail(), content)])
            driver.feed(plain + "250 ok\r\n" + String(repeating: "550-x\r\n", count: count) + "550 y\r\n")
            #expect(driver.events.contains { $0.contains("no SMTP") } == isGarbage)
        }
    }
}
