import TestKit
import Testing

/// The imap:// and imaps:// addresses of curl.
@Suite struct CurlTests {
    /// curl as an agent: over TLS from the start, or with STARTTLS.
    private struct Curl {
        let url: String
        private let common: [String]

        init(_ appliance: RunningAppliance, startTLS: Bool) {
            url = startTLS ? "imap://127.0.0.1:\(appliance.imap)" : "imaps://127.0.0.1:\(appliance.imaps)"
            common = [
                "curl", "--silent", "--show-error", "--insecure", "--ssl-reqd", "--user",
                "\(SampleDesk.agent1.login):\(SampleDesk.agent1.password)",
            ]
        }

        func run(_ path: String, _ arguments: String...) throws -> Completed {
            try Completed.run(common + arguments + ["\(url)/\(path)"])
        }
    }

    @Test(arguments: [false, true]) func `curl reads, searches, flags, moves and files mail`(startTLS: Bool) throws {
        let appliance = try TestInstallation().start()
        for subject in ["For curl", "Another"] { try SMTPDialogue.deliver(CustomerMail(subject: subject), at: appliance) }
        let curl = Curl(appliance, startTLS: startTLS)
        let listed = try curl.run("")
        #expect(listed.output.contains("\"/\" \"INBOX\"") && listed.output.contains("Team/Agent Two"), "\(listed)")
        let fetched = try curl.run("New;UID=1")
        #expect(fetched.output.contains("Subject: [#1] For curl") && fetched.output.contains("Where is my parcel?"), "\(fetched)")
        let text = try curl.run("New;UID=1/;SECTION=TEXT")
        #expect(text.output == "Where is my parcel?\r\n", "\(text)")
        let second = try curl.run("New;MAILINDEX=2;SECTION=HEADER.FIELDS%20(SUBJECT)")
        #expect(second.output.contains("Subject: [#2] Another"), "\(second)")
        #expect(try curl.run("New;UID=3").status != 0)
        #expect(try curl.run("Nowhere;UID=1").status != 0)
        let found = try curl.run("New?SUBJECT%20curl")
        #expect(found.output == "* SEARCH 1\r\n", "\(found)")
        #expect(try curl.run("New", "--request", "STATUS INBOX (MESSAGES)").output.contains("(MESSAGES 0)"))
        let flagged = try curl.run("New", "--request", "UID STORE 2 +FLAGS (\\Flagged)")
        #expect(flagged.output.contains("\\Flagged"), "\(flagged)")
        let moved = try curl.run("New", "--request", "UID MOVE 2 INBOX")
        #expect(moved.status == 0 && moved.output.contains("EXPUNGE"), "\(moved)")
        #expect(try curl.run("INBOX;UID=1").output.contains("Subject: [#2] Another"))

        let directory = TemporaryDirectory()
        directory.write("Subject: Mine\r\n\r\nA note to myself.\r\n", to: "mine.eml")
        #expect(try curl.run("", "--request", "CREATE Private/Notes").status == 0)
        let filed = try curl.run("Private/Notes", "--upload-file", directory.file("mine.eml"))
        #expect(filed.status == 0, "\(filed)")
        #expect(try curl.run("Private/Notes;UID=1").output == directory.read("mine.eml"))
        #expect(try curl.run("Private/Notes", "--request", "SEARCH SUBJECT Mine").output.contains("* SEARCH 1"))
    }

    @Test func `curl submits an answer`() throws {
        let desk = try OpenCase()
        let directory = TemporaryDirectory()
        directory.write(desk.text().replacing("\n", with: "\r\n"), to: "answer.eml")
        let sent = try Completed.run([
            "curl", "--silent", "--show-error", "--insecure", "--ssl-reqd", "--user",
            "\(SampleDesk.agent1.login):\(SampleDesk.agent1.password)", "--mail-from", SampleDesk.agent1.login, "--mail-rcpt",
            "jan@customer.example", "--upload-file", directory.file("answer.eml"),
            "smtps://127.0.0.1:\(desk.appliance.submissions)/laptop.example",
        ])
        #expect(sent.status == 0, "\(sent)")
        #expect(try desk.relay.mails(atLeast: 1).first?.field("From") == "ACME Help <help@acme.example>")
    }
}
