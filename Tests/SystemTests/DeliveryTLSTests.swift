import OpenSSL
import TestKit
import Testing

/// Who may see a mail on its way: DANE on one domain, MTA-STS on another, neither on a third.
@Suite struct DeliveryTLSTests {
    private static func send(
        to recipient: String, at appliance: RunningAppliance, options: (mail: String, rcpt: String) = ("", "")
    ) throws {
        let session = try SMTPDialogue(port: appliance.submissions, tls: true)
        try session.begin(login: SampleDesk.agent1.login, password: SampleDesk.agent1.password)
        #expect(try session.say("MAIL FROM:<\(SampleDesk.agent1.login)>\(options.mail)").hasPrefix("250"))
        #expect(try session.say("RCPT TO:<\(recipient)>\(options.rcpt)").hasPrefix("250"))
        #expect(try session.say("DATA").hasPrefix("354"))
        let text = [
            "From: Agent One <agent1@acme.example>", "To: \(recipient)", "Subject: Your parcel", "Message-ID: <\(recipient)>",
            "Date: Tue, 3 Mar 2026 13:00:00 +0100", "", "It left today.", ".",
        ]
        #expect(try session.say(text.joined(separator: "\r\n")).hasPrefix("250"))
    }

    /// Waits for the line about an attempt.
    private static func attempt(_ recipient: String, at appliance: RunningAppliance) throws -> String {
        let found = appliance.process.errors.wait { lines in
            lines.first { $0.contains("delivery attempted") && $0.contains("delivery.recipient=\(recipient)") }
        }
        guard let found else { throw WaitedInVain("no attempt for \(recipient): \(appliance.log)") }
        return found
    }

    private static func association(_ certificate: TestCertificate) -> String {
        let digest = SHA256.digest(of: certificate.der()).map { octet in
            let digits = Array("0123456789abcdef")
            return "\(digits[Int(octet >> 4)])\(digits[Int(octet & 15)])"
        }
        return "3 0 1 \(digest.joined())"
    }

    @Test func `a server is held to what DANE and MTA-STS promise of it`() throws {
        let directory = TemporaryDirectory()
        let authority = TestCertificate([], in: directory, file: "authority")
        func certificate(_ name: String) -> TestCertificate {
            TestCertificate([name], signedBy: authority, in: directory, file: name)
        }
        let dane = TestCertificate(["whoever.example"], in: directory, file: "dane")
        let proper = try Relay(address: "127.0.2.1", certificate: dane)
        let port = proper.port
        let forged = try Relay(port: port, address: "127.0.2.2", certificate: certificate("mx.forged.net"))
        let strict = try Relay(port: port, address: "127.0.2.3", certificate: certificate("mx.strict.net"))
        let unknown = TestCertificate(["mx.evil.net"], in: directory, file: "evil")
        let evil = try Relay(port: port, address: "127.0.2.4", certificate: unknown)
        let plain = try Relay(port: port, address: "127.0.2.5")
        let web = certificate("mta-sts.strict.net")
        let text = "version: STSv1\nmode: enforce\nmx: mx.strict.net\nmx: mx.evil.net\nmax_age: 86400\n"
        let policies = try ChildProcess(
            ["python3", Fixtures.path("policy.py"), "127.0.2.6", web.certificate, web.key, text])
        guard let policyPort = policies.output.wait(for: \.first).flatMap({ Int($0) }) else {
            throw WaitedInVain("no policies: \(policies.errors.all)")
        }
        let names = try NameServer([
            .init(
                "net",
                [
                    "proper MX 10 mx.proper", "mx.proper A 127.0.2.1", "_\(port)._tcp.mx.proper TLSA \(Self.association(dane))",
                    "forged MX 10 mx.forged", "mx.forged A 127.0.2.2", "_\(port)._tcp.mx.forged TLSA \(Self.association(dane))",
                    "strict MX 10 mx.evil", "strict MX 20 mx.strict", "mx.evil A 127.0.2.4", "mx.strict A 127.0.2.3",
                    "_mta-sts.strict TXT \"v=STSv1; id=1\"", "mta-sts.strict A 127.0.2.6",
                    "plain MX 10 mx.plain", "mx.plain A 127.0.2.5",
                ], isSigned: true)
        ])
        var options = TestInstallation.Options()
        options.delivery = "delivery: { exchangerPort: \(port), policyPort: \(policyPort), retryAfter: [ 1h ] }"
        options.more = """
            resolver: { forwarders: [ "127.0.0.1:\(names.port)" ], trustAnchor: \(names.anchor) }
            authentication: { check: false }
            """
        let installation = try TestInstallation(options: options)
        let appliance = try installation.start(environment: ["SSL_CERT_FILE": authority.certificate])

        try Self.send(to: "a@proper.net", at: appliance, options: (" RET=HDRS ENVID=x1 REQUIRETLS", " NOTIFY=SUCCESS"))
        let secured = try #require(try proper.mails(atLeast: 1).first)
        #expect(secured.tls && secured.parameters.contains("RET=HDRS ENVID=x1 REQUIRETLS"))
        #expect(secured.wishes == ["NOTIFY=SUCCESS ORCPT=rfc822;a@proper.net"])

        try Self.send(to: "b@forged.net", at: appliance)
        let refused = try Self.attempt("b@forged.net", at: appliance)
        #expect(refused.contains("delivery.attempt=deferred") && refused.contains("TLS"), "\(refused)")
        #expect(forged.mails.isEmpty)

        // The preferred exchanger shows a certificate that nobody vouches for.
        try Self.send(to: "c@strict.net", at: appliance)
        #expect(try strict.mails(atLeast: 1).map(\.tls) == [true])
        #expect(evil.mails.isEmpty)
        #expect(policies.output.all.contains("mta-sts.strict.net /.well-known/mta-sts.txt"))

        try Self.send(to: "d@plain.net", at: appliance)
        #expect(try plain.mails(atLeast: 1).map(\.tls) == [false])
        try Self.send(to: "e@plain.net", at: appliance, options: (" REQUIRETLS", ""))
        let unsafe = try Self.attempt("e@plain.net", at: appliance)
        #expect(unsafe.contains("delivery.attempt=") && !unsafe.contains("=delivered"), "\(unsafe)")
        #expect(plain.mails.count == 1)
        // Its agent sees why (RFC 8689 §4.2.1).
        let agent = try appliance.imap(as: SampleDesk.agent1)
        let notice = try #require(try agent.subjects(in: "INBOX").first { $0.subject.hasSuffix("was not delivered") })
        let words = String(decoding: try agent.content(uid: notice.uid), as: UTF8.self)
        #expect(words.contains("Final-Recipient: rfc822; e@plain.net\r\nAction: failed\r\nStatus: 5.7.30\r\n"), "\(words)")

        #expect(try appliance.terminate() == .exited(0))
        let counted = try installation.stempel("queue", "tls", installation.configuration)
        for line in ["proper.net tlsa success 1", "forged.net tlsa", "strict.net sts success 1", "plain.net no-policy-found"] {
            #expect(counted.output.contains(line), "\(line) in \(counted)")
        }
        withExtendedLifetime((names, policies)) {}
    }
}
