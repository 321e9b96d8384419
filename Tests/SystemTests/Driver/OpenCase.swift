/// An appliance with a relay and one case of a customer, `<first@customer.example>`, in New.
final class OpenCase {
    let appliance: RunningAppliance
    let relay: Relay

    /// `undo`: how long answers can be recalled.
    init(
        modes: String = "accept", to recipients: [String] = ["help@acme.example"], desk: String = SampleDesk.text,
        undo: String = "0s"
    ) throws {
        relay = try Relay(modes: modes)
        var options = TestInstallation.Options()
        options.relayPort = relay.port
        let desk = desk.replacing("undo: 0s", with: "undo: \(undo)")
        appliance = try TestInstallation(desk: desk, options: options).start()
        try SMTPDialogue.deliver(
            CustomerMail(subject: "Parcel", id: "<first@customer.example>"), to: recipients, at: appliance)
    }

    /// A client's answer; fields may be replaced, and added.
    func text(
        from: String = "Agent One <agent1@acme.example>", to: String = "Jan Kowalski <jan@customer.example>",
        id: String = "answer-1", more: [String] = [], body: String = "It left today.\n"
    ) -> String {
        """
        From: \(from)
        To: \(to)
        \((more + ["Subject: Re: [#1] Parcel"]).joined(separator: "\n"))
        Message-ID: <\(id)@laptop.example>
        In-Reply-To: <first@customer.example>
        References: <first@customer.example>
        Date: Tue, 3 Mar 2026 13:00:00 +0100
        MIME-Version: 1.0
        Content-Type: text/plain; charset=utf-8

        \(body)
        """
    }

    /// Submits as an agent; the reply to the first command that is refused, or to the content.
    func submit(
        _ text: String, as agent: SampleDesk.Agent = SampleDesk.agent1, from sender: String? = nil,
        to recipients: [String] = ["jan@customer.example"]
    ) throws -> String {
        let session = try SMTPDialogue(port: appliance.submissions, tls: true)
        try session.begin(login: agent.login, password: agent.password)
        return try session.mail(from: sender ?? agent.login, to: recipients, text: text)
    }
}
