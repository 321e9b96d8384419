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
}
