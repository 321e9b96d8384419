import TestKit
import Testing

/// Commands in mails, from a mail client to the relay and back.
@Suite(.timeLimit(.minutes(3))) struct CommandMailTests {
    @Test func `the correspondence is recalled from To send, goes out, and the answer comes back into the case`() throws {
        let open = try OpenCase(undo: "1h")
        let agent = try open.appliance.imap(as: SampleDesk.agent1)
        let text = open.text(to: "desk@acme.example", body: "#forward office@law.example\n\nIs he right?\n")
        #expect(try open.submit(text, to: ["desk@acme.example"]).hasPrefix("250"))
        let held = try #require(try agent.subjects(in: "To send").first)
        #expect(held.subject == "Fwd: [#1] Parcel")
        _ = try agent.run("SELECT \"To send\"")
        #expect(try agent.run("UID MOVE \(held.uid) Drafts").isOK)
        let draft = try #require(try agent.subjects(in: "Drafts").first)
        let recalled = String(decoding: try agent.content(uid: draft.uid), as: UTF8.self)
        #expect(recalled.contains("#forward office@law.example"))

        #expect(try open.submit(text, to: ["desk@acme.example"]).hasPrefix("250"))
        let again = try #require(try agent.subjects(in: "To send").first)
        _ = try agent.run("SELECT \"To send\"")
        #expect(try agent.run("UID MOVE \(again.uid) \"To send/Confirmed\"").isOK)
        let mail = try #require(try open.relay.mails(atLeast: 1).first)
        #expect(mail.recipients == ["office@law.example"] && mail.field("From") == "ACME Help <help@acme.example>")
        let content = mail.content.replacing("=\r\n", with: "").replacing(" \r\n", with: " ")
        #expect(content.contains("Agent One (ACME Help) forwards case [#1].") && content.contains("Is he right?"))
        #expect(content.contains("Where is my parcel?") && !content.contains("agent1@"))
        #expect(try agent.subjects(in: "New").count == 2)

        let answer = CustomerMail(
            from: "Law <office@law.example>", subject: "Re: Fwd: [#1] Parcel", inReplyTo: mail.field("Message-ID"), body: "He is.\n")
        let reply = try #require(mail.field("Reply-To")?.split(separator: "<").last?.dropLast())
        try SMTPDialogue.deliver(answer, from: "office@law.example", to: [String(reply)], at: open.appliance)
        #expect(try agent.subjects(in: "New").count == 3)
    }

    @Test func `a template saved by a client is put into an answer by its subject`() throws {
        let open = try OpenCase()
        let agent = try open.appliance.imap(as: SampleDesk.agent1)
        let template = "From: agent1@acme.example\r\nSubject: Refund\r\n\r\nDear ${customer.name}, your money comes back.\r\n"
        #expect(try agent.append(to: "Templates", flags: "\\Seen", Array(template.utf8)).isOK)
        #expect(try open.submit(open.text(body: "#template refund\n\nRegards\n")).hasPrefix("250"))
        let mail = try #require(try open.relay.mails(atLeast: 1).first)
        #expect(mail.content.contains("Dear Jan Kowalski, your money comes back."))
        #expect(!mail.content.contains("#template"))
        // One that cannot be filled in stops the mail.
        let wrong = template.replacing("Refund", with: "Wrong").replacing("customer.name", with: "customer.nmae")
        #expect(try agent.append(to: "Templates", flags: "\\Seen", Array(wrong.utf8)).isOK)
        #expect(try open.submit(open.text(id: "answer-2", body: "#template wrong\n")).hasPrefix("250"))
        #expect(try agent.subjects(in: "Drafts").count == 1)
        let notice = try #require(try agent.subjects(in: "INBOX").first { $0.subject.hasPrefix("Not sent") })
        let told = String(decoding: try agent.content(uid: notice.uid), as: UTF8.self)
        #expect(told.contains("customer.name"))
        #expect(open.relay.mails.count == 1)
    }

    @Test func `a template that a supervisor shares is put into everybody's answers`() throws {
        let open = try OpenCase()
        let agent = try open.appliance.imap(as: SampleDesk.agent1)
        let supervisor = try open.appliance.imap(as: SampleDesk.supervisor1)
        let template = "From: supervisor1@acme.example\r\nSubject: Delay\r\n\r\nDear ${customer.name}, it takes longer.\r\n"
        let refused = try agent.append(to: "Templates/Shared", Array(template.utf8))
        #expect(refused.status.hasPrefix("NO [NOPERM] "), "\(refused)")
        #expect(try supervisor.append(to: "Templates/Shared", Array(template.utf8)).isOK)
        #expect(try agent.subjects(in: "Templates/Shared").map(\.subject) == ["Delay"])
        #expect(try open.submit(open.text(body: "#template delay\n\nRegards\n")).hasPrefix("250"))
        let mail = try #require(try open.relay.mails(atLeast: 1).first)
        #expect(mail.content.contains("Dear Jan Kowalski, it takes longer."))
    }

    @Test func `an answer for later is held back in the moment in which the customer writes`() throws {
        let open = try OpenCase()
        let agent = try open.appliance.imap(as: SampleDesk.agent1)
        let session = try SMTPDialogue(port: open.appliance.submissions, tls: true)
        try session.begin(login: SampleDesk.agent1.login, password: SampleDesk.agent1.password)
        #expect(try session.say("MAIL FROM:<agent1@acme.example> HOLDFOR=86400").hasPrefix("250"))
        _ = try session.say("RCPT TO:<jan@customer.example>")
        _ = try session.say("DATA")
        #expect(try session.say(open.text().replacing("\n", with: "\r\n") + "\r\n.").hasPrefix("250"))
        let waiting = try #require(try agent.subjects(in: "To send").first)
        try SMTPDialogue.deliver(
            CustomerMail(subject: "Re: [#1] Parcel", id: "<second@customer.example>"), at: open.appliance)
        let held = try #require(try agent.subjects(in: "To send").first)
        #expect(held.uid != waiting.uid)
        let shown = String(decoding: try agent.content(uid: held.uid), as: UTF8.self)
        #expect(shown.contains("X-Stempel-Held: customer-wrote") && shown.contains("[Stempel] Not sent:"), "\(shown)")
        #expect(open.relay.mails.isEmpty)
    }

    @Test func `a call becomes a case in the customer's name`() throws {
        let open = try OpenCase()
        let agent = try open.appliance.imap(as: SampleDesk.agent1)
        let call = """
            From: Agent One <agent1@acme.example>
            To: help@acme.example
            Subject: Refund
            Message-ID: <call@laptop.example>

            #from Ewa Nowak <ewa@firm.example>
            #source phone

            She wants her money back.

            """
        #expect(try open.submit(call, to: ["help@acme.example"]).hasPrefix("250"))
        let filed = try #require(try agent.subjects(in: "New").last)
        #expect(filed.subject == "[#2] Refund")
        let text = String(decoding: try agent.content(uid: filed.uid), as: UTF8.self)
        #expect(text.contains("From: Ewa Nowak <ewa@firm.example>") && text.contains("She wants her money back."))
        #expect(!text.contains("#from") && !text.contains("agent1@"))
        #expect(open.relay.mails.isEmpty)
    }
}
