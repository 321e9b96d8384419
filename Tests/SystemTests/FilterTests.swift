import Foundation
import Glibc
import TestKit
import Testing

/// Filters by the milter protocol: one of our own that does what a mail says, and the real ones.
@Suite(.timeLimit(.minutes(5))) struct FilterTests {
    @Test func `a filter is told everything, and what it says is done`() throws {
        let (milter, port) = try FilteredDesk.milter()
        let desk = try FilteredDesk(filters: FilteredDesk.filter(port))
        #expect(try desk.send("X-Do: nothing").hasPrefix("250"))
        let told = try #require(milter.output.wait { $0.count > 1 ? $0[1] : nil })
        let mail = try #require(try JSONSerialization.jsonObject(with: Data(told.utf8)) as? [String: Any])
        #expect(mail["client"] as? String == "[127.0.0.1]" && mail["sender"] as? String == "<jan@customer.example>")
        #expect(mail["recipients"] as? [String] == ["<help@acme.example>"])
        #expect(mail["header"] as? [String] == ["From", "To", "Subject", "Date", "Message-ID", "X-Do"])
        #expect(mail["body"] as? Int == 14)
        let refused = try desk.send("X-Do: reject")
        #expect(refused.hasPrefix("554 5.7.1 We do not want this"), "\(refused)")
        #expect(try desk.send("X-Do: later").hasPrefix("451 4.7.1 "))
        #expect(try desk.send("X-Do: discard").hasPrefix("250"))
        #expect(try desk.send("X-Do: quarantine").hasPrefix("250"))
        #expect(try desk.subjects(in: "New") == 1 && desk.subjects(in: "Spam") == 1)
        let installation = desk.appliance.installation
        let why = try installation.stempel("why", installation.configuration, "#2").output
        #expect(why.contains("status new -> spam: filter ours: looks bad"), "\(why)")
        let shown = try installation.stempel("case", "show", installation.configuration, "2").output
        #expect(shown.contains("status new -> spam: filter ours: looks bad"), "\(shown)")
    }

    @Test func `what a filter throws away or refuses, and that it did not answer, is told by log and records`() throws {
        let (milter, port) = try FilteredDesk.milter()
        defer { withExtendedLifetime(milter) {} }
        let desk = try FilteredDesk(filters: FilteredDesk.filter(port))
        let installation = desk.appliance.installation
        let rows = [
            ("discard", "mail discarded by a filter", "taken and thrown away", "250 2.6.0 Accepted (filter ours)"),
            ("reject", "mail refused by a filter", "refused", "554 5.7.1 We do not want this (filter ours)"),
            ("hang-up", "mail put off, a filter did not answer", "refused", "(filter ours did not answer)"),
        ]
        for (what, line, verb, end) in rows {
            _ = try desk.send("X-Do: \(what)", id: what)
            var why = ""
            for _ in 0..<100 where !why.contains(verb) {
                why = try installation.stempel("why", installation.configuration, "<\(what)@customer.example>").output
            }
            #expect(why.contains("\(verb) from 127.0.0.1 (HELO client.example, in the clear"), "\(why)")
            #expect(why.contains("<jan@customer.example> to <help@acme.example>") && why.contains(end), "\(why)")
            let words = [line, "127.0.0.1", "jan@customer.example", "help@acme.example", "<\(what)@customer.example>"]
            #expect(
                desk.appliance.log.contains { logged in words.allSatisfy(logged.contains) }, "\(desk.appliance.log.suffix(3))")
        }
        _ = try desk.send("X-Do: nothing", id: "fine")
        let words = ["mail accepted", "smtp.peer", "jan@customer.example", "<fine@customer.example>", "250 2.6.0"]
        let isTold = desk.appliance.process.errors.wait { lines in
            lines.contains { line in words.allSatisfy(line.contains) } ? true : nil
        }
        #expect(isTold == true, "\(desk.appliance.log.suffix(3))")
    }

    @Test func `fields that a filter adds are shown and seen by rules, and cannot be ours`() throws {
        let (milter, port) = try FilteredDesk.milter()
        defer { withExtendedLifetime(milter) {} }
        let rules = """
            rules:
              - name: spam
                when: { header: { X-Spam: "Yes*" } }
                then: { tag: suspicious }

            """
        let desk = try FilteredDesk(filters: FilteredDesk.filter(port), desk: SampleDesk.text + rules)
        let reply = try desk.send("X-Do: change")
        #expect(reply.hasPrefix("250"), "\(reply) \(desk.appliance.log.suffix(3))")
        let agent = try desk.appliance.imap(as: SampleDesk.agent1)
        let first = try #require(try agent.subjects(in: "New").first)
        let text = String(decoding: try agent.content(uid: first.uid), as: UTF8.self)
        #expect(text.contains("X-Spam: Yes, score=8\r\n of 15\r\n"))
        #expect(text.contains("X-Stempel-Case: 1\r\n") && !text.contains("X-Stempel-Case: 99") && !text.contains("X-Do"))
        #expect(try agent.run("FETCH 1 FLAGS").texts.contains { $0.contains("suspicious") })
    }

    @Test(arguments: ["hang-up", "wait"]) func `a filter that fails is passed over, or mail waits for it, as configured`(
        failure: String
    ) throws {
        let (milter, port) = try FilteredDesk.milter()
        defer { withExtendedLifetime(milter) {} }
        let strict = try FilteredDesk(filters: "  - { name: ours, milter: \"127.0.0.1:\(port)\", deadline: 1s }")
        #expect(try strict.send("X-Do: \(failure)").hasPrefix("451 4.7.1 "))
        #expect(try strict.subjects(in: "New") == 0)
        #expect(strict.appliance.log.contains { $0.contains("a filter did not answer") })
        let mild = try FilteredDesk(
            filters: "  - { name: ours, milter: \"127.0.0.1:\(port)\", deadline: 1s, onFailure: accept }\n" + FilteredDesk.filter(port))
        // Passed over by the first, refused by the second.
        let refused = try mild.send("X-Do: reject")
        #expect(refused.hasPrefix("554"), "\(refused) \(mild.appliance.log.suffix(3))")
        let taken = try mild.send()
        #expect(taken.hasPrefix("250"), "\(taken) \(mild.appliance.log.suffix(3))")
    }

    @Test func `a filter that is not there keeps mail waiting outside`() throws {
        let desk = try FilteredDesk(filters: "  - { name: gone, milter: \"unix:/nonexistent/filter.sock\" }")
        #expect(try desk.send().hasPrefix("451 4.7.1 "))
    }

    @Test func `a filter reads a large body piece by piece`() throws {
        let (milter, port) = try FilteredDesk.milter()
        let desk = try FilteredDesk(filters: FilteredDesk.filter(port))
        let body = String(repeating: String(repeating: "x", count: 70) + "\n", count: 10_000)
        #expect(try desk.send("X-Do: nothing", body: body).hasPrefix("250"))
        let told = try #require(milter.output.wait { $0.count > 1 ? $0[1] : nil })
        let mail = try #require(try JSONSerialization.jsonObject(with: Data(told.utf8)) as? [String: Any])
        #expect(mail["body"] as? Int == 720_000)
    }

    @Test func `the score of a filter sends to Spam, is told to rules, or refuses, as its thresholds say`() throws {
        let (milter, port) = try FilteredDesk.milter()
        defer { withExtendedLifetime(milter) {} }
        let rules = "rules: [ { name: spam, when: { authentication: { spam: fail } }, then: { tag: suspicious } } ]\n"
        let mild = try FilteredDesk(
            filters: FilteredDesk.filter(port, ", score: { field: X-Spam, quarantineAt: 9, tagAt: 8 }"),
            desk: SampleDesk.text + rules)
        #expect(try mild.send("X-Do: change").hasPrefix("250"))
        // What the sender writes into the field does not count.
        #expect(try mild.send("X-Spam: Yes, score=99").hasPrefix("250"))
        let agent = try mild.appliance.imap(as: SampleDesk.agent1)
        #expect(try agent.subjects(in: "New").count == 2)
        #expect(try agent.run("FETCH 1:* FLAGS").texts.map { $0.contains("suspicious") } == [true, false])
        let strict = try FilteredDesk(
            filters: FilteredDesk.filter(port, ", score: { field: x-spam, rejectAt: 8, quarantineAt: 4 }"))
        #expect(try strict.send("X-Do: change") == "550 5.7.1 Not accepted: a filter takes this mail for spam")
        #expect(try strict.send("X-Do: nothing").hasPrefix("250"))
        let spam = try FilteredDesk(filters: FilteredDesk.filter(port, ", score: { field: X-Spam, quarantineAt: 8 }"))
        #expect(try spam.send("X-Do: change").hasPrefix("250"))
        #expect(try spam.subjects(in: "Spam") == 1)
    }

    // MARK: - The real ones

    /// A mail sent again until the filter is there to look at it.
    private func settle(_ desk: FilteredDesk, _ process: ChildProcess, _ send: () throws -> String) throws -> String {
        let end = ContinuousClock.now + Patience.default
        while ContinuousClock.now < end {
            let reply = try send()
            if !reply.hasPrefix("451 4.7.1 This mail cannot be looked at") { return reply }
        }
        throw WaitedInVain("no filter: \((process.errors.all + process.output.all).suffix(20))")
    }

    @Test(.enabled(if: access("/usr/sbin/opendkim", X_OK) == 0, "needs opendkim"))
    func `OpenDKIM looks at a mail and tells its result`() throws {
        let folder = TemporaryDirectory()
        let socket = folder.file("socket")
        let configuration = folder.write(
            "AlwaysAddARHeader yes\nAuthservID filter.example\nUMask 000\nMode v\nSyslog no\n", to: "opendkim.conf")
        let process = try ChildProcess(["opendkim", "-f", "-p", "local:\(socket)", "-x", configuration])
        let desk = try FilteredDesk(filters: "  - { name: opendkim, milter: \"unix:\(socket)\" }")
        #expect(try settle(desk, process) { try desk.send() }.hasPrefix("250"))
        let agent = try desk.appliance.imap(as: SampleDesk.agent1)
        let first = try #require(try agent.subjects(in: "New").first)
        let text = String(decoding: try agent.content(uid: first.uid), as: UTF8.self)
        #expect(text.contains("Authentication-Results: filter.example; dkim=none"), "\(text)")
    }

    @Test(.enabled(if: access("/usr/bin/rspamd", X_OK) == 0, "needs rspamd"))
    func `rspamd refuses the test mail for spam filters, and lets others in`() throws {
        let folder = TemporaryDirectory()
        let socket = folder.file("rspamd.sock")
        let configuration = folder.write(
            """
            options {
              dns { nameserver = ["127.0.0.1:1"]; timeout = 0.1s; retransmits = 1; }
              filters = ""; control_socket = "\(folder.file("control.sock")) mode=0600"; temp_dir = "\(folder.path)";
            }
            logging { type = "console"; level = "info"; }
            worker "rspamd_proxy" {
              bind_socket = "\(socket) mode=0666"; milter = yes; count = 1; timeout = 20s;
              upstream "local" { default = yes; self_scan = yes; }
            }
            actions { reject = 15; add_header = 6; }

            """, to: "rspamd.conf")
        chmod(folder.path, 0o777)
        let process = try ChildProcess(
            ["rspamd", "-f", "-i", "-c", configuration], environment: ["TMPDIR": folder.path])
        let desk = try FilteredDesk(filters: "  - { name: rspamd, milter: \"unix:\(socket)\" }")
        #expect(try settle(desk, process) { try desk.send() }.hasPrefix("250"))
        let spam = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\n"
        let refused = try desk.send(body: spam)
        #expect(refused.hasPrefix("5") && refused.lowercased().contains("gtube"), "\(refused)")
        #expect(try desk.subjects(in: "New") == 1)
    }

    @Test(.enabled(if: access("/usr/sbin/clamav-milter", X_OK) == 0, "needs clamav-milter"))
    func `ClamAV refuses the test file for virus scanners`() throws {
        let folder = TemporaryDirectory()
        let (socket, clamd) = (folder.file("milter.sock"), folder.file("clamd.sock"))
        mkdir(folder.file("db"), 0o755)
        // The only signature that is needed: the test file's.
        folder.write("44d88612fea8a8f36de82e1278abb02f:68:Eicar-Test-Signature\n", to: "db/eicar.hdb")
        let scanner = try ChildProcess([
            "clamd", "-F", "-c",
            folder.write(
                "LocalSocket \(clamd)\nDatabaseDirectory \(folder.file("db"))\nForeground yes\nScanMail yes\n"
                    + "TemporaryDirectory \(folder.path)\n", to: "clamd.conf"),
        ])
        let process = try ChildProcess([
            "clamav-milter", "-c",
            folder.write(
                "MilterSocket unix:\(socket)\nClamdSocket unix:\(clamd)\nForeground yes\nOnInfected Reject\nOnFail Defer\n"
                    + "TemporaryDirectory \(folder.path)\n", to: "milter.conf"),
        ])
        let desk = try FilteredDesk(filters: "  - { name: clamav, milter: \"unix:\(socket)\" }")
        let first = try settle(desk, process) {
            let reply = try desk.send()
            // The milter is there before its scanner.
            return reply.hasPrefix("451") ? "451 4.7.1 This mail cannot be looked at" : reply
        }
        #expect(first.hasPrefix("250"), "\(first) \(scanner.errors.all) \(scanner.output.all)")
        let virus = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
        let attachment = Data(virus.utf8).base64EncodedString()
        let refused = try desk.send(
            "MIME-Version: 1.0\nContent-Type: application/octet-stream; name=a.com\nContent-Transfer-Encoding: base64",
            body: attachment + "\n")
        #expect(refused.hasPrefix("5"), "\(refused)")
        #expect(try desk.subjects(in: "New") == 1)
    }
}
