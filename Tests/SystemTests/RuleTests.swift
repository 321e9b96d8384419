import TestKit
import Testing

/// Rules for incoming mail, driven as customer, agent and operator do.
@Suite(.timeLimit(.minutes(3))) struct RuleTests {
    private static let desk =
        SampleDesk.text + """
            rules:
              - name: programs
                when: { attachment: "*.exe" }
                then: { reject: "We take no programs" }
              - name: refunds
                when: { subject: [ "/refund|zwrot/", "money back" ] }
                then: { group: returns, tag: refund, stop: true }
              - name: never reached by refunds
                when: { subject: "refund" }
                then: { spam: true }

            """

    @Test func `a rule hands over, tags and refuses, and is changed while the server runs`() throws {
        let installation = try TestInstallation(desk: Self.desk)
        let appliance = try installation.start()
        let customer = try SMTPDialogue(port: appliance.smtp)
        try customer.begin()
        func send(_ text: String) throws -> String {
            try customer.mail(from: "jan@customer.example", to: ["help@acme.example"], text: text)
        }
        #expect(try send(CustomerMail(subject: "ZWROT").text).hasPrefix("250"))
        let agent = try appliance.imap(as: SampleDesk.agent1)
        #expect(try agent.run("SELECT Groups/returns").texts.contains("* 1 EXISTS"))
        #expect(try agent.run("FETCH 1 (FLAGS)").texts.first?.contains("refund") == true)
        let program = """
            From: Jan <jan@customer.example>
            To: help@acme.example
            Subject: Program
            Content-Type: application/octet-stream; name="setup.EXE"

            MZ

            """
        #expect(try send(program) == "550 5.7.1 We take no programs")
        #expect(try send(CustomerMail(subject: "Hello").text).hasPrefix("250"))
        #expect(try agent.run("SELECT New").texts.contains("* 1 EXISTS"))

        installation.directory.write(SampleDesk.text, to: "plain.yaml")
        let applied = try installation.stempel(
            "desk", "apply", installation.configuration, installation.directory.file("plain.yaml"))
        #expect(applied.status == 0)
        #expect(try send(CustomerMail(subject: "Another refund").text).hasPrefix("250"))
        #expect(try agent.run("SELECT New").texts.contains("* 2 EXISTS"))
    }

    @Test func `a rule forwards as the desk and copies as it came, and the answer comes back into the case`() throws {
        let relay = try Relay()
        var options = TestInstallation.Options()
        options.relayPort = relay.port
        let desk = SampleDesk.text + """
            rules:
              - name: invoices
                when: { subject: "invoice" }
                then: { forward: books@firm.example, copy: archive@firm.example }

            """
        let appliance = try TestInstallation(desk: desk, options: options).start()
        let mail = CustomerMail(subject: "Invoice 7", id: "<i7@customer.example>", body: "It is wrong.\n")
        try SMTPDialogue.deliver(mail, at: appliance)
        let left = try relay.mails(atLeast: 2)
        let forwarded = try #require(left.first { $0.recipients == ["books@firm.example"] })
        #expect(forwarded.field("From") == "ACME Help <help@acme.example>")
        #expect(forwarded.field("Subject") == "Fwd: [#1] Invoice 7" && forwarded.content.hasSuffix("\r\n\r\nIt is wrong.\r\n"))
        #expect(forwarded.sender.hasPrefix("help+1."))
        let copied = try #require(left.first { $0.recipients == ["archive@firm.example"] })
        #expect(copied.content.hasSuffix(String(decoding: mail.octets, as: UTF8.self)))
        #expect(copied.field("From") == "Jan Kowalski <jan@customer.example>" && copied.sender.hasPrefix("help+1."))
        for mail in left { #expect(!mail.content.contains("X-Stempel") && mail.field("X-Loop") == "help@acme.example") }

        let reply = try #require(forwarded.field("Reply-To")?.split(separator: "<").last?.dropLast())
        let answer = CustomerMail(
            from: "books@firm.example", subject: "Re: Fwd: Invoice 7", inReplyTo: forwarded.field("Message-ID"), body: "It is right.\n")
        try SMTPDialogue.deliver(answer, from: "books@firm.example", to: [String(reply)], at: appliance)
        let agent = try appliance.imap(as: SampleDesk.agent1)
        #expect(try agent.subjects(in: "New").count == 2)
        // What comes back by itself goes nowhere again.
        try SMTPDialogue.deliver(CustomerMail(subject: "Hello"), at: appliance)
        #expect(relay.mails.count == 2)
    }

    @Test func `rules test shows each rule and files nothing`() throws {
        let installation = try TestInstallation(desk: Self.desk)
        let mail = "From: Jan <jan@customer.example>\nTo: help@acme.example\nSubject: My refund\n\nHello\n"
        installation.directory.write(mail, to: "mail.eml")
        let shown = try installation.stempel(
            "rules", "test", installation.configuration, installation.directory.file("mail.eml"))
        #expect(shown.status == 0)
        #expect(
            shown.output == """
                help@acme.example, pool Help:
                  programs: does not hold
                  refunds: holds - group returns, tag refund; no later rule is asked

                """)
        let stranger = try installation.stempel(
            "rules", "test", installation.configuration, "-", "--recipient", "nobody@elsewhere.example", input: mail)
        #expect(stranger.status == 67)
    }

    @Test func `a rule writes down what it knows of a customer, and only what can be written down`() throws {
        let desk =
            SampleDesk.text + """
                rules:
                  - name: gold
                    when: { subject: gold }
                    then: { customer: { firma: ACME, segment: gold } }

                """
        let installation = try TestInstallation(desk: desk)
        let appliance = try installation.start()
        try SMTPDialogue.deliver(CustomerMail(subject: "Gold"), at: appliance)
        let shown = try installation.stempel("customer", "show", installation.configuration, "jan@customer.example").output
        #expect(shown.contains("firm: ACME") && shown.contains("segment: gold"), "\(shown)")
        let tried = try installation.stempel(
            "rules", "test", installation.configuration, "-", "--recipient", "help@acme.example",
            input: CustomerMail(subject: "Gold").text)
        #expect(tried.output.contains("gold: holds - customer's firma ACME, customer's segment gold"), "\(tried)")
        let broken = desk.replacing("firma: ACME", with: "address: jan@customer.example, a/b: c")
        installation.directory.write(broken, to: "broken.yaml")
        let applied = try installation.stempel(
            "desk", "apply", installation.configuration, installation.directory.file("broken.yaml"))
        #expect(applied.status == 78, "\(applied)")
        for words in ["rules[0].then.customer.address: is no field that a rule sets", "is no name of a customer's field"] {
            #expect(applied.errors.contains(words), "\(applied.errors)")
        }
    }

    @Test func `a wrong expression is named with its line, and the desk stays as it was`() throws {
        let installation = try TestInstallation(desk: Self.desk)
        installation.directory.write(Self.desk.replacing("/refund|zwrot/", with: "/refund(/"), to: "broken.yaml")
        let applied = try installation.stempel(
            "desk", "apply", installation.configuration, installation.directory.file("broken.yaml"))
        #expect(applied.status == 78)
        #expect(applied.errors.contains("missing closing parenthesis"))
        #expect(applied.errors.contains("broken.yaml:34: rules[1].when.subject[0]:"))
        let exported = try installation.stempel("desk", "export", installation.configuration)
        #expect(exported.output.contains("/refund|zwrot/"))
    }
}
