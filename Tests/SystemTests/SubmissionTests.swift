import Testing

/// What a sent mail means, and what never leaves.
@Suite struct SubmissionTests {
    @Test func `who answers a case that nobody has takes it`() throws {
        let open = try OpenCase()
        #expect(try open.submit(open.text()).hasPrefix("250"))
        #expect(try open.relay.mails(atLeast: 1).count == 1)
        let agent = try open.appliance.imap(as: SampleDesk.agent1)
        #expect(try agent.subjects(in: "Waiting").count == 2)
        #expect(try agent.subjects(in: "New").isEmpty)
        #expect(try open.appliance.imap(as: SampleDesk.agent2).subjects(in: "Waiting").isEmpty)
    }

    @Test func `our own addresses are taken out of a reply to all, and no second case is made`() throws {
        let open = try OpenCase()
        let text = open.text(
            to: "Jan Kowalski <jan@customer.example>, help@acme.example", more: [
                "Cc: Ewa <ewa@customer.example>, agent2@acme.example, note@acme.example",
                "Bcc: boss@customer.example", "Sender: agent1@acme.example", "Disposition-Notification-To: agent1@acme.example",
                "Reply-To: agent1@acme.example", "X-Sender: agent1@acme.example", "Return-Receipt-To: agent1@acme.example",
            ])
        let reply = try open.submit(
            text, to: ["jan@customer.example", "ewa@customer.example", "boss@customer.example", "help@acme.example", "agent2@acme.example"])
        #expect(reply.hasPrefix("250"), "\(reply)")
        let mails = try open.relay.mails(atLeast: 1)
        #expect(Set(mails.flatMap(\.recipients)) == ["jan@customer.example", "ewa@customer.example", "boss@customer.example"])
        for mail in mails {
            #expect(mail.field("To") == "Jan Kowalski <jan@customer.example>")
            #expect(mail.field("Cc") == "Ewa <ewa@customer.example>")
            #expect(mail.field("Bcc") == nil)
            for secret in ["agent1", "agent2", "note@", "boss@"] { #expect(!mail.header.contains(secret), "\(secret): \(mail.header)") }
        }
        let agent = try open.appliance.imap(as: SampleDesk.agent1)
        #expect(try agent.subjects(in: "New").isEmpty)
        #expect(try agent.subjects(in: "Pools/Help").count == 2)
    }

    @Test func `from a foreign address nothing is accepted, neither on the envelope nor in the header`() throws {
        let open = try OpenCase()
        #expect(try open.submit(open.text(), from: "ceo@acme.example").hasPrefix("550 5.7.1"))
        #expect(try open.submit(open.text(), from: "jan@customer.example").hasPrefix("550 5.7.1"))
        #expect(try open.submit(open.text(from: "ceo@acme.example")).hasPrefix("550 5.7.1"))
        #expect(try open.submit(open.text(from: "agent2@acme.example")).hasPrefix("550 5.7.1"))
        #expect(try open.submit(open.text(from: "complaints@acme.example")).hasPrefix("550 5.7.1"))
        #expect(open.relay.mails.isEmpty)
        #expect(try open.submit(open.text(from: "help@acme.example"), from: "help@acme.example").hasPrefix("250"))
        #expect(try open.relay.mails(atLeast: 1).first?.field("From")?.contains("<help@acme.example>") == true)
    }

    @Test func `a bounce to the signed reverse-path comes into the case and changes nothing else`() throws {
        let open = try OpenCase()
        #expect(try open.submit(open.text()).hasPrefix("250"))
        let mail = try #require(try open.relay.mails(atLeast: 1).first)
        let bounce = """
            From: Mail Delivery System <mailer-daemon@customer.example>
            To: <\(mail.sender)>
            Subject: Undelivered Mail Returned to Sender
            Message-ID: <bounce@customer.example>
            Auto-Submitted: auto-replied
            MIME-Version: 1.0
            Content-Type: multipart/report; report-type=delivery-status; boundary=b

            --b

            The mailbox is full.
            --b
            Content-Type: message/delivery-status

            Reporting-MTA: dns; customer.example

            Final-Recipient: rfc822; jan@customer.example
            Action: failed
            Status: 5.2.2
            --b--

            """
        let dialogue = try SMTPDialogue(port: open.appliance.smtp)
        try dialogue.begin()
        #expect(try dialogue.mail(from: "", to: [mail.sender], text: bounce).hasPrefix("250"))
        let agent = try open.appliance.imap(as: SampleDesk.agent1)
        #expect(try agent.subjects(in: "New").isEmpty)
        #expect(try agent.subjects(in: "INBOX").last?.subject == "[#1] Undelivered Mail Returned to Sender")
    }

    @Test func `a stranger at the signed address is filed into the case, and an out-of-office changes no status`() throws {
        let open = try OpenCase()
        #expect(try open.submit(open.text()).hasPrefix("250"))
        let mail = try #require(try open.relay.mails(atLeast: 1).first)
        let address = try #require(mail.field("Reply-To")?.firstMatch(of: /help\+1\.[^@>\s]+@acme\.example/)?.0)
        let agent = try open.appliance.imap(as: SampleDesk.agent1)

        let away = """
            From: Jan Kowalski <jan@customer.example>
            To: <\(address)>
            Subject: Out of office
            Message-ID: <away@customer.example>
            Auto-Submitted: auto-replied
            In-Reply-To: \(mail.field("Message-ID") ?? "")

            Back on Monday.

            """
        let dialogue = try SMTPDialogue(port: open.appliance.smtp)
        try dialogue.begin()
        #expect(try dialogue.mail(from: "", to: [String(address)], text: away).hasPrefix("250"))
        #expect(try agent.subjects(in: "INBOX").isEmpty)
        #expect(try agent.subjects(in: "Waiting").count == 3)

        let stranger = CustomerMail(
            from: "Ewa <ewa@stranger.example>", to: String(address), subject: "About his parcel",
            inReplyTo: mail.field("Message-ID"))
        try SMTPDialogue.deliver(stranger, from: "ewa@stranger.example", to: [String(address)], at: open.appliance)
        #expect(try agent.subjects(in: "New").isEmpty)
        #expect(try agent.subjects(in: "Pools/Help").map(\.subject).last == "[#1] About his parcel")
    }

    @Test func `a bad token is the pool's plain address`() throws {
        let open = try OpenCase()
        try SMTPDialogue.deliver(
            CustomerMail(from: "Ewa <ewa@stranger.example>", subject: "Guess"), from: "ewa@stranger.example",
            to: ["help+1.aaaaaaaaaaaaaaaaaaaaaaaa@acme.example"], at: open.appliance)
        #expect(try open.appliance.imap(as: SampleDesk.agent1).subjects(in: "New").map(\.subject) == ["[#1] Parcel", "[#2] Guess"])
    }

    @Test func `a new mail to a customer opens a case that waits`() throws {
        let open = try OpenCase()
        let text = """
            From: agent1@acme.example
            To: new@customer.example
            Subject: About your contract
            Message-ID: <new@laptop.example>

            Good day.

            """
        #expect(try open.submit(text, to: ["new@customer.example"]).hasPrefix("250"))
        let mail = try #require(try open.relay.mails(atLeast: 1).first)
        #expect(mail.field("Subject") == "[#2] About your contract")
        #expect(mail.field("From")?.contains("<help@acme.example>") == true)
        let agent = try open.appliance.imap(as: SampleDesk.agent1)
        #expect(try agent.subjects(in: "Waiting").map(\.subject) == ["[#2] About your contract"])
        let reply = CustomerMail(from: "new@customer.example", subject: "Re: [#2] About your contract")
        try SMTPDialogue.deliver(reply, from: "new@customer.example", at: open.appliance)
        #expect(try agent.subjects(in: "INBOX").map(\.subject).last == "Re: [#2] About your contract")
    }

    @Test func `the answer keeps its body to the octet`() throws {
        let open = try OpenCase()
        let body = "Zażółć gęślą jaźń.\n.\n..two dots\n\nTrailing space \n"
        #expect(try open.submit(open.text(body: body)).hasPrefix("250"))
        let mail = try #require(try open.relay.mails(atLeast: 1).first)
        let octets = mail.content.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
        #expect(String(decoding: octets, as: UTF8.self).hasSuffix("\r\n\r\n" + body.replacing("\n", with: "\r\n")))
        #expect(mail.parameters.contains("BODY=8BITMIME"))
    }

    @Test func `a relay without 8BITMIME gets the answer in a form that it takes`() throws {
        let open = try OpenCase(modes: "7bit")
        let line = "Zażółć gęślą jaźń.\n"
        #expect(try open.submit(open.text(body: String(repeating: line, count: 5000))).hasPrefix("250"))
        let mail = try #require(try open.relay.mails(atLeast: 1).first)
        #expect(!mail.parameters.contains("BODY"))
        #expect(mail.content.unicodeScalars.allSatisfy { $0.value < 0x80 })
        #expect(mail.field("Content-Transfer-Encoding") == "quoted-printable")
        let encoded = "Za=C5=BC=C3=B3=C5=82=C4=87 g=C4=99=C5=9Bl=C4=85 ja=C5=BA=C5=84.\r\n"
        #expect(mail.content.hasSuffix("\r\n\r\n" + String(repeating: encoded, count: 5000)))
    }

    @Test func `what a relay without 8BITMIME cannot get comes back with the reason`() throws {
        let open = try OpenCase(modes: "7bit")
        let body = "--b\nContent-Type: text/plain; charset=utf-8\n\nZażółć\n--b\n\nsignature\n--b--\n"
        let signed = open.text(body: body).replacing(
            "Content-Type: text/plain; charset=utf-8\n\n--b", with: "Content-Type: multipart/signed; boundary=b\n\n--b")
        let (agent, watcher) = (
            try open.appliance.imap(as: SampleDesk.agent1), try open.appliance.imap(as: SampleDesk.agent1)
        )
        try watcher.run("SELECT INBOX")
        let tag = try watcher.idle()
        #expect(try open.submit(signed).hasPrefix("250"))
        var notice: (uid: Int, subject: String)?
        while notice == nil {
            _ = try watcher.waitFor("EXISTS")
            notice = try agent.subjects(in: "INBOX").last { $0.subject.contains("not delivered") }
        }
        #expect(try watcher.done(tag).isOK)
        let content = String(decoding: try agent.content(uid: try #require(notice).uid), as: UTF8.self)
        #expect(content.contains("5.6.3") && content.contains("8BITMIME"))
        #expect(open.relay.mails.isEmpty)
    }
}
