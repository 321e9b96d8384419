import Foundation
import TestKit
import Testing

/// Mail that goes to the exchangers of its recipients, on several addresses of loopback, and the outbox that it waits in.
@Suite struct DirectDeliveryTests {
    /// A small internet: `alpha.net` with a dead and a living exchanger, `beta.net` without MX, `null.net` without mail,
    /// `dead.net` with nobody there.
    private static func internet(beta modes: String = "accept") throws -> (
        names: NameServer, alpha: Relay, beta: Relay, appliance: RunningAppliance, installation: TestInstallation
    ) {
        let alpha = try Relay(address: "127.0.1.1")
        let beta = try Relay(port: alpha.port, modes: modes, address: "127.0.1.2")
        let names = try NameServer([
            .init(
                "net",
                [
                    "alpha MX 10 dead.alpha", "alpha MX 20 mx.alpha", "dead.alpha A 127.0.1.9", "mx.alpha A 127.0.1.1",
                    "beta A 127.0.1.2", "null MX 0 .", "dead A 127.0.1.9",
                ], isSigned: true)
        ])
        var options = TestInstallation.Options()
        options.delivery = "delivery: { exchangerPort: \(alpha.port), retryAfter: [ 1h ] }"
        options.more = """
            resolver: { forwarders: [ "127.0.0.1:\(names.port)" ], trustAnchor: \(names.anchor) }
            authentication: { check: false }
            """
        let installation = try TestInstallation(options: options)
        let checked = try installation.stempel("check", installation.configuration)
        #expect(checked.status == 0, "\(checked)")
        return (names, alpha, beta, try installation.start(), installation)
    }

    private static func send(to recipients: [String], at appliance: RunningAppliance) throws -> String {
        let session = try SMTPDialogue(port: appliance.submissions, tls: true)
        try session.begin(login: SampleDesk.agent1.login, password: SampleDesk.agent1.password)
        let text = """
            From: Agent One <agent1@acme.example>
            To: \(recipients.joined(separator: ", "))
            Subject: Your parcel
            Message-ID: <\(recipients[0])>
            Date: Tue, 3 Mar 2026 13:00:00 +0100

            It left today.
            """
        return try session.mail(from: SampleDesk.agent1.login, to: recipients, text: text)
    }

    /// What `queue list --json` prints of a recipient, as soon as it is as wanted.
    private static func state(_ installation: TestInstallation, of recipient: String) throws -> String? {
        let listed = try installation.stempel("queue", "list", installation.configuration, "--json", "--to", recipient)
        #expect(listed.status == 0, "\(listed)")
        let object = try JSONSerialization.jsonObject(with: Data(listed.output.utf8)) as? [String: Any]
        let deliveries = object?["deliveries"] as? [[String: Any]]
        return deliveries?.first?["state"] as? String
    }

    /// Waits until an attempt with a recipient came to this.
    private static func settled(_ recipient: String, _ outcome: String, at appliance: RunningAppliance) throws {
        let found = appliance.process.errors.wait { lines in
            lines.first {
                $0.contains("delivery attempted") && $0.contains("delivery.recipient=\(recipient)")
                    && $0.contains("delivery.attempt=\(outcome)")
            }
        }
        guard found != nil else { throw WaitedInVain("\(recipient) is not \(outcome): \(appliance.log)") }
    }

    @Test func `mail finds the exchangers of each domain, and what cannot arrive is told in the case`() throws {
        let (names, alpha, beta, appliance, installation) = try Self.internet()
        try withExtendedLifetime(names) {
            let all = ["ann@alpha.net", "bob@beta.net", "nobody@null.net", "nowhere@gone.net", "late@dead.net"]
            #expect(try Self.send(to: all, at: appliance).hasPrefix("250"))
            #expect(try alpha.mails(atLeast: 1).map(\.recipients) == [["ann@alpha.net"]])
            #expect(try beta.mails(atLeast: 1).map(\.recipients) == [["bob@beta.net"]])
            try Self.settled("nobody@null.net", "failed", at: appliance)
            try Self.settled("nowhere@gone.net", "failed", at: appliance)
            try Self.settled("late@dead.net", "deferred", at: appliance)
            let agent = try appliance.imap(as: SampleDesk.agent1)
            let notices = try agent.subjects(in: "INBOX").filter { $0.subject.hasSuffix("Your answer was not delivered") }
            #expect(notices.count == 2)
            #expect(try Self.state(installation, of: "late@dead.net") == "deferred")
            #expect(try Self.state(installation, of: "ann@alpha.net") == nil)
        }
    }

    @Test func `a server that offers chunks and does not know them gets a mail by DATA, once`() throws {
        let (names, _, beta, appliance, _) = try Self.internet(beta: "unaware")
        try withExtendedLifetime(names) {
            #expect(try Self.send(to: ["bob@beta.net"], at: appliance).hasPrefix("250"))
            let first = try beta.mails(atLeast: 1)
            #expect(first.map(\.recipients) == [["bob@beta.net"]] && first[0].content.contains("\r\n\r\nIt left today.\r\n"))
            // On a connection of its own; none of its lines was taken for a command that does something.
            try beta.waitForConnections(2)
            #expect(beta.events("chunk") == 1)
            #expect(try Self.send(to: ["eve@beta.net"], at: appliance).hasPrefix("250"))
            #expect(try beta.mails(atLeast: 2).map(\.recipients) == [["bob@beta.net"], ["eve@beta.net"]])
            #expect(beta.events("chunk") == 1)
        }
    }

    @Test func `what was asked about a failure comes with the notice`() throws {
        let (names, _, _, appliance, _) = try Self.internet()
        try withExtendedLifetime(names) {
            let session = try SMTPDialogue(port: appliance.submissions, tls: true)
            try session.begin(login: SampleDesk.agent1.login, password: SampleDesk.agent1.password)
            _ = try session.say("MAIL FROM:<\(SampleDesk.agent1.login)> RET=FULL ENVID=QQ+2B1")
            #expect(try session.say("RCPT TO:<nobody@null.net> NOTIFY=FAILURE ORCPT=rfc822;old+40null.net").hasPrefix("250"))
            _ = try session.say("DATA")
            let text = [
                "From: Agent One <agent1@acme.example>", "To: nobody@null.net", "Subject: Your parcel",
                "Message-ID: <full@laptop.local>", "Date: Tue, 3 Mar 2026 13:00:00 +0100", "", "It left today.", ".",
            ]
            #expect(try session.say(text.joined(separator: "\r\n")).hasPrefix("250"))
            try Self.settled("nobody@null.net", "failed", at: appliance)
            let agent = try appliance.imap(as: SampleDesk.agent1)
            let notice = try #require(try agent.subjects(in: "INBOX").first { $0.subject.hasSuffix("was not delivered") })
            let content = String(decoding: try agent.content(uid: notice.uid), as: UTF8.self)
            for words in [
                "Original-Envelope-Id: QQ+1\r\n", "Original-Recipient: rfc822; old@null.net\r\n", "Status: 5.1.10\r\n",
                "Content-Type: message/rfc822\r\n", "\r\n\r\nIt left today.\r\n",
            ] { #expect(content.contains(words), "\(words) in \(content)") }
        }
    }

    @Test func `a destination that is left alone is tried when an operator asks for it, and only that`() throws {
        let (names, _, beta, appliance, installation) = try Self.internet()
        try withExtendedLifetime(names) {
            func queue(_ words: String...) throws -> Completed {
                try Completed.run(
                    [TestInstallation.binary, "queue", words[0], installation.configuration] + words.dropFirst())
            }
            // Out of reach twice in a row: it has a pause.
            for number in 1...2 {
                #expect(try Self.send(to: ["late\(number)@dead.net"], at: appliance).hasPrefix("250"))
                try Self.settled("late\(number)@dead.net", "deferred", at: appliance)
            }
            #expect(try queue("list").output.contains("dead.net is left alone until"))
            let dead = try Relay(port: beta.port, address: "127.0.1.9")
            #expect(try queue("retry", "--destination", "dead.net").output == "2 deliveries to be tried now.\n")
            #expect(Set(try dead.mails(atLeast: 2).flatMap(\.recipients)) == ["late1@dead.net", "late2@dead.net"])
            let told = appliance.process.errors.wait { lines in
                lines.first { $0.contains("delivery.recipient=late1@dead.net") && $0.contains("delivery.attempt=delivered") }
            }
            #expect(told?.contains("delivery.server=dead.net[127.0.1.9]:\(beta.port)") == true, "\(told ?? "nothing")")
        }
    }

    @Test func `what is on the wire is neither cancelled nor held`() throws {
        let (names, _, beta, appliance, installation) = try Self.internet(beta: "mute")
        try withExtendedLifetime(names) {
            #expect(try Self.send(to: ["bob@beta.net"], at: appliance).hasPrefix("250"))
            try beta.waitForConnections(1)
            let listed = try installation.stempel("queue", "list", installation.configuration)
            #expect(listed.output.hasPrefix("1 on the wire: bob@beta.net from <"), "\(listed)")
            for verb in ["cancel", "hold"] {
                let done = try installation.stempel("queue", verb, installation.configuration, "--destination", "beta.net")
                #expect(done.status == 66 && done.errors.contains("on the wire just now"), "\(done)")
            }
            let agent = try appliance.imap(as: SampleDesk.agent1)
            #expect(try agent.subjects(in: "INBOX").allSatisfy { !$0.subject.hasSuffix("was not delivered") })
            // The server went without a word: now it can be.
            try beta.stop()
            try Self.settled("bob@beta.net", "deferred", at: appliance)
            let cancelled = try installation.stempel("queue", "cancel", installation.configuration, "--destination", "beta.net")
            #expect(cancelled.output == "1 delivery cancelled.\n", "\(cancelled)")
        }
    }

    @Test func `an operator lists, holds, releases, retries and cancels what waits`() throws {
        let (names, _, beta, appliance, installation) = try Self.internet()
        try withExtendedLifetime(names) {
            #expect(try Self.send(to: ["late@dead.net"], at: appliance).hasPrefix("250"))
            try Self.settled("late@dead.net", "deferred", at: appliance)
            func queue(_ words: String...) throws -> Completed {
                try Completed.run(
                    [TestInstallation.binary, "queue", words[0], installation.configuration] + words.dropFirst())
            }
            let held = try queue("hold", "--destination", "dead.net")
            #expect(held.status == 0 && held.output == "1 delivery held.\n", "\(held)")
            #expect(try Self.state(installation, of: "late@dead.net") == "held")
            #expect(try queue("flush").output == "0 deliveries to be tried now.\n")
            // Somebody is there now: released, the mail arrives.
            let dead = try Relay(port: beta.port, address: "127.0.1.9")
            let shown = try queue("show", "1")
            #expect(shown.output.contains("late@dead.net: held, 1 attempts"), "\(shown)")
            #expect(try queue("release", "1").output == "1 delivery to be tried now.\n")
            #expect(try dead.mails(atLeast: 1).map(\.recipients) == [["late@dead.net"]])
            #expect(try queue("retry", "1").status == 66)
            #expect(try queue("cancel").status == 65)
            try dead.stop()
            #expect(try Self.send(to: ["lost@dead.net"], at: appliance).hasPrefix("250"))
            try Self.settled("lost@dead.net", "deferred", at: appliance)
            #expect(try queue("cancel", "--to", "lost@dead.net").output == "1 delivery cancelled.\n")
            let agent = try appliance.imap(as: SampleDesk.agent1)
            #expect(
                try agent.subjects(in: "INBOX").contains { $0.subject.hasSuffix("Your answer was not delivered") })
            #expect(try Self.state(installation, of: "lost@dead.net") == nil)
        }
    }
}
