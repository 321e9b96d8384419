import MailTypes
import NIOCore
import SMTPProtocol
import Testing

/// Refusals that end a session.
@Suite struct ServerRefusalTests {
    private func session() -> SMTPServerSession {
        SMTPServerSession(configuration: .init(role: .mx, hostname: "mx.acme.example"))
    }

    @Test func `who speaks before the greeting is told so, and left`() {
        var session = session()
        #expect(
            session.spokeEarly()
                == .close(Reply(554, EnhancedStatus(5, 5, 1), "Clients wait for the greeting")))
        #expect(session.expectation == .nothing)
    }

    @Test func `the driver's 421 to a sender or a recipient ends the session, another refusal does not`() {
        let (late, busy) = (Reply(421, EnhancedStatus(4, 7, 0), "Later"), Reply(451, EnhancedStatus(4, 7, 1), "Later"))
        for (reply, action) in [(late, SMTPServerSession.Action.close(late)), (busy, .reply(busy))] {
            for isRecipient in [false, true] {
                var session = session()
                _ = session.connected()
                var wire = ByteBuffer(string: "EHLO c.example\r\nMAIL FROM:<a@a.example>\r\nRCPT TO:<b@acme.example>\r\n")
                _ = session.receive(&wire)
                _ = session.greetingVerified(.accepted)
                _ = session.receive(&wire)
                guard isRecipient else {
                    #expect(session.senderVerified(.refused(reply)) == action)
                    continue
                }
                _ = session.senderVerified(.accepted)
                _ = session.receive(&wire)
                #expect(session.recipientVerified(.refused(reply)) == action)
            }
        }
    }

    static let dialogues: [(wire: String, replies: [String])] = [
        // Who is refused at EHLO has not greeted, and may do so with another name.
        (
            "EHLO banned.example\r\nMAIL FROM:<a@a.example>\r\nEHLO c.example\r\nMAIL FROM:<a@a.example>\r\n",
            ["220", "554 5.7.1", "503 5.5.1", "250", "250 2.1.0"]
        ),
        // A refused name takes the earlier one, and the mail under way, with it.
        (
            "EHLO c.example\r\nMAIL FROM:<a@a.example>\r\nHELO banned.example\r\nRCPT TO:<b@acme.example>\r\n"
                + "MAIL FROM:<a@a.example>\r\n",
            ["220", "250", "250 2.1.0", "554 5.7.1", "503 5.5.1", "503 5.5.1"]
        ),
        // Content that is refused is no content, and the mail is over.
        (
            "EHLO c.example\r\nMAIL FROM:<silent@a.example>\r\nRCPT TO:<b@acme.example>\r\nDATA\r\nNOOP\r\nDATA\r\n",
            ["220", "250", "250 2.1.0", "250 2.1.5", "554 5.7.1", "250 2.0.0", "503 5.5.1"]
        ),
        // The octets of a refused chunk are no commands.
        (
            "EHLO c.example\r\nMAIL FROM:<silent@a.example>\r\nRCPT TO:<b@acme.example>\r\nBDAT 6\r\nQUIT\r\n"
                + "BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n",
            ["220", "250", "250 2.1.0", "250 2.1.5", "554 5.7.1", "503 5.5.1", "250 2.0.0"]
        ),
    ]

    @Test(arguments: dialogues) func `a greeting and content to come can be refused`(wire: String, expected: [String]) {
        #expect(replies(to: wire, .mx()) == [expected])
    }

    @Test func `421 to a greeting, content to come and content that came ends the session`() {
        let late = Reply(421, EnhancedStatus(4, 7, 0), "Later")
        var session = session()
        #expect(session.connectionRefused(late) == .close(late))
        session = self.session()
        _ = session.connected()
        var wire = ByteBuffer(string: "EHLO c.example\r\n")
        _ = session.receive(&wire)
        #expect(session.greetingVerified(.refused(late)) == .close(late))
        for isWhole in [false, true] {
            session = self.session()
            _ = session.connected()
            wire = ByteBuffer(
                string: "EHLO c.example\r\nMAIL FROM:<a@a.example>\r\nRCPT TO:<b@acme.example>\r\nDATA\r\n.\r\n")
            _ = session.receive(&wire)
            _ = session.greetingVerified(.accepted)
            _ = session.receive(&wire)
            _ = session.senderVerified(.accepted)
            _ = session.receive(&wire)
            _ = session.recipientVerified(.accepted(EmailAddress("b@acme.example")!))
            _ = session.receive(&wire)
            guard isWhole else {
                #expect(session.contentVerified(.refused(late)) == .close(late))
                continue
            }
            _ = session.contentVerified(.accepted)
            _ = session.receive(&wire)
            #expect(session.contentSettled(late) == .close(late))
        }
    }
}
