import Foundation
import TestKit
import Testing

/// `stempel report`, with a running server and without.
@Suite(.timeLimit(.minutes(5))) struct ReportTests {
    private let period = ["--from", "2020-01-01", "--to", "2099-12-31"]

    @Test func `a report counts what happened, divides it, and is the same without a server`() throws {
        let installation = try TestInstallation()
        let appliance = try installation.start()
        for number in 1...4 {
            try SMTPDialogue.deliver(
                CustomerMail(subject: "Mail \(number)", id: "<m\(number)@customer.example>"), at: appliance)
        }
        for words in [
            ["assign", installation.configuration, "1", "agent1@acme.example", "--as", "agent1@acme.example"],
            ["status", installation.configuration, "1", "closed", "--as", "agent1@acme.example"],
            ["status", installation.configuration, "2", "spam", "--as", "agent1@acme.example"],
        ] {
            let done = try Completed.run([TestInstallation.binary, "case"] + words)
            #expect(done.status == 0, "\(done)")
        }
        func report(_ arguments: String...) throws -> Completed {
            try Completed.run(
                [TestInstallation.binary, "report", installation.configuration] + period + arguments)
        }
        let csv = try report("--csv", "--by", "agent")
        #expect(csv.status == 0, "\(csv)")
        let lines = csv.output.split(whereSeparator: \.isNewline)
        #expect(lines.first?.hasPrefix("agent,received,closed,closed_in_time,") == true)
        #expect(lines.contains { $0.hasPrefix("agent1@acme.example,0,1,1,0,0,0,") })
        #expect(lines.contains { $0.hasPrefix("nobody,3,0,") })
        #expect(lines.last?.hasPrefix("total,3,1,1,0,0,0,") == true)
        let text = try report("--by", "pool")
        #expect(text.output.contains("Received by weekday: "))
        let json = try report("--json")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        #expect((object["total"] as? [String: Any])?["received"] as? Int == 3)
        #expect((object["receivedByHour"] as? [Int])?.reduce(0, +) == 3)
        // The customer writes again: a reply to the closed case.
        try SMTPDialogue.deliver(
            CustomerMail(
                subject: "Re: Mail 1", id: "<r1@customer.example>", inReplyTo: "<m1@customer.example>"),
            at: appliance)
        let again = try report("--csv")
        #expect(again.output.contains("total,4,1,1,0,0,0,0,0,1,1,100.0,"), "\(again.output)")
        #expect(try appliance.terminate() == .exited(0))
        #expect(try report("--csv").output == again.output)
    }

    @Test func `what is wrong with the question is said, and every figure is explained`() throws {
        let installation = try TestInstallation()
        let explained = try installation.stempel("report", installation.configuration, "--explain")
        for word in ["received: ", "closed: ", "in time: ", "consulted: ", "replies: ", "first answer: ", "left out: "] {
            #expect(explained.output.contains(word))
        }
        let questions: [(words: [String], status: Int32)] = [
            (["--from", "2026-02-30", "--to", "2026-03-01"], 65), (["--from", "2026-03-02", "--to", "2026-03-01"], 65),
            (["--from", "2026-03-02"], 64), (period + ["--by", "weather"], 64), (period + ["--csv", "--json"], 64),
        ]
        for question in questions {
            let done = try Completed.run(
                [TestInstallation.binary, "report", installation.configuration] + question.words)
            #expect(done.status == question.status, "\(done)")
        }
    }

    @Test func `the board counts what is in hand`() throws {
        let installation = try TestInstallation()
        let appliance = try installation.start()
        for number in 1...4 {
            try SMTPDialogue.deliver(
                CustomerMail(subject: "Mail \(number)", id: "<m\(number)@customer.example>"), at: appliance)
        }
        for words in [
            ["assign", installation.configuration, "1", "agent1@acme.example", "--as", "agent1@acme.example"],
            ["status", installation.configuration, "2", "closed", "--as", "agent1@acme.example"],
        ] {
            let done = try Completed.run([TestInstallation.binary, "case"] + words)
            #expect(done.status == 0, "\(done)")
        }
        let json = try installation.stempel("board", installation.configuration, "--json")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        let statuses = try #require(object["statuses"] as? [[String: Any]])
        #expect(statuses.first { $0["name"] as? String == "new" }?["cases"] as? Int == 2)
        #expect(statuses.first { $0["name"] as? String == "assigned" }?["cases"] as? Int == 1)
        let agents = try #require(object["agents"] as? [[String: Any]])
        #expect(agents.first { $0["name"] as? String == "agent1@acme.example" }?["cases"] as? Int == 1)
        #expect(agents.first { $0["name"] as? String == "nobody" }?["cases"] as? Int == 2)
        // Not a terminal: it is printed once.
        let text = try installation.stempel("board", installation.configuration)
        #expect(text.status == 0 && text.output.contains("agent1@acme.example"), "\(text)")
    }
}
