import MailTypes
import NIOCore
import SMTPProtocol
import Testing

/// DSN (RFC 3461) and REQUIRETLS (RFC 8689) as the server takes them.
@Suite struct NotificationTests {
    /// What a recipient with parameters is answered, and the envelope of the mail then.
    private static func take(
        mail parameters: String, rcpt others: String, isSecured: Bool = false
    ) -> (codes: [Int], envelope: Envelope?) {
        var session = SMTPServerSession(
            configuration: .init(role: .mx, hostname: "mx.acme.example", tls: .unavailable), isSecured: isSecured)
        _ = session.connected()
        var codes: [Int] = []
        var envelope: Envelope?
        for line in [
            "EHLO c.example", "MAIL FROM:<jan@c.example>\(parameters)", "RCPT TO:<help@acme.example>\(others)", "DATA",
            "Subject: x\r\n\r\nx\r\n.",
        ] {
            var buffer = ByteBuffer(string: line + "\r\n")
            var next: SMTPServerSession.Action?
            loop: while true {
                let action = next ?? session.receive(&buffer)
                next = nil
                switch action {
                case .needMoreInput: break loop
                case .reply(let reply), .refuse(let reply, _): codes.append(Int(reply.code.number))
                case .verifyGreeting: next = session.greetingVerified(.accepted)
                case .verifySender: next = session.senderVerified(.accepted)
                case .verifyContent: next = session.contentVerified(.accepted)
                case .verifyRecipient(.address(let address)): next = session.recipientVerified(.accepted(address))
                case .contentEnded(let found, _):
                    envelope = found
                    next = session.contentSettled(Reply(250, nil, "OK"))
                default: break
                }
            }
        }
        return (codes, envelope)
    }

    static let taken: [(mail: String, rcpt: String, wishes: String)] = [
        ("", "", ""),
        (
            " RET=HDRS ENVID=QQ+2B1", " NOTIFY=SUCCESS,DELAY",
            "RET HDRS\nENVID QQ+2B1\nRCPT SUCCESS,DELAY - help@acme.example"
        ),
        (
            " ret=full", " notify=never ORCPT=rfc822;help+40acme.example",
            "RET FULL\nRCPT NEVER rfc822;help+40acme.example help@acme.example"
        ),
    ]

    @Test(arguments: taken) func `what the sender wants to be told is taken with the envelope`(
        mail: String, rcpt: String, wishes: String
    ) throws {
        let (codes, envelope) = Self.take(mail: mail, rcpt: rcpt)
        #expect(codes == [250, 250, 250, 354, 250])
        let found = try #require(envelope).wishes
        #expect(found.text == wishes)
        #expect(DeliveryWishes(text: wishes) == found)
    }

    static let refused: [(mail: String, rcpt: String, codes: [Int])] = [
        (" RET=BODY", "", [501]), (" RET=FULL RET=FULL", "", [501]), (" ENVID=a=b", "", [501]), (" ENVID=+2b", "", [501]),
        (" ENVID=\(String(repeating: "x", count: 101))", "", [501]), (" REQUIRETLS", "", [555]),
        ("", " NOTIFY=NEVER,DELAY", [250, 501]), ("", " NOTIFY=", [250, 501]), ("", " NOTIFY=SOON", [250, 501]),
        ("", " NOTIFY=DELAY NOTIFY=DELAY", [250, 501]), ("", " ORCPT=jan", [250, 501]),
        ("", " ORCPT=rfc822;a ORCPT=rfc822;a", [250, 501]), ("", " SIZE=1", [250, 555]),
    ]

    @Test(arguments: refused) func `parameters of another form are refused`(mail: String, rcpt: String, codes: [Int]) {
        #expect(Array(Self.take(mail: mail, rcpt: rcpt).codes.dropFirst().prefix(codes.count)) == codes)
    }

    @Test func `REQUIRETLS is taken over TLS only`() {
        #expect(Self.take(mail: " REQUIRETLS", rcpt: "", isSecured: true).envelope?.wishes.requiresTLS == true)
    }

    /// What a client says to a server with these extensions.
    private static func say(_ wishes: DeliveryWishes, to extensions: String...) -> [String] {
        var session = SMTPClientSession(configuration: .init(hostname: "mx.acme.example", tls: .none))
        _ = session.connected()
        var said: [String] = []
        var isDelivered = false
        var replies = ["220 x", (["250-x"] + extensions.map { "250-\($0)" } + ["250 SIZE"]).joined(separator: "\r\n")]
        var envelope = Envelope(
            reversePath: EmailAddress("help@acme.example"), recipients: [EmailAddress("jan@c.example")!])
        envelope.wishes = wishes
        while true {
            guard !replies.isEmpty else { return said }
            var buffer = ByteBuffer(string: replies.removeFirst() + "\r\n")
            loop: while true {
                var next: SMTPClientSession.Action = session.receive(&buffer)
                while true {
                    switch next {
                    case .needMoreInput: break loop
                    case .send(let octets):
                        said.append(String(buffer: octets).replacing("\r\n", with: ""))
                        replies.append("250 ok")
                    case .ready where !isDelivered:
                        isDelivered = true
                        next = session.deliver(.init(envelope: envelope, size: nil))
                        continue
                    case .settled(let outcomes): return said + outcomes.map { "\($0.result)".contains("5.7.30") ? "5.7.30" : "?" }
                    default: return said
                    }
                    break
                }
            }
        }
    }

    @Test func `a client passes on what was asked to servers that take it`() {
        var wishes = DeliveryWishes()
        wishes.requests[EmailAddress("jan@c.example")!] = NotificationRequest(events: [.success, .failure])
        (wishes.returnedContent, wishes.envelopeID) = (.headers, "abc")
        let passed = Self.say(wishes, to: "DSN")
        #expect(passed.contains("MAIL FROM:<help@acme.example> RET=HDRS ENVID=abc"))
        #expect(passed.contains("RCPT TO:<jan@c.example> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;jan@c.example"))
        let kept = Self.say(wishes)
        #expect(kept.contains("MAIL FROM:<help@acme.example>") && kept.contains("RCPT TO:<jan@c.example>"))
    }

    @Test(arguments: [true, false]) func `a server with our own name gets nothing where that would be a loop`(isRefused: Bool) {
        var configuration = SMTPClientSession.Configuration(hostname: "mx.acme.example", tls: .none)
        configuration.refusesOwnName = isRefused
        for (greeting, isOwn) in [("220 MX.acme.example ESMTP", true), ("220 mx.acme.example.org ESMTP", false)] {
            var session = SMTPClientSession(configuration: configuration)
            _ = session.connected()
            var buffer = ByteBuffer(string: greeting + "\r\n")
            guard case .failed(let problem) = session.receive(&buffer) else {
                #expect(!isRefused || !isOwn)
                continue
            }
            #expect(isRefused && isOwn && problem.status == EnhancedStatus(5, 4, 6))
        }
    }

    @Test func `a mail that requires TLS does not go to a server that does not promise it`() {
        var wishes = DeliveryWishes()
        wishes.requiresTLS = true
        #expect(Self.say(wishes).last == "5.7.30")
        #expect(Self.say(wishes, to: "REQUIRETLS").contains("MAIL FROM:<help@acme.example> REQUIRETLS"))
    }
}
