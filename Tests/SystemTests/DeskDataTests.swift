import Foundation
import TestKit
import Testing

/// `stempel pool|agent|… list|show|add|set|rename|remove`, with a running server and without.
@Suite(.timeLimit(.minutes(3))) struct DeskDataTests {
    @Test func `every kind of part is listed and shown, as text and as JSON`() throws {
        let installation = try TestInstallation(desk: try Fixtures.example("desk.yaml"))
        for word in ["pool", "agent", "group", "department", "template", "rule", "folder", "calendar"] {
            let list = try installation.stempel(word, "list", installation.configuration)
            let name = try #require(list.output.split(whereSeparator: { "\t\n".contains($0) }).first.map(String.init))
            #expect(list.status == 0, "\(list)")
            let shown = try installation.stempel(word, "show", installation.configuration, name)
            #expect(shown.status == 0 && shown.output.contains(name), "\(shown)")
            for output in [
                try installation.stempel(word, "list", installation.configuration, "--json"),
                try installation.stempel(word, "show", installation.configuration, name, "--json"),
            ] {
                #expect(output.status == 0, "\(output)")
                let value = try JSONSerialization.jsonObject(with: Data(output.output.utf8))
                let object = try #require((value as? [[String: Any]])?.first ?? value as? [String: Any])
                #expect(object["name"] != nil || object["login"] != nil, "\(output)")
            }
        }
        let unknown = try installation.stempel("pool", "show", installation.configuration, "Hlep")
        #expect(unknown.status == 67)
        #expect(unknown.errors.contains("no pool is named \"Hlep\""), "\(unknown)")
    }

    @Test func `an edit counts at once in a running server`() throws {
        let installation = try TestInstallation()
        let server = try installation.start()
        let mx = try SMTPDialogue(port: server.smtp)
        try mx.begin()
        _ = try mx.say("MAIL FROM:<jan@customer.example>")
        #expect(try mx.say("RCPT TO:<sales@acme.example>").hasPrefix("550 5.1.1"))
        let added = try installation.stempel(
            "pool", "add", installation.configuration, "Sales", "addresses=[ sales@acme.example ]",
            "members.agent1@acme.example=2")
        #expect(added.output == "pool Sales was added\n", "\(added)")
        #expect(try mx.say("RCPT TO:<sales@acme.example>").hasPrefix("250"))
        let agent = try server.imap(as: SampleDesk.agent1)
        #expect(try agent.run("STATUS Pools/Sales (MESSAGES)").isOK)

        #expect(try installation.stempel("pool", "rename", installation.configuration, "sales", "Shop").status == 0)
        #expect(try server.imap(as: SampleDesk.agent1).run("STATUS Pools/Shop (MESSAGES)").isOK)

        let removed = try installation.stempel("pool", "remove", installation.configuration, "Shop")
        #expect(removed.status == 0, "\(removed)")
        #expect(try mx.say("RCPT TO:<sales@acme.example>").hasPrefix("550 5.1.1"))
        #expect(try server.terminate() == .exited(0))
    }

    /// What is added, what is changed of it, and what `show` says then.
    private static let parts: [(noun: String, name: String, made: [String], change: String, shown: String)] = [
        ("group", "night", ["members=[ agent1@acme.example ]"], "members+=agent2@acme.example", "agent2@acme.example"),
        ("department", "IT", ["addresses=[ it@dept.example ]"], "answerWithin=1d", "1d"),
        ("template", "bye", ["text=Bye"], "text=Farewell", "Farewell"),
        ("rule", "vip", ["when.from=*@vip.example", "then.tag=vip"], "then.tag=important", "important"),
        ("calendar", "nights", ["weekly={ mon-fri: \"22:00-23:00\" }"], "weekly.sat=10:00-12:00", "10:00-12:00"),
    ]

    @Test func `each kind of part is made, changed and removed in a running server`() throws {
        let installation = try TestInstallation()
        let server = try installation.start()
        for part in Self.parts {
            func command(_ verb: String, _ arguments: [String]) throws -> Completed {
                try Completed.run([TestInstallation.binary, part.noun, verb, installation.configuration] + arguments)
            }
            let added = try command("add", [part.name] + part.made)
            #expect(added.status == 0, "\(added)")
            let changed = try command("set", [part.name, part.change])
            #expect(changed.status == 0, "\(changed)")
            let shown = try command("show", [part.name, "--json"])
            #expect(shown.status == 0 && shown.output.contains(part.shown), "\(shown)")
        }
        #expect(try installation.stempel("folder", "add", installation.configuration, "Press").status == 0)
        let agent = try server.imap(as: SampleDesk.agent1)
        let names = try agent.run("LIST \"\" *").texts
        for name in ["Groups/night", "Departments/IT", "Folders/Press"] {
            #expect(names.contains { $0.hasSuffix("\"\(name)\"") }, "\(name)")
        }
        // The rule counts for the next mail.
        try SMTPDialogue.deliver(CustomerMail(from: "ann@vip.example", subject: "Hello"), from: "ann@vip.example", at: server)
        _ = try agent.run("SELECT New")
        #expect(try agent.run("SEARCH KEYWORD important").texts.contains("* SEARCH 1"))
        for part in Self.parts {
            let removed = try installation.stempel(part.noun, "remove", installation.configuration, part.name, "--json")
            #expect(removed.status == 0 && removed.output.contains("\"removed\" : true"), "\(removed)")
        }
        let left = try agent.run("LIST \"\" *").texts
        #expect(!left.contains { $0.contains("night") || $0.contains("Departments/IT") })
    }

    @Test func `an account is made with a password from standard input, and ends with its sessions`() throws {
        let installation = try TestInstallation()
        let refused = try installation.stempel(
            "agent", "add", installation.configuration, "new@acme.example", "name=New", "role=agent",
            "initialPassword=secret word")
        #expect(refused.status == 65)
        #expect(!refused.errors.contains("secret word"))
        let server = try installation.start()
        let added = try installation.stempel(
            "agent", "add", installation.configuration, "new@acme.example", "name=New", "role=agent", "initialPassword",
            input: "secret word\n")
        #expect(added.status == 0, "\(added)")
        let session = try IMAPDialogue(port: server.imap, login: "new@acme.example", password: "secret word")
        #expect(try !installation.stempel("desk", "export", installation.configuration).output.contains("secret"))
        _ = try session.run("SELECT INBOX")
        _ = try session.idle()
        #expect(try installation.stempel("agent", "remove", installation.configuration, "new@acme.example").status == 0)
        _ = try session.waitFor("* BYE")
        #expect(throws: WaitedInVain.self) {
            try IMAPDialogue(port: server.imap, login: "new@acme.example", password: "secret word")
        }
        let back = try installation.stempel(
            "agent", "set", installation.configuration, "new@acme.example", "active=true")
        #expect(back.status == 0, "\(back)")
        _ = try IMAPDialogue(port: server.imap, login: "new@acme.example", password: "secret word")
    }

    @Test func `a problem is named with its key and what would be right, and nothing changes`() throws {
        let installation = try TestInstallation()
        let before = try installation.stempel("desk", "export", installation.configuration).output
        let wrong = try installation.stempel(
            "pool", "set", installation.configuration, "Help", "supervisors+=superviser1@acme.example")
        #expect(wrong.status == 65)
        #expect(
            wrong.errors
                == "stempel: pool Help, supervisors[1]: no agent is named \"superviser1@acme.example\"; did you mean \"supervisor1@acme.example\"?\n",
            "\(wrong)")
        #expect(try installation.stempel("desk", "export", installation.configuration).output == before)
    }

    @Test func `edits at once lose none`() async throws {
        let installation = try TestInstallation()
        let server = try installation.start()
        try await withThrowingTaskGroup(of: Completed.self) { group in
            for number in 1...12 {
                group.addTask {
                    try installation.stempel("folder", "add", installation.configuration, "Folder \(number)")
                }
            }
            for try await done in group { #expect(done.status == 0, "\(done)") }
        }
        let list = try installation.stempel("folder", "list", installation.configuration)
        #expect(list.output.split(separator: "\n").count == 12, "\(list)")
        #expect(try server.terminate() == .exited(0))
    }
}
