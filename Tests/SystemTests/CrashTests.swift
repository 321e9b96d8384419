import Glibc
import Testing
import TestKit

/// SIGKILL at any moment: what was acknowledged is there once, what was not can be sent again.
@Suite(.serialized) struct CrashTests {
    /// Small mails lie in memory until their transaction, large ones are staged in pieces before it.
    @Test(arguments: [(2000, 6), (150_000, 4)])
    func `every acknowledged mail survives SIGKILL under load, exactly once, with a number of its own`(
        bodyLength: Int, rounds: Int
    ) throws {
        let installation = try TestInstallation()
        var generator = SystemRandomNumberGenerator()
        var written: [CustomerMail] = []
        var moments: [Int] = []
        for round in 0..<rounds {
            let appliance = try installation.start()
            let load = Load(port: appliance.smtp, sessions: 8, prefix: "round-\(round)", bodyLength: bodyLength)
            moments.append(Int.random(in: 1...(bodyLength > 65536 ? 40 : 250), using: &generator))
            try load.waitForReplies(moments[round])
            try appliance.kill()
            try load.finish()
            written += load.acknowledged

            // A sender that got no answer tries again, as SMTP asks of it.
            let again = try installation.start()
            for mail in load.unacknowledged { try SMTPDialogue.deliver(mail, at: again) }
            written += load.unacknowledged
            try again.kill()
        }
        let appliance = try installation.start()
        let agent = try appliance.imap(as: SampleDesk.agent1)
        let found = try agent.subjects(in: "New").map(\.subject)
        let seed = "killed after \(moments) mails"
        #expect(found.count == written.count, "\(seed)")
        let words = found.map { $0.split(separator: " ") }
        #expect(Set(words.compactMap(\.last).map(String.init)) == Set(written.map(\.subject)), "\(seed)")
        #expect(Set(words.compactMap(\.first)).count == found.count, "numbers are unique; \(seed)")
        for folder in ["INBOX", "Waiting", "Done", "Closed", "Spam"] {
            #expect(try agent.subjects(in: folder).isEmpty, "\(folder); \(seed)")
        }
        #expect(try agent.subjects(in: "Pools/Help").count == written.count, "\(seed)")
        #expect(try appliance.terminate() == .exited(0))
    }

    @Test func `an acknowledged answer is sent although the server is killed right after`() throws {
        let relay = try Relay()
        var options = TestInstallation.Options()
        options.relayPort = relay.port
        let installation = try TestInstallation(options: options)
        var appliance = try installation.start()
        for round in 1...4 {
            let session = try SMTPDialogue(port: appliance.submission)
            try session.begin(startTLS: true, login: SampleDesk.agent1.login, password: SampleDesk.agent1.password)
            let text = """
                From: agent1@acme.example
                To: jan@customer.example
                Subject: News \(round)
                Message-ID: <news-\(round)@laptop.example>

                Hello.

                """
            let reply = try session.mail(from: "agent1@acme.example", to: ["jan@customer.example"], text: text)
            #expect(reply.hasPrefix("250"), "\(reply)")
            try appliance.kill()
            appliance = try installation.start()
        }
        let mails = try relay.differentMails(atLeast: 4)
        let subjects = mails.compactMap { $0.field("Subject") }
        for round in 1...4 { #expect(subjects.contains { $0.hasSuffix("News \(round)") }, "\(subjects)") }
        // Killed between the relay's 250 and the note of it, a mail goes twice; SMTP has no remedy, but the same
        // Message-ID lets the receiver see it.
        #expect(Set(mails.compactMap { $0.field("Message-ID") }).count == 4)
    }

    @Test func `a database put back from a copy is noticed: new UIDVALIDITY, and no number given twice`() throws {
        let installation = try TestInstallation()
        let data = { (name: String) in installation.directory.file("data/" + name) }
        let validity = { (appliance: RunningAppliance) in
            let status = try appliance.imap(as: SampleDesk.agent1).run("STATUS New (UIDVALIDITY)").description
            return IMAPDialogue.number(after: "UIDVALIDITY ", in: status) ?? 0
        }
        let first = try installation.start()
        try SMTPDialogue.deliver(CustomerMail(subject: "Before"), at: first)
        let before = try validity(first)
        #expect(try first.terminate() == .exited(0))
        let copied = try Completed.run(["sqlite3", data("stempel.sqlite"), ".backup \(data("copy"))"])
        #expect(copied.status == 0, "\(copied)")

        let second = try installation.start()
        #expect(try validity(second) == before)
        try SMTPDialogue.deliver(CustomerMail(subject: "Lost"), at: second)
        #expect(try second.terminate() == .exited(0))
        for suffix in ["", "-wal", "-shm"] { unlink(data("stempel.sqlite\(suffix)")) }
        #expect(rename(data("copy"), data("stempel.sqlite")) == 0)

        let third = try installation.start()
        #expect(try validity(third) > before)
        try SMTPDialogue.deliver(CustomerMail(subject: "After"), at: third)
        let subjects = try third.imap(as: SampleDesk.agent1).subjects(in: "New").map(\.subject)
        #expect(subjects == ["[#1] Before", "[#1002] After"])
    }
}
