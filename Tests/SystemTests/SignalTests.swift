import Glibc
import Testing
import TestKit

/// What the appliance does when the service manager speaks to it.
@Suite struct SignalTests {
    @Test func `SIGTERM ends every session politely and the server with 0`() throws {
        let appliance = try TestInstallation().start()
        let waiting = try SMTPDialogue(port: appliance.smtp)
        try waiting.begin()
        let agent = try appliance.imap(as: SampleDesk.agent1)
        _ = try agent.run("SELECT INBOX")
        let idler = try appliance.imap(as: SampleDesk.agent2)
        _ = try idler.run("SELECT INBOX")
        _ = try idler.idle()
        #expect(try appliance.terminate() == .exited(0))
        #expect(try waiting.reply().hasPrefix("421"))
        #expect(try agent.waitFor("* BYE").text.hasPrefix("* BYE"))
        #expect(try idler.waitFor("* BYE").text.hasPrefix("* BYE"))
        #expect(try idler.wire.isAtEnd())
    }

    @Test func `a mail whose content is on its way at SIGTERM is answered, and there if the answer was 250`() throws {
        let appliance = try TestInstallation().start()
        let dialogue = try SMTPDialogue(port: appliance.smtp)
        try dialogue.begin()
        _ = try dialogue.say("MAIL FROM:<jan@customer.example>")
        _ = try dialogue.say("RCPT TO:<help@acme.example>")
        _ = try dialogue.say("DATA")
        try dialogue.wire.send(line: CustomerMail(subject: "Late").text.replacing("\n", with: "\r\n"))
        appliance.process.signal(SIGTERM)
        _ = appliance.process.errors.wait { $0.contains { $0.hasSuffix(" stopping") } ? true : nil }
        try? dialogue.wire.send(line: ".")
        let reply = try dialogue.reply()
        #expect(reply.hasPrefix("250") || reply.hasPrefix("421"), "\(reply)")
        #expect(try appliance.process.waitForEnding() == .exited(0))
        let again = try appliance.installation.start()
        #expect(try again.imap(as: SampleDesk.agent1).subjects(in: "New").count == (reply.hasPrefix("250") ? 1 : 0))
    }

    @Test func `SIGHUP shows a new certificate to new connections and keeps the old one where the new is broken`() throws {
        let appliance = try TestInstallation().start()
        let directory = appliance.installation.directory
        let shown = {
            try Completed.run(
                ["openssl", "s_client", "-connect", "127.0.0.1:\(appliance.imaps)", "-servername", TestInstallation.hostname],
                input: ""
            ).output.split(separator: "-----END").first.map(String.init) ?? ""
        }
        let old = try shown()
        #expect(old.contains("BEGIN CERTIFICATE"))
        let agent = try appliance.imap(as: SampleDesk.agent1)

        _ = TestCertificate([TestInstallation.hostname], in: directory, file: "mx")
        appliance.process.signal(SIGHUP)
        #expect(appliance.process.errors.wait { $0.contains { $0.contains("certificates reloaded") } ? true : nil } == true)
        let new = try shown()
        #expect(new.contains("BEGIN CERTIFICATE") && new != old)

        directory.write("broken", to: "mx.pem")
        appliance.process.signal(SIGHUP)
        #expect(appliance.process.errors.wait { $0.contains { $0.contains("not reloaded") } ? true : nil } == true)
        #expect(try shown() == new)
        #expect(try agent.run("NOOP").isOK)
    }

    @Test func `the service manager is told when the appliance is ready and when it ends`() throws {
        let directory = TemporaryDirectory()
        let listener = try ChildProcess(["python3", Fixtures.path("notify.py"), directory.file("notify")])
        #expect(listener.output.wait(for: \.first) == "listening")
        let appliance = try TestInstallation().start(environment: [
            "NOTIFY_SOCKET": directory.file("notify"), "WATCHDOG_USEC": "200000",
        ])
        #expect(listener.output.wait { $0.contains("READY=1") ? true : nil } == true)
        #expect(listener.output.wait { $0.filter { $0 == "WATCHDOG=1" }.count > 2 ? true : nil } == true)
        #expect(try appliance.terminate() == .exited(0))
        #expect(listener.output.wait { $0.contains("STOPPING=1") ? true : nil } == true)
    }

    @Test func `listeners are inherited by name`() throws {
        let installation = try TestInstallation()
        let text = installation.directory.read("stempel.yaml").replacing("  smtp: 127.0.0.1:0", with: "  smtp: systemd:mx")
        installation.directory.write(text, to: "stempel.yaml")
        let server = try ChildProcess([
            "python3", Fixtures.path("activate.py"), "mx", TestInstallation.binary, "serve", installation.configuration,
        ])
        let port = try #require(server.output.wait(for: \.first).flatMap { Int($0) })
        _ = server.errors.wait { $0.contains { $0.hasSuffix(" ready") } ? true : nil }
        let dialogue = try SMTPDialogue(port: port)
        #expect(dialogue.greeting.hasPrefix("220"))
        try dialogue.begin()
        server.signal(SIGTERM)
        #expect(try server.waitForEnding() == .exited(0))
    }
}
