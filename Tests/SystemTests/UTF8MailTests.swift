import TestKit
import Testing

/// Mail that is not ASCII where the next hop does not offer SMTPUTF8 (RFC 6531).
@Suite(.timeLimit(.minutes(5))) struct UTF8MailTests {
    private func send(to recipient: String, at appliance: RunningAppliance) throws -> String {
        let session = try SMTPDialogue(port: appliance.submissions, tls: true)
        try session.begin(login: SampleDesk.agent1.login, password: SampleDesk.agent1.password)
        #expect(try session.say("MAIL FROM:<\(SampleDesk.agent1.login)> SMTPUTF8 BODY=8BITMIME").hasPrefix("250"))
        let answer = try session.say("RCPT TO:<\(recipient)>")
        guard answer.hasPrefix("250") else { return answer }
        #expect(try session.say("DATA").hasPrefix("354"))
        let text = [
            "From: Agent One <agent1@acme.example>", "To: Jan Żółw <\(recipient)>", "Subject: Zażółć gęślą jaźń",
            "Content-Description: żółta paczka", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: 8bit", "Message-ID: <\(recipient.utf8.count)@laptop.local>",
            "Date: Tue, 3 Mar 2026 13:00:00 +0100", "", "Łódź", ".",
        ]
        return try session.say(text.joined(separator: "\r\n"))
    }

    @Test(arguments: ["accept", "7bit"]) func `a header is said in ASCII, and a body where it must`(mode: String) throws {
        let relay = try Relay(modes: mode)
        var options = TestInstallation.Options()
        options.relayPort = relay.port
        let appliance = try TestInstallation(options: options).start()
        #expect(try send(to: "jan@żółw.example", at: appliance).hasPrefix("250"))
        let mail = try #require(try relay.mails(atLeast: 1).first)
        #expect(mail.recipients == ["jan@xn--w-uga1v8h.example"])
        #expect(mail.header.utf8.allSatisfy { $0 < 0x80 }, "\(mail.header)")
        #expect(mail.field("Subject")?.contains("=?UTF-8?") == true && mail.field("To")?.contains("=?UTF-8?") == true)
        #expect(mail.content.contains(mode == "7bit" ? "=C5=81=C3=B3d=C5=BA" : "\u{C5}\u{81}\u{C3}\u{B3}d\u{C5}\u{BA}"))
        #expect(!mail.parameters.contains("SMTPUTF8"))
    }

    @Test func `an address that is not ASCII comes back, with the status that says so`() throws {
        let relay = try Relay()
        var options = TestInstallation.Options()
        options.relayPort = relay.port
        let appliance = try TestInstallation(options: options).start()
        #expect(try send(to: "żółw@customer.example", at: appliance).hasPrefix("250"))
        let line = appliance.process.errors.wait { $0.first { $0.contains("delivery attempted") } }
        #expect(line?.contains("delivery.attempt=failed") == true, "\(appliance.log)")
        let agent = try appliance.imap(as: SampleDesk.agent1)
        let notice = try #require(try agent.subjects(in: "INBOX").first { $0.subject.hasSuffix("was not delivered") })
        let content = String(decoding: try agent.content(uid: notice.uid), as: UTF8.self)
        #expect(content.contains("Status: 5.6.7"), "\(content)")
        #expect(relay.mails.isEmpty)
    }
}
