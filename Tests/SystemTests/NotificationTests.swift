import TestKit
import Testing

/// Delivery status notifications as a final MX, and whoever passes mail on, owes them (RFC 3461, RFC 3464).
@Suite(.timeLimit(.minutes(5))) struct NotificationTests {
    /// The reports that a relay has got.
    private func reports(_ mails: [Relay.Mail]) -> [Relay.Mail] {
        mails.filter { $0.content.contains("multipart/report") }
    }

    /// Waits until so many have come, and gives all of them.
    private func reports(_ relay: Relay, atLeast count: Int) throws -> [Relay.Mail] {
        var all = 0
        while true {
            let mails = try relay.mails(atLeast: all)
            if reports(mails).count >= count { return reports(mails) }
            all = mails.count + 1
        }
    }

    /// The reply to a mail with parameters at MAIL and at each RCPT.
    private func send(
        _ subject: String, from sender: String, _ mail: String = "", to recipients: [(String, String)],
        isLarge: Bool = false, at dialogue: SMTPDialogue
    ) throws -> String {
        #expect(try dialogue.say("MAIL FROM:<\(sender)>\(mail)").hasPrefix("250"))
        for (recipient, parameters) in recipients {
            #expect(try dialogue.say("RCPT TO:<\(recipient)>\(parameters)").hasPrefix("250"))
        }
        #expect(try dialogue.say("DATA").hasPrefix("354"))
        let body = String(repeating: "PRIVATE words of mine, again and again and again\n", count: isLarge ? 6000 : 1)
        let text =
            "From: Jan <jan@customer.example>\nTo: help@acme.example\nSubject: \(subject)\n"
            + "Date: Tue, 3 Mar 2026 12:00:00 +0100\nMessage-ID: <\(subject.replacing(" ", with: "-"))@customer.example>\n\n\(body)"
        try dialogue.wire.send(SMTPDialogue.dotStuffed(Array(text.replacing("\n", with: "\r\n").utf8)))
        return try dialogue.reply()
    }

    private static let jan = "jan@customer.example"

    @Test func `who asks for it hears that a mail has arrived, and nobody else hears anything`() throws {
        let relay = try Relay(modes: "dsn")
        var options = TestInstallation.Options()
        options.relayPort = relay.port
        let appliance = try TestInstallation(options: options).start()
        let dialogue = try SMTPDialogue(port: appliance.smtp)
        #expect(try dialogue.say("EHLO client.example").contains("DSN"))
        // Not asked for: nothing was said, other things were, or there is nobody to tell (RFC 3461 §5.2.3, §6.1).
        for (place, request) in ["", " NOTIFY=NEVER", " NOTIFY=FAILURE,DELAY", " ORCPT=rfc822;help+40acme.example"].enumerated() {
            #expect(
                try send("Silent \(place)", from: Self.jan, " RET=FULL ENVID=x", to: [("help@acme.example", request)], at: dialogue)
                    .hasPrefix("250"))
        }
        #expect(
            try send("Null", from: "", to: [("help@acme.example", " NOTIFY=SUCCESS")], at: dialogue).hasPrefix("250"))
        // Refused in the dialogue: its sender's server tells of it.
        #expect(try dialogue.say("MAIL FROM:<\(Self.jan)>").hasPrefix("250"))
        #expect(try dialogue.say("RCPT TO:<nobody@acme.example> NOTIFY=SUCCESS,FAILURE").hasPrefix("550 5.1.1"))
        _ = try dialogue.say("RSET")
        // Asked for, with all that can be said of it.
        #expect(
            try send(
                "Asked", from: Self.jan, " RET=FULL ENVID=QQ+2B1+20x",
                to: [
                    ("help@acme.example", " NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;old+2Bhelp@firm.example"),
                    ("info@acme.example", " NOTIFY=FAILURE"),
                ], at: dialogue
            ).hasPrefix("250"))
        let report = try #require(try reports(relay, atLeast: 1).first)
        #expect(report.sender.isEmpty && report.recipients == [Self.jan])
        // A report asks for nothing (RFC 3461 §6.1).
        #expect(report.wishes == [""] && !report.parameters.contains("RET") && !report.parameters.contains("ENVID"))
        #expect(report.field("Auto-Submitted") == "auto-replied" && report.field("To") == Self.jan)
        #expect(report.field("References") == "<Asked@customer.example>")
        for words in [
            "Content-Type: message/delivery-status\r\n", "\r\nOriginal-Envelope-Id: QQ+1 x\r\nReporting-MTA: dns; mx.acme.example\r\n",
            "Original-Recipient: rfc822; old+help@firm.example\r\nFinal-Recipient: rfc822; help@acme.example\r\n",
            "Action: delivered\r\nStatus: 2.1.5\r\n", "Content-Type: text/rfc822-headers\r\n", "Subject: Asked\r\n",
        ] { #expect(report.content.contains(words), "\(words) in \(report.content)") }
        // Of what did not fail only the header section comes back (§4.3); of others nothing was asked.
        #expect(!report.content.contains("PRIVATE") && !report.content.contains("info@acme.example\r\n"))
        // A mail that came twice has arrived, too; what xtext may mean and a field may not hold stays as it was.
        #expect(
            try send(
                "Asked", from: Self.jan, " ENVID=a+0D+0Ab", to: [("help@acme.example", " NOTIFY=SUCCESS ORCPT=x400;+C5")],
                at: dialogue
            ).hasPrefix("250"))
        let second = try #require(try reports(relay, atLeast: 2).last)
        #expect(second.content.contains("Original-Envelope-Id: a+0D+0Ab\r\n"), "\(second.content)")
        #expect(second.content.contains("Original-Recipient: x400; +C5\r\n"))
        #expect(try reports(relay.mails(atLeast: 2)).count == 2)
    }

    @Test(arguments: [("some", false), ("some", true), ("dsn", false), ("dsn", true)])
    func `mail for others is told of where the host behind tells no more`(mode: String, isLarge: Bool) throws {
        let (behind, relay) = (try Relay(modes: mode), try Relay())
        var options = TestInstallation.Options()
        options.relayPort = relay.port
        options.more = "otherRecipients: relay 127.0.0.1:\(behind.port)"
        let appliance = try TestInstallation(options: options).start()
        let dialogue = try SMTPDialogue(port: appliance.smtp)
        try dialogue.begin()
        let requests = [
            ("boss@acme.example", " NOTIFY=SUCCESS ORCPT=rfc822;chief@acme.example"), ("sales@acme.example", " NOTIFY=NEVER"),
            ("lead@acme.example", ""),
        ]
        #expect(
            try send("Others", from: Self.jan, " RET=HDRS ENVID=e1", to: requests, isLarge: isLarge, at: dialogue)
                .hasPrefix("250"))
        let passed = try behind.mails(atLeast: 1)[0]
        // Something that is told in any case, behind it.
        #expect(
            try send("Ours", from: Self.jan, to: [("help@acme.example", " NOTIFY=SUCCESS")], at: dialogue).hasPrefix("250"))
        guard mode == "some" else {
            // Passed on as it came (RFC 3461 §5.2.1).
            #expect(passed.parameters.contains("RET=HDRS ENVID=e1"), "\(passed)")
            #expect(passed.wishes == ["NOTIFY=SUCCESS ORCPT=rfc822;chief@acme.example", "NOTIFY=NEVER ORCPT=rfc822;sales@acme.example", ""])
            #expect(try reports(relay, atLeast: 1).map { $0.field("Subject") } == ["Your mail has arrived"])
            return
        }
        #expect(passed.wishes == ["", "", ""] && !passed.parameters.contains("ENVID"))
        let found = try reports(relay, atLeast: 2)
        let report = try #require(found.first { $0.field("Subject") == "Your mail was passed on" })
        #expect(found.count == 2 && report.sender.isEmpty && report.recipients == [Self.jan])
        for words in [
            "Original-Envelope-Id: e1\r\n", "Original-Recipient: rfc822; chief@acme.example\r\nFinal-Recipient: rfc822; boss@acme.example\r\n",
            "Action: relayed\r\n", "Diagnostic-Code: smtp; 250 2.0.0 Queued\r\n", "References: <Others@customer.example>\r\n",
        ] { #expect(report.content.contains(words), "\(words) in \(report.content)") }
        for words in ["sales@", "lead@", "Subject: Others"] { #expect(!report.content.contains(words)) }
        // Once it has left nothing of it stays.
        #expect(try appliance.terminate() == .exited(0))
        #expect(appliance.installation.octets(of: "data/stempel.sqlite").firstRange(of: Array("Your mail was passed on".utf8)) == nil)
    }

    @Test func `an answer that a server without notifications took is told of in its case`() throws {
        let relay = try Relay()
        var options = TestInstallation.Options()
        options.relayPort = relay.port
        let appliance = try TestInstallation(options: options).start()
        let session = try SMTPDialogue(port: appliance.submissions, tls: true)
        try session.begin(login: SampleDesk.agent1.login, password: SampleDesk.agent1.password)
        _ = try session.say("MAIL FROM:<\(SampleDesk.agent1.login)> ENVID=e2")
        for (name, request) in [("ann", " NOTIFY=SUCCESS"), ("bob", "")] {
            #expect(try session.say("RCPT TO:<\(name)@customer.example>\(request)").hasPrefix("250"))
        }
        #expect(try session.say("DATA").hasPrefix("354"))
        let text = [
            "From: Agent One <agent1@acme.example>", "To: ann@customer.example, bob@customer.example", "Subject: Parcel",
            "Message-ID: <own@laptop.local>", "Date: Tue, 3 Mar 2026 13:00:00 +0100", "", "It left today.", ".",
        ]
        #expect(try session.say(text.joined(separator: "\r\n")).hasPrefix("250"))
        #expect(try relay.mails(atLeast: 1)[0].wishes == ["", ""])
        let settled = appliance.process.errors.wait { $0.filter { $0.contains("delivery attempted") }.count >= 2 ? true : nil }
        #expect(settled == true)
        let agent = try appliance.imap(as: SampleDesk.agent1)
        let notice = try #require(try agent.subjects(in: "Waiting").first { $0.subject.hasSuffix("Your answer was passed on") })
        let content = String(decoding: try agent.content(uid: notice.uid), as: UTF8.self)
        for words in [
            "Original-Envelope-Id: e2\r\n", "Final-Recipient: rfc822; ann@customer.example\r\nAction: relayed\r\nStatus: 2.0.0\r\n",
            "Diagnostic-Code: smtp; 250 2.0.0 Queued\r\n",
        ] { #expect(content.contains(words), "\(words) in \(content)") }
        #expect(!content.contains("Final-Recipient: rfc822; bob"))
    }
}
