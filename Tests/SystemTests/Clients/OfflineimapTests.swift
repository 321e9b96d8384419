import Foundation
import Glibc
import TestKit
import Testing

/// Two-way synchronisation with a Maildir, by offlineimap.
@Suite struct OfflineimapTests {
    @Test func `both sides change and end alike, in Polish`() throws {
        let appliance = try TestInstallation().start()
        for number in 1...3 { try SMTPDialogue.deliver(CustomerMail(subject: "Number \(number)"), at: appliance) }
        let agent = try appliance.imap(as: SampleDesk.agent2)
        #expect(try agent.run("CREATE Prywatne/Krak&APM-w").isOK)
        let directory = TemporaryDirectory()
        let fingerprint = try Completed.run([
            "openssl", "x509", "-noout", "-fingerprint", "-sha1", "-in", appliance.installation.directory.file("mx.pem"),
        ]).output.split(separator: "=").last?.filter(\.isHexDigit).lowercased() ?? ""
        directory.write(
            """
            [general]
            accounts = desk
            metadata = \(directory.file("metadata"))
            [Account desk]
            localrepository = near
            remoterepository = far
            [Repository near]
            type = Maildir
            localfolders = \(directory.file("mail"))
            [Repository far]
            type = IMAP
            remotehost = 127.0.0.1
            remoteport = \(appliance.imaps)
            remoteuser = \(SampleDesk.agent2.login)
            remotepass = \(SampleDesk.agent2.password)
            ssl = yes
            cert_fingerprint = \(fingerprint)

            """, to: "offlineimaprc")
        func run() throws {
            let synced = try Completed.run(
                ["offlineimap", "-c", directory.file("offlineimaprc"), "-o", "-u", "basic"], environment: ["HOME": directory.path])
            #expect(synced.status == 0 && !"\(synced)".contains("ERROR"), "\(synced)")
        }
        func folder(_ name: String) -> Maildir { Maildir(path: directory.file("mail/\(name)")) }

        try run()
        #expect(Maildir.folders(below: directory.file("mail")) == Set(try agent.names().map { $0.replacing("/", with: ".") }))
        #expect(folder("Nowe").flags == [1: "", 2: "", 3: ""])

        // The server: a new mail, a flag, a case taken. The Maildir: flags, and mails of its own, one in a new folder.
        try SMTPDialogue.deliver(CustomerMail(subject: "Number 4"), at: appliance)
        #expect(try agent.run("SELECT New").isOK)
        #expect(try agent.run("UID MOVE 2 INBOX").isOK)
        #expect(try agent.run("UID STORE 3 +FLAGS (\\Flagged)").isOK)
        try folder("Nowe").setFlags("S", of: folder("Nowe").message(with: "Number 1"))
        try folder("Prywatne.Krak&APM-w").add("Subject: Mine\n\nFor later.\n", name: "1", flags: "S")
        try folder("Prywatne.Notes").add("Subject: New\n\nIn a folder of its own.\n", name: "2")
        try run()
        #expect(folder("Nowe").flags == [1: "S", 3: "F", 4: ""])
        #expect(try agent.flagLetters(in: "Nowe") == [1: "S", 3: "F", 4: ""])
        #expect(try folder("INBOX").subjects == ["[#2] Number 2"])
        #expect(try agent.subjects(in: "Prywatne/Krak&APM-w").map(\.subject) == ["Mine"])
        #expect(try agent.subjects(in: "Private/Notes").map(\.subject) == ["New"])

        // The server: expunged. The Maildir: moved to another folder.
        #expect(try agent.run("SELECT Private/Notes").isOK)
        #expect(try agent.run("STORE 1 +FLAGS (\\Deleted)").isOK)
        #expect(try agent.run("EXPUNGE").isOK)
        try FileManager.default.removeItem(atPath: folder("Prywatne.Krak&APM-w").message(with: "Mine").path)
        try folder("Prywatne.Notes").add("Subject: Mine\n\nFor later.\n", name: "3", flags: "S")
        for _ in 1...2 {
            try run()
            #expect(try folder("Prywatne.Notes").subjects == ["Mine"])
            #expect(folder("Prywatne.Krak&APM-w").messages.isEmpty)
            #expect(try agent.subjects(in: "Private/Notes").map(\.subject) == ["Mine"])
            #expect(try agent.subjects(in: "Prywatne/Krak&APM-w").isEmpty)
            #expect(try agent.flagLetters(in: "Nowe") == folder("Nowe").flags)
        }
    }
}
