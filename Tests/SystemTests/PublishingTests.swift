import Glibc
import TestKit
import Testing

/// Keys that mail is signed with, and what a domain publishes.
@Suite struct PublishingTests {
    private func installation(_ more: String = "", relay: Int? = nil) throws -> TestInstallation {
        var options = TestInstallation.Options()
        (options.more, options.relayPort) = (more, relay)
        return try TestInstallation(options: options)
    }

    @Test func `a key signs what leaves, and another one after it was made to`() throws {
        let relay = try Relay()
        let installation = try installation(relay: relay.port)
        let made = try installation.stempel("dkim", "generate", installation.configuration)
        #expect(made.status == 0, "\(made)")
        #expect(made.output.contains("stempel1._domainkey.acme.example. IN TXT \"v=DKIM1; k=rsa; p="))
        #expect(try installation.stempel("dkim", "generate", installation.configuration).status == 66)
        let second = try installation.stempel(
            "dkim", "generate", installation.configuration, "--domain", "acme.example", "--ed25519")
        #expect(second.status == 0 && second.output.contains("stempel2._domainkey"), "\(second)")
        let third = try installation.stempel("dkim", "generate", installation.configuration, "--domain", "acme.example")
        #expect(third.status == 73, "\(third)")
        let appliance = try installation.start()
        for (subject, selector) in [("One", "stempel1"), ("Two", "stempel2")] {
            if selector == "stempel2" {
                let used = try installation.stempel(
                    "dkim", "use", installation.configuration, "--domain", "acme.example", "--selector", selector)
                #expect(used.status == 0, "\(used)")
                appliance.process.signal(SIGHUP)
                #expect(
                    appliance.process.errors.wait { $0.contains { $0.contains("signing keys reloaded") } ? true : nil }
                        == true)
            }
            let sent = try Completed.run([
                "swaks", "--server", "127.0.0.1:\(appliance.submission)", "--tls", "--auth", "PLAIN", "--auth-user",
                SampleDesk.agent1.login,
                "--auth-password", SampleDesk.agent1.password, "--from", SampleDesk.agent1.login, "--to",
                "jan@customer.example",
                "--header", "From: \(SampleDesk.agent1.login)", "--header", "Subject: \(subject)", "--body", "Hello.",
            ])
            #expect(sent.status == 0, "\(sent)")
            let mail = try #require(try relay.mails(atLeast: selector == "stempel1" ? 1 : 2).last)
            let field = mail.field("DKIM-Signature") ?? ""
            #expect(field.contains("d=acme.example; s=\(selector);"), "\(field)")
        }
        #expect(
            try installation.stempel(
                "dkim", "remove", installation.configuration, "--domain", "acme.example", "--selector", "stempel2"
            ).status == 65)
        #expect(
            try installation.stempel(
                "dkim", "remove", installation.configuration, "--domain", "acme.example", "--selector", "stempel1"
            ).status == 0)
    }

    @Test func `all records are printed, and compared with what is published`() throws {
        let bare = try installation()
        #expect(try bare.stempel("dkim", "generate", bare.configuration).status == 0)
        let printed = try bare.stempel("dns", bare.configuration)
        #expect(printed.status == 0, "\(printed)")
        let lines = printed.output.split(separator: "\n").filter { !$0.hasPrefix(";") }.map(String.init)
        for start in [
            "acme.example. IN MX 10 mx.acme.example.", "acme.example. IN TXT \"v=spf1 mx -all\"",
            "stempel1._domainkey.acme.example. IN TXT \"v=DKIM1;",
            "_dmarc.acme.example. IN TXT \"v=DMARC1; p=", "_mta-sts.acme.example. IN TXT \"v=STSv1; id=",
            "_smtp._tls.acme.example. IN TXT \"v=TLSRPTv1;",
            "_imaps._tcp.acme.example. IN SRV 0 1 993 mx.acme.example.",
            "mx.acme.example. IN TXT \"v=spf1 a -all\"",
            "_25._tcp.mx.acme.example. IN TLSA 3 1 1 ",
        ] { #expect(lines.contains { $0.hasPrefix(start) }, "\(start)") }

        // The whole of it, published; then with one record left out or spoilt.
        let spoilt: [(of: String, by: String?, says: String)] = [
            ("", "", ""), ("stempel1._domainkey", nil, "missing: stempel1._domainkey.acme.example."),
            ("acme.example. IN TXT", "acme.example. TXT \"v=spf1 -all\"", "different (fail for 192.0.2.1: v=spf1 -all): acme.example."),
            ("_dmarc", "_dmarc.acme.example. TXT \"v=DMARC1\"", "different (v=DMARC1): _dmarc.acme.example."),
            (
                "acme.example. IN MX", "acme.example. MX 10 mx.acme.example.\nacme.example. MX 5 mx.other.example.",
                "different (mx.other.example): acme.example."
            ),
        ]
        for (record, other, words) in spoilt {
            let isComplete = words.isEmpty
            let published = lines.compactMap { line -> String? in
                !isComplete && line.hasPrefix(record) ? other : line.replacing("IN ", with: "")
            }
            let names = try NameServer([.init("example", published + ["mx.acme A 192.0.2.1"], isSigned: true)])
            var options = TestInstallation.Options()
            options.more = "resolver: { forwarders: [ \"127.0.0.1:\(names.port)\" ], trustAnchor: \(names.anchor) }"
            bare.write(options)
            let checked = try bare.stempel("dns", bare.configuration, "--check")
            #expect(checked.status == (isComplete ? 0 : 65), "\(checked)")
            if isComplete { #expect(checked.output.split(separator: "\n").allSatisfy { $0.hasPrefix("ok: ") }) }
            #expect(isComplete || checked.errors.contains(words), "\(checked)")
        }
        var options = TestInstallation.Options()
        options.more = "resolver: { forwarders: [ \"127.0.0.1:1\" ], trustAnchor: none }"
        bare.write(options)
        let unanswered = try bare.stempel("dns", bare.configuration, "--check")
        #expect(unanswered.status == 75 && unanswered.errors.contains("not everything could be looked up"), "\(unanswered)")
    }
}
