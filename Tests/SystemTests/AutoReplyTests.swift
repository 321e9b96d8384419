import TestKit
import Testing

/// Automatic answers, from port 25 to the relay and to the agent's folders.
@Suite(.timeLimit(.minutes(3))) struct AutoReplyTests {
    /// The sample desk with an automatic answer, in any domain.
    private static func desk(domain: String = "acme.example") -> String {
        let text = SampleDesk.text.replacing(
            "    senderName: \"ACME Help\"",
            with: "    senderName: \"ACME Help\"\n    autoReply: received\n    firstAnswerWithin: 4h")
        return (text + """
            templates:
              received:
                subject: "We have your message"
                text: |
                  Thank you. Your case has the number ${case.number}.

            """).replacing("acme.example", with: domain)
    }

    @Test func `a customer is answered at once, once, and the agent sees it`() throws {
        let relay = try Relay()
        var options = TestInstallation.Options()
        options.relayPort = relay.port
        let installation = try TestInstallation(desk: Self.desk(), options: options)
        let appliance = try installation.start()
        let customer = try SMTPDialogue(port: appliance.smtp)
        try customer.begin()
        let mail = CustomerMail(subject: "Where is my parcel?")
        #expect(
            try customer.mail(from: "jan@customer.example", to: ["help@acme.example"], text: mail.text).hasPrefix("250"))
        let answer = try #require(try relay.mails(atLeast: 1).first)
        #expect(answer.sender == "")
        #expect(answer.recipients == ["jan@customer.example"])
        #expect(answer.field("Subject") == "[#1] We have your message")
        #expect(answer.field("Auto-Submitted") == "auto-replied")
        #expect(answer.content.contains("Your case has the number 1."))
        let agent = try appliance.imap(as: SampleDesk.agent1)
        #expect(try agent.run("SELECT New").texts.contains("* 2 EXISTS"))
        // The customer's own machine answers: no word to that.
        let away = """
            From: Jan <jan@customer.example>
            To: help@acme.example
            Subject: Re: [#1] We have your message
            Auto-Submitted: auto-replied
            Message-ID: <away@customer.example>

            I am away.

            """
        #expect(try customer.mail(from: "", to: ["help@acme.example"], text: away).hasPrefix("250"))
        let other = CustomerMail(from: "ola@customer.example", subject: "Another").text
        #expect(
            try customer.mail(from: "ola@customer.example", to: ["help@acme.example"], text: other).hasPrefix("250"))
        #expect(try relay.mails(atLeast: 2).map(\.recipients) == [["jan@customer.example"], ["ola@customer.example"]])
    }

    /// One of two desks that write to each other, and all that left it.
    private struct Side {
        let address: String
        let relay: Relay
        let appliance: RunningAppliance
        let door: SMTPDialogue

        init(_ domain: String) throws {
            relay = try Relay()
            address = "help@\(domain)"
            var options = TestInstallation.Options()
            options.relayPort = relay.port
            appliance = try TestInstallation(desk: AutoReplyTests.desk(domain: domain), options: options).start()
            door = try SMTPDialogue(port: appliance.smtp)
            try door.begin()
        }

        func take(from sender: String, _ text: String) throws {
            #expect(try door.mail(from: sender, to: [address], text: text).hasPrefix("250"))
        }
    }

    @Test func `two desks that write to each other fall silent at once`() throws {
        let (left, right) = (try Side("left.example"), try Side("right.example"))
        // As a customer's forged mail would begin it: right seems to ask left.
        try left.take(
            from: right.address,
            CustomerMail(from: right.address, to: left.address, subject: "Hello").text)
        let first = try #require(try left.relay.mails(atLeast: 1).first)
        #expect(first.recipients == [right.address])
        try right.take(from: first.sender, first.content.replacing("\r\n", with: "\n"))
        // Whatever right says to that, it says before this.
        try right.take(
            from: "jan@customer.example",
            CustomerMail(from: "jan@customer.example", to: right.address, subject: "Hello").text)
        #expect(try right.relay.mails(atLeast: 1).map(\.recipients) == [["jan@customer.example"]])
        // The other way round, too, and with the answer that comes back to where it came from.
        let second = try #require(right.relay.mails.first)
        try left.take(from: second.sender, second.content.replacing("\r\n", with: "\n"))
        try left.take(
            from: "ola@customer.example",
            CustomerMail(from: "ola@customer.example", to: left.address, subject: "Hello").text)
        #expect(
            try left.relay.mails(atLeast: 2).map(\.recipients) == [[right.address], ["ola@customer.example"]])
    }
}
