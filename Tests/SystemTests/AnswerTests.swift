import Testing

/// The main job: a case taken, answered, and the customer's reply in the same thread.
@Suite struct AnswerTests {
    /// An installation with a relay, and a case that agent 1 has taken.
    private func takenCase(modes: String = "accept") throws -> (RunningAppliance, Relay, IMAPDialogue) {
        let relay = try Relay(modes: modes)
        var options = TestInstallation.Options()
        options.relayPort = relay.port
        let appliance = try TestInstallation(options: options).start()
        try SMTPDialogue.deliver(CustomerMail(subject: "Parcel", id: "<first@customer.example>"), at: appliance)
        let agent = try appliance.imap(as: SampleDesk.agent1)
        let new = try #require(try agent.subjects(in: "New").first)
        let moved = try agent.run("UID MOVE \(new.uid) INBOX")
        #expect(moved.isOK, "\(moved)")
        return (appliance, relay, agent)
    }

    private func answer(_ appliance: RunningAppliance, as agent: SampleDesk.Agent, id: String = "answer-1") throws -> Completed {
        let content = """
            From: Agent One <\(agent.login)>
            To: Jan Kowalski <jan@customer.example>
            Subject: Re: [#1] Parcel
            Message-ID: <\(id)@laptop.example>
            In-Reply-To: <first@customer.example>
            References: <first@customer.example>
            Date: Tue, 3 Mar 2026 13:00:00 +0100
            User-Agent: Thunderbird of \(agent.login)
            X-Originating-IP: 10.0.0.1
            MIME-Version: 1.0
            Content-Type: text/plain; charset=utf-8

            It left today.
            """
        return try Completed.run(
            [
                "swaks", "--server", "127.0.0.1:\(appliance.submission)", "--tls", "--auth", "PLAIN", "--auth-user", agent.login,
                "--auth-password", agent.password, "--helo", "laptop.example", "--from", agent.login, "--to",
                "jan@customer.example", "--data", "-",
            ], input: content)
    }

    @Test func `an answer leaves from the pool, the case waits, and the customer's reply comes back to it`() throws {
        let (appliance, relay, agent) = try takenCase()
        let sent = try answer(appliance, as: SampleDesk.agent1)
        #expect(sent.status == 0, "\(sent)")
        let mail = try #require(try relay.mails(atLeast: 1).first)

        #expect(mail.recipients == ["jan@customer.example"])
        #expect(mail.sender.hasSuffix("@acme.example"))
        #expect(mail.field("From")?.hasSuffix("<help@acme.example>") == true)
        #expect(mail.field("From")?.contains("ACME Help") == true)
        #expect(mail.field("Subject") == "Re: [#1] Parcel")
        #expect(mail.field("Reply-To")?.contains("help+1.") == true)
        #expect(mail.field("Message-ID")?.hasSuffix("acme.example>") == true)
        #expect(mail.field("In-Reply-To") == "<first@customer.example>")
        #expect(mail.content.contains("It left today."))
        for secret in ["agent1", "laptop.example", "10.0.0.1", "ticket-1"] {
            #expect(!mail.header.contains(secret), "\(secret) leaves in \(mail.header)")
        }
        #expect(!mail.sender.contains("agent1"))

        #expect(try agent.subjects(in: "Waiting").map(\.subject) == ["[#1] Parcel", "Re: [#1] Parcel"])
        #expect(try agent.subjects(in: "INBOX").isEmpty)

        // The customer answers as mail clients do, without the stamp; the signed address is enough.
        let replyTo = try #require(mail.field("Reply-To")?.firstMatch(of: /help\+1\.[^@>\s]+@acme\.example/)?.0)
        let reply = try Completed.run([
            "swaks", "--server", "127.0.0.1:\(appliance.smtp)", "--helo", "customer.example", "--from",
            "jan@customer.example", "--to", String(replyTo), "--header", "From: Jan Kowalski <jan@customer.example>",
            "--header", "Subject: AW: Parcel", "--header", "In-Reply-To: \(mail.field("Message-ID") ?? "")",
            "--header", "References: <first@customer.example> \(mail.field("Message-ID") ?? "")", "--body", "Thank you!",
        ])
        #expect(reply.status == 0, "\(reply)")
        let inbox = try agent.subjects(in: "INBOX")
        #expect(inbox.map(\.subject) == ["[#1] Parcel", "Re: [#1] Parcel", "AW: [#1] Parcel"])

        // All of them hang on one root: what a client threads by.
        let roots = try inbox.map { message in
            let content = String(decoding: try agent.content(uid: message.uid), as: UTF8.self)
            return content.firstMatch(of: /References:\s+(<ticket-1\.[^>]+>)/).map { String($0.1) }
        }
        #expect(Set(roots).count == 1 && roots.first != nil, "\(roots)")
        #expect(try appliance.terminate() == .exited(0))
    }

    @Test func `the copy that a client files in Sent is not doubled`() throws {
        let (appliance, relay, agent) = try takenCase()
        #expect(try answer(appliance, as: SampleDesk.agent1).status == 0)
        _ = try relay.mails(atLeast: 1)
        let copy = Array("From: agent1@acme.example\r\nSubject: Re: [#1] Parcel\r\nMessage-ID: <answer-1@laptop.example>\r\n\r\nIt left today.\r\n".utf8)
        let first = try agent.append(to: "Sent", flags: "\\Seen", copy)
        let second = try agent.append(to: "Sent", flags: "\\Seen", copy)
        #expect(first.isOK && second.isOK, "\(first) \(second)")
        #expect(try agent.subjects(in: "Sent").count == 1)
        #expect(try agent.subjects(in: "Waiting").count == 2)
        #expect(relay.mails.count == 1)
    }

    @Test func `an answer into a pool without membership is refused`() throws {
        let relay = try Relay()
        var options = TestInstallation.Options()
        options.relayPort = relay.port
        let appliance = try TestInstallation(options: options).start()
        try SMTPDialogue.deliver(
            CustomerMail(subject: "Parcel", id: "<first@customer.example>"), to: ["complaints@acme.example"], at: appliance)
        let sent = try answer(appliance, as: SampleDesk.agent1)
        #expect(sent.output.contains("550 5.7.1"), "\(sent)")
        #expect(relay.mails.isEmpty)
    }

    // MARK: - The relay's moods

    @Test(arguments: ["close,drop,defer,accept", "slow", "defer,slow"])
    func `an answer is tried again until the relay takes it, and sent once`(modes: String) throws {
        let (appliance, relay, _) = try takenCase(modes: modes)
        #expect(try answer(appliance, as: SampleDesk.agent1).status == 0)
        let mails = try relay.mails(atLeast: 1)
        #expect(mails.count == 1)
        #expect(try appliance.terminate() == .exited(0))
        #expect(relay.mails.count == 1)
    }

    @Test func `an answer waits for a relay that is down, over a restart`() throws {
        let (appliance, relay, _) = try takenCase()
        try relay.stop()
        #expect(try answer(appliance, as: SampleDesk.agent1).status == 0)
        try appliance.kill()
        let again = try appliance.installation.start()
        let back = try Relay(port: relay.port)
        #expect(try back.mails(atLeast: 1).count == 1)
        #expect(try again.terminate() == .exited(0))
        #expect(back.mails.count == 1)
    }

    @Test func `what the relay refuses comes back as a notice in the case`() throws {
        let (appliance, relay, agent) = try takenCase(modes: "refuse")
        let watcher = try appliance.imap(as: SampleDesk.agent1)
        _ = try watcher.run("SELECT INBOX")
        let tag = try watcher.idle()
        #expect(try answer(appliance, as: SampleDesk.agent1).status == 0)
        try relay.waitForConnections(1)
        var known: [String] = []
        while known.count < 3 {
            _ = try watcher.waitFor("EXISTS")
            known = try agent.subjects(in: "INBOX").map(\.subject)
        }
        #expect(try watcher.done(tag).isOK)
        let notice = try #require(try agent.subjects(in: "INBOX").last)
        let content = String(decoding: try agent.content(uid: notice.uid), as: UTF8.self)
        #expect(content.contains("5.1.1"))
        #expect(content.contains("jan@customer.example"))
        #expect(notice.subject.contains("[#1]"))
        // The address is marked, and whoever asks for the customer, the case or the mail is told.
        let (installation, configuration) = (appliance.installation, appliance.installation.configuration)
        let customer = try installation.stempel("customer", "show", configuration, "jan@customer.example").output
        let shown = try installation.stempel("case", "show", configuration, "1").output
        let why = try installation.stempel("why", configuration, "#1").output
        for told in [customer, shown, why] {
            #expect(told.contains("does not arrive since ") && told.contains(": 5.1.1"), "\(told)")
        }
        #expect(customer.contains("mail to an address of theirs does not arrive: 5.1.1"), "\(customer)")
        let json = try installation.stempel("case", "show", configuration, "1", "--json")
        #expect(json.output.contains("\"undeliverableStatus\""), "\(json)")
    }
}
