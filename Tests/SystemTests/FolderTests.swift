import TestKit
import Testing

/// Folders of the company, made from a mail client in a running appliance.
@Suite struct FolderTests {
    private static let desk = SampleDesk.text.replacing("rights: [ delete ]", with: "rights: [ delete, folders ]")

    @Test func `a folder made over IMAP is in the desk, in every session and after a restart`() throws {
        let installation = try TestInstallation(desk: Self.desk)
        let appliance = try installation.start()
        try SMTPDialogue.deliver(CustomerMail(subject: "Parcel"), at: appliance)
        let supervisor = try appliance.imap(as: SampleDesk.supervisor1)
        let agent = try appliance.imap(as: SampleDesk.agent1)
        #expect(try supervisor.run("CREATE Folders/Suppliers").isOK)
        #expect(try agent.run("LSUB \"\" Folders/*").texts.contains { $0.hasSuffix("\"Folders/Suppliers\"") })
        let uid = try #require(try agent.subjects(in: "New").first?.uid)
        #expect(try agent.run("UID MOVE \(uid) Folders/Suppliers").isOK)
        let refused = try supervisor.run("RENAME Folders/Suppliers Trash/Suppliers")
        #expect(refused.status.contains("NO [INUSE]"), "\(refused)")
        #expect(try supervisor.run("RENAME Folders/Suppliers Folders/Partners").isOK)
        #expect(try agent.subjects(in: "Folders/Partners").map(\.subject) == ["[#1] Parcel"])
        let exported = try installation.stempel("desk", "export", installation.configuration)
        #expect(exported.output.contains("Partners"))
        #expect(!exported.output.contains("Suppliers"))
        #expect(try agent.run("CREATE Archives/2026").isOK)
        #expect(try agent.run("LIST \"\" Archives/2026").texts.contains { $0.contains("Archives/2026") })
    }
}
