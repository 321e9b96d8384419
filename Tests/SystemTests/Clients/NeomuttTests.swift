import Foundation
import Glibc
import TestKit
import Testing

/// neomutt on a terminal nobody sees, driven by the keys of its macros.
@Suite struct NeomuttTests {
    /// What neomutt keeps of a mailbox from run to run, and how it asks what has changed.
    enum Memory: String, CaseIterable, Sendable { case none, cache, condstore, qresync, switchedOff }

    /// A neomutt with settings and caches of its own.
    private struct Neomutt {
        let directory = TemporaryDirectory()

        init(_ appliance: RunningAppliance, _ agent: SampleDesk.Agent, memory: Memory = .cache) {
            for name in ["headers", "bodies"] { mkdir(directory.file(name), 0o700) }
            let settings: [Memory: String] = [
                .none: "", .cache: cache, .condstore: cache + "set imap_condstore=yes",
                .qresync: cache + "set imap_condstore=yes imap_qresync=yes",
                .switchedOff: cache + "set imap_condstore=yes imap_qresync=yes",
            ]
            directory.write("#!/bin/sh\nprintf 'It left at noon.\\n' >> \"$1\"\n", to: "editor")
            chmod(directory.file("editor"), 0o700)
            directory.write(
                """
                set folder="imaps://127.0.0.1:\(appliance.imaps)/"
                set imap_user="\(agent.login)" imap_pass="\(agent.password)" imap_check_subscribed=yes
                set smtp_url="smtps://\(agent.login)@127.0.0.1:\(appliance.submissions)/" smtp_pass="\(agent.password)"
                set certificate_file="\(appliance.installation.directory.file("mx.pem"))" ssl_verify_host=no
                set from="\(agent.login)" realname="An agent" record="=Sent" postponed="=Drafts"
                set editor="\(directory.file("editor"))" fast_reply=yes include=yes
                set wait_key=no confirm_append=no delete=yes quit=yes mark_old=no pipe_split=yes sleep_time=0
                set debug_level=3 debug_file="\(directory.file("debug"))"
                \(settings[memory, default: ""])

                """, to: "neomuttrc")
        }

        private var cache: String {
            "set header_cache=\"\(directory.file("headers"))\" message_cachedir=\"\(directory.file("bodies"))\"\n"
        }

        /// Opens a mailbox, types keys, and ends.
        func type(_ keys: String, in mailbox: String) throws {
            let ended = try Completed.run(
                [
                    "python3", Fixtures.path("terminal.py"), "neomutt", "-n", "-F", directory.file("neomuttrc"), "-f",
                    "=\(mailbox)", "-e", "push '\(keys)<quit>'",
                ], environment: ["HOME": directory.path, "TERM": "vt100", "LC_ALL": "C.UTF-8"], directory: directory.path)
            #expect(ended.status == 0, "\(keys): \(ended)")
        }

        /// The subjects of the messages that a pattern matches.
        func subjects(of pattern: String, in mailbox: String) throws -> [String] {
            let output = directory.file("messages")
            unlink(output)
            // Without a match neomutt tags nothing, and a prefix without tagged messages ends the macro.
            try type("<tag-pattern>\(pattern)<enter><tag-prefix-cond><pipe-message>tee -a \(output)<enter><end-cond>", in: mailbox)
            let text = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
            return text.split(separator: "\n").filter { $0.hasPrefix("Subject: ") }.map { String($0.dropFirst(9)) }
        }

        /// What it sent to the server in its last run.
        var sent: String { directory.read("debug0") }
    }

    @Test(arguments: Memory.allCases)
    func `the list is true from run to run while the mailbox changes`(memory: Memory) throws {
        let without = memory == .switchedOff ? " imapWithout: [ QRESYNC, CONDSTORE ]," : ""
        let line = "name: Agent One, role: agent,"
        let appliance = try TestInstallation(desk: SampleDesk.text.replacing(line, with: line + without)).start()
        let agent = try appliance.imap(as: SampleDesk.agent1)
        let colleague = try appliance.imap(as: SampleDesk.agent2)
        for number in 1...4 { try SMTPDialogue.deliver(CustomerMail(subject: "Parcel-\(number)"), at: appliance) }
        let neomutt = Neomutt(appliance, SampleDesk.agent1, memory: memory)
        let first = try neomutt.subjects(of: "~A", in: "New")
        #expect(first == (1...4).map { "[#\($0)] Parcel-\($0)" })

        try SMTPDialogue.deliver(CustomerMail(subject: "Parcel-5"), at: appliance)
        #expect(try colleague.run("SELECT New").isOK)
        #expect(try colleague.run("UID MOVE 2 INBOX").isOK)
        #expect(try agent.run("SELECT New").isOK)
        #expect(try agent.run("UID STORE 3 +FLAGS (\\Flagged)").isOK)
        let second = try neomutt.subjects(of: "~A", in: "New")
        #expect(second == [1, 3, 4, 5].map { "[#\($0)] Parcel-\($0)" })
        #expect(neomutt.sent.contains("CHANGEDSINCE") == [.condstore, .qresync].contains(memory))
        #expect(neomutt.sent.contains(" VANISHED)") == (memory == .qresync))
        let flagged = try neomutt.subjects(of: "~F", in: "New")
        #expect(flagged == ["[#3] Parcel-3"])

        #expect(try agent.run("UID STORE 3 -FLAGS (\\Flagged)").isOK)
        #expect(try agent.run("UID MOVE 1,5 Done").isOK)
        #expect(try neomutt.subjects(of: "~F", in: "New") == [])
        #expect(try neomutt.subjects(of: "~A", in: "New") == ["[#3] Parcel-3", "[#4] Parcel-4"])

        // Its own changes: a flag, and what it calls saving, which is COPY, \Deleted and CLOSE.
        try neomutt.type("<tag-pattern>~s Parcel-4<enter><tag-prefix><save-message>=INBOX<enter>", in: "New")
        try neomutt.type("<limit>~s Parcel-3<enter><flag-message>", in: "New")
        #expect(try agent.subjects(in: "INBOX").map(\.subject) == ["[#4] Parcel-4"])
        #expect(try agent.flagLetters(in: "New") == [3: "F"])
        #expect(try neomutt.subjects(of: "~A", in: "New") == ["[#3] Parcel-3"])
    }

    @Test func `a case is found by its text and answered through the submission port`() throws {
        let desk = try OpenCase()
        try SMTPDialogue.deliver(CustomerMail(subject: "Other", body: "Zażółć gęślą jaźń.\n"), at: desk.appliance)
        let agent = try desk.appliance.imap(as: SampleDesk.agent1)
        let neomutt = Neomutt(desk.appliance, SampleDesk.agent1)
        // =b is a search at the server.
        #expect(try neomutt.subjects(of: "=b gęślą", in: "New") == ["[#2] Other"])
        #expect(neomutt.sent.contains("UID SEARCH"))

        try neomutt.type("<limit>~s Parcel<enter><reply><send-message>", in: "New")
        let mail = try #require(try desk.relay.mails(atLeast: 1).first)
        #expect(mail.recipients == ["jan@customer.example"])
        #expect(mail.field("From") == "ACME Help <help@acme.example>")
        #expect(mail.field("Subject") == "Re: [#1] Parcel")
        #expect(mail.field("In-Reply-To") == "<first@customer.example>")
        #expect(mail.content.contains("> Where is my parcel?") && mail.content.contains("It left at noon."))
        #expect(try agent.subjects(in: "Waiting").map(\.subject) == ["[#1] Parcel", "Re: [#1] Parcel"])
        #expect(try agent.subjects(in: "Sent").map(\.subject) == ["Re: [#1] Parcel"])
    }

    @Test func `what is deleted goes with the right and stays without it`() throws {
        let appliance = try TestInstallation().start()
        try SMTPDialogue.deliver(CustomerMail(subject: "Parcel"), at: appliance)
        let agent = try appliance.imap(as: SampleDesk.agent1)
        try Neomutt(appliance, SampleDesk.agent1).type("<delete-message>", in: "New")
        #expect(try agent.flagLetters(in: "New") == [1: ""])
        try Neomutt(appliance, SampleDesk.supervisor1).type("<delete-message>", in: "New")
        #expect(try agent.subjects(in: "New").isEmpty)
    }
}
