import Testing

/// An agent's day in Thunderbird, driven on a screen nobody sees, and checked at the server and at the relay.
@Suite(.serialized, .enabled(if: Thunderbird.isWanted, "deploy/test --with-thunderbird runs these"))
struct ThunderbirdTests {
    /// An IMAP session of the agent that waits in a mailbox for what the server tells.
    private func watch(_ mailbox: String, of agent: SampleDesk.Agent, at appliance: RunningAppliance) throws -> IMAPDialogue {
        let watcher = try appliance.imap(as: agent)
        #expect(try watcher.run("SELECT \(mailbox)").isOK)
        _ = try watcher.idle()
        return watcher
    }

    @Test func `an agent takes a case by dragging it, tags it, answers it and finds it again`() throws {
        let desk = try OpenCase()
        let appliance = desk.appliance
        try SMTPDialogue.deliver(CustomerMail(subject: "Zwrot", body: "Zażółć gęślą jaźń.\n"), at: appliance)
        let watcher = try watch("New", of: SampleDesk.agent1, at: appliance)
        let agent = try appliance.imap(as: SampleDesk.agent1)
        let thunderbird = try Thunderbird(of: SampleDesk.agent1, name: "Agent One", at: appliance)

        // The folders, with what they are for.
        try thunderbird.open("INBOX", count: 0)
        let folders = try thunderbird.folders(with: "Pools")
        let uses = Dictionary(uniqueKeysWithValues: folders.map { ($0.path, $0.uses) })
        for (path, use) in [("INBOX", "inbox"), ("Drafts", "drafts"), ("Sent", "sent"), ("Spam", "junk"), ("Trash", "trash")] {
            #expect(uses[path]?.contains(use) == true, "\(folders)")
        }
        for path in ["Next", "New", "Waiting", "Done", "Closed", "Templates", "Private", "Team/Agent Two", "Groups/returns"] {
            #expect(uses[path] != nil, "\(path) is missing in \(folders)")
        }
        #expect(folders.filter { !$0.isSelectable }.map(\.path) == [])

        try thunderbird.picture("folders")

        // Reading, tagging, dragging.
        let new = try thunderbird.open("New", count: 2)
        #expect(new.map(\.subject) == ["[#1] Parcel", "[#2] Zwrot"] && new.map(\.isRead) == [false, false], "\(new)")
        #expect(try thunderbird.show("[#1] Parcel").contains("Where is my parcel?"))
        try thunderbird.command("cmd_tag1")
        // FLAGS announces the tag first.
        while try !watcher.waitFor("$label1").text.hasPrefix("* 1 FETCH ") {}
        try thunderbird.drag("[#1] Parcel", to: "INBOX")
        #expect(try watcher.waitFor("EXPUNGE").text == "* 1 EXPUNGE")
        #expect(try thunderbird.rows(count: 1).map(\.subject) == ["[#2] Zwrot"])
        #expect(try agent.subjects(in: "INBOX").map(\.subject) == ["[#1] Parcel"])
        let flags = try agent.run("FETCH 1 (FLAGS)").description
        #expect(flags.contains("$label1") && flags.contains("\\Seen"), "\(flags)")

        // The answer.
        #expect(try thunderbird.open("INBOX", count: 1).map(\.tags) == ["$label1"])
        try thunderbird.show("[#1] Parcel")
        try thunderbird.picture("case")
        let reply = try thunderbird.reply("It left today. Zażółć!")
        #expect(reply.to == ["Jan Kowalski <jan@customer.example>"])
        #expect(reply.subject == "Re: [#1] Parcel")
        let mail = try #require(try desk.relay.mails(atLeast: 1).first)
        #expect(mail.recipients == ["jan@customer.example"])
        #expect(mail.field("From") == "ACME Help <help@acme.example>")
        #expect(mail.field("In-Reply-To") == "<first@customer.example>")
        #expect(mail.field("User-Agent") == nil)
        try thunderbird.rows(count: 0)
        #expect(try agent.subjects(in: "Sent").map(\.subject) == ["Re: [#1] Parcel"])

        // The thread, and the customer's next mail into it while the folder is open.
        let waiting = try thunderbird.open("Waiting", count: 2)
        #expect(waiting.map(\.subject) == ["[#1] Parcel", "Re: [#1] Parcel"])
        #expect(waiting.map(\.level) == [0, 1] && waiting[0].isReplied, "\(waiting)")
        try thunderbird.open("INBOX", count: 0)
        try thunderbird.rest()
        try SMTPDialogue.deliver(
            CustomerMail(subject: "Re: [#1] Parcel", inReplyTo: mail.field("Message-ID"), body: "Thanks, it is here.\n"),
            at: appliance)
        let thread = try thunderbird.rows(count: 3)
        #expect(thread.map(\.level) == [0, 1, 2], "\(thread)")
        try thunderbird.picture("thread")
        #expect(thread.map(\.isRead) == [true, true, false], "\(thread)")

        // Searching all folders at the server. Next is a view of New.
        let question = try thunderbird.search("gęślą")
        #expect(question == ["New: [#2] Zwrot", "Next: [#2] Zwrot"])
        let answer = try thunderbird.search("it left today")
        #expect(answer == ["Inbox: Re: [#1] Parcel", "Sent: Re: [#1] Parcel"])
        #expect(try thunderbird.alerts() == [])
    }

    @Test func `a Polish account has Polish folders, moves are undone, and a refusal is told in the server's words`() throws {
        let desk = try OpenCase()
        let appliance = desk.appliance
        let agent = try appliance.imap(as: SampleDesk.agent2)
        let colleague = try appliance.imap(as: SampleDesk.agent1)
        let thunderbird = try Thunderbird(of: SampleDesk.agent2, name: "Agent Two", at: appliance)

        try thunderbird.open("INBOX", count: 0)
        let folders = try thunderbird.folders(with: "Pule")
        let paths = Set(folders.map(\.path))
        for path in ["Następne", "Nowe", "Oczekuje na informacje", "Wykonane", "Zamknięte", "Zespół/Agent One", "Grupy/returns"] {
            #expect(paths.contains(path), "\(path) is missing in \(paths)")
        }
        #expect(folders.first { $0.path == "Wysłane" }?.uses.contains("sent") == true)
        // Thunderbird writes the names of these levels after their namespaces' prefixes.
        for level in ["Zespół", "Grupy", "Pule", "Prywatne"] { try thunderbird.open(level, count: 0) }
        #expect(try thunderbird.alerts() == [])

        // There and back.
        let watcher = try watch("New", of: SampleDesk.agent2, at: appliance)
        try thunderbird.open("Nowe", count: 1)
        try thunderbird.drag("[#1] Parcel", to: "Wykonane")
        _ = try watcher.waitFor("EXPUNGE")
        #expect(try agent.subjects(in: "Done").map(\.subject) == ["[#1] Parcel"])
        try thunderbird.rows(count: 0)
        try thunderbird.command("cmd_undo")
        _ = try watcher.waitFor("* 1 EXISTS")
        try thunderbird.rows(count: 1)
        #expect(try agent.subjects(in: "New").map(\.subject) == ["[#1] Parcel"])
        try thunderbird.picture("polish")

        // Deleting needs a right.
        try thunderbird.show("[#1] Parcel")
        try thunderbird.command("cmd_delete")
        let refusal = try thunderbird.alert()
        #expect(refusal.contains("Nie wolno Ci usuwać spraw"), "\(refusal)")
        #expect(try agent.subjects(in: "New").map(\.subject) == ["[#1] Parcel"])
        try thunderbird.open("INBOX", count: 0)
        try thunderbird.open("Nowe", count: 1)

        // A colleague is faster.
        try thunderbird.rest()
        let uid = try #require(try colleague.subjects(in: "New").first?.uid)
        #expect(try colleague.run("UID MOVE \(uid) INBOX").isOK)
        try thunderbird.rows(count: 0)
        try thunderbird.open("Zespół/Agent One", count: 1)
        try thunderbird.picture("colleague")
        #expect(try thunderbird.alerts() == [])
    }
}
