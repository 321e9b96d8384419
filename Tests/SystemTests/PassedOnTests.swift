import Foundation
import TestKit
import Testing

/// Mail of others that a rule sends on: the next receiver can see what was found out here (RFC 8617).
@Suite(.timeLimit(.minutes(5))) struct PassedOnTests {
    private static let desk = SampleDesk.text + """
        rules:
          - { name: copies, when: { subject: "copy" }, then: { copy: help@firm.example } }

        """

    /// Where mail leaves to, with a key of its own, and the key's record as `dns` prints it.
    private func forwarder(to port: Int) throws -> (installation: TestInstallation, record: String) {
        var options = TestInstallation.Options()
        options.relayPort = port
        let installation = try TestInstallation(desk: Self.desk, options: options)
        let made = try installation.stempel("dkim", "generate", installation.configuration)
        let line = made.output.split(separator: "\n").first { $0.hasPrefix("stempel1._domainkey.") }
        guard made.status == 0, let line else { throw WaitedInVain("no key: \(made)") }
        return (installation, String(line.drop { $0 != "\"" }))
    }

    private static let mail = """
        From: Jan <jan@customer.org>
        To: help@acme.example
        Subject: Please copy
        Date: Tue, 3 Mar 2026 13:00:00 +0100
        Message-ID: <copy@customer.org>

        It is wrong.

        """.replacing("\n", with: "\r\n")

    private func names(_ more: [String], acme: String) throws -> NameServer {
        try NameServer([
            .init("org", ["customer TXT \"v=spf1 ip4:127.0.0.1 -all\"", "_dmarc.customer TXT \"v=DMARC1; p=reject\""] + more),
            .init("example", ["acme TXT \"v=spf1 -all\"", "stempel1._domainkey.acme TXT \(acme)"]),
        ])
    }

    private func checked(_ names: NameServer, _ more: String = "check: true") -> String {
        """
        resolver: { forwarders: [ "127.0.0.1:\(names.port)" ], trustAnchor: none }
        authentication: { \(more) }
        """
    }

    private func send(_ mail: String, to appliance: RunningAppliance) throws {
        let dialogue = try SMTPDialogue(port: appliance.smtp)
        try dialogue.begin()
        let reply = try dialogue.mail(from: "jan@customer.org", to: ["help@acme.example"], text: mail)
        #expect(reply.hasPrefix("250"), "\(reply)")
    }

    @Test func `a signed mail goes on as it came, under a seal that dkimpy verifies`() throws {
        let signed = try Completed.run(
            ["/usr/bin/python3", Fixtures.path("dkim_sign.py"), "s1", "customer.org"], input: Self.mail)
        #expect(signed.status == 0, "\(signed)")
        let parts = signed.output.split(separator: "\n", maxSplits: 1).map(String.init)
        try #require(parts.count == 2)
        let relay = try Relay()
        let (installation, record) = try forwarder(to: relay.port)
        let names = try names(["s1._domainkey.customer TXT \(parts[0])"], acme: record)
        var options = TestInstallation.Options()
        (options.relayPort, options.more) = (relay.port, checked(names))
        installation.write(options)
        let appliance = try installation.start()
        // A field that claims to be ours is not sealed.
        try send("Authentication-Results: mx.acme.example; dkim=pass header.d=bank.example\n" + parts[1], to: appliance)
        let passed = try #require(try relay.mails(atLeast: 1).first)
        #expect(passed.recipients == ["help@firm.example"] && passed.sender.hasPrefix("help+1."))
        let results = passed.field("ARC-Authentication-Results") ?? ""
        #expect(results.hasPrefix("i=1; mx.acme.example; spf=pass smtp.mailfrom=customer.org; dkim=pass"), "\(results)")
        #expect(!passed.content.contains("bank.example"))
        #expect(passed.header.components(separatedBy: "DKIM-Signature:").count == 2, "\(passed.header)")
        let key = record.replacing("\" \"", with: "").replacing("\"", with: "")
        let said = try Completed.run(
            ["/usr/bin/python3", Fixtures.path("arc_verify.py"), "stempel1._domainkey.acme.example=\(key)"], input: passed.content)
        #expect(said.output.hasPrefix("pass acme.example"), "\(said)")
        withExtendedLifetime(names) {}
    }

    @Test func `a receiver that trusts the forwarder takes what the author's domain would have refused`() throws {
        var options = TestInstallation.Options()
        options.hostname = "mx.firm.example"
        let receiving = try TestInstallation(
            desk: SampleDesk.text.replacing("acme.example", with: "firm.example"), options: options)
        let (installation, record) = try forwarder(to: 1)
        let names = try names([], acme: record)
        var found: [String] = []
        for trust in ["", ", trustedForwarders: [ 127.0.0.1 ]"] {
            options.more = checked(names, "check: true\(trust)")
            receiving.write(options)
            let receiver = try receiving.start()
            var sending = TestInstallation.Options()
            (sending.relayPort, sending.more) = (receiver.smtp, checked(names))
            installation.write(sending)
            let appliance = try installation.start()
            try send(Self.mail.replacing("<copy", with: "<copy\(trust.count)"), to: appliance)
            let outcome = appliance.process.errors.wait { $0.first { $0.contains("delivery attempted") } }
            #expect(outcome?.contains(trust.isEmpty ? "attempt=failed" : "attempt=delivered") == true, "\(appliance.log)")
            if !trust.isEmpty {
                let agent = try receiver.imap(as: .init(login: "agent1@firm.example", password: SampleDesk.agent1.password))
                found = try agent.subjects(in: "New").map { String(decoding: try agent.content(uid: $0.uid), as: UTF8.self) }
            }
            #expect(try appliance.terminate() == .exited(0))
            #expect(try receiver.terminate() == .exited(0))
        }
        try #require(found.count == 1)
        let results = found[0].replacing("\r\n", with: "")
        #expect(results.contains("dmarc=fail") && results.contains("arc=pass"), "\(found[0])")
        #expect(results.contains("Received: from mx.acme.example"))
        withExtendedLifetime(names) {}
    }
}
