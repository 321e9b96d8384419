import TestKit
import Testing

/// Ratings from outside (FEATURES S50): a closing mail, its links, the page, and what the desk sees.
@Suite struct RatingTests {
    static let desk =
        SampleDesk.text.replacing(
            "    senderName: \"ACME Help\"\n", with: "    senderName: \"ACME Help\"\n    closingMail: over\n") + """
            templates:
              over:
                subject: "Your case is closed"
                text: |
                  Dear ${customer.name}, was it good?

                  ${rating.links}

            """

    /// An appliance with the public listener, a relay, and a case of a customer that agent 1 closed.
    private struct Asked {
        let appliance: RunningAppliance
        let relay: Relay
        let agent: IMAPDialogue
        let mail: Relay.Mail
        /// What the links of the mail have in common, from the slash on.
        let path: String

        var origin: String { "http://127.0.0.1:\(appliance.ports["public", default: 0])" }
        var page: String { origin + path }

        init(listener: String = "127.0.0.1:0", desk: String = RatingTests.desk) throws {
            relay = try Relay(modes: "accept")
            var options = TestInstallation.Options()
            (options.relayPort, options.publicListener) = (relay.port, listener)
            appliance = try TestInstallation(desk: desk, options: options).start()
            try SMTPDialogue.deliver(CustomerMail(subject: "Parcel", id: "<first@customer.example>"), at: appliance)
            agent = try appliance.imap(as: SampleDesk.agent1)
            let new = try #require(try agent.subjects(in: "New").first)
            #expect(try agent.run("UID MOVE \(new.uid) Closed").isOK)
            mail = try #require(try relay.mails(atLeast: 1).first)
            let link = mail.content.replacing("=\r\n", with: "").firstMatch(of: /https?:\/\/[^\/\s]+(\/\S+)\/5\b/)
            path = String(try #require(link).1)
        }

        /// The UIDs in Closed that a search finds.
        func found(_ criterion: String) throws -> Int {
            #expect(try agent.run("SELECT Closed").isOK)
            let line = try #require(try agent.run("UID SEARCH \(criterion)").texts.first { $0.hasPrefix("* SEARCH") })
            return line.split(separator: " ").count - 2
        }
    }

    @Test func `link scanners vote for nobody, a form does, and IMAP finds one keyword`() throws {
        let asked = try Asked()
        #expect(asked.mail.recipients == ["jan@customer.example"] && asked.mail.sender == "")
        #expect(asked.mail.field("Subject") == "[#1] Your case is closed")
        let content = asked.mail.content.replacing("=\r\n", with: "")
        for rating in 1...5 {
            #expect(content.contains("https://mx.acme.example\(asked.path)/\(rating)"))
            for arguments in [["--head"], [], ["--user-agent", "Barracuda Sentinel"]] {
                let page = try WebPage.fetch("\(asked.page)/\(rating)", arguments.first ?? "--get", arguments.last ?? "--get")
                #expect(page.status == 200)
                #expect(arguments == ["--head"] ? page.body.isEmpty : page.body.contains("value=\"\(rating)\" required checked"))
            }
        }
        #expect(try asked.found("OR KEYWORD rating-5 KEYWORD rating-1") == 0)
        let posted = try WebPage.fetch(asked.page, "--data", "rating=4&comment=")
        #expect(posted.status == 303 && posted.field("Location") == asked.path, "\(posted)")
        let page = try WebPage.fetch(asked.page)
        #expect(page.body.contains("Your rating: 4") && page.body.contains("Your case [#1]"))
        #expect(!page.body.contains("Parcel") && !page.body.contains("Jan") && !page.body.contains("ACME Help"))
        #expect(try asked.found("KEYWORD rating-4") == 2)
        // Changed, with words: a note, and still one keyword.
        #expect(
            try WebPage.fetch(asked.page, "--data", "rating=2", "--data-urlencode", "comment=Za wolno, żółwie!").status == 303)
        #expect(try asked.found("KEYWORD rating-4") == 0)
        #expect(try asked.found("KEYWORD rating-2") == 3)
        #expect(try asked.found("KEYWORD rating-2 TEXT wolno") == 1)
        let subjects = try asked.agent.subjects(in: "Closed").map(\.subject)
        #expect(subjects.contains("[#1] Rating 2 of 5"), "\(subjects)")
        // What the desk sees of the mail has no links, and nobody of the desk rates.
        let shown = try #require(try asked.agent.subjects(in: "Closed").first { $0.subject == "[#1] Your case is closed" })
        let octets = String(decoding: try asked.agent.content(uid: shown.uid), as: UTF8.self)
        #expect(!octets.contains("/rating/") && octets.contains("the customer's link"))
        for store in ["+FLAGS (rating-5)", "-FLAGS (rating-2)", "FLAGS (vip)"] {
            #expect(try asked.agent.run("UID STORE \(shown.uid) \(store)").isOK)
        }
        #expect(try asked.found("KEYWORD rating-2 KEYWORD vip UNKEYWORD rating-5") == 3)
        let report = try asked.appliance.installation.stempel(
            "report", asked.appliance.installation.configuration, "--from", "2020-01-01", "--to", "2099-12-31", "--json")
        #expect(report.output.contains("\"meanRating\" : 2") && report.output.contains("\"ratings\" : 1"), "\(report)")
        let story = try asked.appliance.installation.stempel("case", "show", asked.appliance.installation.configuration, "1")
        #expect(story.output.contains("rated 4 of 5") && story.output.contains("rating 4 -> 2"), "\(story)")
        withExtendedLifetime(asked) {}
    }

    @Test func `forged, used-up and unknown links are answered alike to the octet`() throws {
        let asked = try Asked()
        #expect(try WebPage.fetch(asked.page, "--data", "rating=4").status == 303)
        let token = asked.path.split(separator: "/").last.map(String.init) ?? ""
        let forged = String(token.dropLast()) + (token.hasSuffix("a") ? "b" : "a")
        let base = asked.origin + "/rating/"
        let model = try WebPage.fetch(asked.origin + "/nothing/here")
        #expect(model.status == 404 && model.body.contains("This link leads nowhere"))
        #expect(try WebPage.fetch(base + "x", "--head").header == model.header)
        let links = [
            forged, "1.asc" + token.dropFirst(5), "2\(token)", "x", "%00", "..%2f", "1." + String(repeating: "a", count: 60),
            token.replacing("s", with: "r"), String(repeating: "1", count: 3000), "\(token)/6", "\(token)/4x", "\(token)/04",
        ]
        for link in links {
            #expect(try WebPage.fetch(base + link, "--path-as-is") == model, "\(link.prefix(80))")
        }
        for link in [forged, "x", "2\(token)"] {
            #expect(try WebPage.fetch(base + link, "--data", "rating=5") == model)
            #expect(try WebPage.fetch(base + link, "--data", "nothing=5") == model)
        }
        // The same when it is used up: a link takes twenty forms.
        for _ in 0..<19 { #expect(try WebPage.fetch(asked.page, "--data", "rating=3").status == 303) }
        #expect(try WebPage.fetch(asked.page, "--data", "rating=1") == model)
        #expect(try WebPage.fetch(asked.page) == model)
        #expect(try asked.found("KEYWORD rating-3") == 2)
        withExtendedLifetime(asked) {}
    }

    @Test func `the link of a customer who was erased leads nowhere, and a form stores nothing`() throws {
        let desk = Self.desk.replacing(
            "role: agent, initialPassword: \"correct horse 2\"", with: "role: admin, initialPassword: \"correct horse 2\"")
        let asked = try Asked(desk: desk)
        let model = try WebPage.fetch(asked.origin + "/nothing/here")
        #expect(try WebPage.fetch(asked.page + "/5").status == 200)
        let installation = asked.appliance.installation
        let erased = try installation.stempel(
            "customer", "erase", installation.configuration, "jan@customer.example", "--by", SampleDesk.agent2.login,
            "--and", SampleDesk.supervisor1.login)
        #expect(erased.status == 0, "\(erased)")
        #expect(try WebPage.fetch(asked.page) == model)
        #expect(try WebPage.fetch(asked.page + "/5") == model)
        #expect(try WebPage.fetch(asked.page, "--data", "rating=5", "--data-urlencode", "comment=ERASEDWORDS") == model)
        #expect(try asked.found("OR KEYWORD rating-5 TEXT ERASEDWORDS") == 0)
        let report = try installation.stempel(
            "report", installation.configuration, "--from", "2020-01-01", "--to", "2099-12-31", "--json")
        #expect(report.output.contains("\"ratings\" : 0"), "\(report)")
        let story = try installation.stempel("case", "show", installation.configuration, "1")
        #expect(!story.output.contains("rated") && !story.output.contains("ERASEDWORDS"), "\(story)")
        withExtendedLifetime(asked) {}
    }

    @Test func `pages run nothing, load nothing, remember nothing, and speak the reader's language`() throws {
        let asked = try Asked()
        let page = try WebPage.fetch(asked.page)
        #expect(page.field("Set-Cookie") == nil && page.field("Cache-Control") == "no-store")
        #expect(page.field("Referrer-Policy") == "no-referrer" && page.field("X-Robots-Tag") == "noindex, nofollow")
        #expect(page.field("X-Content-Type-Options") == "nosniff" && page.field("X-Frame-Options") == "DENY")
        let policy = try #require(page.field("Content-Security-Policy"))
        #expect(policy.contains("default-src 'none'") && !policy.contains("script-src") && !policy.contains("unsafe"))
        let style = try #require(page.body.firstMatch(of: /(?s)<style>(.*)<\/style>/)).1
        let digest = try ExternalTool.mustRun(
            ["sh", "-c", "openssl dgst -sha256 -binary | base64"], input: Array(style.utf8))
        #expect(policy.contains("style-src 'sha256-\(digest.split(separator: "\n").first ?? "")'"))
        #expect(!page.body.contains("<script") && !page.body.contains("src=") && !page.body.contains("http"))
        #expect(page.body.contains("<html lang=\"en\">"))
        let polish = try WebPage.fetch(asked.page + "?lang=pl")
        #expect(polish.body.contains("<html lang=\"pl\">") && polish.body.contains("Jak nam poszło?"))
        #expect(
            try WebPage.fetch(asked.page + "?lang=pl", "--data", "rating=5").field("Location") == asked.path + "?lang=pl")
        let lost = try WebPage.fetch(asked.origin + "/rating/x", "--header", "Accept-Language: pl-PL,pl;q=0.9")
        #expect(lost.body.contains("Ten odnośnik nie działa"))
        let nothing = try WebPage.fetch(asked.page, "--data", "comment=words")
        #expect(nothing.status == 422 && nothing.body.contains("Please choose a rating first."))
        let long = try WebPage.fetch(asked.page, "--data", "rating=1&comment=" + String(repeating: "x", count: 40_000))
        #expect(long.status == 413)
        #expect(try WebPage.fetch(asked.page, "--header", "X: " + String(repeating: "x", count: 20_000)).status >= 400)
        #expect(try asked.found("KEYWORD rating-5") == 2)
        withExtendedLifetime(asked) {}
    }

    @Test func `hosts that ask too much are put off, each by itself, as a trusted proxy tells them apart`() throws {
        let asked = try Asked(listener: "{ address: 127.0.0.1:0, url: 'http://rate.example:8080', trustedProxies: 127.0.0.1 }")
        #expect(asked.mail.content.replacing("=\r\n", with: "").contains("http://rate.example:8080/rating/"))
        let client = try WireClient(port: asked.appliance.ports["public", default: 0])
        var refused = 0
        for _ in 0..<130 {
            try client.send(Array("GET /robots.txt HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n".utf8))
            let status = try #require(try client.readLine())
            if status.contains("429") { refused += 1 }
            var length = 0
            while let line = try client.readLine(), !line.isEmpty {
                if line.lowercased().hasPrefix("content-length:") { length = Int(line.dropFirst(15).filter(\.isNumber)) ?? 0 }
            }
            _ = try client.read(count: length)
        }
        #expect((5...15).contains(refused), "\(refused)")
        let put = try WebPage.fetch(asked.page, "--header", "X-Forwarded-For: 192.0.2.7", "--data", "rating=1")
        #expect(put.status == 429 && put.field("Retry-After") == "60")
        let other = try WebPage.fetch(asked.page, "--header", "X-Forwarded-For: 6.6.6.6, 192.0.9.8", "--data", "rating=5")
        #expect(other.status == 303)
        withExtendedLifetime(asked) {}
    }

    @Test func `with TLS of our own it is the certificate of the mail listeners`() throws {
        let asked = try Asked(listener: "{ address: 127.0.0.1:0, tls: true }")
        let page = "https://127.0.0.1:\(asked.appliance.ports["public", default: 0])\(asked.path)"
        #expect(try WebPage.fetch(page).status == 200)
        #expect(try WebPage.fetch(page, "--data", "rating=4").status == 303)
        #expect(try asked.found("KEYWORD rating-4") == 2)
        #expect(try asked.appliance.terminate() == .exited(0))
    }

    @Test func `moving the case back recalls the mail, which the agent sees without its links`() throws {
        let relay = try Relay(modes: "accept")
        var options = TestInstallation.Options()
        (options.relayPort, options.publicListener) = (relay.port, "127.0.0.1:0")
        let appliance = try TestInstallation(
            desk: Self.desk.replacing("undo: 0s", with: "undo: 1h"), options: options
        ).start()
        try SMTPDialogue.deliver(CustomerMail(subject: "Parcel"), at: appliance)
        let agent = try appliance.imap(as: SampleDesk.agent1)
        let new = try #require(try agent.subjects(in: "New").first)
        #expect(try agent.run("UID MOVE \(new.uid) Closed").isOK)
        try agent.wait(for: "EXISTS", in: "To send") { $0.count == 1 }
        let waiting = try #require(try agent.subjects(in: "To send").first)
        #expect(!String(decoding: try agent.content(uid: waiting.uid), as: UTF8.self).contains("/rating/"))
        let closed = try #require(try agent.subjects(in: "Closed").first)
        #expect(try agent.run("UID MOVE \(closed.uid) INBOX").isOK)
        try agent.wait(for: "EXPUNGE", in: "To send") { $0.isEmpty }
        #expect(relay.mails.isEmpty)
        withExtendedLifetime(appliance) {}
    }

    @Test func `without room a form is answered with 503, and counts when there is room again`() throws {
        let asked = try Asked()
        let installation = asked.appliance.installation
        #expect(try asked.appliance.terminate() == .exited(0))
        var options = TestInstallation.Options()
        (options.relayPort, options.publicListener) = (asked.relay.port, "127.0.0.1:0")
        options.limits = "{ freeSpace: 500000000MB }"
        installation.write(options)
        let full = try installation.start()
        let page = "http://127.0.0.1:\(full.ports["public", default: 0])\(asked.path)"
        let failed = try WebPage.fetch(page, "--data", "rating=4")
        #expect(failed.status == 503 && failed.field("Retry-After") == "60" && failed.body.contains("Nothing was stored"))
        #expect(try WebPage.fetch(page).body.contains("Thank you") == false)
        #expect(try full.imap(as: SampleDesk.agent1).run("SELECT Closed").isOK)
        #expect(try full.terminate() == .exited(0))
    }
}
