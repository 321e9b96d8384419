import TestKit
import Testing

/// Where mail comes from, asked of a signed name system on loopback.
@Suite struct OriginTests {
    @Test func `a forged mail is refused, a genuine one is shown with what was found out`() throws {
        let names = try NameServer([
            .init(
                "org",
                [
                    "customer TXT \"v=spf1 ip4:127.0.0.1 -all\"", "_dmarc.customer TXT \"v=DMARC1; p=reject\"",
                    "victim TXT \"v=spf1 -all\"", "_dmarc.victim TXT \"v=DMARC1; p=reject\"",
                ], isSigned: true),
            .init(
                "net", ["forged TXT \"v=spf1 -all\"", "_dmarc.forged TXT \"v=DMARC1; p=reject\""], isSigned: true,
                forgery: ("p=reject", "p=nonsens")),
        ])
        var options = TestInstallation.Options()
        options.more = """
            resolver: { forwarders: [ "127.0.0.1:\(names.port)" ], trustAnchor: \(names.anchor) }
            authentication: { check: true }
            """
        let installation = try TestInstallation(options: options)
        let checked = try installation.stempel("check", installation.configuration)
        #expect(checked.status == 0, "\(checked)")
        let appliance = try installation.start()
        func send(_ domain: String, _ subject: String) throws -> String {
            let dialogue = try SMTPDialogue(port: appliance.smtp)
            try dialogue.begin()
            let text = "From: Jan <jan@\(domain)>\nTo: help@acme.example\nSubject: \(subject)\n\nHello\n"
            return try dialogue.mail(from: "jan@\(domain)", to: ["help@acme.example"], text: text)
        }
        #expect(try send("gone.customer.org", "No such name").hasPrefix("550 5.7.1"))
        #expect(try send("victim.org", "Forged").hasPrefix("550 5.7.1 Not accepted: the author's domain"))
        #expect(try send("forged.net", "Bogus").hasPrefix("250"))
        #expect(try send("customer.org", "Genuine").hasPrefix("250"))
        let agent = try appliance.imap(as: SampleDesk.agent1)
        let found = try agent.subjects(in: "New")
        #expect(found.map(\.subject) == ["[#1] Bogus", "[#2] Genuine"])
        let contents = try found.map { String(decoding: try agent.content(uid: $0.uid), as: UTF8.self) }
        #expect(contents[0].contains("Authentication-Results: mx.acme.example;\r\n spf=fail"))
        #expect(contents[0].contains("dmarc=temperror"))
        #expect(
            contents[1].contains(
                "spf=pass smtp.mailfrom=customer.org;\r\n dkim=none;\r\n dmarc=pass header.from=customer.org"))
        let genuine = try installation.stempel("why", installation.configuration, "#2").output
        #expect(genuine.contains("its origin was checked: spf pass, dkim none, dmarc pass"), "\(genuine)")
        let forged = try installation.stempel("why", installation.configuration, "jan@victim.org").output
        #expect(forged.contains("550 5.7.1 Not accepted"), "\(forged)")
    }
}
