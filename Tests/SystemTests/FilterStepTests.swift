import Foundation
import TestKit
import Testing

/// Filters are asked while the client speaks, and what they say is the reply at that moment.
@Suite(.timeLimit(.minutes(5))) struct FilterStepTests {
    /// The commands of the connections that a filter has seen the end of.
    private func connections(_ milter: ChildProcess, atLeast count: Int) throws -> [String] {
        let found = milter.output.wait { lines -> [String]? in
            let ends = lines.compactMap { line -> String? in
                guard line.contains("\"connection\"") else { return nil }
                return (try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])?["connection"]
            }
            return ends.count >= count ? ends : nil
        }
        guard let found else { throw WaitedInVain("no connection has ended: \(milter.output.all)") }
        return found
    }

    @Test func `a client is refused before the greeting, and the log and the record say by whom`() throws {
        let (milter, port) = try FilteredDesk.milter("C 127.0.0.1 say 550 5.7.1 Not you")
        let desk = try FilteredDesk(filters: FilteredDesk.filter(port))
        let dialogue = try SMTPDialogue(port: desk.appliance.smtp)
        #expect(dialogue.greeting == "554 5.7.1 Not you")
        #expect(try dialogue.wire.readLine() == nil)
        #expect(try connections(milter, atLeast: 1) == ["ODCQ"])
        #expect(desk.appliance.log.contains { $0.contains("client refused") && $0.contains("mail.filter=ours") })
        let installation = desk.appliance.installation
        var why = ""
        for _ in 0..<20 where !why.contains("554 5.7.1 Not you") {
            why = try installation.stempel("why", installation.configuration, "127.0.0.1").output
        }
        #expect(why.contains("554 5.7.1 Not you"), "\(why)")
    }

    @Test func `names, senders, recipients and content are refused by themselves`() throws {
        let (milter, port) = try FilteredDesk.milter(
            "H bot reject", "M banned later", "R info@ say 550 5.7.1 Not to her", "T silent reject", "M thrown discard",
            "M trusted accept")
        let desk = try FilteredDesk(filters: FilteredDesk.filter(port))
        let dialogue = try SMTPDialogue(port: desk.appliance.smtp)
        #expect(try dialogue.say("EHLO client.example").hasPrefix("250"))
        #expect(
            try dialogue.say("MAIL FROM:<banned@customer.example>")
                == "451 4.7.1 A filter does not accept this sender now, try again later")
        #expect(try dialogue.say("MAIL FROM:<jan@customer.example> BODY=8BITMIME").hasPrefix("250"))
        #expect(try dialogue.say("RCPT TO:<info@acme.example>") == "550 5.7.1 Not to her")
        #expect(try dialogue.say("RCPT TO:<help@acme.example>").hasPrefix("250"))
        // Refused by ourselves: no filter is asked.
        #expect(try dialogue.say("RCPT TO:<nobody@acme.example>").hasPrefix("550 5.1.1"))
        #expect(try dialogue.say("DATA").hasPrefix("354"))
        try dialogue.wire.send(SMTPDialogue.dotStuffed(Array(FilteredDesk.text().replacing("\n", with: "\r\n").utf8)))
        #expect(try dialogue.reply().hasPrefix("250"))
        // Content that is not wanted, by DATA and by BDAT; a mail that comes to nothing.
        #expect(try dialogue.say("MAIL FROM:<silent@customer.example>").hasPrefix("250"))
        #expect(try dialogue.say("RCPT TO:<help@acme.example>").hasPrefix("250"))
        #expect(try dialogue.say("DATA") == "550 5.7.1 A filter does not accept this mail")
        #expect(try dialogue.say("MAIL FROM:<silent@customer.example>").hasPrefix("250"))
        #expect(try dialogue.say("RCPT TO:<help@acme.example>").hasPrefix("250"))
        try dialogue.wire.send(Array("BDAT 6 LAST\r\nQUIT\r\n".utf8))
        #expect(try dialogue.reply() == "550 5.7.1 A filter does not accept this mail")
        #expect(try dialogue.say("MAIL FROM:<jan@customer.example>").hasPrefix("250"))
        #expect(try dialogue.say("RSET").hasPrefix("250"))
        // Thrown away, and let in without another word.
        for sender in ["thrown", "trusted"] {
            let reply = try dialogue.mail(
                from: "\(sender)@customer.example", to: ["help@acme.example"], text: FilteredDesk.text("X-Do: reject"))
            #expect(reply.hasPrefix("250"))
        }
        #expect(try dialogue.say("QUIT").hasPrefix("221"))
        let steps = try connections(milter, atLeast: 1)
        let content = "LLLLLN" + "BDE"
        #expect(
            steps == [
                "ODC" + "H" + "DM" + "ADM" + "DRDR" + "T" + content + "DMDRT" + "A" + "DMDRT" + "A" + "DM" + "A" + "DM" + "DM" + "Q"
            ], "\(steps)")
        #expect(try desk.subjects(in: "New") == 2)
        // A name that is refused is refused for the whole connection.
        do {
            let bot = try SMTPDialogue(port: desk.appliance.smtp)
            #expect(try bot.say("EHLO bot.example") == "550 5.7.1 A filter does not accept this client")
            #expect(try bot.say("MAIL FROM:<jan@customer.example>").hasPrefix("503"))
            #expect(try bot.say("HELO client.example").hasPrefix("550 5.7.1"))
            // It says no goodbye.
        }
        #expect(try connections(milter, atLeast: 2).last == "ODCHQ")
        let mail = try #require(
            try JSONSerialization.jsonObject(with: Data(milter.output.all[1].utf8)) as? [String: Any])
        let macros = try #require(mail["macros"] as? [String: String])
        #expect(macros["Cj"] == "mx.acme.example" && macros["M{mail_addr}"] == "jan@customer.example", "\(macros)")
        #expect((mail["port"] as? Int).map { $0 > 0 && macros["C{client_port}"] == "\($0)" } == true, "\(mail)")
        #expect(macros["R{rcpt_addr}"] == "help@acme.example" && macros["Mi"]?.isEmpty == false)
        // The name of the mail in the filter's log is that in its trace field.
        let agent = try desk.appliance.imap(as: SampleDesk.agent1)
        let first = try #require(try agent.subjects(in: "New").first)
        let text = String(decoding: try agent.content(uid: first.uid), as: UTF8.self)
        #expect(text.replacing("\r\n ", with: " ").contains("id \(macros["Mi"] ?? "") for"), "\(text)")
        #expect(macros["Ei"] == macros["Mi"])
    }

    @Test func `several filters are asked in their order, and one that is started anew takes the next mail`() throws {
        let (first, firstPort) = try FilteredDesk.milter()
        let (second, secondPort) = try FilteredDesk.milter("R info@ reject")
        let desk = try FilteredDesk(
            filters: FilteredDesk.filter(firstPort) + "\n"
                + FilteredDesk.filter(secondPort).replacing("ours", with: "second"))
        let dialogue = try SMTPDialogue(port: desk.appliance.smtp)
        #expect(try dialogue.say("EHLO client.example").hasPrefix("250"))
        #expect(try dialogue.say("MAIL FROM:<jan@customer.example>").hasPrefix("250"))
        #expect(try dialogue.say("RCPT TO:<info@acme.example>").hasPrefix("550"))
        #expect(try dialogue.say("RSET").hasPrefix("250"))
        #expect(try dialogue.say("MAIL FROM:<jan@customer.example>").hasPrefix("250"))
        first.signal(SIGKILL)
        _ = try first.waitForEnding()
        // In the middle of a mail it has to be tried again.
        #expect(try dialogue.say("RCPT TO:<help@acme.example>") == "451 4.7.1 This mail cannot be looked at now, try again later")
        #expect(try dialogue.say("RSET").hasPrefix("250"))
        #expect(try dialogue.say("MAIL FROM:<jan@customer.example>").hasPrefix("451 4.7.1"))
        let again = try ChildProcess(["python3", Fixtures.path("milter.py"), "port \(firstPort) "])
        #expect(again.output.wait(for: \.first) == "\(firstPort)")
        let reply = try dialogue.mail(from: "jan@customer.example", to: ["help@acme.example"], text: FilteredDesk.text())
        #expect(reply.hasPrefix("250"), "\(reply)")
        #expect(try dialogue.say("QUIT").hasPrefix("221"))
        #expect(try connections(again, atLeast: 1) == ["ODCHDMDRTLLLLLNBDEQ"])
        #expect(try connections(second, atLeast: 1).first?.hasPrefix("ODCHDMDRADM") == true)
    }
}
