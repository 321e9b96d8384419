import MailTypes
import NIOCore
import SMTPProtocol
import Testing

private let hello = "EHLO client.example\r\n"

@Suite struct STARTTLSInjectionTests {
    static let injected = [
        "MAIL FROM:<evil@evil.example>\r\n", "EHLO evil.example\r\nMAIL FROM:<evil@evil.example>\r\n", "NOOP\r\n", "QU",
        "AUTH PLAIN AGEAc2VjcmV0\r\n", "\r\n", String(repeating: "NOOP\r\n", count: 500),
    ]

    @Test(arguments: injected) func `octets in the clear after STARTTLS are discarded`(injected: String) {
        var session = SMTPServerSession(configuration: .mx())
        _ = session.connected()
        var input = ByteBuffer(string: hello + "STARTTLS\r\n" + injected)
        guard case .verifyGreeting = session.receive(&input), case .reply = session.greetingVerified(.accepted) else {
            Issue.record("no reply to EHLO")
            return
        }
        guard case .startTLS = session.receive(&input) else {
            Issue.record("no STARTTLS")
            return
        }
        #expect(input.readableBytes == 0 && session.expectation == .handshake)
        // a second packet in the clear, before the handshake is done
        input.writeString(injected)
        #expect(session.receive(&input) == .needMoreInput)
        #expect(input.readableBytes == 0)
        session.tlsEstablished()
        #expect(session.receive(&input) == .needMoreInput)
        input.writeString("MAIL FROM:<a@a.example>\r\n")
        #expect(session.receive(&input) == .reply(Reply(503, EnhancedStatus(5, 5, 1), "Say EHLO first")))
    }

    @Test func `what the client said in the clear is forgotten`() {
        var driver = ServerDriver(.mx())
        driver.feed(hello + "STARTTLS\r\n")
        #expect(driver.session.isSecured && driver.session.clientName == nil)
        driver.feed("MAIL FROM:<>\r\n" + hello + "STARTTLS\r\n")
        #expect(driver.replies == ["220", "250", "220 2.0.0", "<TLS>", "503 5.5.1", "250", "503 5.5.1"])
    }

    static let rows: [(wire: String, tls: SMTPServerSession.TLSOffer, replies: [String])] = [
        ("STARTTLS\r\n", .offered, ["220 2.0.0", "<TLS>"]),
        ("STARTTLS x\r\n", .offered, ["501 5.5.4"]),
        ("STARTTLS\r\n", .unavailable, ["502 5.5.1"]),
        (hello + "MAIL FROM:<>\r\nSTARTTLS\r\n", .offered, ["250", "250 2.1.0", "503 5.5.1"]),
        (
            hello + "MAIL FROM:<>\r\nNOOP\r\nSTARTTLS\r\n", .required,
            ["250", "530 5.7.0", "250 2.0.0", "220 2.0.0", "<TLS>"]
        ),
    ]

    @Test(arguments: rows)
    func `STARTTLS depends on what the listener offers`(
        wire: String, tls: SMTPServerSession.TLSOffer, expected: [String]
    ) {
        #expect(replies(to: wire, .mx { $0.tls = tls }) == [["220"] + expected])
    }
}

@Suite struct AuthenticationTests {
    /// After EHLO over TLS, on submission. `AGEAc2VjcmV0` is NUL a NUL secret.
    static let rows: [(wire: String, replies: [String], asked: [String])] = [
        ("AUTH PLAIN AGEAc2VjcmV0\r\n", ["235 2.7.0"], ["AUTH /a/secret"]),
        ("auth plain\r\nAGEAc2VjcmV0\r\n", ["334", "235 2.7.0"], ["AUTH /a/secret"]),
        ("AUTH PLAIN YgBhAHNlY3JldA==\r\n", ["235 2.7.0"], ["AUTH b/a/secret"]),
        ("AUTH LOGIN\r\nYQ==\r\nc2VjcmV0\r\n", ["334", "334", "235 2.7.0"], ["AUTH /a/secret"]),
        ("AUTH LOGIN YQ==\r\nc2VjcmV0\r\n", ["334", "235 2.7.0"], ["AUTH /a/secret"]),
        (
            "AUTH PLAIN AGEAd3Jvbmc=\r\nAUTH PLAIN AGEAc2VjcmV0\r\n", ["535 5.7.8", "235 2.7.0"],
            ["AUTH /a/wrong", "AUTH /a/secret"]
        ),
        ("AUTH PLAIN AGEAZG93bg==\r\n", ["454 4.7.0"], ["AUTH /a/down"]),
        ("AUTH PLAIN\r\n*\r\nNOOP\r\n", ["334", "501 5.7.0", "250 2.0.0"], []),
        ("AUTH LOGIN\r\nYQ==\r\n*\r\nNOOP\r\n", ["334", "334", "501 5.7.0", "250 2.0.0"], []),
        ("AUTH PLAIN =\r\nNOOP\r\n", ["501 5.5.2", "250 2.0.0"], []),
        ("AUTH PLAIN !!!!\r\nNOOP\r\n", ["501 5.5.2", "250 2.0.0"], []),
        ("AUTH PLAIN\r\nAGEAc2VjcmV\r\nNOOP\r\n", ["334", "501 5.5.2", "250 2.0.0"], []),
        ("AUTH PLAIN YWI=\r\n", ["501 5.5.2"], []),  // no NUL at all
        ("AUTH PLAIN AABz\r\n", ["501 5.5.2"], []),  // no login
        ("AUTH PLAIN AP8AeA==\r\n", ["501 5.5.2"], []),  // not UTF-8
        ("AUTH LOGIN\r\n\r\nNOOP\r\n", ["334", "501 5.5.2", "250 2.0.0"], []),
        ("AUTH CRAM-MD5\r\nAUTH\r\nAUTH PLAIN a b\r\n", ["504 5.5.4", "501 5.5.4", "501 5.5.4"], []),
        ("AUTH PLAIN AGEAc2VjcmV0\r\nAUTH PLAIN AGEAc2VjcmV0\r\n", ["235 2.7.0", "503 5.5.1"], ["AUTH /a/secret"]),
        (
            "MAIL FROM:<a@b.example>\r\nAUTH PLAIN AGEAc2VjcmV0\r\nMAIL FROM:<a@b.example>\r\nAUTH PLAIN x\r\n",
            ["530 5.7.0", "235 2.7.0", "250 2.1.0", "503 5.5.1"], ["AUTH /a/secret", "MAIL a@b.example -"]
        ),
        (
            "AUTH SCRAM-SHA-256 Zmlyc3Q=\r\nZmluYWw=\r\n\r\n", ["334", "334", "235 2.7.0"],
            ["SCRAM-SHA-256 first", "SCRAM-SHA-256 … final", "SCRAM-SHA-256 … "]
        ),
        (
            "AUTH SCRAM-SHA-256-PLUS\r\nZmlyc3Q=\r\neA==\r\nNOOP\r\n", ["334", "334", "535 5.7.8", "250 2.0.0"],
            ["SCRAM-SHA-256-PLUS first", "SCRAM-SHA-256-PLUS … x"]
        ),
        (
            "AUTH SCRAM-SHA-256 Zmlyc3Q=\r\n*\r\nNOOP\r\n", ["334", "501 5.7.0", "250 2.0.0"],
            ["SCRAM-SHA-256 first"]
        ),
        (
            "AUTH SCRAM-SHA-256 bm9uc2Vuc2U=\r\nNOOP\r\n", ["501 5.5.2", "250 2.0.0"], ["SCRAM-SHA-256 nonsense"]
        ),
        ("AUTH SCRAM-SHA-256 !!!!\r\nNOOP\r\n", ["501 5.5.2", "250 2.0.0"], []),
        ("AUTH PLAIN\r\nAGEAc2VjcmV0\nNOOP\r\n", ["334", "500 5.5.2", "250 2.0.0"], []),
    ]

    @Test(arguments: rows)
    func `AUTH asks for credentials once it has them whole`(wire: String, expected: [String], asked: [String]) {
        for pieces in everySplit(of: hello + wire) {
            for answersLate in [false, true] {
                let configuration = SMTPServerSession.Configuration.submission {
                    $0.mechanisms = SMTPServerSession.Mechanism.allCases
                }
                var driver = ServerDriver(
                    configuration, isSecured: true, answersLate: answersLate, bindsChannels: true)
                driver.feed(pieces)
                #expect(driver.replies == ["220", "250"] + expected, "\(visible(wire))")
                #expect(driver.asked == asked)
            }
        }
    }

    @Test func `a login is neither offered nor taken in the clear`() {
        var driver = ServerDriver(.submission())
        driver.feed(hello + "AUTH PLAIN AGEAc2VjcmV0\r\n")
        #expect(driver.replies == ["220", "250", "538 5.7.11"] && driver.asked.isEmpty)
        #expect(driver.texts[1].contains("AUTH") == false)
        driver.feed("STARTTLS\r\n")
        driver.feed(hello)
        #expect(driver.texts.last?.hasSuffix("250 AUTH PLAIN LOGIN\r\n") == true)
    }

    @Test func `PLUS is offered where a login can be bound to its connection`() {
        let configuration = SMTPServerSession.Configuration.submission {
            $0.mechanisms = SMTPServerSession.Mechanism.allCases
        }
        for bindsChannels in [true, false] {
            var driver = ServerDriver(configuration, isSecured: true, bindsChannels: bindsChannels)
            driver.feed(hello + "AUTH SCRAM-SHA-256-PLUS Zmlyc3Q=\r\n")
            let plus = bindsChannels ? "SCRAM-SHA-256-PLUS " : ""
            #expect(driver.texts[1].hasSuffix("250 AUTH \(plus)SCRAM-SHA-256 PLAIN LOGIN\r\n"))
            #expect(driver.replies.last == (bindsChannels ? "334" : "504 5.5.4"))
        }
    }

    @Test func `a loopback listener may take logins in the clear`() {
        var driver = ServerDriver(
            .submission {
                $0.tls = .offered
                $0.allowsPlaintextLogin = true
            })
        driver.feed(hello + "AUTH PLAIN AGEAc2VjcmV0\r\nMAIL FROM:<a@b.example>\r\n")
        #expect(driver.replies == ["220", "250", "235 2.7.0", "250 2.1.0"])
    }

    @Test func `an MX knows no AUTH`() {
        #expect(
            replies(to: hello + "AUTH PLAIN AGEAc2VjcmV0\r\n", .mx(), isSecured: true) == [["220", "250", "500 5.5.1"]])
    }

    @Test func `SASL lines have a limit of their own`() {
        let configuration = SMTPServerSession.Configuration.submission {
            $0.limits.lineLength = 20
            $0.limits.authenticationLineLength = 40
        }
        let initial = "AUTH PLAIN AGEAc2VjcmV0\r\n"  // 25 octets
        #expect(replies(to: hello + initial, configuration, isSecured: true) == [["220", "500 5.5.2", "503 5.5.1"]])
        let short = "EHLO x\r\n"
        #expect(replies(to: short + initial, configuration, isSecured: true) == [["220", "250", "235 2.7.0"]])
        let atLimit = String(repeating: "A", count: 38) + "\r\n", beyond = "A" + atLimit
        #expect(
            replies(to: short + "AUTH PLAIN\r\n" + atLimit, configuration, isSecured: true)
                == [["220", "250", "334", "501 5.5.2"]])
        #expect(
            replies(to: short + "AUTH PLAIN\r\n" + beyond + "NOOP\r\n", configuration, isSecured: true)
                == [["220", "250", "334", "500 5.5.2", "250 2.0.0"]])
    }

    @Test func `credentials never print their secret`() {
        let credentials = Credentials(login: "a", password: "secret")
        for text in [
            "\(credentials)", String(reflecting: credentials), "\(SMTPServerSession.Action.authenticate(credentials))",
        ] {
            #expect(!text.contains("secret"))
        }
        var dumped = ""
        dump(credentials, to: &dumped)
        #expect(!dumped.contains("secret"))
    }
}
