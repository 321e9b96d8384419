import TestKit
import Testing

/// A little internet: mail flows, forgeries and smuggling do not, and nobody between sees a mail.
@Suite(.timeLimit(.minutes(5))) struct LittleInternetTests {
    @Test(.enabled(if: PrivatePostfix.isAvailable, "a Postfix of our own needs root and the Debian package"))
    func `mail flows between domains under TLS and vouched for, forged and smuggled mail does not`() throws {
        let internet = try LittleInternet()
        let (alpha, beta) = (internet.alpha, internet.beta)

        try flow(internet)
        try forge(internet)
        try smuggle(internet)
        try downgrade(internet)

        #expect(try alpha.terminate() == .exited(0) && beta.terminate() == .exited(0))
        for (appliance, lines) in [(alpha, ["beta.net sts success", "gamma.net no-policy-found"]), (beta, ["alpha.net tlsa success"])] {
            let counted = try appliance.installation.stempel("queue", "tls", appliance.installation.configuration)
            for line in lines { #expect(counted.output.contains(line), "\(line) in \(counted)") }
        }
    }

    /// A customer of gamma writes to alpha, alpha to beta, and each is answered.
    private func flow(_ internet: LittleInternet) throws {
        let (alpha, beta) = (internet.alpha, internet.beta)
        let sent = try Completed.run([
            "swaks", "--server", "\(LittleInternet.gammaHost):\(internet.port)", "--tls", "--helo", "laptop.gamma.net", "--from",
            "jan@gamma.net", "--to", "help@alpha.net", "--header", "Subject: Parcel", "--header",
            "Message-ID: <first@gamma.net>", "--body", "Where is it?",
        ])
        #expect(sent.status == 0, "\(sent)")
        let customer = try LittleInternet.contents(["[#1] Parcel"], in: "New", of: "alpha.net", at: alpha)[0]
            .replacing("\r\n ", with: " ")
        #expect(customer.contains("spf=pass smtp.mailfrom=gamma.net"), "\(customer)")
        #expect(customer.contains("with ESMTPS (TLSv1.3"), "\(customer)")

        let asked = try LittleInternet.send(
            "alpha.net", at: alpha, to: ["help@beta.net"], subject: "Goods", body: "Can you deliver?")
        #expect(asked.hasPrefix("250"), "\(asked)")
        // Each desk has a stamp of its own.
        let question = try LittleInternet.contents(["[#1] [#2] Goods"], in: "New", of: "beta.net", at: beta)[0]
            .replacing("\r\n ", with: " ")
        for fact in [
            "with ESMTPS (TLSv1.3", "spf=pass smtp.mailfrom=alpha.net", "dkim=pass header.d=alpha.net",
            "dmarc=pass header.from=alpha.net",
        ] { #expect(question.contains(fact), "\(fact) in \(question)") }
        let reply = try #require(
            question.split(separator: "\r\n").first { $0.hasPrefix("Reply-To:") }?.firstMatch(of: /help\+[^>\s]+@alpha\.net/))
        let answered = try LittleInternet.send(
            "beta.net", at: beta, to: [String(reply.output)], subject: "Re: [#1] [#2] Goods", body: "Tomorrow.")
        #expect(answered.hasPrefix("250"), "\(answered)")
        let answer = try #require(
            try LittleInternet.contents(
                ["[#2] Goods", "Re: [#1] [#2] Goods"], in: "INBOX", of: "alpha.net", at: alpha).last
        ).replacing("\r\n ", with: " ")
        for fact in ["with ESMTPS (TLSv1.3", "dkim=pass header.d=beta.net", "dmarc=pass header.from=beta.net", "Tomorrow."] {
            #expect(answer.contains(fact), "\(fact) in \(answer)")
        }

        let back = try LittleInternet.send(
            "alpha.net", at: alpha, to: ["jan@gamma.net"], subject: "Re: [#1] Parcel", body: "It left today.")
        #expect(back.hasPrefix("250"), "\(back)")
        let arrived = try #require(try internet.mailbox.mails(atLeast: 1).first, "\(internet.postfix.log)")
        #expect(arrived.field("DKIM-Signature")?.contains("d=alpha.net") == true)
        #expect(arrived.header.contains("with ESMTPS"), "\(arrived.header)")
    }

    private func dialogue(_ internet: LittleInternet, with host: String) throws -> SMTPDialogue {
        let dialogue = try SMTPDialogue(port: internet.port, at: host, from: LittleInternet.gammaHost)
        try dialogue.begin(startTLS: true)
        return dialogue
    }

    /// The spammer writes in the name of others.
    private func forge(_ internet: LittleInternet) throws {
        let refusal = "550 5.7.1 Not accepted: the author's domain"
        for (envelope, author, isRefused) in [
            ("help@alpha.net", "help@alpha.net", true), ("spam@gamma.net", "help@alpha.net", true),
            ("spam@gamma.net", "help@shop.alpha.net", true), ("", "help@alpha.net", true),
            ("spam@gamma.net", "spam@gamma.net", false),
        ] {
            let text = "From: Help <\(author)>\nTo: help@beta.net\nSubject: Pills\n\nBuy \(envelope)\n"
            let reply = try dialogue(internet, with: LittleInternet.betaHost)
                .mail(from: envelope, to: ["help@beta.net"], text: text)
            #expect(reply.hasPrefix(isRefused ? refusal : "250"), "\(envelope) \(author): \(reply)")
        }
        let why = try internet.beta.installation.stempel(
            "why", internet.beta.installation.configuration, LittleInternet.gammaHost)
        #expect(why.output.contains(refusal), "\(why)")
    }

    /// What looks like an end of content to somebody is none to us, and we let none through to others.
    private func smuggle(_ internet: LittleInternet) throws {
        let hidden = "MAIL FROM:<help@beta.net>\r\nRCPT TO:<help@alpha.net>\r\nDATA\r\nSubject: smuggled\r\n\r\nHello\r\n.\r\n"
        let dialogue = try dialogue(internet, with: LittleInternet.alphaHost)
        for end in ["\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r.\r\n", "\r\n.\r", "\n.\r"] {
            #expect(try dialogue.say("MAIL FROM:<spam@gamma.net>").hasPrefix("250"))
            #expect(try dialogue.say("RCPT TO:<help@alpha.net>").hasPrefix("250"))
            #expect(try dialogue.say("DATA").hasPrefix("354"))
            try dialogue.wire.send(Array("From: spam@gamma.net\r\n\r\nBuy\(end)\(hidden)".utf8))
            #expect(try dialogue.reply().hasPrefix("554 5.6.0"))
            #expect(try dialogue.say("NOOP").hasPrefix("250"))
        }
        // An agent's text with such lines arrives as it was written, by way of BDAT and by way of DATA.
        let body = ".\n\(hidden.replacing("\r\n", with: "\n").dropLast(2)).."
        let sent = try LittleInternet.send(
            "alpha.net", at: internet.alpha, to: ["help@beta.net"], subject: "A lesson", body: body)
        #expect(sent.hasPrefix("250"), "\(sent)")
        let copied = try LittleInternet.send(
            "alpha.net", at: internet.alpha, to: ["jan@gamma.net"], subject: "A lesson", body: body)
        #expect(copied.hasPrefix("250"), "\(copied)")
        let written = body.replacing("\n", with: "\r\n")
        let lesson = try #require(
            try LittleInternet.contents(
                ["[#1] [#2] Goods", "Re: [#1] [#2] Goods", "[#2] Pills", "[#3] A lesson"], in: "New", of: "beta.net", at: internet.beta).last)
        #expect(lesson.contains(written), "\(lesson)")
        #expect(try internet.mailbox.mails(atLeast: 2).last?.content.contains(written) == true)
        #expect(internet.mailbox.mails.count == 2)
        // The only mail that ever opened a case at alpha is answered.
        #expect(try LittleInternet.contents([], in: "New", of: "alpha.net", at: internet.alpha).isEmpty)
    }

    /// Somebody between takes TLS away, or shows a certificate of his own: nothing is said to him.
    private func downgrade(_ internet: LittleInternet) throws {
        let domains = internet.between.keys.sorted()
        for domain in domains {
            let sent = try LittleInternet.send(
                "alpha.net", at: internet.alpha, to: ["ann@\(domain)"], subject: "Secret", body: "Between us.")
            #expect(sent.hasPrefix("250"), "\(sent)")
        }
        for domain in domains {
            let attempt = try LittleInternet.attempt("ann@\(domain)", at: internet.alpha)
            #expect(attempt.contains("delivery.attempt=deferred"), "\(attempt)")
            let relay = try #require(internet.between[domain])
            try relay.waitForConnections(1)
            #expect(relay.mails.isEmpty && relay.events("asked") == 0, "\(domain)")
        }
    }
}
