import Glibc
import TestKit
import Testing

/// A real rspamd learns what agents put into Spam and take out of it.
@Suite(.timeLimit(.minutes(5)), .enabled(if: access("/usr/bin/rspamd", X_OK) == 0, "needs rspamd"))
struct FilterLearningTests {
    private static let password = "open sesame"

    /// An rspamd with a filter, a controller, and a memory of its own.
    private func rspamd(in folder: TemporaryDirectory) throws -> (process: ChildProcess, milter: String, controller: String) {
        let (milter, controller) = (folder.file("milter.sock"), folder.file("controller.sock"))
        let configuration = folder.write(
            """
            options {
              dns { nameserver = ["127.0.0.1:1"]; timeout = 0.1s; retransmits = 1; }
              filters = ""; control_socket = "\(folder.file("control.sock")) mode=0600"; temp_dir = "\(folder.path)";
            }
            logging { type = "console"; level = "info"; }
            worker "rspamd_proxy" {
              bind_socket = "\(milter) mode=0666"; milter = yes; count = 1; timeout = 20s;
              upstream "local" { default = yes; self_scan = yes; }
            }
            worker "controller" {
              bind_socket = "\(controller) mode=0666"; password = "\(Self.password)"; count = 1; secure_ip = "192.0.2.1";
            }
            classifier "bayes" {
              tokenizer { name = "osb"; }
              backend = "sqlite3"; min_tokens = 1; min_learns = 1; languages_enabled = true;
              statfile { symbol = "BAYES_HAM"; spam = false; path = "\(folder.file("ham.sqlite"))"; }
              statfile { symbol = "BAYES_SPAM"; spam = true; path = "\(folder.file("spam.sqlite"))"; }
            }
            actions { reject = 1000; add_header = 600; }

            """, to: "rspamd.conf")
        chmod(folder.path, 0o777)
        let process = try ChildProcess(
            ["rspamd", "-f", "-i", "-c", configuration], environment: ["TMPDIR": folder.path])
        return (process, milter, controller)
    }

    @Test func `a mail is learned as spam, and as ham when it is taken out again`() throws {
        let folder = TemporaryDirectory()
        let (process, milter, controller) = try rspamd(in: folder)
        let secret = folder.write(Self.password + "\n", to: "secret")
        let learning = "learning: { controller: \"unix:\(controller)\", passwordFile: \"\(secret)\" }"
        let desk = try FilteredDesk(filters: "  - { name: rspamd, milter: \"unix:\(milter)\", \(learning) }")
        let body = "Buy cheap pills and watches from our store now, the best offers of the year, click here today.\n"
        let end = ContinuousClock.now + Patience.default
        var reply = ""
        while !reply.hasPrefix("250"), ContinuousClock.now < end { reply = try desk.send(body: body) }
        #expect(reply.hasPrefix("250"), "\(reply) \(process.output.all.suffix(10))")
        let agent = try desk.appliance.imap(as: SampleDesk.agent1)
        for (from, to, lesson) in [("New", "Spam", "spam"), ("Spam", "INBOX", "ham")] {
            let first = try #require(try agent.subjects(in: from).first)
            #expect(try agent.run("UID MOVE \(first.uid) \(to)").isOK)
            let taught = desk.appliance.process.errors.wait { lines in
                lines.first { $0.contains("filter.lesson=\(lesson)") && $0.contains("spam filter") }
            }
            #expect(taught?.contains("spam filter taught") == true, "\(String(describing: taught)) \(desk.appliance.log.suffix(5))")
        }
        let said = try #require(
            process.output.wait { lines -> [String]? in
                let said = (lines + process.errors.all).filter { $0.contains("learned message as") }
                return said.count >= 2 ? said : nil
            }, "\((process.output.all + process.errors.all).suffix(20))")
        #expect(said[0].contains("as spam") && said[1].contains("as ham"), "\(said)")
    }
}
