import Testing

/// What becomes of the mail that customers send.
@Suite struct CustomerTests {
    @Test func `swaks sends a mail under TLS, and an agent finds the stamped case`() throws {
        let appliance = try TestInstallation().start()
        let sent = try Completed.run([
            "swaks", "--server", "127.0.0.1:\(appliance.smtp)", "--tls", "--helo", "customer.example", "--from",
            "jan@customer.example", "--to", "help@acme.example", "--header", "Subject: Re: Where is my parcel?",
            "--header", "From: Jan Kowalski <jan@customer.example>", "--body", "It was due on Monday.",
        ])
        #expect(sent.status == 0, "\(sent)")
        let agent = try appliance.imap(as: SampleDesk.agent1)
        let found = try agent.subjects(in: "New")
        #expect(found.map(\.subject) == ["Re: [#1] Where is my parcel?"])
        let content = String(decoding: try agent.content(uid: found.first?.uid ?? 0), as: UTF8.self)
        #expect(content.hasPrefix("Return-Path: <jan@customer.example>\r\nReceived: from customer.example "))
        #expect(content.contains("ESMTPS"))
        #expect(content.contains("TLS"))
        #expect(content.contains("for <help@acme.example>"))
        #expect(content.firstMatch(of: /References: <ticket-1\.[a-z2-7]+@mx\.acme\.example>\r\n/) != nil)
        #expect(content.contains("\r\n\r\nIt was due on Monday.\r\n"))
    }

    @Test func `one mail to two pools is two linked cases, to two addresses of one pool one case`() throws {
        let appliance = try TestInstallation().start()
        try SMTPDialogue.deliver(
            CustomerMail(subject: "Both"), to: ["help@acme.example", "complaints@acme.example"], at: appliance)
        try SMTPDialogue.deliver(
            CustomerMail(subject: "One"), to: ["help@acme.example", "info@acme.example"], at: appliance)
        let supervisor = try appliance.imap(as: SampleDesk.supervisor1)
        #expect(try supervisor.subjects(in: "Pools/Help").map(\.subject).sorted() == ["[#1] Both", "[#3] One"])
        #expect(try supervisor.subjects(in: "Pools/Complaints").map(\.subject) == ["[REK#2] Both"])
    }

    @Test func `the same mail twice is accepted and shown once, another with its id is a mail of its own`() throws {
        let appliance = try TestInstallation().start()
        let mail = CustomerMail(subject: "Twice")
        try SMTPDialogue.deliver(mail, at: appliance)
        try SMTPDialogue.deliver(mail, at: appliance)
        var other = CustomerMail(subject: "Other", id: mail.id)
        other.body = "Not the same.\n"
        try SMTPDialogue.deliver(other, at: appliance)
        let subjects = try appliance.imap(as: SampleDesk.agent1).subjects(in: "New").map(\.subject)
        #expect(subjects.filter { $0.hasSuffix("Twice") }.count == 1)
        #expect(subjects.filter { $0.hasSuffix("Other") }.count == 1)
        #expect(subjects.count == 2)
    }

    @Test func `a mail on the way round is stopped after fifty hops`() throws {
        let appliance = try TestInstallation().start()
        let hop = "Received: from a.example by b.example; Tue, 3 Mar 2026 12:00:00 +0100\n"
        for (hops, code) in [(50, "250"), (51, "554 5.4.6")] {
            let dialogue = try SMTPDialogue(port: appliance.smtp)
            try dialogue.begin()
            let text = String(repeating: hop, count: hops) + CustomerMail(subject: "Round").text
            let reply = try dialogue.mail(from: "jan@customer.example", to: ["help@acme.example"], text: text)
            #expect(reply.hasPrefix(code), "\(hops) hops: \(reply)")
        }
    }

    @Test func `content lines may be of any length`() throws {
        let appliance = try TestInstallation().start()
        var mail = CustomerMail(subject: "Long")
        mail.body = String(repeating: "0123456789", count: 20_000) + "\n"
        try SMTPDialogue.deliver(mail, at: appliance)
        let agent = try appliance.imap(as: SampleDesk.agent1)
        let uid = try #require(try agent.subjects(in: "New").first?.uid)
        #expect(String(decoding: try agent.content(uid: uid), as: UTF8.self).hasSuffix("\r\n\r\n" + mail.body.dropLast() + "\r\n"))
    }

    @Test func `too many sessions from one address are turned away, and room is made again`() throws {
        var options = TestInstallation.Options()
        options.limits = "{ freeSpace: 1MB, connectionsPerAddress: 3 }"
        let appliance = try TestInstallation(options: options).start()
        var open = try (0..<3).map { _ in try SMTPDialogue(port: appliance.smtp) }
        #expect(open.allSatisfy { $0.greeting.hasPrefix("220") })
        #expect(try SMTPDialogue(port: appliance.smtp).greeting.hasPrefix("421"))
        try open.removeLast().say("QUIT")
        #expect(try SMTPDialogue(port: appliance.smtp).greeting.hasPrefix("220"))
    }

    @Test func `a stamp counts only from a participant`() throws {
        let appliance = try TestInstallation().start()
        try SMTPDialogue.deliver(CustomerMail(subject: "Parcel"), at: appliance)
        try SMTPDialogue.deliver(CustomerMail(subject: "Re: [#1] Parcel"), at: appliance)
        try SMTPDialogue.deliver(
            CustomerMail(from: "Eve <eve@stranger.example>", subject: "Re: [#1] Parcel"), from: "eve@stranger.example",
            at: appliance)
        let subjects = try appliance.imap(as: SampleDesk.agent1).subjects(in: "New").map(\.subject)
        #expect(subjects == ["[#1] Parcel", "Re: [#1] Parcel", "Re: [#2] [#1] Parcel"])
    }
}
