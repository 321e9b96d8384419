import Testing

/// What strangers meet: hosts of loopback that are on no allow list.
@Suite struct AbuseTests {
    private func appliance(_ abuse: String) throws -> RunningAppliance {
        var options = TestInstallation.Options()
        options.more = "abuse: { \(abuse) }"
        return try TestInstallation(options: options).start()
    }

    @Test func `a host that sends too much is put off, another one is not, and it can be read why`() throws {
        let appliance = try appliance("allow: [ 127.0.0.1 ], mails: 2/10m, networkFactor: 100, greetingDelay: 0s")
        func send(_ subject: String, from host: String?) throws -> String {
            let dialogue = try SMTPDialogue(port: appliance.smtp, from: host)
            try dialogue.begin()
            let mail = CustomerMail(subject: subject, body: "\(subject)\n").octets
            return try dialogue.mail(from: "jan@customer.example", to: ["help@acme.example"], mail)
        }
        #expect(try send("One", from: "127.0.0.9").hasPrefix("250"))
        #expect(try send("Two", from: "127.0.0.9").hasPrefix("250"))
        #expect(
            try send("Three", from: "127.0.0.9") == "451 4.7.1 Too many mails in a short time, try again later")
        #expect(try send("Other", from: "127.0.0.10").hasPrefix("250"))
        for number in 1...5 { #expect(try send("Allowed \(number)", from: nil).hasPrefix("250")) }
        let configuration = appliance.installation.configuration
        let why = try appliance.installation.stempel("why", configuration, "jan@customer.example")
        #expect(why.output.contains("refused from 127.0.0.9"), "\(why)")
        #expect(why.output.contains("451 4.7.1 Too many mails"), "\(why)")
        let byHost = try appliance.installation.stempel("why", configuration, "127.0.0.9")
        #expect(byHost.output.contains("Too many mails in a short time"), "\(byHost)")
        #expect(appliance.log.contains { $0.contains("sender refused") && $0.contains("127.0.0.9") })
    }

    @Test func `who asks for addresses that do not exist waits longer each time, then is told nothing`() throws {
        let appliance = try appliance("allow: [], unknownRecipients: 5/1h, greetingDelay: 0s")
        let dialogue = try SMTPDialogue(port: appliance.smtp, from: "127.0.0.9")
        try dialogue.begin()
        _ = try dialogue.say("MAIL FROM:<spy@bot.example>")
        let clock = ContinuousClock()
        var waits: [Duration] = []
        for number in 1...5 {
            let start = clock.now
            #expect(try dialogue.say("RCPT TO:<a\(number)@acme.example>").hasPrefix("550 5.1.1"))
            waits.append(clock.now - start)
        }
        #expect(waits[3] >= .seconds(1) && waits[4] >= .seconds(2), "\(waits)")
        #expect(try dialogue.say("RCPT TO:<help@acme.example>").hasPrefix("450 4.7.1 Too many unknown recipients"))
    }

    @Test func `who speaks before the greeting, or speaks HTTP, is shut out`() throws {
        let appliance = try appliance("allow: [], greetingDelay: 1s")
        let early = try WireClient(port: appliance.smtp, from: "127.0.0.9")
        try early.send(line: "EHLO bot.example")
        #expect(try early.readLine() == "554 5.5.1 Clients wait for the greeting")
        #expect(try early.isAtEnd())
        let browser = try SMTPDialogue(port: appliance.smtp, from: "127.0.0.10")
        #expect(browser.greeting.hasPrefix("220"))
        try browser.wire.send(line: "POST / HTTP/1.1")
        #expect(try browser.wire.isAtEnd())
        let why = try appliance.installation.stempel("why", appliance.installation.configuration, "127.0.0.9")
        #expect(why.output.contains("Clients wait for the greeting"), "\(why)")
        #expect(appliance.log.contains { $0.contains("no SMTP was spoken") && $0.contains("HTTP") })
        let foreign = try appliance.installation.stempel("why", appliance.installation.configuration, "127.0.0.10")
        #expect(foreign.output.contains("closed without a reply (HTTP was spoken)"), "\(foreign)")
    }

    @Test func `failed logins over IMAP ban a host from submission and from port 25, too`() throws {
        let appliance = try appliance("allow: [ 127.0.0.1 ], loginFailures: 3/10m, greetingDelay: 0s, ban: 10m")
        func logIn(_ password: String) throws -> String {
            let imap = try IMAPDialogue(wire: WireClient(port: appliance.imap, from: "127.0.0.9"))
            return try imap.run("LOGIN agent1@acme.example \"\(password)\"").status
        }
        #expect(try logIn("correct horse 1").hasPrefix("OK"))
        for number in 1...3 { #expect(try logIn("wrong \(number)").hasPrefix("NO [AUTHENTICATIONFAILED]")) }
        let imap = try WireClient(port: appliance.imap, from: "127.0.0.9")
        #expect(
            try imap.readLine() == "* BYE [UNAVAILABLE] Too many failed logins from your address, try again later")
        for port in [appliance.submission, appliance.smtp] {
            let dialogue = try SMTPDialogue(port: port, from: "127.0.0.9")
            #expect(dialogue.greeting.hasPrefix("421 4.7.0 Too many failed logins"))
        }
        #expect(appliance.log.contains { $0.contains("banned for failed logins") })
        let why = try appliance.installation.stempel("why", appliance.installation.configuration, "127.0.0.9").output
        #expect(why.contains("Too many failed logins") && why.contains("(connection to IMAP)"), "\(why)")
        _ = try appliance.imap(as: SampleDesk.agent1)
    }
}
