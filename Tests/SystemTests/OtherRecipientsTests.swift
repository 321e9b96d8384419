import TestKit
import Testing

/// Addresses of the desk's domain that another host has mailboxes for.
@Suite struct OtherRecipientsTests {
    private func appliance(_ relay: Relay) throws -> RunningAppliance {
        var options = TestInstallation.Options()
        options.more = "otherRecipients: relay 127.0.0.1:\(relay.port)"
        return try TestInstallation(options: options).start()
    }

    private func questions(_ relay: Relay) -> Int { relay.events("asked") }

    @Test func `mail for others goes to the host behind, octet for octet, and none of it stays`() throws {
        let relay = try Relay(modes: "some")
        let appliance = try appliance(relay)
        let mail = CustomerMail(subject: "For the boss", body: ".hidden dot\nżółw\n").octets
        let dialogue = try SMTPDialogue(port: appliance.smtp)
        try dialogue.begin()
        let recipients = ["boss@acme.example", "sales@acme.example"]
        #expect(try dialogue.mail(from: "jan@customer.example", to: recipients, mail).hasPrefix("250"))
        let passed = try relay.mails(atLeast: 1)[0]
        #expect(passed.sender == "jan@customer.example" && passed.recipients == recipients)
        #expect(Array(passed.content.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }.suffix(mail.count)) == mail)
        #expect(passed.field("Received")?.contains("by mx.acme.example with ESMTP") == true)
        #expect(try appliance.imap(as: SampleDesk.agent1).subjects(in: "New").isEmpty)
        let words = Array("For the boss".utf8)
        for file in ["stempel.sqlite", "stempel.sqlite-wal"] {
            let octets = appliance.installation.octets(of: "data/\(file)")
            #expect(octets.firstRange(of: words) == nil, "\(file)")
        }
    }

    @Test func `an address that is not there is refused in the dialogue, and asked about once`() throws {
        let relay = try Relay(modes: "some")
        let appliance = try appliance(relay)
        let dialogue = try SMTPDialogue(port: appliance.smtp)
        try dialogue.begin()
        for _ in 0..<3 {
            _ = try dialogue.say("MAIL FROM:<jan@customer.example>")
            #expect(try dialogue.say("RCPT TO:<nobody@acme.example>").hasPrefix("550 5.1.1"))
            #expect(try dialogue.say("RCPT TO:<boss@acme.example>").hasPrefix("250"))
            _ = try dialogue.say("RSET")
        }
        #expect(questions(relay) == 2)
        _ = try dialogue.say("MAIL FROM:<jan@customer.example>")
        #expect(try dialogue.say("RCPT TO:<boss@elsewhere.example>").hasPrefix("554 5.7.1"))
        #expect(try dialogue.say("RCPT TO:<note@acme.example>").hasPrefix("550 5.1.1"))
    }

    @Test func `a service address and another one are not served in one mail`() throws {
        let relay = try Relay(modes: "some")
        let appliance = try appliance(relay)
        let dialogue = try SMTPDialogue(port: appliance.smtp)
        try dialogue.begin()
        for (first, second) in [("help", "boss"), ("boss", "help")] {
            _ = try dialogue.say("MAIL FROM:<jan@customer.example>")
            #expect(try dialogue.say("RCPT TO:<\(first)@acme.example>").hasPrefix("250"))
            #expect(try dialogue.say("RCPT TO:<\(second)@acme.example>").hasPrefix("452 4.5.3"))
            _ = try dialogue.say("DATA")
            try dialogue.wire.send(SMTPDialogue.dotStuffed(CustomerMail(subject: "To \(first)", body: "x\n").octets))
            #expect(try dialogue.reply().hasPrefix("250"))
        }
        #expect(try relay.mails(atLeast: 1).map { $0.field("Subject") } == ["To boss"])
        #expect(try appliance.imap(as: SampleDesk.agent1).subjects(in: "New").map(\.subject) == ["[#1] To help"])
    }

    @Test func `while the host behind is silent mail is put off, be it at the address or at the end of the mail`() throws {
        let relay = try Relay(modes: "some,drop,some")
        let appliance = try appliance(relay)
        let dialogue = try SMTPDialogue(port: appliance.smtp)
        try dialogue.begin()
        let mail = CustomerMail(subject: "Late", body: "x\n").octets
        let first = try dialogue.mail(from: "jan@customer.example", to: ["boss@acme.example"], mail)
        #expect(first.hasPrefix("451 4.4"), "\(first)")
        #expect(try dialogue.mail(from: "jan@customer.example", to: ["boss@acme.example"], mail).hasPrefix("250"))
        try relay.stop()
        _ = try dialogue.say("MAIL FROM:<jan@customer.example>")
        #expect(try dialogue.say("RCPT TO:<sales@acme.example>").hasPrefix("451 4.4.1"))
    }

    @Test func `connections to the host behind are quit when the server ends`() throws {
        let relay = try Relay(modes: "some")
        let appliance = try appliance(relay)
        let dialogue = try SMTPDialogue(port: appliance.smtp)
        try dialogue.begin()
        let mail = CustomerMail(subject: "Last", body: "x\n").octets
        #expect(try dialogue.mail(from: "jan@customer.example", to: ["boss@acme.example"], mail).hasPrefix("250"))
        #expect(try dialogue.say("QUIT").hasPrefix("221"))
        #expect(try appliance.terminate() == .exited(0))
        // The one that asked, and the one that brought the mail.
        try relay.waitForEvents("quit", 2)
    }

    /// A mail of a sender with fields of its own, over 128 KiB or not.
    private static func mail(_ subject: String, from domain: String, _ fields: String = "", isLarge: Bool) -> String {
        let line = String(repeating: "0123456789", count: 7) + "\n"
        return "From: Jan <jan@\(domain)>\nTo: boss@acme.example\nSubject: \(subject)\n\(fields)\n"
            + String(repeating: line, count: isLarge ? 4000 : 1)
    }

    @Test(arguments: [false, true]) func `mail for others is judged like ours, and told of on top`(isLarge: Bool) throws {
        let names = try NameServer([
            .init(
                "org",
                [
                    "customer TXT \"v=spf1 ip4:127.0.0.1 -all\"", "_dmarc.customer TXT \"v=DMARC1; p=reject\"",
                    "victim TXT \"v=spf1 -all\"", "_dmarc.victim TXT \"v=DMARC1; p=reject\"",
                ])
        ])
        let relay = try Relay(modes: "some")
        var options = TestInstallation.Options()
        options.more = """
            otherRecipients: relay 127.0.0.1:\(relay.port)
            resolver: { forwarders: [ "127.0.0.1:\(names.port)" ], trustAnchor: none }
            authentication: { check: true }
            """
        let installation = try TestInstallation(options: options)
        #expect(try installation.stempel("dkim", "generate", installation.configuration).status == 0)
        let appliance = try installation.start()
        let dialogue = try SMTPDialogue(port: appliance.smtp)
        try dialogue.begin()
        func send(_ domain: String, _ subject: String) throws -> String {
            let claim = """
                Authentication-Results: mx.acme.example; dmarc=pass header.from=bank.example
                Message-ID: <\(subject)@\(domain)>

                """
            return try dialogue.mail(
                from: "jan@\(domain)", to: ["boss@acme.example"],
                text: Self.mail(subject, from: domain, claim, isLarge: isLarge))
        }
        #expect(try send("victim.org", "Forged").hasPrefix("550 5.7.1 Not accepted: the author's domain"))
        #expect(try send("customer.org", "Genuine").hasPrefix("250"))
        let passed = try relay.mails(atLeast: 1)
        #expect(passed.map { $0.field("Subject") } == ["Genuine"])
        let results = passed[0].field("Authentication-Results") ?? ""
        #expect(results.hasPrefix("mx.acme.example; spf=pass smtp.mailfrom=customer.org"), "\(results)")
        // What takes the body to find out is not known when a large mail begins to leave.
        #expect(results.contains("dmarc=pass") == !isLarge)
        #expect((passed[0].field("ARC-Seal") != nil) == !isLarge)
        #expect(!passed[0].content.contains("bank.example"))
        let why = try installation.stempel("why", installation.configuration, "jan@victim.org").output
        #expect(why.contains("550 5.7.1 Not accepted"), "\(why)")
        #expect(try installation.stempel("why", installation.configuration, "<Forged@victim.org>").output == why)
        withExtendedLifetime(names) {}
    }

    @Test(arguments: [false, true]) func `mail for others goes through the filters`(isLarge: Bool) throws {
        let relay = try Relay(modes: "some")
        let milters = try (0..<2).map { _ in
            let process = try ChildProcess(["python3", Fixtures.path("milter.py")])
            guard let line = process.output.wait(for: \.first), let port = Int(line) else {
                throw WaitedInVain("the filter does not start: \(process.errors.all)")
            }
            return (process: process, port: port)
        }
        var options = TestInstallation.Options()
        options.more = "otherRecipients: relay 127.0.0.1:\(relay.port)\nfilters:\n"
        for milter in milters { options.more += "  - { name: f\(milter.port), milter: \"127.0.0.1:\(milter.port)\" }\n" }
        let appliance = try TestInstallation(options: options).start()
        let dialogue = try SMTPDialogue(port: appliance.smtp)
        try dialogue.begin()
        func send(_ what: String) throws -> String {
            try dialogue.mail(
                from: "jan@customer.example", to: ["boss@acme.example"],
                text: Self.mail(what, from: "customer.example", "X-Do: \(what)\n", isLarge: isLarge))
        }
        #expect(try send("reject").hasPrefix("554 5.7.1 We do not want this"))
        #expect(try send("later").hasPrefix("451 4.7.1"))
        #expect(try send("discard").hasPrefix("250"))
        #expect(try send("hang-up").hasPrefix("451 4.7.1"))
        #expect(try send("change").hasPrefix("250"))
        #expect(try send("nothing").hasPrefix("250"))
        let passed = try relay.mails(atLeast: 2)
        #expect(passed.map { $0.field("Subject") } == ["change", "nothing"])
        #expect((passed[0].field("X-Spam") != nil) == !isLarge)
        #expect(passed[1].content.utf8.count > (isLarge ? 280_000 : 70))
        withExtendedLifetime(milters) {}
    }

    /// Two filters, of which the first does something at the first piece of a body, and a server that asks both.
    private func filtered(_ relay: Relay, first what: String) throws -> (RunningAppliance, [ChildProcess]) {
        let milters = try [FilteredDesk.milter("B 0123 \(what)"), FilteredDesk.milter()]
        var options = TestInstallation.Options()
        options.more = "otherRecipients: relay 127.0.0.1:\(relay.port)\nfilters:\n"
        for (number, port) in milters.map(\.1).enumerated() {
            options.more += "  - { name: f\(number), milter: \"127.0.0.1:\(port)\", deadline: 600s }\n"
        }
        return (try TestInstallation(options: options).start(), milters.map(\.0))
    }

    /// Far more than is kept for a filter that does not read.
    private static let long = mail("Long", from: "customer.example", isLarge: true)
        + String(repeating: String(repeating: "0123456789", count: 7) + "\n", count: 30_000)

    @Test(arguments: [("reject", "550 5.7.1"), ("hang-up", "451 4.7.1"), ("accept", "250")])
    func `a filter that reads no further holds up neither the mail nor the others`(what: String, reply: String) throws {
        let relay = try Relay(modes: "some")
        let (appliance, milters) = try filtered(relay, first: what)
        let dialogue = try SMTPDialogue(port: appliance.smtp)
        try dialogue.begin()
        let answer = try dialogue.mail(from: "jan@customer.example", to: ["boss@acme.example"], text: Self.long)
        #expect(answer.hasPrefix(reply), "\(answer)")
        // The other one has heard all of it.
        let heard = milters[1].output.wait { lines in lines.first { $0.contains("\"body\": 24") } }
        #expect(heard != nil, "\(milters[1].output.all)")
        withExtendedLifetime(milters) {}
    }

    @Test(arguments: [("EHLO client.example", "nothing"), ("RSET", "nothing"), ("EHLO client.example", "stall"), ("RSET", "stall")])
    func `a mail that breaks off between chunks is forgotten at once, by filters too`(command: String, what: String) throws {
        let relay = try Relay(modes: "some")
        let (appliance, milters) = try filtered(relay, first: what)
        let dialogue = try SMTPDialogue(port: appliance.smtp)
        try dialogue.begin()
        #expect(try dialogue.say("MAIL FROM:<jan@customer.example>").hasPrefix("250"))
        #expect(try dialogue.say("RCPT TO:<boss@acme.example>").hasPrefix("250"))
        let chunk = Array(Self.mail("Half", from: "customer.example", isLarge: true).replacing("\n", with: "\r\n").utf8).prefix(200_000)
        try dialogue.wire.send(Array("BDAT \(chunk.count)\r\n".utf8) + chunk)
        #expect(try dialogue.reply().hasPrefix("250"))
        #expect(try dialogue.say(command).hasPrefix("250"))
        let answer = try dialogue.mail(
            from: "jan@customer.example", to: ["boss@acme.example"],
            text: CustomerMail(subject: "Whole", body: "x\n").text)
        #expect(answer.hasPrefix("250"), "\(answer)")
        #expect(try dialogue.say("QUIT").hasPrefix("221"))
        #expect(try relay.mails(atLeast: 1).map { $0.field("Subject") } == ["Whole"])
        // On the connection that it was, with ABORT where the mail broke off.
        let steps = milters[1].output.wait { lines in lines.first { $0.contains("\"connection\"") } } ?? ""
        let between = command == "RSET" ? "ADM" : "AHDM"
        #expect(steps.contains("B\(between)") && steps.contains("EQ"), "\(steps)")
        for words in ["mail refused", "a filter did not answer"] where what != "stall" {
            #expect(!appliance.log.contains { $0.contains(words) })
        }
        withExtendedLifetime(milters) {}
    }

    @Test func `a large mail streams through`() throws {
        let relay = try Relay(modes: "some")
        let appliance = try appliance(relay)
        let dialogue = try SMTPDialogue(port: appliance.smtp)
        try dialogue.begin()
        let line = String(repeating: "0123456789", count: 7) + "\n"
        let mail = CustomerMail(subject: "Large", body: String(repeating: line, count: 20_000)).octets
        #expect(try dialogue.mail(from: "jan@customer.example", to: ["boss@acme.example"], mail).hasPrefix("250"))
        #expect(try relay.mails(atLeast: 1)[0].content.utf8.count > mail.count)
    }
}
