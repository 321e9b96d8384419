import Foundation

/// An installation with filters, and a customer's mail to it.
struct FilteredDesk {
    let appliance: RunningAppliance

    init(filters: String, desk: String = SampleDesk.text, more: String = "") throws {
        var options = TestInstallation.Options()
        options.more = "filters:\n\(filters)\n\(more)"
        appliance = try TestInstallation(desk: desk, options: options).start()
    }

    /// The text of a customer's mail with further fields.
    static func text(_ fields: String = "", body: String = "Where is it?\n", id: String = UUID().uuidString) -> String {
        """
        From: Jan <jan@customer.example>
        To: help@acme.example
        Subject: Parcel
        Date: Tue, 3 Mar 2026 12:00:00 +0100
        Message-ID: <\(id)@customer.example>

        """ + (fields.isEmpty ? "" : fields + "\n") + "\n" + body
    }

    /// The reply to a mail with further fields.
    func send(_ fields: String = "", body: String = "Where is it?\n", id: String = UUID().uuidString) throws -> String {
        let dialogue = try SMTPDialogue(port: appliance.smtp)
        _ = try dialogue.say("EHLO client.example")
        return try dialogue.mail(
            from: "jan@customer.example", to: ["help@acme.example"], text: Self.text(fields, body: body, id: id))
    }

    func subjects(in mailbox: String) throws -> Int {
        try appliance.imap(as: SampleDesk.supervisor1).subjects(in: mailbox).count
    }

    /// A filter of our own with what it does (see `Fixtures/milter.py`), and its port.
    static func milter(_ rules: String...) throws -> (ChildProcess, Int) {
        let process = try ChildProcess(["python3", Fixtures.path("milter.py")] + rules)
        guard let line = process.output.wait(for: \.first), let port = Int(line) else {
            throw WaitedInVain("the filter does not start: \(process.errors.all)")
        }
        return (process, port)
    }

    /// The filter's line of the configuration.
    static func filter(_ port: Int, _ more: String = "") -> String {
        "  - { name: ours, milter: \"127.0.0.1:\(port)\", deadline: 20s\(more) }"
    }
}
