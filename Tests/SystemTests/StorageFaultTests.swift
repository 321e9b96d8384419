import Foundation
import Glibc
import Testing
import TestKit

/// A disk that is full, and one that has room again.
@Suite struct StorageFaultTests {
    /// A small file system of its own, which only root may have.
    private final class SmallDisk {
        let path: String

        init?(megabytes: Int) {
            var template = Array("/tmp/stempel-disk-XXXXXX".utf8CString)
            guard mkdtemp(&template) != nil else { return nil }
            path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard mount("tmpfs", path, "tmpfs", 0, "size=\(megabytes)m") == 0 else {
                rmdir(path)
                return nil
            }
        }

        deinit {
            umount2(path, Int32(MNT_DETACH))
            rmdir(path)
        }

        /// Takes all room that is left but for so many octets.
        func fill(leaving octets: Int) {
            let descriptor = open(path + "/ballast", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            defer { close(descriptor) }
            let page = [UInt8](repeating: 0, count: 4096)
            var size = 0
            while case let count = write(descriptor, page, page.count), count > 0 { size += count }
            ftruncate(descriptor, max(0, size - octets))
        }

        func empty() { unlink(path + "/ballast") }
    }

    private static let mayMount = SmallDisk(megabytes: 1) != nil

    @Test(.enabled(if: mayMount, "mounting a small file system needs root"))
    func `a full disk refuses mail for now, keeps what it has, and takes mail again when there is room`() throws {
        let disk = try #require(SmallDisk(megabytes: 24))
        var options = TestInstallation.Options()
        options.data = disk.path + "/data"
        options.limits = "{ freeSpace: 0MB, connectionsPerAddress: 1000 }"
        let installation = try TestInstallation(options: options)
        let appliance = try installation.start()
        try SMTPDialogue.deliver(CustomerMail(subject: "Before"), at: appliance)
        let agent = try appliance.imap(as: SampleDesk.agent1)

        disk.fill(leaving: 0)
        let dialogue = try SMTPDialogue(port: appliance.smtp)
        try dialogue.begin()
        var accepted = ["[#1] Before"]
        var refusal = ""
        for number in 0..<200 where refusal.isEmpty {
            var mail = CustomerMail(subject: "Full \(number)")
            mail.body = String(repeating: "x", count: 50_000) + "\n"
            let reply = try dialogue.mail(from: "jan@customer.example", to: ["help@acme.example"], mail.octets)
            if reply.hasPrefix("250") { accepted.append("Full \(number)") } else { refusal = reply }
        }
        #expect(refusal.hasPrefix("452 4.3.1"), "\(refusal)")
        let refused = try agent.append(to: "Drafts", Array("Subject: draft\r\n\r\n\(String(repeating: "y", count: 60_000))\r\n".utf8))
        #expect(refused.status.hasPrefix("NO [UNAVAILABLE]") || refused.status.hasPrefix("NO [OVERQUOTA]"), "\(refused)")
        // What is there can still be read.
        #expect(try agent.subjects(in: "New").count == accepted.count)

        disk.empty()
        let after = try dialogue.mail(
            from: "jan@customer.example", to: ["help@acme.example"], CustomerMail(subject: "After").octets)
        #expect(after.hasPrefix("250"), "\(after)")
        let subjects = try agent.subjects(in: "New").map(\.subject)
        #expect(subjects.count == accepted.count + 1, "\(subjects)")
        #expect(subjects.last?.hasSuffix("After") == true)
        #expect(try agent.append(to: "Drafts", Array("Subject: draft\r\n\r\n\r\n".utf8)).isOK)
        #expect(try appliance.terminate() == .exited(0))
        let checked = try Completed.run(["sqlite3", disk.path + "/data/stempel.sqlite", "PRAGMA integrity_check"])
        #expect(checked.output == "ok\n", "\(checked)")
    }

    @Test(.enabled(if: mayMount, "mounting a small file system needs root"))
    func `below the free space to be kept, mail is refused at MAIL`() throws {
        let disk = try #require(SmallDisk(megabytes: 32))
        var options = TestInstallation.Options()
        options.data = disk.path + "/data"
        options.limits = "{ freeSpace: 1GB }"
        let appliance = try TestInstallation(options: options).start()
        let dialogue = try SMTPDialogue(port: appliance.smtp)
        try dialogue.begin()
        #expect(try dialogue.say("MAIL FROM:<jan@customer.example>").hasPrefix("452 4.3.1"))
        #expect(try appliance.imap(as: SampleDesk.agent1).run("SELECT New").isOK)
    }

    @Test func `a database that somebody holds locked answers for now, and takes mail again without a restart`() throws {
        let appliance = try TestInstallation().start()
        let database = appliance.installation.directory.file("data/stempel.sqlite")
        let holder = try ChildProcess(["python3", Fixtures.path("hold_lock.py"), database])
        guard holder.output.wait(for: \.first) == "held" else { throw WaitedInVain("no lock: \(holder.errors.all)") }
        let dialogue = try SMTPDialogue(port: appliance.smtp)
        try dialogue.begin()
        let mail = CustomerMail(subject: "Locked")
        let reply = try dialogue.mail(from: "jan@customer.example", to: ["help@acme.example"], mail.octets)
        #expect(reply.hasPrefix("451") || reply.hasPrefix("452"), "\(reply)")
        let agent = try appliance.imap(as: SampleDesk.agent1)
        let refused = try agent.append(to: "Drafts", Array("Subject: draft\r\n\r\n\r\n".utf8))
        #expect(refused.status.hasPrefix("NO [UNAVAILABLE]"), "\(refused)")
        holder.signal(SIGKILL)
        _ = try holder.waitForEnding()
        #expect(try dialogue.mail(from: "jan@customer.example", to: ["help@acme.example"], mail.octets).hasPrefix("250"))
        #expect(try agent.subjects(in: "New").map(\.subject) == ["[#1] Locked"])
        #expect(try agent.append(to: "Drafts", Array("Subject: draft\r\n\r\n\r\n".utf8)).isOK)
    }
}
