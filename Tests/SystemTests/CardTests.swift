import Testing

/// The ticket card at a running appliance (FEATURES G3).
@Suite struct CardTests {
    private func start() throws -> RunningAppliance {
        try TestInstallation(desk: SampleDesk.withCards).start()
    }

    /// The UIDs of the selected mailbox that are cards, told by what only a card has.
    private func cards(_ client: IMAPDialogue, _ mailbox: String, count: Int = 1) throws -> [Int] {
        var uids: [Int] = []
        _ = try client.run("SELECT \"\(mailbox)\"")
        while true {
            let found = try client.run(
                "UID SEARCH HEADER Auto-Submitted auto-generated HEADER Reply-To note@acme.example")
            uids =
                found.texts.first { $0.hasPrefix("* SEARCH") }?.split(separator: " ").dropFirst(2).compactMap {
                    Int($0)
                } ?? []
            if uids.count == count { return uids }
            // It can come while the search runs, which then tells so at its end.
            if found.texts.contains(where: { $0.hasSuffix(" EXISTS") }) { continue }
            let idling = try client.idle()
            _ = try client.waitFor("EXISTS")
            _ = try client.done(idling)
        }
    }

    @Test func `a delivered case has a card in everybody's language, and its buttons are mails to the desk`() throws {
        let appliance = try start()
        try SMTPDialogue.deliver(CustomerMail(subject: "Parcel <b>", id: "<first@customer.example>"), at: appliance)
        for (agent, mailbox, word) in [(SampleDesk.agent1, "New", "Take"), (SampleDesk.agent2, "Nowe", "Weź")] {
            let client = try appliance.imap(as: agent)
            let card = try #require(try cards(client, mailbox).first)
            let text = try client.run(
                "UID FETCH \(card) (FLAGS INTERNALDATE BODY.PEEK[HEADER.FIELDS (Subject Message-ID)])")
            #expect(text.description.contains("\\Seen"))
            let octets = try client.content(uid: card)
            let parts = try Completed.run(
                [
                    "python3", "-c",
                    """
                    import sys, email, email.policy, urllib.parse
                    message = email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.default)
                    text = message.get_body(("plain",)).get_content()
                    html = message.get_body(("html",)).get_content()
                    assert "Parcel &lt;b&gt;" in html and "<b>" not in html, html
                    for line in text.replace(" \\n", " ").splitlines():
                        label, _, link = line.partition(": mailto:")
                        if link:
                            address, _, query = link.partition("?")
                            print(label, address, *urllib.parse.parse_qsl(query))
                    """,
                ], input: String(decoding: octets, as: UTF8.self))
            #expect(parts.status == 0, "\(parts)")
            #expect(
                parts.output.contains("\(word) desk@acme.example ('subject', '[#1] \(word)') ('body', '#take\\r\\n')"),
                "\(parts)")
            // One card each, first in its thread; the other language is nobody's here.
            let thread = try client.run("THREAD REFERENCES UTF-8 ALL")
            #expect(thread.texts.contains("* THREAD (2 1)"), "\(thread)")
            #expect(try client.run("SEARCH ALL").texts.contains("* SEARCH 1 2"))
        }
        let trainee = try appliance.imap(as: SampleDesk.trainee1)
        #expect(try trainee.subjects(in: "New").map(\.subject) == ["[#1] Parcel <b>"])
    }

    @Test func `the card follows the case's status under another UID while a client idles`() throws {
        let appliance = try start()
        try SMTPDialogue.deliver(CustomerMail(subject: "Parcel", id: "<first@customer.example>"), at: appliance)
        let agent = try appliance.imap(as: SampleDesk.agent1)
        let first = try #require(try cards(agent, "New").first)
        let watcher = try appliance.imap(as: SampleDesk.supervisor1)
        let before = try #require(try cards(watcher, "Pools/Help").first)
        _ = try watcher.idle()
        let moved = try agent.run("UID MOVE \(first) INBOX")
        #expect(moved.isOK, "\(moved)")
        _ = try watcher.waitFor("EXPUNGE")
        let later = try appliance.imap(as: SampleDesk.supervisor1)
        let after = try #require(try cards(later, "Pools/Help").first)
        #expect(after > before)
        let text = String(decoding: try later.content(uid: after), as: UTF8.self)
        #expect(text.contains("Agent One"))
        // Whoever restarts finds it as it was.
        #expect(try later.run("UID FETCH \(before) (FLAGS)").texts == [])
    }
}
