import Testing

/// Consultation from outside: an agent's client, a clerk with any mail program, a customer.
@Suite struct ConsultationTests {
    private static let departments = """
        departments:
          - { name: Legal, addresses: [ legal@firm.example ], answerWithin: 4h }
          - { name: Stock, addresses: [ stock@acme.example ] }

        """

    /// An appliance with a case of Agent One's, in INBOX.
    private func started(
        undo: String = "0s", language: String = "en"
    ) throws -> (RunningAppliance, Relay, IMAPDialogue) {
        let relay = try Relay(modes: "accept")
        var options = TestInstallation.Options()
        options.relayPort = relay.port
        let desk = SampleDesk.text.replacing("undo: 0s", with: "undo: \(undo)")
            .replacing("language: en", with: "language: \(language)") + Self.departments
        let appliance = try TestInstallation(desk: desk, options: options).start()
        try SMTPDialogue.deliver(
            CustomerMail(subject: "Parcel", id: "<first@customer.example>", body: "It is lost. CUSTOMERWORDS\n"),
            at: appliance)
        let agent = try appliance.imap(as: SampleDesk.agent1)
        let new = try #require(try agent.subjects(in: "New").first)
        #expect(try agent.run("UID MOVE \(new.uid) INBOX").isOK)
        return (appliance, relay, agent)
    }

    private func submit(_ text: String, to recipients: [String], _ appliance: RunningAppliance) throws -> String {
        let session = try SMTPDialogue(port: appliance.submissions, tls: true)
        try session.begin(login: SampleDesk.agent1.login, password: SampleDesk.agent1.password)
        return try session.mail(from: SampleDesk.agent1.login, to: recipients, text: text)
    }

    private func clerk(
        _ appliance: RunningAppliance, to: String, subject: String, from: String = "legal@firm.example", more: String = "",
        body: String
    ) throws {
        let dialogue = try SMTPDialogue(port: appliance.smtp)
        try dialogue.begin()
        let text = "From: Clerk <\(from)>\nTo: \(to)\nSubject: \(subject)\n\(more)\n\(body)\n"
        let reply = try dialogue.mail(from: from, to: [to], text: text)
        #expect(reply.hasPrefix("250"), "\(reply)")
    }

    @Test func `a case dropped on a department waits in Consultation until the clerk answers`() throws {
        let (appliance, relay, agent) = try started()
        let mine = try #require(try agent.subjects(in: "INBOX").first)
        #expect(try !agent.run("UID COPY \(mine.uid) Departments/Legal").isOK)
        let moved = try agent.run("UID MOVE \(mine.uid) Dzia&AUI-y/Legal")
        #expect(moved.isOK && moved.texts.contains { $0.contains("[COPYUID ") }, "\(moved)")
        #expect(try agent.subjects(in: "Departments/Legal").isEmpty)
        #expect(try agent.subjects(in: "INBOX").isEmpty)
        #expect(try agent.subjects(in: "Consultation").count == 2)
        let question = try #require(try relay.mails(atLeast: 1).first)
        #expect(question.recipients == ["legal@firm.example"] && question.content.contains("CUSTOMERWORDS"))
        #expect(question.field("Subject") == "[?1-1] Parcel")
        let to = try #require(question.field("Reply-To")?.firstMatch(of: /<([^>]+)>/)?.1)
        try clerk(appliance, to: String(to), subject: "ODP: [?1-1] Parcel", body: "DEPTSECRET")
        #expect(try agent.subjects(in: "INBOX").count == 3)
        #expect(try agent.subjects(in: "Consultation").isEmpty)
        #expect(relay.mails.count == 1)
        let report = try appliance.installation.stempel(
            "report", appliance.installation.configuration, "--from", "2020-01-01", "--to", "2099-12-31", "--by", "department",
            "--csv")
        #expect(report.output.split(whereSeparator: \.isNewline).contains { $0.hasPrefix("Legal,") }, "\(report)")
    }

    @Test func `a mail to the department's address, its answer by mark, and a reply to all stay inside`() throws {
        let (appliance, relay, agent) = try started()
        let text = """
            From: agent1@acme.example
            To: legal@firm.example
            Subject: Re: [#1] Parcel
            Message-ID: <q1@laptop.example>
            In-Reply-To: <first@customer.example>

            May we refund?
            """
        #expect(try submit(text, to: ["legal@firm.example"], appliance).hasPrefix("250"))
        let question = try #require(try relay.mails(atLeast: 1).first)
        #expect(question.content.contains("May we refund?") && question.content.contains("CUSTOMERWORDS"))
        try clerk(
            appliance, to: "help@acme.example", subject: "AW: [?1-1] Parcel",
            more: "Cc: jan@customer.example\nMessage-ID: <a1@firm.example>\n", body: "DEPTSECRET: never.")
        let answer = try #require(try agent.subjects(in: "INBOX").last)
        let shown = String(decoding: try agent.content(uid: answer.uid), as: UTF8.self)
        #expect(shown.contains("DEPTSECRET") && shown.contains("Reply-To: Legal <legal@firm.example>"))
        #expect(!shown.contains("Cc: "))
        // What Reply-All makes of it.
        let reply = """
            From: agent1@acme.example
            To: Legal <legal@firm.example>, help@acme.example
            Subject: Re: [#1] AW: Parcel
            Message-ID: <r1@laptop.example>
            In-Reply-To: <a1@firm.example>

            Thank you.

            > DEPTSECRET: never.
            """
        #expect(try submit(reply, to: ["legal@firm.example", "help@acme.example"], appliance).hasPrefix("250"))
        let mails = try relay.mails(atLeast: 2)
        #expect(mails.allSatisfy { $0.recipients == ["legal@firm.example"] })
    }

    @Test func `a question waits for its undo time, and moving the case back recalls it`() throws {
        let (appliance, relay, agent) = try started(undo: "1h")
        defer { withExtendedLifetime(appliance) {} }
        let mine = try #require(try agent.subjects(in: "INBOX").first)
        #expect(try agent.run("UID MOVE \(mine.uid) Departments/Legal").isOK)
        #expect(try agent.subjects(in: "To send").count == 1)
        let waiting = try #require(try agent.subjects(in: "Consultation").first)
        #expect(try agent.run("UID MOVE \(waiting.uid) INBOX").isOK)
        #expect(try agent.subjects(in: "To send").isEmpty)
        #expect(try agent.subjects(in: "INBOX").count == 1)
        #expect(relay.mails.isEmpty)
    }

    @Test func `po polsku: secrets of the house reach neither department nor customer, nor one what the other says`() throws {
        let (appliance, relay, agent) = try started(language: "pl")
        func say(_ text: String, id: String, to recipient: String, inReplyTo: String = "first@customer.example") throws {
            let mail = "From: agent1@acme.example\nTo: \(recipient)\nSubject: Re: [#1] Parcel\nMessage-ID: <\(id)@laptop.example>\n"
                + "In-Reply-To: <\(inReplyTo)>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n\(text)\n"
            #expect(try submit(mail, to: [recipient], appliance).hasPrefix("250"))
        }
        try say("NOTESECRET: to oszust.", id: "n1", to: "note@acme.example")
        try say("#konsultuj Legal\n#konsultuj Stock\n\nCzy można zwrócić?", id: "q1", to: "desk@acme.example")
        let questions = try relay.mails(atLeast: 2)
        #expect(Set(questions.flatMap(\.recipients)) == ["legal@firm.example", "stock@acme.example"])
        for question in questions {
            // Lines are broken anywhere (RFC 2045 §6.7, RFC 3676 §4.1).
            let text = question.content.replacing("=20\r\n", with: " ").replacing("=\r\n", with: "")
                .replacing(" \r\n", with: " ")
            #expect(text.contains("pyta:") && text.contains("Klient tego nie widzi"), "\(text)")
            #expect(text.contains("CUSTOMERWORDS") && !text.contains("NOTESECRET"))
        }
        #expect(try agent.subjects(in: "Konsultacje").count == 4)
        let to = try #require(
            questions.first { $0.recipients == ["legal@firm.example"] }?.field("Reply-To")?.firstMatch(of: /<([^>]+)>/)?.1)
        try clerk(
            appliance, to: String(to), subject: "ODP: Parcel", more: "Message-ID: <a1@firm.example>\n",
            body: "LEGALSECRET: nie wolno zwracać takich paczek.")
        #expect(try agent.subjects(in: "INBOX").count == 5)
        // A second round to the other department; an answer to the customer that does not know of the first is held.
        try say("A czy mamy nową?", id: "q2", to: "stock@acme.example")
        try say("Niestety nie.", id: "c1", to: "jan@customer.example")
        let held = try #require(try agent.subjects(in: "To send").first)
        #expect(try agent.run("UID MOVE \(held.uid) \"To send/Confirmed\"").isOK)
        for mail in try relay.mails(atLeast: 4).dropFirst(2) {
            #expect(!mail.content.contains("LEGALSECRET") && !mail.content.contains("NOTESECRET"), "\(mail.recipients)")
        }
        #expect(relay.mails.last?.recipients == ["jan@customer.example"])
        #expect(relay.mails.last?.content.contains("Czy można") == false)
    }

    @Test func `a question held over a crash leaves once`() throws {
        let (appliance, relay, agent) = try started(undo: "3s")
        let mine = try #require(try agent.subjects(in: "INBOX").first)
        #expect(try agent.run("UID MOVE \(mine.uid) Departments/Stock").isOK)
        try appliance.kill()
        #expect(relay.mails.isEmpty)
        let again = try appliance.installation.start()
        #expect(try relay.mails(atLeast: 1).first?.recipients == ["stock@acme.example"])
        let client = try again.imap(as: SampleDesk.agent1)
        #expect(try client.subjects(in: "Consultation").count == 2)
        #expect(Set(relay.mails.compactMap { $0.field("Message-ID") }).count == 1)
    }
}
