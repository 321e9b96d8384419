import Foundation
import TestKit
import Testing

/// `stempel case` and `stempel why`, with a running server and without.
@Suite(.timeLimit(.minutes(5))) struct CaseCommandTests {
    private func installation() throws -> (TestInstallation, RunningAppliance) {
        let installation = try TestInstallation()
        let admin = try installation.stempel(
            "agent", "add", installation.configuration, "admin@acme.example", "name=Admin", "role=admin")
        #expect(admin.status == 0, "\(admin)")
        return (installation, try installation.start())
    }

    private func deliver(_ count: Int, to appliance: RunningAppliance) throws {
        for number in 1...count {
            try SMTPDialogue.deliver(
                CustomerMail(subject: "Mail \(number)", id: "<m\(number)@customer.example>"), at: appliance)
        }
    }

    @Test func `cases are listed by filters, page by page`() throws {
        let (installation, appliance) = try installation()
        try deliver(5, to: appliance)
        func list(_ arguments: String...) throws -> [String] {
            let done = try Completed.run(
                [TestInstallation.binary, "case", "list", installation.configuration] + arguments)
            #expect(done.status == 0, "\(done)")
            return done.output.split(separator: "\n").map { String($0.prefix { $0 != "\t" }) }
        }
        #expect(try list() == ["#1", "#2", "#3", "#4", "#5"])
        #expect(try list("--limit", "2", "--after", "2") == ["#3", "#4"])
        let assigned = try installation.stempel(
            "case", "assign", installation.configuration, "2", "agent1@acme.example")
        #expect(assigned.output == "#2\tassigned\tHelp\tagent1@acme.example\tMail 2\n", "\(assigned)")
        #expect(try list("--assignee", "agent1@acme.example") == ["#2"])
        #expect(try list("--unassigned", "--status", "new") == ["#1", "#3", "#4", "#5"])
        #expect(
            try installation.stempel("case", "tag", installation.configuration, "#3", "Refund", "big one").status == 0)
        #expect(try list("--tag", "refund") == ["#3"])
        #expect(try list("--tag", "big one", "--pool", "help") == ["#3"])
        #expect(try installation.stempel("case", "untag", installation.configuration, "3", "REFUND").status == 0)
        #expect(try list("--tag", "refund").isEmpty)
        #expect(try list("--customer", "jan@customer.example").count == 5)
        #expect(try list("--overdue").isEmpty)
        let json = try installation.stempel("case", "list", installation.configuration, "--json", "--limit", "1")
        let first = try #require(
            (try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]])?.first)
        #expect(first["number"] as? Int == 1 && first["status"] as? String == "new")
        #expect(try installation.stempel("case", "list", installation.configuration, "--pool", "Nothing").status == 67)
    }

    @Test func `a decision is seen by the sessions at once, and the events say who made it`() throws {
        let (installation, appliance) = try installation()
        try deliver(3, to: appliance)
        let agent = try appliance.imap(as: SampleDesk.agent1)
        _ = try agent.run("SELECT INBOX")
        _ = try agent.idle()
        #expect(
            try installation.stempel("case", "assign", installation.configuration, "1", "agent1@acme.example").status
                == 0)
        #expect(try agent.waitFor("EXISTS").text == "* 1 EXISTS")
        for (arguments, line) in [
            (["status", "waiting"], "#1\twaiting\tHelp\tagent1@acme.example\tMail 1\n"),
            (["priority", "high"], "#1\twaiting\tHelp\tagent1@acme.example\tMail 1\thigh\n"),
            (["source", "phone"], "#1\twaiting\tHelp\tagent1@acme.example\tMail 1\thigh\n"),
            (["pool", "Complaints"], "#1\tnew\tComplaints\t-\tMail 1\thigh\n"),
            (["status", "new"], "#1\tnew\tComplaints\t-\tMail 1\thigh\n"),
        ] {
            let done = try Completed.run(
                [TestInstallation.binary, "case", arguments[0], installation.configuration, "1"] + arguments.dropFirst()
                    + ["--as", "supervisor1@acme.example"])
            #expect(done.status == 0 && done.output == line, "\(done)")
        }
        let tagged = try installation.stempel("case", "tag", installation.configuration, "1", "vip", "--json")
        let record = try JSONSerialization.jsonObject(with: Data(tagged.output.utf8)) as? [String: Any]
        #expect(record?["tags"] as? [String] == ["vip"] && record?["status"] as? String == "new", "\(tagged)")
        let events = try installation.stempel("case", "events", installation.configuration, "1").output
        #expect(events.contains("assigned to Agent One, by admin@acme.example"), "\(events)")
        #expect(events.contains("pool Help -> Complaints, by supervisor1@acme.example"), "\(events)")
        #expect(events.contains("status assigned -> waiting, by supervisor1@acme.example"), "\(events)")
        let refused = try installation.stempel(
            "case", "status", installation.configuration, "1", "done", "--as", "agent1@acme.example")
        #expect(refused.status == 65 && refused.errors.contains("not a member"), "\(refused)")
        #expect(try installation.stempel("case", "show", installation.configuration, "99").status == 67)
    }

    @Test func `cases are linked, joined, parted and split`() throws {
        let (installation, appliance) = try installation()
        try deliver(3, to: appliance)
        func run(_ arguments: String...) throws -> Completed {
            try Completed.run(
                [TestInstallation.binary, "case", arguments[0], installation.configuration] + arguments.dropFirst())
        }
        #expect(try run("link", "1", "3").status == 0)
        let merged = try run("merge", "2", "1")
        #expect(merged.status == 0, "\(merged)")
        let shown = try run("show", "1").output
        #expect(shown.contains("linked with: #2 #3"), "\(shown)")
        #expect(shown.contains("took in #2"), "\(shown)")
        #expect(try run("show", "2").output.contains("went into: #1"))
        #expect(try run("unmerge", "2").status == 0)
        #expect(try run("show", "2").output.contains("status: new"))

        let reply = CustomerMail(subject: "Re: [#1] Mail 1", inReplyTo: "<m1@customer.example>")
        try SMTPDialogue.deliver(reply, at: appliance)
        let json = try run("show", "1", "--json").output
        let record = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        let messages = try #require(record["messages"] as? [[String: Any]])
            .filter { $0["kind"] as? String == "inbound" }.compactMap { $0["message"] as? Int }
        #expect(messages.count == 2)
        let split = try run("split", "1", "\(messages[1])")
        #expect(split.output.hasPrefix("#4\t"), "\(split)")
        let parted = try run("show", "4").output
        #expect(parted.contains("Re: [#4]"), "\(parted)")
    }

    // MARK: - The story of a mail

    @Test func `why tells a mail's story from the connection to the answer`() throws {
        let desk = try OpenCase()
        let configuration = desk.appliance.installation.configuration
        let agent = try desk.appliance.imap(as: SampleDesk.agent1)
        let new = try #require(try agent.subjects(in: "New").first)
        #expect(try agent.run("UID MOVE \(new.uid) INBOX").isOK)
        _ = try agent.run("SELECT INBOX")
        #expect(try agent.run("FETCH 1 BODY[TEXT]").isOK)
        #expect(try desk.submit(desk.text()).hasPrefix("250"))
        _ = try desk.relay.mails(atLeast: 1)
        let isSettled = desk.appliance.process.errors.wait {
            $0.contains { $0.contains("delivery attempted") } ? true : nil
        }
        #expect(isSettled == true)
        let story = try desk.appliance.installation.stempel("why", configuration, "<first@customer.example>").output
        for words in [
            "accepted from 127.0.0.1 (HELO ", "<jan@customer.example> to <help@acme.example>", " octets",
            "#1 case opened",
            "assigned to Agent One, by agent1@acme.example", "to jan@customer.example delivered",
            "status assigned -> waiting",
            "lies in: ", "waiting of agent1@acme.example", "Pools/Help", "Pools/Help/Waiting", "read by: agent1@acme.example",
        ] {
            #expect(story.contains(words), "\(words) is not in \(story)")
        }
        let steps = story.split(separator: "\n")
        #expect(steps.first?.contains("accepted from") == true, "\(story)")
        let byCase = try desk.appliance.installation.stempel("why", configuration, "#1", "--json")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(byCase.output.utf8)) as? [String: Any])
        #expect(
            (object["steps"] as? [[String: Any]])?.contains { $0["kind"] as? String == "delivery" } == true, "\(byCase)"
        )
        // The answer by the name that the agent's client gave it, without a server.
        #expect(try desk.appliance.terminate() == .exited(0))
        let sent = try desk.appliance.installation.stempel("why", configuration, "answer-1@laptop.example")
        #expect(sent.output.contains("to jan@customer.example delivered"), "\(sent)")
        let unknown = try desk.appliance.installation.stempel("why", configuration, "<nobody@nowhere.example>")
        #expect(unknown.status == 67, "\(unknown)")
    }

    @Test func `why tells of mail that was refused, and of the same mail twice`() throws {
        let desk =
            SampleDesk.text + """
                rules:
                  - name: programs
                    when: { subject: "program" }
                    then: { reject: "We take no programs" }

                """
        let installation = try TestInstallation(desk: desk)
        let appliance = try installation.start()
        let customer = try SMTPDialogue(port: appliance.smtp)
        try customer.begin()
        let refused = try customer.mail(
            from: "jan@customer.example", to: ["help@acme.example"],
            CustomerMail(subject: "A program", id: "<refused@customer.example>").octets)
        #expect(refused.hasPrefix("550"))
        let story = try installation.stempel("why", installation.configuration, "<refused@customer.example>").output
        #expect(story.contains("refused from 127.0.0.1"), "\(story)")
        #expect(story.contains("We take no programs"), "\(story)")

        let twice = CustomerMail(subject: "Twice", id: "<twice@customer.example>")
        for _ in 0..<2 {
            #expect(
                try customer.mail(from: "jan@customer.example", to: ["help@acme.example"], twice.octets).hasPrefix(
                    "250"))
        }
        let again = try installation.stempel("why", installation.configuration, "<twice@customer.example>").output
        #expect(again.contains("accepted again from"), "\(again)")
        #expect(again.contains("the same mail again"), "\(again)")
    }

    @Test func `why tells who was refused before a Message-ID was seen, and which mail of an agent was not taken`() throws {
        let desk = try OpenCase()
        let (appliance, installation) = (desk.appliance, desk.appliance.installation)
        func why(_ what: String, until words: String) throws -> String {
            // It is written down behind the reply.
            var told = ""
            for _ in 0..<100 where !told.contains(words) {
                told = try installation.stempel("why", installation.configuration, what).output
            }
            return told
        }
        let stranger = try SMTPDialogue(port: appliance.smtp)
        try stranger.begin()
        #expect(try stranger.say("MAIL FROM:<Spy@elsewhere.example>").hasPrefix("250"))
        #expect(try stranger.say("RCPT TO:<nobody@acme.example>").hasPrefix("550"))
        let refused = try why("spy@elsewhere.example", until: "refused")
        #expect(refused.contains("<Spy@elsewhere.example> to <nobody@acme.example>"), "\(refused)")
        #expect(refused.contains("550 5.1.1"), "\(refused)")
        #expect(refused.contains(", in the clear, session "), "\(refused)")
        #expect(try why("nobody@acme.example", until: "refused") == refused)
        #expect(try stranger.say("RSET").hasPrefix("250"))
        #expect(try stranger.say("MAIL FROM:<large@elsewhere.example> SIZE=9999999999").hasPrefix("552"))
        let large = try why("large@elsewhere.example", until: "refused")
        #expect(large.contains("<large@elsewhere.example> to nobody yet: 552 5.3.4"), "\(large)")

        let foreign = desk.text(from: "Boss <boss@elsewhere.example>", id: "foreign")
        #expect(try desk.submit(foreign).hasPrefix("550"))
        let story = try why("<foreign@laptop.example>", until: "refused")
        #expect(story.contains("refused from 127.0.0.1") && story.contains("by agent1@acme.example"), "\(story)")

        // Accepted, explained in INBOX, and among the drafts again.
        #expect(try desk.submit(desk.text(id: "wrong", body: "#clsoe\n\nHello\n")).hasPrefix("250"))
        let explained = try why("wrong@laptop.example", until: "accepted")
        #expect(explained.contains("drafts of agent1@acme.example"), "\(explained)")
    }
}
