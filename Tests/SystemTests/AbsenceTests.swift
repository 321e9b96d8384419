import TestKit
import Testing

/// Absence and oversight from outside: two agents' mail clients, a supervisor's, a customer, the command line.
@Suite(.timeLimit(.minutes(5))) struct AbsenceTests {
    /// Commands of a mail to `desk@`.
    private func say(_ line: String, as agent: SampleDesk.Agent, id: String, _ open: OpenCase) throws {
        let text = "From: \(agent.login)\nTo: desk@acme.example\nSubject: desk\nMessage-ID: <\(id)@l.example>\n\n\(line)\n"
        #expect(try open.submit(text, as: agent, to: ["desk@acme.example"]).hasPrefix("250"))
    }

    private func write(_ open: OpenCase, id: String) throws {
        try SMTPDialogue.deliver(
            CustomerMail(subject: "Re: [#1] Parcel", id: "<\(id)@customer.example>", inReplyTo: "<first@customer.example>"),
            at: open.appliance)
    }

    /// Takes case 1 with the client of Agent One.
    private func taken(_ open: OpenCase) throws -> IMAPDialogue {
        let owner = try open.appliance.imap(as: SampleDesk.agent1)
        let new = try #require(try owner.subjects(in: "New").first)
        #expect(try owner.run("UID MOVE \(new.uid) INBOX").isOK)
        return owner
    }

    /// Waits until a mailbox holds what it is to hold.
    private func wait(
        for client: IMAPDialogue, in mailbox: String, until isThere: ([String]) -> Bool
    ) throws {
        while true {
            if isThere(try client.subjects(in: mailbox).map(\.subject)) { return }
            let tag = try client.idle()
            // EXISTS or EXPUNGE.
            _ = try client.waitFor(" EX")
            #expect(try client.done(tag).isOK)
        }
    }

    private func parcels(_ client: IMAPDialogue, in mailbox: String, count: Int) throws {
        try wait(for: client, in: mailbox) { subjects in subjects.filter { $0.contains("] Parcel") }.count == count }
    }

    @Test func `#nieobecność: a substitute works on the case, and the owner sees it and has it back`() throws {
        let open = try OpenCase(desk: SampleDesk.text.replacing("role: agent, initialPassword: \"correct horse 1\"", with: "role: agent, language: pl, initialPassword: \"correct horse 1\""))
        let owner = try taken(open)
        let substitute = try open.appliance.imap(as: SampleDesk.agent2)
        _ = try substitute.run("SELECT INBOX")
        let tag = try substitute.idle()
        try say("#nieobecność dzisiaj..jutro Agent Two", as: SampleDesk.agent1, id: "u1", open)
        _ = try substitute.waitFor("EXISTS")
        #expect(try substitute.done(tag).isOK)
        try parcels(substitute, in: "INBOX", count: 1)
        try parcels(owner, in: "INBOX", count: 0)
        try parcels(owner, in: "Obserwowane", count: 1)
        // The notice of it.
        #expect(try owner.subjects(in: "INBOX").count == 1)
        // The substitute answers; the case waits in the owner's folder.
        let answer = open.text(from: "Agent Two <agent2@acme.example>", body: "SUBSTITUTE\n")
        #expect(try open.submit(answer, as: SampleDesk.agent2).hasPrefix("250"))
        #expect(try open.relay.mails(atLeast: 1).first?.content.contains("SUBSTITUTE") == true)
        try parcels(owner, in: "Oczekuje na informacje", count: 2)
        try write(open, id: "second")
        try parcels(substitute, in: "INBOX", count: 3)
        try say("#nieobecność koniec", as: SampleDesk.agent1, id: "u2", open)
        try parcels(owner, in: "INBOX", count: 3)
        try parcels(substitute, in: "INBOX", count: 0)
        // Notices that it began and ended, and one of what was done.
        try wait(for: owner, in: "INBOX") { $0.count == 6 }
        let notice = try #require(try owner.subjects(in: "INBOX").last { !$0.subject.contains("Parcel") })
        #expect(String(decoding: try owner.content(uid: notice.uid), as: UTF8.self).contains("#1 Parcel"))
    }

    @Test func `the command line says absences, a handed case goes to the substitute, and a restart forgets nothing`() throws {
        let open = try OpenCase()
        let owner = try taken(open)
        let installation = open.appliance.installation
        func agent(_ words: String...) throws -> Completed {
            try Completed.run([TestInstallation.binary, "agent", words[0], installation.configuration] + words.dropFirst())
        }
        let away = try agent("away", "agent2@acme.example", "--from", "2020-01-01", "--to", "2099-12-31", "--substitute", "trainee1@acme.example")
        #expect(away.status == 0 && away.output.contains("Trainee One stands in"), "\(away)")
        #expect(try agent("absences").output == "agent2@acme.example\t2020-01-01\t2099-12-31\ttrainee1@acme.example\taway\n")
        let mine = try #require(try owner.subjects(in: "INBOX").first)
        let moved = try owner.run("UID MOVE \(mine.uid) \"Team/Agent Two\"")
        #expect(moved.isOK && moved.status.contains("Agent Two is away, Trainee One stands in"), "\(moved)")
        let trainee = try open.appliance.imap(as: SampleDesk.trainee1)
        try parcels(trainee, in: "INBOX", count: 1)
        try open.appliance.kill()
        let again = try installation.start()
        let client = try again.imap(as: SampleDesk.agent2)
        try parcels(client, in: "INBOX", count: 0)
        let shown = try installation.stempel("case", "show", installation.configuration, "1")
        #expect(shown.output.contains("assigned to: agent2@acme.example"), "\(shown)")
        #expect(try agent("back", "agent2@acme.example").status == 0)
        try parcels(client, in: "INBOX", count: 1)
        #expect(try agent("absences").output.isEmpty)
        for words in [
            ["agent9@acme.example", "--from", "2099-01-01"], ["agent2@acme.example", "--from", "2099-02-30"],
            ["agent2@acme.example", "--from", "2001-01-01"],
            ["agent2@acme.example", "--from", "2099-01-01", "--substitute", "agent2@acme.example"],
        ] {
            let done = try Completed.run([TestInstallation.binary, "agent", "away", installation.configuration] + words)
            #expect([65, 67].contains(done.status), "\(done)")
        }
    }

    @Test func `a case that goes from hand to hand is told to the supervisor`() throws {
        let open = try OpenCase()
        let clients = [try taken(open), try open.appliance.imap(as: SampleDesk.agent2)]
        for round in 0..<5 {
            let mine = try #require(try clients[round % 2].subjects(in: "INBOX").first)
            let other = round % 2 == 0 ? "Agent Two" : "Agent One"
            #expect(try clients[round % 2].run("UID MOVE \(mine.uid) \"Team/\(other)\"").isOK)
        }
        let supervisor = try open.appliance.imap(as: SampleDesk.supervisor1)
        try wait(for: supervisor, in: "INBOX") { $0 == ["Handed over 5 times: #1 Parcel"] }
    }

    @Test func `a dictionary is edited by itself`() throws {
        let installation = try TestInstallation(desk: SampleDesk.text + "dictionaries:\n  products: [ kettle ]\n")
        let appliance = try installation.start()
        func dictionary(_ words: String...) throws -> Completed {
            try Completed.run(
                [TestInstallation.binary, "dictionary", words[0], installation.configuration] + words.dropFirst())
        }
        #expect(try dictionary("set", "products", "values+=toaster").status == 0)
        #expect(try dictionary("list").output == "products\tkettle toaster\n")
        #expect(try dictionary("add", "colours", "values=[ red, blue ]").status == 0)
        #expect(try dictionary("show", "colours").output.contains("blue"))
        #expect(try dictionary("remove", "colours").status == 0)
        #expect(try dictionary("show", "colours").status == 67)
        withExtendedLifetime(appliance) {}
    }
}
