import TestKit
import Testing

/// What is asked about strangers' hosts, and mail that is put off.
@Suite(.timeLimit(.minutes(5))) struct TrustTests {
    private func installation(
        _ records: [String], _ abuse: String, desk: String = SampleDesk.text
    ) throws -> (TestInstallation, NameServer) {
        let names = try NameServer([.init("org", records)])
        var options = TestInstallation.Options()
        options.more = """
            resolver: { forwarders: [ "127.0.0.1:\(names.port)" ], trustAnchor: none }
            authentication: { check: true }
            abuse: { allow: [ 127.0.0.1 ], greetingDelay: 0s, networkFactor: 100, connections: none, mails: none, recipients: none, \(abuse) }
            """
        return (try TestInstallation(desk: desk, options: options), names)
    }

    private func send(
        _ appliance: RunningAppliance, from host: String, helo: String = "mail.customer.org", _ subject: String,
        to recipient: String = "help@acme.example"
    ) throws -> String {
        let dialogue = try SMTPDialogue(port: appliance.smtp, from: host)
        _ = try dialogue.say("EHLO \(helo)")
        let text = "From: Jan <jan@customer.org>\nTo: \(recipient)\nSubject: \(subject)\n\nHello \(subject)\n"
        return try dialogue.mail(from: "jan@customer.org", to: [recipient], text: text)
    }

    @Test func `lists refuse, send to Spam or only tell, and rules ask about the host`() throws {
        let desk =
            SampleDesk.text + """
                rules:
                  - { name: unnamed, when: { authentication: { iprev: fail, helo: fail } }, then: { tag: unnamed } }
                  - { name: listed, when: { authentication: { dnsbl: fail } }, then: { tag: listed } }

                """
        let (installation, names) = try installation(
            [
                "mail.customer A 127.0.0.9", "20.0.0.127.bad A 127.0.0.2", "21.0.0.127.bad A 127.0.0.2",
                "21.0.0.127.good A 127.0.0.2", "22.0.0.127.odd A 127.0.0.4", "23.0.0.127.bad A 127.255.255.254",
            ],
            "lists: [ { zone: bad.org, score: 5 }, { zone: good.org, score: -3 }, { zone: odd.org, score: 3, answers: 127.0.0.4 } ], "
                + "rejectAt: 5, quarantineAt: 3, tagAt: 1", desk: desk)
        try withExtendedLifetime(names) {
            let checked = try installation.stempel("check", installation.configuration)
            #expect(checked.status == 0, "\(checked)")
            let appliance = try installation.start()
            #expect(try send(appliance, from: "127.0.0.9", "Named").hasPrefix("250"))
            #expect(
                try send(appliance, from: "127.0.0.20", "Bad")
                    == "550 5.7.1 Not accepted: your address 127.0.0.20 is listed by bad.org")
            #expect(try send(appliance, from: "127.0.0.20", "Complaint", to: "postmaster@acme.example").hasPrefix("250"))
            #expect(try send(appliance, from: "127.0.0.21", "Both").hasPrefix("250"))
            #expect(try send(appliance, from: "127.0.0.22", "Odd").hasPrefix("250"))
            #expect(try send(appliance, from: "127.0.0.23", helo: "localhost", "Error").hasPrefix("250"))
            let agent = try appliance.imap(as: SampleDesk.agent1)
            let found = try agent.subjects(in: "New").map(\.subject)
            #expect(found == ["[#1] Named", "[#3] Both", "[#5] Error"], "\(found)")
            let contents = try agent.subjects(in: "New").map { String(decoding: try agent.content(uid: $0.uid), as: UTF8.self) }
            // Of loopback the resolver knows by itself that nobody has a name there.
            #expect(contents[0].contains("iprev=permerror policy.iprev=127.0.0.9"))
            #expect(contents[0].contains("Received: from mail.customer.org ([127.0.0.9])"))
            #expect(contents[1].contains("dnsbl=fail dns.zone=bad.org policy.ip=127.0.0.2"))
            #expect(contents[1].contains("dnswl=pass dns.zone=good.org policy.ip=127.0.0.2"))
            let tags = try agent.run("UID FETCH 1:* (FLAGS)").texts
            #expect(tags.map { $0.contains("unnamed") } == [false, true, true], "\(tags)")
            #expect(tags.map { $0.contains("listed") } == [false, true, false], "\(tags)")
            let spam = try appliance.imap(as: SampleDesk.supervisor1).subjects(in: "Spam").map(\.subject)
            #expect(spam == ["[#2] Complaint", "[#4] Odd"], "\(spam)")
            let why = try installation.stempel("why", installation.configuration, "127.0.0.20").output
            #expect(why.contains("is listed by bad.org"), "\(why)")
            let story = try installation.stempel("why", installation.configuration, "#1").output
            #expect(story.contains("iprev fail") && story.contains("helo pass"), "\(story)")
            let odd = try installation.stempel("why", installation.configuration, "#4").output
            #expect(odd.contains("status new -> spam: host listed by odd.org, score 3"), "\(odd)")
        }
    }

    @Test func `strangers' mail is put off once, that of known domains and answers to ours is not, after a restart too`() throws {
        let (installation, names) = try installation(
            ["mail.customer A 127.0.0.9", "customer TXT \"v=spf1 ip4:127.0.0.0/24 -all\""],
            "greylist: { delay: 1s, retryWithin: 1h }")
        try withExtendedLifetime(names) {
            let appliance = try installation.start()
            #expect(try send(appliance, from: "127.0.0.9", "First").hasPrefix("451 4.7.1"))
            #expect(try send(appliance, from: "127.0.0.9", "Too soon").hasPrefix("451 4.7.1"))
            var again = ""
            let end = ContinuousClock.now + Patience.default
            while !again.hasPrefix("250"), ContinuousClock.now < end {
                again = try send(appliance, from: "127.0.0.9", "Again")
            }
            #expect(again.hasPrefix("250"))
            _ = try appliance.terminate()
            let restarted = try installation.start()
            // Another host and recipient: the domain is known now, and SPF vouches for it.
            #expect(try send(restarted, from: "127.0.0.77", "Known", to: "info@acme.example").hasPrefix("250"))
            let why = try installation.stempel("why", installation.configuration, "jan@customer.org").output
            #expect(why.contains("451 4.7.1 Not accepted yet"), "\(why)")
        }
    }
}
