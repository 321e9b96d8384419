import MailTypes
import NIOCore
import SMTPProtocol
import Testing

/// FUTURERELEASE (RFC 4865): offered on submission, within its limits.
@Suite struct FutureReleaseTests {
    /// 3 March 2026, noon UTC.
    private static let now = Timestamp(seconds: 1_772_539_200)

    /// What MAIL with these parameters is answered, and the time that the envelope then has.
    private func mail(
        _ parameters: String, role: SMTPServerSession.Role = .submission, now: Timestamp? = now
    ) -> (code: Int, releaseAt: Timestamp?, greeting: [String]) {
        var configuration = SMTPServerSession.Configuration(
            role: role, hostname: "mx.acme.example", tls: .unavailable, allowsPlaintextLogin: true)
        configuration.mechanisms = [.plain]
        var session = SMTPServerSession(configuration: configuration)
        session.now = now
        _ = session.connected()
        var greeting: [String] = []
        var releaseAt: Timestamp?
        var code = 0
        func feed(_ text: String) {
            var buffer = ByteBuffer(string: text)
            var next: SMTPServerSession.Action?
            while true {
                let action = next ?? session.receive(&buffer)
                next = nil
                switch action {
                case .needMoreInput: return
                case .reply(let reply), .refuse(let reply, _):
                    code = Int(reply.code.number)
                    if text.hasPrefix("EHLO") { greeting = reply.lines }
                case .authenticate: next = session.authenticationSettled(.accepted)
                case .verifyGreeting: next = session.greetingVerified(.accepted)
                case .verifySender: next = session.senderVerified(.accepted)
                case .verifyContent: next = session.contentVerified(.accepted)
                case .verifyRecipient: next = session.recipientVerified(.accepted(EmailAddress("jan@customer.example")!))
                case .contentEnded(let envelope, _):
                    releaseAt = envelope.releaseAt
                    next = session.contentSettled(Reply(250, nil, "OK"))
                default: break
                }
            }
        }
        feed("EHLO client.example\r\n")
        if role == .submission { feed("AUTH PLAIN AGFubmEAc2VjcmV0\r\n") }
        feed("MAIL FROM:<anna@acme.example> \(parameters)\r\n")
        let answered = code
        if answered == 250 {
            feed("RCPT TO:<jan@customer.example>\r\n")
            feed("DATA\r\n")
            feed("Subject: x\r\n\r\nx\r\n.\r\n")
        }
        return (answered, releaseAt, greeting)
    }

    @Test func `EHLO says how long and until when, on submission only`() {
        #expect(mail("").greeting.contains("FUTURERELEASE 1209600 2026-03-17T12:00:00Z"))
        #expect(!mail("", role: .mx).greeting.contains { $0.hasPrefix("FUTURERELEASE") })
        #expect(!mail("", now: nil).greeting.contains { $0.hasPrefix("FUTURERELEASE") })
    }

    static let rows: [(parameters: String, code: Int, after: Int64?)] = [
        ("", 250, nil), ("HOLDFOR=60", 250, 60), ("holdfor=0", 250, 0), ("HOLDFOR=1209600", 250, 1_209_600),
        ("HOLDFOR=1209601", 501, nil), ("HOLDFOR=-1", 501, nil), ("HOLDFOR=", 501, nil), ("HOLDFOR", 501, nil),
        ("HOLDFOR=1x", 501, nil), ("HOLDFOR=9999999999", 501, nil),
        ("HOLDUNTIL=2026-03-03T12:00:30Z", 250, 30), ("HOLDUNTIL=2026-03-03T14:00:30+02:00", 250, 30),
        ("HOLDUNTIL=2026-03-03t12:00:30.25z", 250, 30), ("HOLDUNTIL=2026-03-17T12:00:00Z", 250, 1_209_600),
        ("HOLDUNTIL=2026-03-17T12:00:01Z", 501, nil), ("HOLDUNTIL=2026-03-01T12:00:00Z", 250, 0),
        ("HOLDUNTIL=2026-02-30T12:00:00Z", 501, nil), ("HOLDUNTIL=2026-03-03", 501, nil),
        ("HOLDUNTIL=2026-03-03T12:00:00", 501, nil), ("HOLDFOR=60 HOLDUNTIL=2026-03-03T12:00:30Z", 501, nil),
        ("HOLDFOR=60 HOLDFOR=60", 501, nil), ("SIZE=10 HOLDFOR=60 BODY=8BITMIME", 250, 60),
    ]

    @Test(arguments: rows) func `a hold is taken within the limits`(parameters: String, code: Int, after: Int64?) {
        let result = mail(parameters)
        #expect(result.code == code)
        #expect(result.releaseAt.map { ($0 - Self.now).components.seconds } == after)
    }

    @Test func `mail from the world is not held`() {
        #expect(mail("HOLDFOR=60", role: .mx).code == 555)
    }
}
