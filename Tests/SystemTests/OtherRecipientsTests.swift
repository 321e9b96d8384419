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
