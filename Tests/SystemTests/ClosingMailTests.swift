import TestKit
import Testing

/// Closing mails that do not leave, from mail clients' side: nobody gets a draft of them, and the case stays closed.
@Suite struct ClosingMailTests {
    /// An appliance with a case that somebody closed; its closing mail waits.
    private func closed(by agent: SampleDesk.Agent) throws -> (RunningAppliance, Relay, IMAPDialogue) {
        let relay = try Relay(modes: "accept")
        var options = TestInstallation.Options()
        (options.relayPort, options.publicListener) = (relay.port, "127.0.0.1:0")
        let appliance = try TestInstallation(
            desk: RatingTests.desk.replacing("undo: 0s", with: "undo: 1h"), options: options
        ).start()
        try SMTPDialogue.deliver(CustomerMail(subject: "Parcel"), at: appliance)
        let client = try appliance.imap(as: agent)
        let new = try #require(try client.subjects(in: "New").first)
        #expect(try client.run("UID MOVE \(new.uid) Closed").isOK)
        return (appliance, relay, client)
    }

    private static let subject = "[#1] Your case is closed"

    @Test func `dragged from To send to Drafts, it is gone, and the case is as closed as before`() throws {
        let (appliance, relay, agent) = try closed(by: SampleDesk.agent1)
        try agent.wait(for: "EXISTS", in: "To send") { $0.count == 1 }
        let waiting = try #require(try agent.subjects(in: "To send").first)
        let moved = try agent.run("UID MOVE \(waiting.uid) Drafts")
        #expect(moved.isOK && moved.texts.contains { $0.contains("[COPYUID ") }, "\(moved)")
        for mailbox in ["To send", "Drafts", "INBOX"] { #expect(try agent.subjects(in: mailbox).isEmpty, "\(mailbox)") }
        #expect(try agent.subjects(in: "Closed").map(\.subject) == ["[#1] Parcel"])
        let story = try appliance.installation.stempel("case", "show", appliance.installation.configuration, "1")
        #expect(story.output.contains("answer recalled"), "\(story)")
        #expect(relay.mails.isEmpty)
        withExtendedLifetime(appliance) {}
    }

    @Test(arguments: ["INBOX", "\"Team/Trainee One\""])
    func `a supervisor who takes it over, or sends it back, only keeps it from leaving`(place: String) throws {
        let (appliance, relay, trainee) = try closed(by: SampleDesk.trainee1)
        let supervisor = try appliance.imap(as: SampleDesk.supervisor1)
        try supervisor.wait(for: "EXISTS", in: "Approval") { $0.map(\.subject) == [Self.subject] }
        let waiting = try #require(try supervisor.subjects(in: "Approval").first)
        let moved = try supervisor.run("UID MOVE \(waiting.uid) \(place)")
        #expect(moved.isOK && moved.texts.contains { $0.contains("[COPYUID ") }, "\(moved)")
        for client in [supervisor, trainee] {
            for mailbox in ["Approval", "Drafts", "To send"] {
                #expect(try client.subjects(in: mailbox).isEmpty, "\(mailbox)")
            }
        }
        #expect(try trainee.subjects(in: "Closed").map(\.subject) == ["[#1] Parcel"])
        #expect(try trainee.subjects(in: "INBOX").map(\.subject) == ["Not told that the case is over: #1 Parcel"])
        #expect(relay.mails.isEmpty)
        withExtendedLifetime(appliance) {}
    }

    @Test func `of a case that a supervisor deletes it vanishes from every Approval, and does not leave`() throws {
        let (appliance, relay, trainee) = try closed(by: SampleDesk.trainee1)
        let supervisor = try appliance.imap(as: SampleDesk.supervisor1)
        try supervisor.wait(for: "EXISTS", in: "Approval") { $0.count == 1 }
        let other = try appliance.imap(as: SampleDesk.supervisor1)
        let shown = try #require(try other.subjects(in: "Pools/Help/Closed").first)
        #expect(try supervisor.run("SELECT Approval").isOK)
        let idling = try supervisor.idle()
        #expect(try other.run("UID MOVE \(shown.uid) Trash").isOK)
        _ = try supervisor.waitFor("EXPUNGE")
        #expect(try supervisor.done(idling).isOK)
        for client in [supervisor, trainee] { #expect(try client.subjects(in: "Approval").isEmpty) }
        #expect(try trainee.subjects(in: "Drafts").isEmpty)
        let story = try appliance.installation.stempel("case", "show", appliance.installation.configuration, "1")
        #expect(story.output.contains("customer not told that the case is over: it was deleted"), "\(story)")
        #expect(relay.mails.isEmpty)
        withExtendedLifetime(appliance) {}
    }
}
