import Foundation
import Glibc
import Testing
import TestKit

/// The command line: its words, its exit statuses, and that a running server hears of it.
@Suite struct CommandLineTests {
    private func stempel(_ arguments: String..., input: String? = nil) throws -> Completed {
        try Completed.run([TestInstallation.binary] + arguments, input: input)
    }

    /// The text with the kernel's choice of ports.
    private func withFreePorts(_ text: String) -> String { text.replacing(/127\.0\.0\.1:(?!2526)2[0-9]{3}\b/, with: "127.0.0.1:0") }

    // MARK: - init

    @Test func `init writes an installation that works, and touches nothing that is there`() throws {
        let directory = TemporaryDirectory()
        let place = directory.file("new")
        let made = try stempel("init", place, "--hostname", "mx.acme.example", "--demo")
        #expect(made.status == 0, "\(made)")
        var status = stat()
        #expect(stat("\(place)/certs/mx.acme.example.key", &status) == 0 && status.st_mode & 0o777 == 0o600)
        let configuration = "\(place)/stempel.yaml"
        let text = withFreePorts(try String(contentsOfFile: configuration, encoding: .utf8))
        try text.write(toFile: configuration, atomically: true, encoding: .utf8)
        #expect(try stempel("check", configuration).status == 0)
        #expect(try stempel("desk", "apply", configuration, "\(place)/desk.yaml").status == 0)
        #expect(stat("\(place)/data", &status) == 0 && status.st_mode & 0o777 == 0o700)
        #expect(stat("\(place)/data/keys", &status) == 0 && status.st_mode & 0o777 == 0o600)
        let again = try stempel("init", place, "--hostname", "mx.acme.example")
        #expect(again.status == 73, "\(again)")
        #expect(try String(contentsOfFile: configuration, encoding: .utf8) == text)
    }

    @Test func `init takes full host names only`() throws {
        for hostname in ["mx", "[192.0.2.1]", "a..b", "-"] {
            let made = try stempel("init", TemporaryDirectory().file("new"), "--hostname=\(hostname)")
            #expect(made.status != 0, "\(hostname)")
        }
    }

    // MARK: - Words and statuses

    @Test func `wrong usage is 64, a missing file 66, an unknown account 67, a wrong desk 78`() throws {
        let installation = try TestInstallation()
        #expect(try stempel("what").status == 64)
        #expect(try stempel("check").status == 64)
        #expect(try stempel("desk", "apply", installation.configuration, "/nonexistent/desk.yaml").status == 66)
        let unknown = try stempel("agent", "password", installation.configuration, "nobody@acme.example", input: "secret word\n")
        #expect(unknown.status == 67, "\(unknown)")
        let wrong = try stempel("desk", "apply", installation.configuration, "-", input: "domain: acme.example\npols: []\n")
        #expect(wrong.status == 78, "\(wrong)")
        #expect(wrong.errors.contains("standard input:2: pols: unknown key"), "\(wrong)")
        #expect(wrong.errors.contains("pools"), "\(wrong)")
        #expect(try stempel("--help").output.contains("serve"))
    }

    @Test(arguments: ["check", "serve"]) func `all problems are told together`(command: String) throws {
        let directory = TemporaryDirectory()
        let holder = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(holder) }
        let port = try #require(Self.bound(holder))
        directory.write("no certificate", to: "bad.pem")
        let text = """
            hostname: mx.acme.example
            data: data
            tls: { certificates: [ { certificate: bad.pem, key: missing.key } ] }
            listeners:
              smtp: 127.0.0.1:\(port)
              smpt: 127.0.0.1:0
              imap: nowhere
            limits: { recipients: many }

            """
        let configuration = directory.write(text, to: "stempel.yaml")
        let checked = try stempel(command, configuration)
        #expect(checked.status == 78, "\(checked)")
        let lines = checked.errors.split(separator: "\n")
        for (place, words) in [
            ("3: tls.certificates[0]", "bad.pem"), ("5: listeners.smtp", "in use"), ("6: listeners.smpt", "smtp"),
            ("7: listeners.imap", "nowhere"), ("8: limits.recipients", "many"),
        ] {
            #expect(
                lines.contains { $0.contains("stempel.yaml:\(place)") && $0.contains(words) }, "\(place) is not in \(checked)")
        }
    }

    /// A port that listens already.
    private static func bound(_ descriptor: Int32) -> Int? {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 1) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        return isBound ? Int(UInt16(bigEndian: address.sin_port)) : nil
    }

    // MARK: - The examples

    @Test func `the examples are accepted as they stand, and what is not there yet is named once`() throws {
        let directory = TemporaryDirectory()
        directory.write(withFreePorts(try Fixtures.example("stempel.yaml")), to: "stempel.yaml")
        directory.write(try Fixtures.example("desk.yaml"), to: "desk.yaml")
        let made = try Completed.run([
            Fixtures.root.appendingPathComponent("certs.example/make").path, "mx.acme.example", directory.file("certs"),
        ])
        #expect(made.status == 0, "\(made)")
        let configuration = directory.file("stempel.yaml")
        let checked = try stempel("check", configuration)
        #expect(checked.status == 0, "\(checked)")
        let applied = try stempel("desk", "apply", configuration, directory.file("desk.yaml"))
        #expect(applied.status == 0, "\(applied)")
        let server = try ChildProcess([TestInstallation.binary, "serve", configuration])
        #expect(server.errors.wait { $0.contains { $0.hasSuffix(" ready") } ? true : nil } == true)
        let unopened = server.errors.all.filter { $0.contains("not opened") }
        #expect(unopened.count == 1)
        for name in ["console", "metrics"] { #expect(unopened.first?.contains(name) == true, "\(unopened)") }
        #expect(server.errors.all.contains { $0.contains("listener.name=public") })
        server.signal(SIGTERM)
        #expect(try server.waitForEnding() == .exited(0))
    }

    @Test func `an export applied again changes nothing, with a server and without`() throws {
        let installation = try TestInstallation(desk: try Fixtures.example("desk.yaml"))
        let first = try installation.stempel("desk", "export", installation.configuration)
        #expect(first.status == 0 && first.output.contains("consultation-reminder"), "\(first)")
        #expect(!first.output.contains("correct horse"))
        for _ in 0..<2 {
            let applied = try installation.stempel("desk", "apply", installation.configuration, "-", input: first.output)
            #expect(applied.status == 0, "\(applied)")
            #expect(try installation.stempel("desk", "export", installation.configuration).output == first.output)
        }
        let server = try installation.start()
        let applied = try installation.stempel("desk", "apply", installation.configuration, "-", input: first.output)
        #expect(applied.status == 0, "\(applied)")
        #expect(try installation.stempel("desk", "export", installation.configuration).output == first.output)
        #expect(try server.imap(as: SampleDesk.agent1).run("NOOP").isOK)
    }

    // MARK: - With a server

    @Test func `a second server on the same data ends with 75`() throws {
        let installation = try TestInstallation()
        let server = try installation.start()
        let second = try installation.stempel("serve", installation.configuration)
        #expect(second.status == 75, "\(second)")
        #expect(try installation.stempel("check", installation.configuration).status == 0)
        #expect(try server.terminate() == .exited(0))
        #expect(try installation.start().terminate() == .exited(0))
    }

    @Test func `commands given while a server starts or stops wait for it, and it for them`() throws {
        let installation = try TestInstallation()
        for _ in 0..<3 {
            let server = try ChildProcess([TestInstallation.binary, "serve", installation.configuration])
            for _ in 0..<4 {
                let listed = try installation.stempel("queue", "list", installation.configuration)
                #expect(listed.status == 0, "\(listed)")
            }
            let isReady = server.errors.wait { lines in lines.contains(where: { $0.hasSuffix(" ready") }) ? true : nil }
            #expect(isReady == true, "\(server.errors.all)")
            server.signal(SIGTERM)
            let listed = try installation.stempel("queue", "list", installation.configuration)
            #expect(listed.status == 0, "\(listed)")
            #expect(try server.waitForEnding() == .exited(0), "\(server.errors.all)")
        }
    }

    @Test func `a data directory may lie deeper than a socket's address is long`() throws {
        var options = TestInstallation.Options()
        options.data = String(repeating: "deep", count: 20) + "/" + String(repeating: "down", count: 20)
        let installation = try TestInstallation(options: options)
        let server = try installation.start()
        let exported = try installation.stempel("desk", "export", installation.configuration)
        #expect(exported.status == 0, "\(exported)")
        #expect(try installation.stempel("serve", installation.configuration).status == 75)
        #expect(try server.terminate() == .exited(0))
    }

    @Test func `a new password counts at once and the old one no more`() throws {
        let installation = try TestInstallation()
        let server = try installation.start()
        let changed = try installation.stempel(
            "agent", "password", installation.configuration, "agent1@acme.example", input: "another word 5\n")
        #expect(changed.status == 0, "\(changed)")
        let session = try IMAPDialogue(port: server.imap)
        #expect(try session.run("LOGIN agent1@acme.example \"correct horse 1\"").status.hasPrefix("NO [AUTHENTICATIONFAILED]"))
        #expect(try session.run("LOGIN agent1@acme.example \"another word 5\"").isOK)
        // `initialPassword` counts only for an account without a credential.
        let applied = try installation.stempel("desk", "apply", installation.configuration, "-", input: SampleDesk.text)
        #expect(applied.status == 0)
        _ = try IMAPDialogue(port: server.imap, login: "agent1@acme.example", password: "another word 5")
    }

    @Test func `a desk applied to a running server is heard by the MX and by idling sessions`() throws {
        let installation = try TestInstallation()
        let server = try installation.start()
        let mx = try SMTPDialogue(port: server.smtp)
        try mx.begin()
        _ = try mx.say("MAIL FROM:<jan@customer.example>")
        #expect(try mx.say("RCPT TO:<sales@acme.example>").hasPrefix("550 5.1.1"))

        let member = try server.imap(as: SampleDesk.agent2)
        #expect(try member.run("SELECT Pule/Complaints").isOK)
        _ = try member.idle()
        let desk = SampleDesk.text.replacing("info@acme.example ]", with: "info@acme.example, sales@acme.example ]")
            .replacing("members: { agent2@acme.example: 1 }", with: "members: {}")
        let applied = try installation.stempel("desk", "apply", installation.configuration, "-", input: desk)
        #expect(applied.status == 0, "\(applied)")
        #expect(try mx.say("RCPT TO:<sales@acme.example>").hasPrefix("250"))
        #expect(try member.waitFor("* BYE").text.hasPrefix("* BYE"))
        #expect(try server.imap(as: SampleDesk.agent2).run("STATUS Pule/Complaints (MESSAGES)").isOK)
    }

    @Test func `an agent left out of the desk is logged out and cannot log in again`() throws {
        let installation = try TestInstallation()
        let server = try installation.start()
        let session = try server.imap(as: SampleDesk.trainee1)
        _ = try session.run("SELECT INBOX")
        _ = try session.idle()
        let desk = SampleDesk.text.split(separator: "\n").filter { !$0.contains("login: trainee1") }
            .joined(separator: "\n").replacing(", trainee1@acme.example: 1", with: "")
        let applied = try installation.stempel("desk", "apply", installation.configuration, "-", input: desk)
        #expect(applied.status == 0, "\(applied)")
        _ = try session.waitFor("* BYE")
        #expect(throws: WaitedInVain.self) { try server.imap(as: SampleDesk.trainee1) }
    }
}
