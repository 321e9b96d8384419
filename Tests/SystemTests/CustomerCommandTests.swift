import Foundation
import TestKit
import Testing

/// `stempel customer`: records, export, and erasing (DESIGN §10).
@Suite(.timeLimit(.minutes(5))) struct CustomerCommandTests {
    private func run(_ installation: TestInstallation, _ arguments: String...) throws -> Completed {
        try Completed.run(
            [TestInstallation.binary, "customer", arguments[0], installation.configuration] + arguments.dropFirst())
    }

    @Test func `customers are found by name, joined, and given cases`() throws {
        let installation = try TestInstallation()
        let appliance = try installation.start()
        let mails = [
            ("=?utf-8?q?=C5=BB=C3=B3=C5=82w?= <zolw@customer.example>", "zolw@customer.example", "One"),
            ("Office <office@firm.example>", "office@firm.example", "Two"),
            ("Office <office@firm.example>", "office@firm.example", "Three"),
        ]
        for (from, sender, subject) in mails {
            try SMTPDialogue.deliver(CustomerMail(from: from, subject: subject), from: sender, at: appliance)
        }
        let found = try run(installation, "list", "zolw")
        #expect(found.output == "1\tŻółw\tzolw@customer.example\n", "\(found)")
        #expect(try run(installation, "list", "FIRM.EXAMPLE").output.hasPrefix("2\t"))
        let set = try run(installation, "set", "zolw@customer.example", "firm=Turtles Ltd", "phone=123", "shoe size=44")
        #expect(set.status == 0, "\(set)")
        #expect(try run(installation, "list", "turtles").output.hasPrefix("1\tŻółw, Turtles Ltd"))

        #expect(try run(installation, "attach", "1", "3", "--with-earlier").status == 0)
        var shown = try run(installation, "show", "żółw").output
        for words in [
            "firm: Turtles Ltd", "shoe size: 44", "office@firm.example", "cases in Help: 3", "took in 2",
            "firm changed",
        ] {
            #expect(shown.contains(words), "\(words) is not in \(shown)")
        }
        let detached = try run(installation, "detach", "3", "--with-earlier")
        #expect(detached.output == "case 3 is of customer 3 now\n", "\(detached)")
        shown = try run(installation, "show", "3").output
        #expect(shown.contains("cases in Help: 2") && shown.contains("office@firm.example"), "\(shown)")
        let joined = try run(installation, "join", "3", "1")
        #expect(joined.status == 0, "\(joined)")
        #expect(try run(installation, "show", "office@firm.example").output.contains("cases in Help: 3"))
        #expect(try run(installation, "show", "nobody@nowhere.example").status == 67)
        // A later mail belongs to the joined customer.
        try SMTPDialogue.deliver(
            CustomerMail(from: mails[1].0, subject: "Four"), from: mails[1].1, at: appliance)
        #expect(try run(installation, "show", "1").output.contains("cases in Help: 4"))
    }

    @Test func `agents write down what they know of a customer, and find cases by it and by their mail`() throws {
        let desk = try OpenCase()
        try SMTPDialogue.deliver(
            CustomerMail(from: "Eve <eve@elsewhere.example>", subject: "Kettle", body: "It whistles.\n"),
            from: "eve@elsewhere.example", at: desk.appliance)
        func order(_ lines: String, id: String) throws -> String {
            let text = """
                From: agent1@acme.example
                To: desk@acme.example
                Subject: [#1] order
                Message-ID: <\(id)@laptop.example>
                Date: Tue, 3 Mar 2026 13:00:00 +0100
                MIME-Version: 1.0
                Content-Type: text/plain; charset=utf-8

                \(lines)

                """
            return try desk.submit(text, to: ["desk@acme.example"])
        }
        let agent = try desk.appliance.imap(as: SampleDesk.agent1)
        #expect(try agent.run("SELECT New").isOK)
        #expect(try order("#customer firm=Żółw Ltd\n#klient telefon=600 100 200", id: "o1").hasPrefix("250"))
        let shown = try run(desk.appliance.installation, "show", "1").output
        #expect(shown.contains("firm: Żółw Ltd") && shown.contains("phone: 600 100 200"), "\(shown)")
        #expect(try order("#find zolw", id: "o2").hasPrefix("250"))
        let notices = try agent.subjects(in: "INBOX")
        #expect(notices.map(\.subject) == ["Found: zolw (cases: 1)"])
        let notice = String(decoding: try agent.content(uid: notices[0].uid), as: UTF8.self)
        #expect(notice.contains("[#1] Parcel") && !notice.contains("[#2]"), "\(notice)")
        // The index follows behind.
        var found = false
        for attempt in 0..<100 where !found {
            #expect(try order("#szukaj whistles", id: "w\(attempt)").hasPrefix("250"))
            found = try agent.subjects(in: "INBOX").last?.subject == "Found: whistles (cases: 1)"
        }
        #expect(found)
    }

    @Test func `an export holds every message as agents see it`() throws {
        let desk = try OpenCase()
        let installation = desk.appliance.installation
        let large = CustomerMail(subject: "Large", body: String(repeating: "Line of a long mail.\n", count: 80_000))
        try SMTPDialogue.deliver(large, at: desk.appliance)
        let directory = installation.directory.file("export")
        let exported = try run(installation, "export", "jan@customer.example", directory)
        #expect(exported.status == 0 && exported.output.contains("2 cases, 2 messages"), "\(exported)")
        let data = try Data(contentsOf: URL(fileURLWithPath: directory + "/customer.json"))
        let record = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let cases = try #require(record["cases"] as? [[String: Any]])
        let files = cases.flatMap { $0["messages"] as? [[String: Any]] ?? [] }.compactMap { $0["file"] as? String }
        #expect(files.count == 2)
        let agent = try desk.appliance.imap(as: SampleDesk.agent1)
        let seen = try agent.subjects(in: "New")
        for (file, message) in zip(files, seen) {
            let octets = try Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(file)"))
            let shown = try agent.content(uid: message.uid)
            #expect(Array(octets) == shown, "\(file)")
        }
        #expect(try run(installation, "export", "jan@customer.example", directory).status == 73)
    }

    // MARK: - Erasing

    /// Words that stand in the customer's mail, in copies of it and in answers.
    private static let secrets = ["Kowalski", "jan@customer.example", "pineapple", "Kumquat"]

    private func remains(of installation: TestInstallation) throws -> [String] {
        var found: [String] = []
        for file in ["stempel.sqlite", "stempel.sqlite-wal", "erasures"] {
            let path = installation.directory.file("data/\(file)")
            guard let data = FileManager.default.contents(atPath: path) else { continue }
            for secret in Self.secrets where data.range(of: Data(secret.utf8)) != nil {
                found.append("\(secret) in \(file)")
            }
        }
        return found
    }

    /// A case with an answer, and copies of the customer's mail in Sent, Drafts and Private.
    private func answered() throws -> (OpenCase, IMAPDialogue) {
        let desk = try OpenCase()
        let installation = desk.appliance.installation
        for (login, role) in [("admin@acme.example", "admin"), ("other@acme.example", "admin")] {
            let added = try installation.stempel(
                "agent", "add", installation.configuration, login, "name=\(login)", "role=\(role)")
            #expect(added.status == 0, "\(added)")
        }
        try SMTPDialogue.deliver(
            CustomerMail(from: "Eve <eve@elsewhere.example>", subject: "Somebody else"), from: "eve@elsewhere.example",
            at: desk.appliance)
        let agent = try desk.appliance.imap(as: SampleDesk.agent1)
        #expect(try agent.run("CREATE Private/Fruit").isOK)
        _ = try agent.run("SELECT New")
        #expect(try agent.run("MOVE 1 INBOX").isOK)
        #expect(try desk.submit(desk.text(body: "A pineapple, then.\n")).hasPrefix("250"))
        _ = try desk.relay.mails(atLeast: 1)
        try SMTPDialogue.deliver(
            CustomerMail(
                subject: "Re: [#1] Kumquat", inReplyTo: "<first@customer.example>",
                body: "I ordered a pineapple.\n"), at: desk.appliance)
        _ = try agent.run("SELECT INBOX")
        #expect(try agent.run("COPY * Private/Fruit").isOK)
        let sent = desk.text(body: "A pineapple, then.\n").replacing("\n", with: "\r\n")
        #expect(try agent.append(to: "Sent", Array(sent.utf8)).isOK)
        let draft =
            "From: agent1@acme.example\r\nTo: jan@customer.example\r\nSubject: Draft\r\n\r\nOne more pineapple\r\n"
        #expect(try agent.append(to: "Drafts", Array(draft.utf8)).isOK)
        return (desk, agent)
    }

    @Test func `an erased customer is nowhere in the data, and sessions see the mail go`() throws {
        let (desk, agent) = try answered()
        let installation = desk.appliance.installation
        #expect(try installation.stempel("case", "status", installation.configuration, "1", "closed").status == 0)
        func report() throws -> String {
            try installation.stempel(
                "report", installation.configuration, "--from", "2026-01-01", "--to", "2027-12-31", "--json").output
        }
        let before = try report()
        #expect(before.contains("1"), "\(before)")
        #expect(try agent.run("SELECT Pools/Help").isOK)
        _ = try agent.idle()
        for (by, and) in [
            ("agent1@acme.example", "supervisor1@acme.example"), ("admin@acme.example", "agent1@acme.example"),
            ("admin@acme.example", "admin@acme.example"),
        ] {
            #expect(try run(installation, "erase", "jan@customer.example", "--by", by, "--and", and).status == 65)
        }
        let erased = try run(
            installation, "erase", "jan@customer.example", "--by", "admin@acme.example", "--and",
            "supervisor1@acme.example")
        #expect(erased.output == "Customer 1 is erased: 1 addresses, 1 cases.\n", "\(erased)")
        #expect(try agent.waitFor("EXPUNGE").text.contains("EXPUNGE"))
        #expect(try remains(of: installation).isEmpty)
        #expect(try report() == before)

        let fresh = try desk.appliance.imap(as: SampleDesk.agent1)
        for (mailbox, count) in [("Sent", 0), ("Drafts", 0), ("Private/Fruit", 0), ("Pools/Help", 1), ("New", 1)] {
            #expect(try fresh.subjects(in: mailbox).count == count, "\(mailbox)")
        }
        #expect(try fresh.run("SEARCH TEXT pineapple").texts.contains("* SEARCH"))
        let shown = try installation.stempel("case", "show", installation.configuration, "1").output
        #expect(shown.contains("status: closed") && shown.contains("assigned to Agent One"), "\(shown)")
        #expect(try run(installation, "show", "1").output.contains("erased"))
        #expect(try run(installation, "show", "jan@customer.example").status == 67)
        // Who writes again is somebody new, and stays after a restart.
        try SMTPDialogue.deliver(CustomerMail(subject: "Again"), at: desk.appliance)
        #expect(try desk.appliance.terminate() == .exited(0))
        let again = try installation.start()
        #expect(try again.imap(as: SampleDesk.agent1).subjects(in: "New").count == 2)
    }

    @Test func `a restored older database is erased again before anybody sees it`() throws {
        let (desk, _) = try answered()
        let installation = desk.appliance.installation
        let file = { (name: String) in installation.directory.file("data/\(name)") }
        #expect(try desk.appliance.terminate() == .exited(0))
        try FileManager.default.copyItem(atPath: file("stempel.sqlite"), toPath: file("backup"))
        // Without a server.
        let erased = try run(
            installation, "erase", "jan@customer.example", "--by", "admin@acme.example", "--and",
            "supervisor1@acme.example")
        #expect(erased.status == 0, "\(erased)")
        #expect(try remains(of: installation).isEmpty)

        try FileManager.default.removeItem(atPath: file("stempel.sqlite"))
        try FileManager.default.moveItem(atPath: file("backup"), toPath: file("stempel.sqlite"))
        #expect(try !remains(of: installation).isEmpty)
        let appliance = try installation.start()
        #expect(try remains(of: installation).isEmpty)
        let agent = try appliance.imap(as: SampleDesk.agent1)
        #expect(try agent.subjects(in: "Pools/Help").map(\.subject) == ["[#2] Somebody else"])
        #expect(try run(installation, "show", "1").output.contains("erased"))
    }
}
