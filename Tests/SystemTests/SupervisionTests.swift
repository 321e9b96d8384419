import TestKit
import Testing

/// Who supervises a pool no more sees nothing of it from then on, in sessions that were open before either (DESIGN §3).
@Suite struct SupervisionTests {
    /// Agent Two supervises Help, too, so that somebody is left to approve.
    private static let desk = SampleDesk.text.replacing(
        "role: agent, initialPassword: \"correct horse 2\"", with: "role: supervisor, initialPassword: \"correct horse 2\"")
    private static let before = desk.replacing(
        "supervisors: [ supervisor1@acme.example ]\n  - name", with: "supervisors: [ supervisor1@acme.example, agent2@acme.example ]\n  - name")
    /// Supervisor One does not supervise Help any more, and may be a member of it.
    private static func after(isMember: Bool) -> String {
        let desk = desk.replacing(
            "supervisors: [ supervisor1@acme.example ]\n  - name", with: "supervisors: [ agent2@acme.example ]\n  - name")
        return isMember
            ? desk.replacing("trainee1@acme.example: 1 }", with: "trainee1@acme.example: 1, supervisor1@acme.example: 1 }")
            : desk
    }

    /// What a session is told of a mailbox that it has selected: the lines until its end, if it ends.
    private func told(_ client: IMAPDialogue) throws -> (lines: [String], isOver: Bool) {
        var lines: [String] = []
        for command in ["UID FETCH 1:* (FLAGS ENVELOPE)", "NOOP", "UID FETCH 1:* (FLAGS ENVELOPE)"] {
            let tag = try client.start(command)
            while let line = try client.readLine() {
                lines.append(line.text)
                if line.text.hasPrefix("* BYE") { return (lines, true) }
                if line.text.hasPrefix("\(tag) ") { break }
            }
        }
        return (lines, false)
    }

    @Test(arguments: [false, true])
    func `status views, Approval and the notice go with the supervision`(isMember: Bool) throws {
        let relay = try Relay(modes: "accept")
        var options = TestInstallation.Options()
        options.relayPort = relay.port
        let appliance = try TestInstallation(desk: Self.before, options: options).start()
        for (number, subject) in ["Parcel", "Other"].enumerated() {
            try SMTPDialogue.deliver(
                CustomerMail(subject: "\(subject) SECRETWORDS", id: "<m\(number)@customer.example>"), at: appliance)
        }
        let session = try SMTPDialogue(port: appliance.submissions, tls: true)
        try session.begin(login: SampleDesk.trainee1.login, password: SampleDesk.trainee1.password)
        let answer = """
            From: trainee1@acme.example
            To: jan@customer.example
            Subject: Re: [#1] Parcel SECRETWORDS
            Message-ID: <t1@laptop.example>
            In-Reply-To: <m0@customer.example>

            It left today.
            """
        #expect(try session.mail(from: SampleDesk.trainee1.login, to: ["jan@customer.example"], text: answer).hasPrefix("250"))

        let places = ["Pools/Help/New", "Pools/Help/Approval", "Pools/Help", "New", "Approval"]
        let sessions = try places.map { place in
            let client = try appliance.imap(as: SampleDesk.supervisor1)
            #expect(try client.subjects(in: place).contains { $0.subject.contains("SECRETWORDS") }, "\(place)")
            return (place, client)
        }
        let inbox = try appliance.imap(as: SampleDesk.supervisor1)
        try inbox.wait(for: "EXISTS", in: "INBOX") { $0.count == 1 }

        let installation = appliance.installation
        installation.directory.write(Self.after(isMember: isMember), to: "desk.yaml")
        let applied = try installation.stempel("desk", "apply", installation.configuration, installation.directory.file("desk.yaml"))
        #expect(applied.status == 0, "\(applied)")
        for (place, client) in sessions where !isMember || place.hasSuffix("Approval") || place.hasPrefix("Pools/Help/") {
            let told = try told(client)
            #expect(!told.lines.contains { $0.contains("SECRETWORDS") || $0.contains("ENVELOPE") }, "\(place): \(told)")
            #expect(told.isOver || place == "Approval", "\(place): \(told)")
        }
        let client = try appliance.imap(as: SampleDesk.supervisor1)
        for place in ["Pools/Help/New", "Pools/Help/Approval"] { #expect(try !client.run("SELECT \(place)").isOK, "\(place)") }
        #expect(try client.run("LIST \"\" Pools/Help/*").texts.isEmpty)
        for place in ["Pools/Help", "New"] { #expect(try client.subjects(in: place).isEmpty == !isMember, "\(place)") }
        #expect(try client.subjects(in: "Approval").isEmpty)
        try client.wait(for: "EXPUNGE", in: "INBOX", until: \.isEmpty)
        let other = try appliance.imap(as: SampleDesk.agent2)
        #expect(try other.subjects(in: "Approval").count == 1)
        #expect(relay.mails.isEmpty)
        withExtendedLifetime(appliance) {}
    }
}
