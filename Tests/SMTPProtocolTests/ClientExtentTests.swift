import MailTypes
import NIOCore
import SMTPProtocol
import Testing

/// Transactions that ask only, and those that are for everybody or nobody.
@Suite struct ClientExtentTests {
    private static let envelope = "MAIL FROM:<help@acme.example>\r\nRCPT TO:<a@a.example>\r\nRCPT TO:<b@b.example>\r\n"
    private static let pipelining = "220 mx ESMTP\r\n250-mx hello\r\n250 PIPELINING\r\n"
    private static let plain = "220 mx ESMTP\r\n250 mx\r\n"

    static let rows: [(extent: SMTPClientSession.Mail.Extent, server: String, events: [String])] = [
        (
            .question, pipelining + "250 ok\r\n250 yes\r\n550 5.1.1 no\r\n221 bye\r\n",
            [envelope, "<delivered: yes, failed recipient 5.1.1: no>", "QUIT\r\n", "<close>"]
        ),
        (
            .question, plain + "250 ok\r\n250 yes\r\n450 4.2.0 later\r\n221 bye\r\n",
            [
                "MAIL FROM:<help@acme.example>\r\n", "RCPT TO:<a@a.example>\r\n", "RCPT TO:<b@b.example>\r\n",
                "<delivered: yes, deferred recipient 4.2.0: later>", "QUIT\r\n", "<close>",
            ]
        ),
        (
            .question, pipelining + "554 5.7.1 not you\r\n503 no mail\r\n503 no mail\r\n221 bye\r\n",
            [envelope, "<failed sender 5.7.1: not you, failed sender 5.7.1: not you>", "QUIT\r\n", "<close>"]
        ),
        (
            .allOrNobody, pipelining + "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 queued\r\n221 bye\r\n",
            [envelope, "DATA\r\n", "x\r\n", ".\r\n", "<delivered: queued, delivered: queued>", "QUIT\r\n", "<close>"]
        ),
        (
            .allOrNobody, pipelining + "250 ok\r\n250 ok\r\n550 5.1.1 no\r\n221 bye\r\n",
            [envelope, "<failed recipient 5.1.1: no, failed recipient 5.1.1: no>", "QUIT\r\n", "<close>"]
        ),
        (
            .allOrNobody, plain + "250 ok\r\n450 4.2.0 later\r\n250 ok\r\n221 bye\r\n",
            [
                "MAIL FROM:<help@acme.example>\r\n", "RCPT TO:<a@a.example>\r\n", "RCPT TO:<b@b.example>\r\n",
                "<deferred recipient 4.2.0: later, deferred recipient 4.2.0: later>", "QUIT\r\n", "<close>",
            ]
        ),
    ]

    @Test(arguments: rows) func `a transaction goes as far as it is meant to`(
        extent: SMTPClientSession.Mail.Extent, server: String, events: [String]
    ) {
        var mail = clientMail(to: ["a@a.example", "b@b.example"])
        mail.extent = extent
        for pieces in everySplit(of: server) {
            var driver = ClientDriver(.plain(), mails: [(mail, "x\r\n")])
            driver.feed(pieces)
            driver.lose()
            #expect(Array(driver.events.drop { !$0.hasPrefix("MAIL") }) == events)
        }
    }

    @Test func `behind a question the next mail begins anew`() {
        var question = clientMail(to: ["a@a.example"])
        question.extent = .question
        var driver = ClientDriver(.plain(), mails: [(question, ""), (clientMail(to: ["a@a.example"]), "x\r\n")])
        driver.feed([ByteBuffer(string: Self.pipelining + "250 ok\r\n250 yes\r\n")])
        #expect(driver.events.last?.hasPrefix("RSET\r\nMAIL FROM") == true, "\(driver.events)")
    }
}
