import Testing
import TestKit

/// What the configuration limits, at the limit and beyond.
@Suite struct LimitTests {
    private func appliance(limits: String, plaintextLogin: String = "loopback") throws -> RunningAppliance {
        var options = TestInstallation.Options()
        options.limits = limits
        options.plaintextLogin = plaintextLogin
        return try TestInstallation(options: options).start()
    }

    @Test func `a mail of the size that is allowed is taken, one octet more is refused with 552`() throws {
        let appliance = try appliance(limits: "{ freeSpace: 1MB, messageSize: 100000 }")
        let head = CustomerMail(subject: "Size", body: "").octets
        let fill = { (size: Int) in head + [UInt8](repeating: 0x78, count: size - head.count - 2) + [0x0D, 0x0A] }
        let dialogue = try SMTPDialogue(port: appliance.smtp)
        try dialogue.begin()
        let recipients = ["help@acme.example"]
        #expect(try dialogue.mail(from: "jan@customer.example", to: recipients, fill(100_001)).hasPrefix("552 5.3.4"))
        #expect(try dialogue.mail(from: "jan@customer.example", to: recipients, fill(100_000)).hasPrefix("250"))
        #expect(try dialogue.say("MAIL FROM:<jan@customer.example> SIZE=100001").hasPrefix("552 5.3.4"))
        #expect(try dialogue.say("MAIL FROM:<jan@customer.example> SIZE=100000").hasPrefix("250"))
        #expect(try appliance.imap(as: SampleDesk.agent1).subjects(in: "New").count == 1)
    }

    @Test func `the recipient beyond the last is refused with 452, and the mail goes to the others`() throws {
        let appliance = try appliance(limits: "{ freeSpace: 1MB, recipients: 100 }")
        let dialogue = try SMTPDialogue(port: appliance.smtp)
        try dialogue.begin()
        _ = try dialogue.say("MAIL FROM:<jan@customer.example>")
        for number in 1...100 { #expect(try dialogue.say("RCPT TO:<help+\(number)@acme.example>").hasPrefix("250")) }
        #expect(try dialogue.say("RCPT TO:<help@acme.example>").hasPrefix("452 4.5.3"))
        _ = try dialogue.say("DATA")
        try dialogue.wire.send(SMTPDialogue.dotStuffed(CustomerMail(subject: "Many").octets))
        #expect(try dialogue.reply().hasPrefix("250"))
        #expect(try appliance.imap(as: SampleDesk.agent1).subjects(in: "New").map(\.subject) == ["[#1] Many"])
    }

    @Test func `a client that errs too often is hung up on`() throws {
        let appliance = try appliance(limits: "{ freeSpace: 1MB, errors: 3 }")
        let dialogue = try SMTPDialogue(port: appliance.smtp)
        try dialogue.begin()
        var replies: [String] = []
        while replies.count < 10, let reply = try? dialogue.say("WHAT") { replies.append(reply) }
        #expect(replies.last?.hasPrefix("421") == true && replies.count <= 5, "\(replies)")
        #expect(try dialogue.wire.isAtEnd())
    }

    @Test func `a client that says nothing, or only says nothing of use, is hung up on`() throws {
        let appliance = try appliance(limits: "{ freeSpace: 1MB, commandTimeout: 1s, commandsWithoutMail: 5 }")
        let silent = try SMTPDialogue(port: appliance.smtp)
        #expect(try silent.reply().hasPrefix("421"))
        #expect(try silent.wire.isAtEnd())
        let idle = try SMTPDialogue(port: appliance.smtp)
        var replies: [String] = []
        while replies.count < 20, let reply = try? idle.say("NOOP") { replies.append(reply) }
        #expect(replies.last?.hasPrefix("421") == true && replies.count <= 7, "\(replies)")
    }

    @Test func `a line too long is refused, and the session goes on`() throws {
        let appliance = try appliance(limits: "{ freeSpace: 1MB, lineLength: 512 }")
        let dialogue = try SMTPDialogue(port: appliance.smtp)
        try dialogue.begin()
        #expect(try dialogue.say("NOOP " + String(repeating: "x", count: 600)).hasPrefix("500 5.5.2"))
        #expect(try dialogue.say("NOOP").hasPrefix("250"))
    }

    @Test func `an account has only so many IMAP sessions, others have theirs`() throws {
        let appliance = try appliance(limits: "{ freeSpace: 1MB, imapConnectionsPerAccount: 2 }")
        let first = try appliance.imap(as: SampleDesk.agent1)
        let second = try appliance.imap(as: SampleDesk.agent1)
        #expect(throws: WaitedInVain.self) { try appliance.imap(as: SampleDesk.agent1) }
        _ = try appliance.imap(as: SampleDesk.agent2)
        _ = try first.run("LOGOUT")
        #expect(try second.run("NOOP").isOK)
        _ = try appliance.imap(as: SampleDesk.agent1)
    }

    @Test func `where passwords in the clear are not allowed, TLS comes first`() throws {
        let appliance = try appliance(limits: "{ freeSpace: 1MB }", plaintextLogin: "never")
        let imap = try IMAPDialogue(port: appliance.imap)
        #expect(try imap.run("CAPABILITY").description.contains("LOGINDISABLED"))
        #expect(try imap.run("LOGIN agent1@acme.example \"correct horse 1\"").status.contains("[PRIVACYREQUIRED]"))
        let submission = try SMTPDialogue(port: appliance.submission)
        #expect(try !submission.say("EHLO laptop.example").contains("AUTH"))
        let refused = try submission.say("AUTH PLAIN \(base64("\0agent1@acme.example\0correct horse 1"))")
        #expect(refused.hasPrefix("538") || refused.hasPrefix("530") || refused.hasPrefix("503"), "\(refused)")
        let under = try SMTPDialogue(port: appliance.submission)
        try under.begin(startTLS: true, login: SampleDesk.agent1.login, password: SampleDesk.agent1.password)
    }
}
