import Testing

/// The IMAP client of Python's library.
@Suite struct ImaplibTests {
    @Test func `imaplib walks through the mailboxes`() throws {
        let appliance = try TestInstallation().start()
        for number in 1...3 { try SMTPDialogue.deliver(CustomerMail(subject: "Number \(number)"), at: appliance) }
        let walked = try Completed.run([
            "python3", Fixtures.path("imaplib_walk.py"), String(appliance.imap), String(appliance.imaps),
            SampleDesk.agent1.login, SampleDesk.agent1.password,
        ])
        #expect(walked.status == 0, "\(walked)")
    }
}
