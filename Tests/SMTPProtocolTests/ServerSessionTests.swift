import MailTypes
import NIOCore
import SMTPProtocol
import Testing

private let hello = "EHLO client.example\r\n"
private let mail = "MAIL FROM:<a@a.example>\r\n"
private let rcpt = "RCPT TO:<help@acme.example>\r\n"

@Suite struct ServerDialogueTests {
    /// What an MX answers, greeting included.
    static let rows: [(wire: String, replies: [String])] = [
        (
            hello + mail + rcpt + "DATA\r\nSubject: x\r\n\r\nx\r\n.\r\nQUIT\r\n",
            ["250", "250 2.1.0", "250 2.1.5", "354", "250 2.0.0", "221 2.0.0", "<closed>"]
        ),
        (
            "helo client.example\r\nmail from:<>\r\nrcpt to:<postmaster>\r\ndata\r\n.\r\nquit\r\n",
            ["250", "250 2.1.0", "250 2.1.5", "354", "250 2.0.0", "221 2.0.0", "<closed>"]
        ),
        // two mails over one connection, the second with a refused recipient among good ones
        (
            hello + mail + rcpt + "DATA\r\nx\r\n.\r\n" + mail + "RCPT TO:<unknown@acme.example>\r\n" + rcpt
                + "DATA\r\ny\r\n.\r\n",
            [
                "250", "250 2.1.0", "250 2.1.5", "354", "250 2.0.0", "250 2.1.0", "550 5.1.1", "250 2.1.5", "354",
                "250 2.0.0",
            ]
        ),
        // nobody is left: DATA is refused, RSET cleans up
        (
            hello + mail + "RCPT TO:<unknown@acme.example>\r\nDATA\r\nRSET\r\n" + mail,
            ["250", "250 2.1.0", "550 5.1.1", "554 5.5.1", "250 2.0.0", "250 2.1.0"]
        ),
        (
            mail + hello + rcpt + "DATA\r\n" + mail + mail,
            ["503 5.5.1", "250", "503 5.5.1", "503 5.5.1", "250 2.1.0", "503 5.5.1"]
        ),
        // EHLO within a transaction is a RSET
        (hello + mail + hello + rcpt, ["250", "250 2.1.0", "250", "503 5.5.1"]),
        (
            "VRFY help\r\nEXPN list\r\nHELP\r\nNOOP x\r\nVRFY\r\n",
            ["252 2.5.0", "502 5.5.1", "214 2.0.0", "250 2.0.0", "501 5.5.4"]
        ),
        (
            "FOO\r\nLHLO x\r\nAUTH PLAIN\r\nX\r\n\r\nEHLO\r\nHELO \r\nDATA x\r\nRSET x\r\nQUIT x\r\n",
            [
                "500 5.5.1", "500 5.5.1", "500 5.5.1", "500 5.5.1", "500 5.5.1", "501 5.5.4", "501 5.5.4", "501 5.5.4",
                "501 5.5.4", "501 5.5.4",
            ]
        ),
        ("NOOP\nNOOP\rx\r\nNO\0OP\r\nNOOP  \r\n", ["500 5.5.2", "500 5.5.1", "500 5.5.1", "250 2.0.0"]),
        (hello + "MAIL FROM:<banned@a.example>\r\n" + mail, ["250", "554 5.7.1", "250 2.1.0"]),
        // an HTTP client is not talked to, nor is one that speaks TLS
        ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", ["<closed>"]),
        ("POST / HTTP/1.1\r\n", ["<closed>"]),
        ("\u{16}\u{3}\u{1}\0", ["<closed>"]),
        ("\u{16}\u{3}\r\nNOOP\r\n", ["<closed>"]),
        ("NOOP\r\nGET / HTTP/1.1\r\n", ["250 2.0.0", "<closed>"]), ("Host: mx.acme.example\r\n", ["<closed>"]),
        // nothing is read after QUIT
        ("QUIT\r\nNOOP\r\n", ["221 2.0.0", "<closed>"]),
    ]

    @Test(arguments: rows)
    func `an MX answers a pipelined dialogue the same at every split`(wire: String, expected: [String]) {
        #expect(replies(to: wire, .mx()) == [["220"] + expected], "\(visible(wire))")
    }

    @Test func `EHLO lists what the listener offers`() {
        var driver = ServerDriver(.mx { $0.limits.messageSize = 1_000_000 })
        driver.feed("EHLO x\r\n")
        #expect(
            driver.texts.last
                == "250-mx.acme.example\r\n250-PIPELINING\r\n250-SIZE 1000000\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n"
                + "250-ENHANCEDSTATUSCODES\r\n250-CHUNKING\r\n250-DSN\r\n250 STARTTLS\r\n")
        driver.feed("STARTTLS\r\n")
        driver.feed("EHLO x\r\n")
        #expect(driver.texts.last?.contains("STARTTLS") == false)
    }

    @Test func `a filed mail has its envelope, its octets and its facts`() {
        var driver = ServerDriver(.mx())
        driver.feed(
            hello + "MAIL FROM:<a@a.example> SIZE=30 BODY=8BITMIME SMTPUTF8\r\n" + rcpt
                + "RCPT TO:<postmaster>\r\nDATA\r\nReceived: x\r\n\r\n..ż\r\n.\r\n")
        var facts = ContentFacts()
        (facts.octets, facts.receivedFields, facts.hasEightBit) = (20, 1, true)
        let envelope = Envelope(
            reversePath: EmailAddress("a@a.example"),
            recipients: [EmailAddress("help@acme.example")!, EmailAddress("postmaster@acme.example")!],
            is8BitMIME: true, isSMTPUTF8: true)
        #expect(
            driver.filed == [.init(envelope: envelope, content: "Received: x\r\n\r\n.ż\r\n", facts: facts)])
        #expect(driver.asked.first == "MAIL a@a.example 30")
    }

    @Test func `the trace keyword tells protocol, TLS and login`() {
        var driver = ServerDriver(.mx())
        #expect(driver.session.protocolKeyword == "SMTP" && driver.session.clientName == nil)
        driver.feed("HELO a.example\r\n")
        #expect(driver.session.protocolKeyword == "SMTP" && driver.session.clientName == "a.example")
        driver.feed(hello)
        #expect(driver.session.protocolKeyword == "ESMTP")
        driver.feed("STARTTLS\r\n")
        driver.feed(hello)
        #expect(driver.session.protocolKeyword == "ESMTPS")
        driver.feed("MAIL FROM:<a@a.example> SMTPUTF8\r\n")
        #expect(driver.session.protocolKeyword == "UTF8SMTPS")
        var submission = ServerDriver(.submission(), isSecured: true)
        submission.feed(hello + "AUTH PLAIN AGEAc2VjcmV0\r\n")
        #expect(submission.session.protocolKeyword == "ESMTPSA")
    }

    @Test func `the driver's refusal of a whole mail is the reply`() {
        var driver = ServerDriver(.mx(), verdict: .insufficientStorage)
        driver.feed(hello + mail + rcpt + "DATA\r\nx\r\n.\r\nNOOP\r\n")
        #expect(driver.replies == ["220", "250", "250 2.1.0", "250 2.1.5", "354", "452 4.3.1", "250 2.0.0"])
    }
}

@Suite struct PathTests {
    static let senders: [(wire: String, reply: String, asked: String?)] = [
        ("<a@b.example>", "250 2.1.0", "a@b.example"),
        ("<a@b.example>  ", "250 2.1.0", "a@b.example"),
        ("<>", "250 2.1.0", "<>"),
        ("<@x.example,@y.example:a@b.example>", "250 2.1.0", "a@b.example"),
        ("<\"a b\"@b.example>", "250 2.1.0", "\"a b\"@b.example"),
        ("<\"a\\\"@>b\"@b.example>", "250 2.1.0", "\"a\\\"@>b\"@b.example"),
        ("<a..b.@b.example>", "250 2.1.0", "\"a..b.\"@b.example"),
        ("<bounce+42=x@b.example>", "250 2.1.0", "bounce+42=x@b.example"),
        ("<a@[192.0.2.1]>", "250 2.1.0", "a@[192.0.2.1]"),
        ("<a@[IPv6:2001:db8::1]>", "250 2.1.0", "a@[ipv6:2001:db8::1]"),
        ("<a@B.EXAMPLE> SIZE=1", "250 2.1.0", "a@b.example"),
        ("<a@b.example> BODY=7BIT", "250 2.1.0", "a@b.example"),
        ("<żółw@b.example> SMTPUTF8", "250 2.1.0", "żółw@b.example"),
        ("<a@żółw.example> SMTPUTF8 BODY=8bitmime", "250 2.1.0", "a@xn--w-uga1v8h.example"),
        ("<żółw@b.example>", "553 5.6.7", nil),
        ("<a@żółw.example>", "553 5.6.7", nil),
        ("a@b.example", "501 5.1.7", nil),
        (" <a@b.example>", "501 5.1.7", nil),
        ("<a@b.example", "501 5.1.7", nil),
        ("<a@b.example>SIZE=1", "501 5.1.7", nil),
        ("<a>", "501 5.1.7", nil),
        ("<postmaster>", "501 5.1.7", nil),
        ("<@b.example>", "501 5.1.7", nil),
        ("<a@>", "501 5.1.7", nil),
        ("<a b@b.example>", "501 5.1.7", nil),
        ("<\"\"@b.example>", "501 5.1.7", nil),
        ("<\"a@b.example>", "501 5.1.7", nil),
        ("<a@b.example> SIZE=", "501 5.5.4", nil),
        ("<a@b.example> SIZE=1x", "501 5.5.4", nil),
        ("<a@b.example> SIZE=1 SIZE=2", "501 5.5.4", nil),
        ("<a@b.example> SMTPUTF8=1", "501 5.5.4", nil),
        ("<a@b.example> BODY=9BIT", "501 5.5.4", nil),
        ("<a@b.example> BODY=BINARYMIME", "555 5.5.4", nil),
        ("<a@b.example> MT-PRIORITY=3", "555 5.5.4", nil),
        ("<a@b.example> AUTH=<>", "555 5.5.4", nil),
        ("<a@b.example> SIZE=99999999999999999999", "552 5.3.4", nil),
    ]

    @Test(arguments: senders) func `MAIL reads its path`(wire: String, reply: String, asked: String?) {
        for pieces in everySplit(of: hello + "MAIL FROM:" + wire + "\r\n") {
            var driver = ServerDriver(.mx())
            driver.feed(pieces)
            #expect(driver.replies.last == reply)
            #expect(driver.asked.isEmpty == (asked == nil))
            if let asked { #expect(driver.asked == ["MAIL \(asked) \(wire.contains("SIZE") ? "1" : "-")"]) }
        }
    }

    static let recipients: [(wire: String, reply: String, asked: String?)] = [
        ("<help@acme.example>", "250 2.1.5", "help@acme.example"),
        ("<@relay.example:help@acme.example>", "250 2.1.5", "help@acme.example"),
        ("<Postmaster>", "250 2.1.5", "postmaster"),
        ("<unknown@acme.example>", "550 5.1.1", "unknown@acme.example"),
        ("<pomoc-żółw@acme.example>", "553 5.6.7", nil),
        ("<>", "501 5.1.3", nil),
        ("<help>", "501 5.1.3", nil),
        (" <help@acme.example>", "501 5.1.3", nil),
        ("<help@acme.example> RRVS=2026-01-01T00:00:00Z", "555 5.5.4", nil),
        ("<help@acme.example>>", "501 5.1.3", nil),
    ]

    @Test(arguments: recipients) func `RCPT reads its path`(wire: String, reply: String, asked: String?) {
        for pieces in everySplit(of: hello + mail + "RCPT TO:" + wire + "\r\n") {
            var driver = ServerDriver(.mx())
            driver.feed(pieces)
            #expect(driver.replies.last == reply)
            #expect(driver.asked.dropFirst() == (asked.map { ["RCPT \($0)"] } ?? []))
        }
    }

    @Test func `an agent's client may put a blank before the path`() {
        var driver = ServerDriver(.submission(), isSecured: true)
        driver.feed(hello + "AUTH PLAIN AGEAc2VjcmV0\r\nMAIL FROM: <a@b.example> AUTH=<>\r\nRCPT TO: <x@c.example>\r\n")
        #expect(driver.replies.suffix(2) == ["250 2.1.0", "250 2.1.5"])
    }

    @Test func `a path of 256 octets is taken and one more is not`() {
        // "<" + local + "@" + domain + ">"
        let domain = "b.example"
        for (length, reply) in [(256 - 3 - domain.count, "250 2.1.0"), (257 - 3 - domain.count, "501 5.1.7")] {
            var driver = ServerDriver(.mx())
            driver.feed(hello + "MAIL FROM:<\(String(repeating: "x", count: length))@\(domain)>\r\n")
            #expect(driver.replies.last == reply)
        }
    }
}
