import Glibc
import Testing
import TestKit

/// What agents see of each other's work, through real mail clients too.
@Suite struct AgentTests {
    @Test func `an idling agent hears of a delivery and of a colleague's move`() throws {
        let appliance = try TestInstallation().start()
        let idler = try appliance.imap(as: SampleDesk.agent2)
        #expect(try idler.run("SELECT Nowe").isOK)
        let tag = try idler.idle()
        try SMTPDialogue.deliver(CustomerMail(subject: "Parcel"), at: appliance)
        #expect(try idler.waitFor("EXISTS").text == "* 1 EXISTS")

        let colleague = try appliance.imap(as: SampleDesk.agent1)
        let uid = try #require(try colleague.subjects(in: "New").first?.uid)
        let moved = try colleague.run("UID MOVE \(uid) INBOX")
        #expect(moved.isOK)
        #expect(moved.description.contains("COPYUID"))
        #expect(try idler.waitFor("EXPUNGE").text == "* 1 EXPUNGE")
        #expect(try idler.done(tag).isOK)
        #expect(try colleague.subjects(in: "INBOX").map(\.subject) == ["[#1] Parcel"])
        #expect(try idler.subjects(in: "Team/Agent One").map(\.subject) == ["[#1] Parcel"])
    }

    @Test func `of two who take the same case, one gets it and the other is told who has it`() throws {
        let appliance = try TestInstallation().start()
        try SMTPDialogue.deliver(CustomerMail(subject: "Parcel"), at: appliance)
        let (first, second) = (try appliance.imap(as: SampleDesk.agent1), try appliance.imap(as: SampleDesk.agent2))
        let uid = try #require(try first.subjects(in: "New").first?.uid)
        let other = try #require(try second.subjects(in: "New").first?.uid)
        let tag = try second.start("NOOP")
        _ = try second.finish(tag)
        #expect(try first.run("UID MOVE \(uid) INBOX").isOK)
        let late = try second.run("UID MOVE \(other) INBOX")
        if !late.isOK { #expect(late.status.contains("Agent One"), "\(late)") }
        let owners = try first.subjects(in: "INBOX").count + second.subjects(in: "INBOX").count
        #expect(owners == 1)
    }

    @Test func `an agent sees nothing of a pool without membership`() throws {
        let appliance = try TestInstallation().start()
        try SMTPDialogue.deliver(CustomerMail(subject: "Secret"), to: ["complaints@acme.example"], at: appliance)
        let stranger = try appliance.imap(as: SampleDesk.agent1)
        for mailbox in ["INBOX", "New", "Next", "Pools/Complaints", "Pools/Help", "Team/Agent Two", "Closed", "Spam"] {
            #expect(try stranger.subjects(in: mailbox).isEmpty, "\(mailbox)")
        }
        let status = try stranger.run("STATUS Pools/Complaints (MESSAGES UIDNEXT UNSEEN)")
        #expect(status.description.contains("MESSAGES 0"), "\(status)")
        let member = try appliance.imap(as: SampleDesk.agent2)
        #expect(try member.subjects(in: "Pule/Complaints").map(\.subject) == ["[REK#1] Secret"])
    }

    @Test func `a case goes through its folders and back`() throws {
        let appliance = try TestInstallation().start()
        try SMTPDialogue.deliver(CustomerMail(subject: "Parcel"), at: appliance)
        let agent = try appliance.imap(as: SampleDesk.agent1)
        var folder = "New"
        for next in ["INBOX", "Waiting", "Done", "Closed", "INBOX", "Spam", "New", "Groups/returns", "INBOX", "Team/Agent Two"] {
            let uid = try #require(try agent.subjects(in: folder).first?.uid, "\(folder)")
            let moved = try agent.run("UID MOVE \(uid) \"\(next)\"")
            #expect(moved.isOK, "\(folder) to \(next): \(moved)")
            #expect(try agent.subjects(in: folder).isEmpty, "\(folder) keeps it")
            #expect(try agent.subjects(in: next).map(\.subject) == ["[#1] Parcel"], "\(next)")
            folder = next
        }
    }

    @Test func `imaplib walks through the mailboxes`() throws {
        let appliance = try TestInstallation().start()
        for number in 1...3 { try SMTPDialogue.deliver(CustomerMail(subject: "Number \(number)"), at: appliance) }
        let walked = try Completed.run([
            "python3", Fixtures.path("imaplib_walk.py"), String(appliance.imap), String(appliance.imaps),
            SampleDesk.agent1.login, SampleDesk.agent1.password,
        ])
        #expect(walked.status == 0, "\(walked)")
    }

    @Test func `curl reads and files mail over IMAPS`() throws {
        let appliance = try TestInstallation().start()
        try SMTPDialogue.deliver(CustomerMail(subject: "For curl"), at: appliance)
        let user = "\(SampleDesk.agent1.login):\(SampleDesk.agent1.password)"
        let url = "imaps://127.0.0.1:\(appliance.imaps)"
        let common = ["curl", "--silent", "--show-error", "--insecure", "--user", user]
        let listed = try Completed.run(common + [url])
        #expect(listed.output.contains("INBOX"), "\(listed)")
        let fetched = try Completed.run(common + ["\(url)/New;UID=1"])
        #expect(fetched.output.contains("Subject: [#1] For curl"), "\(fetched)")
        let directory = TemporaryDirectory()
        directory.write("Subject: Mine\r\n\r\nA note to myself.\r\n", to: "mine.eml")
        #expect(try Completed.run(common + ["--request", "CREATE Private/Notes", url]).status == 0)
        let filed = try Completed.run(common + ["--upload-file", directory.file("mine.eml"), "\(url)/Private/Notes"])
        #expect(filed.status == 0, "\(filed)")
        let found = try Completed.run(common + ["--request", "SEARCH SUBJECT Mine", "\(url)/Private/Notes"])
        #expect(found.output.contains("* SEARCH 1"), "\(found)")
    }

    @Test func `mbsync mirrors all folders, and a case moved on its side is taken`() throws {
        let appliance = try TestInstallation().start()
        for number in 1...20 { try SMTPDialogue.deliver(CustomerMail(subject: "Number \(number)"), at: appliance) }
        let directory = TemporaryDirectory()
        mkdir(directory.file("mail"), 0o700)
        directory.write(
            """
            IMAPAccount desk
            Host 127.0.0.1
            Port \(appliance.imaps)
            User \(SampleDesk.agent1.login)
            Pass "\(SampleDesk.agent1.password)"
            SSLType IMAPS
            CertificateFile \(appliance.installation.directory.file("mx.pem"))

            IMAPStore far
            Account desk

            MaildirStore near
            Path \(directory.path)/mail/
            Inbox \(directory.path)/mail/INBOX
            SubFolders Verbatim

            Channel desk
            Far :far:
            Near :near:
            Patterns INBOX New Waiting Done Closed
            Create Near
            Expunge Both
            Sync All
            SyncState *

            """, to: "mbsyncrc")
        let synced = try Completed.run(["mbsync", "--config", directory.file("mbsyncrc"), "--all"])
        #expect(synced.status == 0, "\(synced)")
        let listed = try Completed.run(["ls", directory.file("mail/New/new"), directory.file("mail/New/cur")])
        #expect(listed.output.split(separator: "\n").filter { $0.contains(",U=") }.count == 20, "\(listed)")
        let again = try Completed.run(["mbsync", "--config", directory.file("mbsyncrc"), "--all"])
        #expect(again.status == 0, "\(again)")
        #expect(try appliance.imap(as: SampleDesk.agent1).subjects(in: "New").count == 20)
    }
}
