import Foundation
import Glibc
import TestKit
import Testing

/// Two-way synchronisation with a Maildir, by mbsync.
@Suite struct MbsyncTests {
    /// A way to connect: the encryption and the extensions that mbsync shall not use.
    struct Way: Sendable, CustomTestStringConvertible {
        var encryption = "IMAPS"
        var without: [String] = []
        var testDescription: String { "\(encryption), without \(without)" }
    }

    /// A Maildir that mbsync keeps like the server's mailboxes.
    private struct Mirror {
        let directory = TemporaryDirectory()
        let appliance: RunningAppliance
        let agent: SampleDesk.Agent

        init(_ appliance: RunningAppliance, _ agent: SampleDesk.Agent, _ way: Way = Way(), patterns: String = "*") {
            (self.appliance, self.agent) = (appliance, agent)
            mkdir(directory.file("mail"), 0o700)
            let disabled = way.without.isEmpty ? "" : "DisableExtensions \(way.without.joined(separator: " "))"
            directory.write(
                """
                IMAPAccount desk
                Host 127.0.0.1
                Port \(way.encryption == "IMAPS" ? appliance.imaps : appliance.imap)
                User \(agent.login)
                Pass "\(agent.password)"
                SSLType \(way.encryption)
                CertificateFile \(appliance.installation.directory.file("mx.pem"))
                \(disabled)

                IMAPStore far
                Account desk

                MaildirStore near
                Path \(directory.path)/mail/
                Inbox \(directory.path)/mail/INBOX
                SubFolders Verbatim

                Channel desk
                Far :far:
                Near :near:
                Patterns \(patterns)
                Create Both
                Expunge Both
                Sync All
                SyncState *

                """, to: "mbsyncrc")
        }

        /// Runs it once.
        func run() throws -> Completed { try Completed.run(["mbsync", "--config", directory.file("mbsyncrc"), "--all"]) }

        func folder(_ name: String) -> Maildir { Maildir(path: directory.file("mail/\(name)")) }

        /// Both sides of some mailboxes as text, the near one with UIDs as mbsync writes them.
        func near(_ names: [String]) -> [String] { names.map { "\($0) \(folder($0).flags.sorted { $0.key < $1.key })" } }

        func far(_ names: [String]) throws -> [String] {
            let dialogue = try appliance.imap(as: agent)
            return try names.map { "\($0) \(try dialogue.flagLetters(in: $0).sorted { $0.key < $1.key })" }
        }

        /// Runs, and expects no error and both sides alike; runs again, and expects that nothing changes.
        func settle(_ names: [String], _ round: String) throws {
            let synced = try run()
            #expect(synced.status == 0 && synced.errors.isEmpty, "\(round): \(synced)")
            let (near, far) = (near(names), try far(names))
            #expect(near == far, "\(round)")
            let again = try run()
            #expect(again.status == 0 && again.errors.isEmpty, "\(round), again: \(again)")
            #expect(self.near(names) == near, "\(round), again")
            #expect(try self.far(names) == far, "\(round), again")
        }
    }

    private static let ways = [
        Way(), Way(encryption: "STARTTLS"), Way(without: ["UIDPLUS", "MOVE", "LITERAL+", "NAMESPACE"]),
    ]

    @Test(arguments: ways) func `both sides change over several rounds and end alike`(way: Way) throws {
        let appliance = try TestInstallation().start()
        let agent = try appliance.imap(as: SampleDesk.agent1)
        for number in 1...4 { try SMTPDialogue.deliver(CustomerMail(subject: "Number \(number)"), at: appliance) }
        let mirror = Mirror(appliance, SampleDesk.agent1, way)
        let names = ["INBOX", "New", "Waiting", "Done", "Sent", "Private", "Private/Notes"]
        #expect(try agent.run("CREATE Private/Notes").isOK)
        try mirror.settle(names, "first")
        #expect(mirror.folder("New").messages.count == 4)
        let first = try mirror.folder("New").message(with: "Number 1")
        #expect(try agent.run("SELECT New").isOK)
        // mbsync adds a field that it finds its own copies by.
        let near = try first.content.replacing(/X-TUID: [^\r\n]*\r\n/, with: "")
        #expect(near == String(decoding: try agent.content(uid: first.uid ?? 0), as: UTF8.self))

        // The server: a new mail, a flag, a case taken. The Maildir: flags, a mail of its own.
        try SMTPDialogue.deliver(CustomerMail(subject: "Number 5"), at: appliance)
        #expect(try agent.run("UID MOVE 2 INBOX").isOK)
        #expect(try agent.run("UID STORE 3 +FLAGS (\\Seen)").isOK)
        try mirror.folder("New").setFlags("FS", of: first)
        try mirror.folder("Private/Notes").add("Subject: Mine\n\nFor later.\n", name: "1", flags: "S")
        try mirror.folder("Private/Notes").add("Subject: Mine too\n\nFor later.\n", name: "2")
        try mirror.settle(names, "second")
        #expect(mirror.folder("New").flags == [1: "FS", 3: "S", 4: "", 5: ""])
        #expect(mirror.folder("INBOX").messages.count == 1)
        #expect(try agent.subjects(in: "Private/Notes").map(\.subject) == ["Mine", "Mine too"])

        // The server: one moved, one expunged. The Maildir: one gone, and one new again.
        #expect(try agent.run("SELECT INBOX").isOK)
        #expect(try agent.run("UID MOVE 1 Done").isOK)
        #expect(try agent.run("SELECT Private/Notes").isOK)
        #expect(try agent.run("UID STORE 1 +FLAGS (\\Deleted)").isOK)
        #expect(try agent.run("EXPUNGE").isOK)
        let notes = mirror.folder("Private/Notes")
        try FileManager.default.removeItem(atPath: notes.message(with: "Mine too").path)
        try notes.add("Subject: Another\n\nFor tomorrow.\n", name: "3")
        try mirror.settle(names, "third")
        #expect(mirror.folder("INBOX").messages.isEmpty)
        #expect(mirror.folder("Done").messages.count == 1)
        #expect(try notes.subjects == ["Another"])
        #expect(try agent.subjects(in: "Private/Notes").map(\.subject) == ["Another"])

        // A mailbox made in the Maildir, and a mail moved into it there.
        let moved = try notes.message(with: "Another")
        try mirror.folder("Private/2026").add(moved.content.replacing("\r\n", with: "\n"), name: "4", flags: "S")
        try FileManager.default.removeItem(atPath: moved.path)
        try mirror.settle(names + ["Private/2026"], "fourth")
        #expect(try agent.subjects(in: "Private/2026").map(\.subject) == ["Another"])
        #expect(try agent.subjects(in: "Private/Notes").isEmpty)
    }

    @Test func `a Polish account's folders have the same names on both sides`() throws {
        let appliance = try TestInstallation().start()
        try SMTPDialogue.deliver(CustomerMail(subject: "Reklamacja"), to: ["complaints@acme.example"], at: appliance)
        let agent = try appliance.imap(as: SampleDesk.agent2)
        #expect(try agent.run("CREATE \"Prywatne/Krak&APM-w &- ski\"").isOK)
        let mirror = Mirror(appliance, SampleDesk.agent2)
        let names = try agent.names()
        #expect(names.isSuperset(of: ["Nowe", "Nast&ARk-pne", "Zesp&APMBQg-/Agent One", "Prywatne/Krak&APM-w &- ski"]), "\(names)")
        try mirror.settle(names.sorted(), "first")
        #expect(Maildir.folders(below: mirror.directory.file("mail")) == names)
        #expect(mirror.folder("Nowe").messages.count == 1)
        #expect(mirror.folder("Pule/Complaints").messages.count == 1)
    }

    @Test func `what the Maildir deletes goes with the right and stays without it`() throws {
        let appliance = try TestInstallation().start()
        try SMTPDialogue.deliver(CustomerMail(subject: "Parcel"), at: appliance)
        let supervisor = try appliance.imap(as: SampleDesk.supervisor1)
        let mirror = Mirror(appliance, SampleDesk.agent1, patterns: "INBOX New")
        try mirror.settle(["INBOX", "New"], "first")
        try FileManager.default.removeItem(atPath: mirror.folder("New").message(with: "Parcel").path)
        let refused = try mirror.run()
        #expect(refused.errors.contains("[NOPERM] You may not delete cases"), "\(refused)")
        #expect(try supervisor.subjects(in: "New").count == 1)

        let other = Mirror(appliance, SampleDesk.supervisor1, patterns: "INBOX New Trash")
        try other.settle(["INBOX", "New", "Trash"], "first")
        try FileManager.default.removeItem(atPath: other.folder("New").message(with: "Parcel").path)
        try other.settle(["INBOX", "New", "Trash"], "second")
        #expect(try supervisor.subjects(in: "New").isEmpty)
    }
}
