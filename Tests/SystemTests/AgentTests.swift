import Glibc
import Testing
import TestKit

/// What agents see of each other's work.
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
}
