import TestKit
import Testing

/// Fetching without deleting, by getmail.
@Suite struct GetmailTests {
    @Test func `each mail is fetched once, and all stay`() throws {
        let appliance = try TestInstallation().start()
        for number in 1...3 { try SMTPDialogue.deliver(CustomerMail(subject: "Number \(number)"), at: appliance) }
        let directory = TemporaryDirectory()
        directory.write("", to: "mails")
        directory.write(
            """
            [retriever]
            type = SimpleIMAPSSLRetriever
            server = 127.0.0.1
            port = \(appliance.imaps)
            username = \(SampleDesk.agent1.login)
            password = \(SampleDesk.agent1.password)
            mailboxes = ("INBOX", "New")
            [destination]
            type = MDA_external
            path = /usr/bin/tee
            arguments = ("-a", "\(directory.file("mails"))")
            allow_root_commands = true
            [options]
            read_all = false
            delete = false
            delivered_to = false
            received = false

            """, to: "getmailrc")
        func fetched() throws -> [String] {
            let ended = try Completed.run(
                ["getmail", "--getmaildir", directory.path, "--rcfile", "getmailrc"], environment: ["HOME": directory.path])
            #expect(ended.status == 0 && !ended.errors.contains("rror"), "\(ended)")
            return directory.read("mails").split(whereSeparator: \.isNewline).filter { $0.hasPrefix("Subject: ") }
                .map { String($0.dropFirst(9)) }
        }
        let first = (1...3).map { "[#\($0)] Number \($0)" }
        #expect(try fetched() == first)
        #expect(try fetched() == first)
        try SMTPDialogue.deliver(CustomerMail(subject: "Number 4"), at: appliance)
        #expect(try fetched() == first + ["[#4] Number 4"])
        #expect(try fetched() == first + ["[#4] Number 4"])
        #expect(try appliance.imap(as: SampleDesk.agent1).subjects(in: "New").count == 4)
    }
}
