import Testing

/// Approval from mail clients' side: a trainee, supervisors, a customer.
@Suite struct ApprovalTests {
    private static func mail(_ id: String = "t1", body: String = "It left today.\n", open: OpenCase) -> String {
        open.text(from: "Trainee One <trainee1@acme.example>", id: id, body: body)
    }

    @Test func `a supervisor approves by moving to To send, and takes it back by moving back`() throws {
        let open = try OpenCase(undo: "1h")
        let supervisor = try open.appliance.imap(as: SampleDesk.supervisor1)
        _ = try supervisor.run("SELECT INBOX")
        let tag = try supervisor.idle()
        #expect(try open.submit(Self.mail(open: open), as: SampleDesk.trainee1).hasPrefix("250"))
        _ = try supervisor.waitFor("EXISTS")
        #expect(try supervisor.done(tag).isOK)
        #expect(try supervisor.subjects(in: "INBOX").map(\.subject) == ["Waiting for your approval: 1"])
        let waiting = try #require(try supervisor.subjects(in: "Approval").first)
        #expect(waiting.subject == "Re: [#1] Parcel")
        #expect(try supervisor.subjects(in: "Approval").count == 1)
        let approved = try supervisor.run("UID MOVE \(waiting.uid) \"To send\"")
        #expect(approved.isOK && approved.texts.contains { $0.contains("[COPYUID ") }, "\(approved)")
        let trainee = try open.appliance.imap(as: SampleDesk.trainee1)
        #expect(try trainee.subjects(in: "To send").count == 1)
        #expect(try trainee.subjects(in: "Do akceptacji").isEmpty)
        let sent = try #require(try supervisor.subjects(in: "To send").first)
        let back = try supervisor.run("UID MOVE \(sent.uid) Approval")
        #expect(back.isOK && back.texts.contains { $0.contains("[COPYUID ") }, "\(back)")
        #expect(try trainee.subjects(in: "To send").isEmpty)
        #expect(try trainee.subjects(in: "Approval").count == 1)
        #expect(open.relay.mails.isEmpty)
    }

    @Test func `what is approved leaves as the pool's answer, once`() throws {
        let open = try OpenCase()
        #expect(try open.submit(Self.mail(open: open), as: SampleDesk.trainee1).hasPrefix("250"))
        let trainee = try open.appliance.imap(as: SampleDesk.trainee1)
        let own = try #require(try trainee.subjects(in: "Approval").first)
        for place in ["\"To send\"", "\"To send/Confirmed\"", "Done", "INBOX"] {
            #expect(try !trainee.run("UID MOVE \(own.uid) \(place)").isOK)
        }
        #expect(open.relay.mails.isEmpty)
        let supervisor = try open.appliance.imap(as: SampleDesk.supervisor1)
        let waiting = try #require(try supervisor.subjects(in: "Approval").first)
        #expect(try supervisor.run("UID MOVE \(waiting.uid) \"To send\"").isOK)
        let left = try #require(try open.relay.mails(atLeast: 1).first)
        #expect(left.recipients == ["jan@customer.example"] && left.content.contains("It left today."))
        #expect(left.field("From")?.contains("help@acme.example") == true && !left.content.contains("trainee1"))
        #expect(try trainee.subjects(in: "Waiting").count == 2)
        #expect(try trainee.subjects(in: "Approval").isEmpty)
        #expect(open.relay.mails.count == 1)
    }

    @Test func `a supervisor sends back by moving to the author, or by an answer with words`() throws {
        let open = try OpenCase()
        #expect(try open.submit(Self.mail(open: open), as: SampleDesk.trainee1).hasPrefix("250"))
        let supervisor = try open.appliance.imap(as: SampleDesk.supervisor1)
        let first = try #require(try supervisor.subjects(in: "Approval").first)
        #expect(try !supervisor.run("UID MOVE \(first.uid) \"Team/Agent One\"").isOK)
        let moved = try supervisor.run("UID MOVE \(first.uid) \"Team/Trainee One\"")
        #expect(moved.isOK, "\(moved)")
        let trainee = try open.appliance.imap(as: SampleDesk.trainee1)
        #expect(try trainee.subjects(in: "Drafts").count == 1)
        #expect(try trainee.subjects(in: "INBOX").contains { $0.subject.hasPrefix("Sent back: ") })

        #expect(try open.submit(Self.mail("t2", body: "It left!\n", open: open), as: SampleDesk.trainee1).hasPrefix("250"))
        let second = try #require(try supervisor.subjects(in: "Approval").first)
        let shown = String(decoding: try supervisor.content(uid: second.uid), as: UTF8.self)
        let id = try #require(shown.firstMatch(of: /Message-ID: <([^>]+)>/)?.1)
        // Reply-All, to the customer as well: nothing of it leaves.
        let answer = """
            From: Supervisor <supervisor1@acme.example>
            To: note@acme.example, Jan Kowalski <jan@customer.example>
            Subject: Re: [#1] Parcel
            Message-ID: <s1@laptop.example>
            In-Reply-To: <\(id)>

            Tell him the day. SECRETWORDS
            """
        let reply = try open.submit(
            answer, as: SampleDesk.supervisor1, to: ["note@acme.example", "jan@customer.example"])
        #expect(reply.hasPrefix("250"), "\(reply)")
        #expect(try supervisor.subjects(in: "Approval").isEmpty)
        #expect(try supervisor.subjects(in: "To send").isEmpty)
        let notice = try #require(try trainee.subjects(in: "INBOX").last)
        #expect(String(decoding: try trainee.content(uid: notice.uid), as: UTF8.self).contains("SECRETWORDS"))
        #expect(open.relay.mails.isEmpty)
    }

    @Test func `of two supervisors the second hears who was first`() throws {
        let desk = SampleDesk.text.replacing("role: agent, initialPassword: \"correct horse 1\"", with: "role: admin, initialPassword: \"correct horse 1\"")
        let relay = try Relay(modes: "accept")
        var options = TestInstallation.Options()
        options.relayPort = relay.port
        let appliance = try TestInstallation(desk: desk, options: options).start()
        let session = try SMTPDialogue(port: appliance.submissions, tls: true)
        try session.begin(login: SampleDesk.trainee1.login, password: SampleDesk.trainee1.password)
        let text = "From: trainee1@acme.example\nTo: jan@customer.example\nSubject: Offer\nMessage-ID: <o@l.example>\n\nBuy.\n"
        #expect(try session.mail(from: SampleDesk.trainee1.login, to: ["jan@customer.example"], text: text).hasPrefix("250"))
        let (first, second) = (try appliance.imap(as: SampleDesk.supervisor1), try appliance.imap(as: SampleDesk.agent1))
        let one = try #require(try first.subjects(in: "Approval").first)
        let two = try #require(try second.subjects(in: "Approval").first)
        #expect(try first.run("UID MOVE \(one.uid) \"To send\"").isOK)
        let late = try second.run("UID MOVE \(two.uid) \"To send\"")
        #expect(!late.isOK && "\(late)".contains("approved by Supervisor"), "\(late)")
        #expect(try relay.mails(atLeast: 1).count == 1)
    }

    @Test func `FUTURERELEASE holds no trainee's mail for itself, and a crash approves nothing`() throws {
        let open = try OpenCase()
        let session = try SMTPDialogue(port: open.appliance.submissions, tls: true)
        try session.begin(login: SampleDesk.trainee1.login, password: SampleDesk.trainee1.password)
        #expect(try session.say("MAIL FROM:<trainee1@acme.example> HOLDFOR=1").hasPrefix("250"))
        _ = try session.say("RCPT TO:<jan@customer.example>")
        _ = try session.say("DATA")
        let content = Self.mail(open: open).replacing("\n", with: "\r\n") + "\r\n."
        #expect(try session.say(content).hasPrefix("250"))
        try open.appliance.kill()
        let again = try open.appliance.installation.start()
        let supervisor = try again.imap(as: SampleDesk.supervisor1)
        let waiting = try #require(try supervisor.subjects(in: "Approval").first)
        #expect(open.relay.mails.isEmpty)
        #expect(try supervisor.run("UID MOVE \(waiting.uid) \"To send\"").isOK)
        #expect(try open.relay.mails(atLeast: 1).count == 1)
    }
}
