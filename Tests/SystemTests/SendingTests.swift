import Testing

/// To send, from a mail client's side: held, recalled, confirmed, timed; and the process killed in between.
@Suite struct SendingTests {
    @Test func `an answer is recalled as the draft that it was, and sent again`() throws {
        let open = try OpenCase(undo: "1h")
        #expect(try open.submit(open.text(more: ["User-Agent: Thunderbird"])).hasPrefix("250"))
        let agent = try open.appliance.imap(as: SampleDesk.agent1)
        let held = try agent.subjects(in: "To send")
        #expect(held.map(\.subject) == ["Re: [#1] Parcel"])
        let shown = String(decoding: try agent.content(uid: try #require(held.first).uid), as: UTF8.self)
        #expect(shown.contains("<help@acme.example>") && !shown.contains("Thunderbird"))
        #expect(try agent.subjects(in: "New").count == 1)
        _ = try agent.run("SELECT \"To send\"")
        let moved = try agent.run("UID MOVE \(held[0].uid) Drafts")
        #expect(moved.isOK && moved.texts.contains { $0.contains("[COPYUID ") }, "\(moved)")
        let draft = try #require(try agent.subjects(in: "Drafts").first)
        let text = String(decoding: try agent.content(uid: draft.uid), as: UTF8.self)
        #expect(text.contains("Message-ID: <answer-1@laptop.example>") && text.contains("User-Agent: Thunderbird"))
        #expect(open.relay.mails.isEmpty)
    }

    @Test func `after the undo time it leaves, the client hears, and a recall is refused with the time`() throws {
        let open = try OpenCase(undo: "1s")
        let agent = try open.appliance.imap(as: SampleDesk.agent1)
        _ = try agent.run("SELECT \"To send\"")
        let tag = try agent.idle()
        #expect(try open.submit(open.text()).hasPrefix("250"))
        _ = try agent.waitFor("EXISTS")
        _ = try agent.waitFor("EXPUNGE")
        #expect(try agent.done(tag).isOK)
        #expect(try open.relay.mails(atLeast: 1).count == 1)
        #expect(try agent.subjects(in: "Waiting").count == 2)
    }

    @Test func `a doubt holds a mail until it is moved to Confirmed`() throws {
        let open = try OpenCase()
        #expect(try open.submit(open.text()).hasPrefix("250"))
        _ = try open.relay.mails(atLeast: 1)
        let second = open.text(from: "Agent Two <agent2@acme.example>", id: "answer-2", body: "No.\n")
        #expect(try open.submit(second, as: SampleDesk.agent2).hasPrefix("250"))
        let agent = try open.appliance.imap(as: SampleDesk.agent2)
        let held = try #require(try agent.subjects(in: "Do wys&AUI-ania").first)
        let text = String(decoding: try agent.content(uid: held.uid), as: UTF8.self)
        #expect(text.contains("[Stempel] Nie wyslano: ") || text.contains("[Stempel] Nie wys"))
        #expect(text.contains("X-Stempel-Held: case-changed") && text.contains("Agent One"))
        #expect(open.relay.mails.count == 1)
        let moved = try agent.run("UID MOVE \(held.uid) \"To send/Confirmed\"")
        #expect(moved.isOK, "\(moved)")
        let mails = try open.relay.mails(atLeast: 2)
        #expect(mails[1].content.contains("No.") && !mails[1].content.contains("Stempel"))
    }

    @Test func `FUTURERELEASE holds a mail for the time that the client asks for`() throws {
        let open = try OpenCase()
        func submit(_ parameter: String, id: String) throws -> String {
            let session = try SMTPDialogue(port: open.appliance.submissions, tls: true)
            let greeting = try session.say("EHLO client.example")
            #expect(greeting.contains("FUTURERELEASE 1209600 "))
            try session.begin(login: SampleDesk.agent1.login, password: SampleDesk.agent1.password)
            let answer = try session.say("MAIL FROM:<agent1@acme.example> \(parameter)")
            guard answer.hasPrefix("250") else { return answer }
            _ = try session.say("RCPT TO:<jan@customer.example>")
            _ = try session.say("DATA")
            return try session.say(open.text(id: id).replacing("\n", with: "\r\n") + "\r\n.")
        }
        #expect(try submit("HOLDFOR=1209601", id: "far").hasPrefix("501 5.5.4"))
        #expect(try submit("HOLDFOR=600", id: "later").hasPrefix("250"))
        let agent = try open.appliance.imap(as: SampleDesk.agent1)
        #expect(try agent.subjects(in: "To send").count == 1)
        #expect(try submit("HOLDFOR=1", id: "soon").hasPrefix("250"))
        #expect(try open.relay.mails(atLeast: 1).count == 1)
        #expect(try agent.subjects(in: "To send").count == 1)
    }

    @Test func `what is held outlives a crash and leaves once`() throws {
        let relay = try Relay(modes: "accept")
        var options = TestInstallation.Options()
        options.relayPort = relay.port
        let installation = try TestInstallation(
            desk: SampleDesk.text.replacing("undo: 0s", with: "undo: 3s"), options: options)
        let first = try installation.start()
        try SMTPDialogue.deliver(CustomerMail(subject: "Parcel", id: "<first@customer.example>"), at: first)
        let session = try SMTPDialogue(port: first.submissions, tls: true)
        try session.begin(login: SampleDesk.agent1.login, password: SampleDesk.agent1.password)
        let text =
            "From: agent1@acme.example\nTo: jan@customer.example\nSubject: Re: Parcel\nMessage-ID: <a@l.example>\n"
            + "In-Reply-To: <first@customer.example>\n\nIt left today.\n"
        #expect(
            try session.mail(from: "agent1@acme.example", to: ["jan@customer.example"], text: text).hasPrefix("250"))
        try first.kill()
        #expect(relay.mails.isEmpty)
        let second = try installation.start()
        _ = try relay.mails(atLeast: 1)
        try second.kill()
        let third = try installation.start()
        let agent = try third.imap(as: SampleDesk.agent1)
        #expect(try agent.subjects(in: "To send").isEmpty)
        #expect(try agent.subjects(in: "Waiting").count == 2)
        #expect(Set(relay.mails.compactMap { $0.field("Message-ID") }).count == 1)
    }

    @Test func `a note stays inside, and a mail to desk@ is answered in INBOX`() throws {
        let open = try OpenCase()
        #expect(
            try open.submit(
                open.text(to: "note@acme.example", id: "note-1", body: "Careful.\n"), to: ["note@acme.example"]
            ).hasPrefix("250"))
        #expect(
            try open.submit(open.text(to: "desk@acme.example", id: "desk-1"), to: ["desk@acme.example"]).hasPrefix(
                "250"))
        let agent = try open.appliance.imap(as: SampleDesk.agent1)
        #expect(try agent.subjects(in: "New").map(\.subject) == ["[#1] Parcel", "Re: [#1] Parcel"])
        #expect(try agent.subjects(in: "INBOX").count == 1)
        #expect(open.relay.mails.isEmpty)
        let mx = try SMTPDialogue(port: open.appliance.smtp)
        _ = try mx.say("EHLO customer.example")
        _ = try mx.say("MAIL FROM:<jan@customer.example>")
        for name in ["note", "desk"] { #expect(try mx.say("RCPT TO:<\(name)@acme.example>").hasPrefix("550 5.1.1")) }
    }
}
