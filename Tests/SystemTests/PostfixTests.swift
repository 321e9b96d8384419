import Testing

/// Postfix on both sides, as most customers and most relays have it, each hop under TLS.
@Suite struct PostfixTests {
    @Test(.enabled(if: PrivatePostfix.isAvailable, "a Postfix of our own needs root and the Debian package"))
    func `mail comes from a Postfix and the answer leaves through one`() throws {
        let mailbox = try Relay()
        let port = try PrivatePostfix.freePort()
        var options = TestInstallation.Options()
        options.relayPort = port
        let appliance = try TestInstallation(options: options).start()
        let postfix = try PrivatePostfix(
            port: port, routes: ["acme.example": appliance.smtp, "customer.example": mailbox.port])
        func swaks(_ arguments: String...) throws -> Completed {
            try Completed.run(
                ["swaks", "--server", "127.0.0.1:\(port)", "--tls", "--helo", "laptop.customer.example"] + arguments)
        }

        let agent = try appliance.imap(as: SampleDesk.agent1)
        try agent.run("SELECT New")
        let idling = try agent.idle()
        let sent = try swaks(
            "--from", "jan@customer.example", "--to", "help@acme.example", "--header", "Subject: Żółty parcel",
            "--header", "Message-ID: <first@customer.example>")
        #expect(sent.status == 0, "\(sent)")
        _ = try agent.waitFor("1 EXISTS")
        _ = try agent.done(idling)
        let new = try #require(try agent.subjects(in: "New").first)
        let fetched = try agent.run("UID FETCH \(new.uid) BODY.PEEK[HEADER]")
        let header = String(decoding: fetched.lines.flatMap(\.literals).joined(), as: UTF8.self)
            .replacing("\r\n ", with: " ")
        #expect(header.contains("with ESMTPS (TLSv1.3"), "\(header)")
        #expect(header.contains("from postfix.customer.example ([127.0.0.1])"), "\(header)")

        let session = try SMTPDialogue(port: appliance.submission)
        try session.begin(startTLS: true, login: SampleDesk.agent1.login, password: SampleDesk.agent1.password)
        let text = """
            From: agent1@acme.example
            To: jan@customer.example
            Subject: Re: [#1] parcel
            In-Reply-To: <first@customer.example>
            Message-ID: <answer@laptop.example>

            It left today.

            """
        let accepted = try session.mail(from: "agent1@acme.example", to: ["jan@customer.example"], text: text)
        #expect(accepted.hasPrefix("250"))
        let answer = try #require(try mailbox.mails(atLeast: 1).first, "\(postfix.log)")
        #expect(answer.field("From")?.contains("help@acme.example") == true)
        #expect(answer.header.contains("from mx.acme.example"), "\(answer.header)")
        #expect(answer.header.contains("with ESMTPS"), "\(answer.header)")
        #expect(!answer.content.contains("agent1"))
    }
}
