import MailFormat
import MailTypes
import Testing

/// Reports of mail systems about mail of ours, as they come.
@Suite struct DeliveryReportTests {
    private static func read(_ text: String) -> [String]? {
        let octets = Array(text.replacing("\n", with: "\r\n").utf8)
        var scanner = MIMEScanner()
        scanner.consume(octets)
        let structure = scanner.finish()
        guard let report = DeliveryReport.read(scanner.header ?? HeaderSection([UInt8]()), structure, octets) else {
            return nil
        }
        return report.recipients.map { recipient in
            let status = recipient.status.map { "\($0)" } ?? "-"
            return "\(recipient.address?.description ?? "-") \(recipient.action.rawValue) \(status)"
                + (recipient.isHard ? " hard" : "")
        }
    }

    static let reports: [(name: String, text: String, recipients: [String]?)] = [
        (
            "RFC 3464",
            """
            From: mailer-daemon@c.example
            Content-Type: multipart/report; report-type=delivery-status; boundary=b

            --b

            Sorry.
            --b
            Content-Type: message/delivery-status

            Reporting-MTA: dns; c.example

            Original-Recipient: rfc822;jan@c.example
            Final-Recipient: rfc822; inner@c.example
            Action: failed (no such user)
            Status: 5.1.1 (bad address)
            Diagnostic-Code: smtp; 550 5.1.1 unknown

            Final-Recipient: RFC822; <ewa@c.example>
            Action: Delayed
            Status: 4.4.1

            Final-Recipient: rfc822; full@c.example
            Action: failed
            Diagnostic-Code: smtp; 552 5.2.2 quota
            --b--
            """,
            [
                "jan@c.example failed 5.1.1 hard", "ewa@c.example delayed 4.4.1", "full@c.example failed 5.2.2",
            ]
        ),
        (
            "qmail",
            """
            From: MAILER-DAEMON@c.example
            Subject: failure notice

            Hi. This is the qmail-send program at c.example.
            I'm afraid I wasn't able to deliver your message to the following addresses.
            This is a permanent error; I've given up. Sorry it didn't work out.

            <jan@c.example>:
            Sorry, no mailbox here by that name. (#5.1.1)

            <ewa@c.example>:
            198.51.100.1 does not like recipient.
            Remote host said: 552 5.2.2 Mailbox full
            Giving up on 198.51.100.1.

            --- Below this line is a copy of the message.

            To: other@c.example
            """, ["jan@c.example failed 5.1.1 hard", "ewa@c.example failed 5.2.2"]
        ),
        (
            "Exim",
            """
            X-Failed-Recipients: jan@c.example
            From: Mail Delivery System <Mailer-Daemon@c.example>
            Subject: Mail delivery failed: returning message to sender

            This message was created automatically by mail delivery software.

            A message that you sent could not be delivered to one or more of its
            recipients. This is a permanent error. The following address(es) failed:

              jan@c.example
                host mx.c.example [192.0.2.1]
                SMTP error from remote mail server after RCPT TO:<jan@c.example>:
                550 No such user here

            ------ This is a copy of the message, including all the headers. ------
            """, ["jan@c.example failed 5.1.1 hard"]
        ),
        (
            "Exim, late",
            """
            From: Mail Delivery System <Mailer-Daemon@c.example>
            Subject: Warning: message delayed 24 hours

            A message that you sent has not yet been delivered to one or more of its
            recipients after more than 24 hours on the queue on c.example.

            The address to which the message has not yet been delivered is:

              jan@c.example

            No action is required on your part. Delivery attempts will continue for
            some time.
            """, ["jan@c.example delayed 4.0.0"]
        ),
        (
            "Postfix",
            """
            From: MAILER-DAEMON@c.example (Mail Delivery System)

            This is the mail system at host c.example.

            <jan@c.example>: host mx.c.example[192.0.2.1] said: 550 5.1.1 <jan@c.example>:
                Recipient address rejected: User unknown (in reply to RCPT TO command)
            """, ["jan@c.example failed 5.1.1 hard"]
        ),
        (
            "Exchange",
            """
            From: Microsoft Outlook <postmaster@c.example>
            Content-Type: text/plain

            Delivery has failed to these recipients or groups:

            Jan Kowalski (jan@c.example)<mailto:jan@c.example>
            The email address you entered couldn't be found. Please check the recipient's email address.

            Diagnostic information for administrators:

            Generating server: ex.c.example
            other@c.example
            """, ["jan@c.example failed 5.1.1 hard"]
        ),
        (
            "Exchange of old",
            """
            From: System Administrator <postmaster@c.example>

            Your message did not reach some or all of the intended recipients.

                  Subject:  Your parcel
                  Sent:     03.03.2026 13:00

            The following recipient(s) could not be reached:

                  'jan@c.example' on 03.03.2026 13:00
                        There was a SMTP communication problem with the recipient's email server.
                        <ex.c.example #5.7.1 smtp;554 5.7.1 blocked>
            """, ["jan@c.example failed 5.7.1"]
        ),
        (
            "sendmail",
            """
            From: Mail Delivery Subsystem <MAILER-DAEMON@c.example>

               ----- The following addresses had permanent fatal errors -----
            <jan@c.example>
                (reason: 550 5.1.1 <jan@c.example>... User unknown)
            """, ["jan@c.example failed 5.1.1 hard"]
        ),
        (
            "the oldest sendmail",
            """
            From: Mail Delivery Subsystem <MAILER-DAEMON@c.example>

               ----- Transcript of session follows -----
            550 jan@c.example... User unknown

               ----- Unsent message follows -----
            To: other@c.example
            """, ["jan@c.example failed 5.1.1 hard"]
        ),
        ("an absence", "From: jan@c.example\n\nI am away until Monday; write to my office.\n", nil),
        ("nothing", "From: mailer-daemon@c.example\n\n", nil),
    ]

    @Test(arguments: reports) func `a report tells whom it is about and why`(
        name: String, text: String, recipients: [String]?
    ) { #expect(Self.read(text) == recipients, "\(name)") }

    @Test func `however long a report is, no more is read than the limits say`() {
        let many = (0..<500).map { "<r\($0)@c.example>:\nno such user\n\n" }.joined()
        #expect(Self.read("From: mailer-daemon@c.example\n\n\(many)")?.count == 100)
    }
}
