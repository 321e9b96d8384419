import Desk
import Gateway
import MailFormat
import MailTypes
import Storage
import TestKit
import Testing

/// Answers as mail clients write them, to every kind of message in a thread, and that nothing internal leaves (DESIGN
/// §4).
@Suite struct MeaningTests {
    private static let anna = "anna@acme.example"
    private static let bob = "bob@acme.example"
    private static let jan = "jan@customer.example"

    /// How a client makes an answer of the message that it shows.
    enum Client: CaseIterable, Sendable {
        case thunderbirdReply, thunderbirdReplyAll, k9Reply, k9ReplyAll, appleReply, appleReplyAll

        func answer(_ served: HeaderSection, as author: String, number: Int) -> (mail: TestMail, recipients: [String]) {
            let author = emailAddress(author)
            let from =
                served.addresses(of: "Reply-To").isEmpty
                ? served.addresses(of: "From") : served.addresses(of: "Reply-To")
            let others = (served.addresses(of: "To") + served.addresses(of: "Cc")).map(\.address).filter {
                $0 != author && $0.localPart != "undisclosed-recipients"
            }
            var to = from.map(\.address)
            var cc: [EmailAddress] = []
            switch self {
            case .thunderbirdReply, .k9Reply, .appleReply: break
            case .thunderbirdReplyAll:
                to += served.addresses(of: "To").map(\.address).filter { $0 != author }
                cc = served.addresses(of: "Cc").map(\.address).filter { $0 != author }
            case .k9ReplyAll, .appleReplyAll: cc = others
            }
            cc = cc.filter { !to.contains($0) }
            let id = served.messageID?.description ?? ""
            let references = (served.references.map(\.description) + [id]).joined(separator: " ")
            let subject = served.text("Subject") ?? ""
            let mail = TestMail(
                author: author.description, from: "Anna <\(author)>", to: to.map(\.description).joined(separator: ", "),
                cc: cc.isEmpty ? nil : cc.map(\.description).joined(separator: ", "),
                subject: subject.hasPrefix("Re: ") ? subject : "Re: \(subject)",
                id: "client-\(number)@annas-laptop.local",
                inReplyTo: String(id.dropFirst().dropLast()), references: references,
                extra: ["User-Agent: Thunderbird", "X-Mozilla-Draft-Info: internal/draft; DSN=0"],
                body: "My answer number \(number).\r\n")
            return (mail, (to + cc).map(\.description))
        }
    }

    /// A case with a mail of the customer (who copied Bob's address in by chance), a note, an answer, another mail,
    /// and a notice that an answer failed.
    private func withThread(_ body: (DeskFixture) async throws -> Void) async throws {
        try await DeskFixture.run { desk in
            try await desk.open(
                TestMail(to: "help@acme.example, Ola <ola@customer.example>", cc: Self.bob, id: "m1@customer.example"),
                to: ["help@acme.example"])
            try await desk.send(
                TestMail(
                    from: Self.bob, to: "note@acme.example", subject: "Re: [#1]", id: "n@bobs-laptop.local",
                    inReplyTo: "m1@customer.example", body: "SECRETNOTE about a difficult customer of ours\r\n"),
                as: Self.bob, to: ["note@acme.example"])
            try await desk.send(
                TestMail(
                    from: Self.bob, to: Self.jan, subject: "Re: Where is my parcel?", id: "o@bobs-laptop.local",
                    inReplyTo: "m1@customer.example", body: "On its way.\r\n"),
                as: Self.bob, to: [Self.jan])
            try await desk.confirm(Self.bob)
            try await desk.receive(
                TestMail(subject: "Re: [#1] Where", id: "m2@customer.example").octets, to: ["help@acme.example"])
            let notice = FailureNotice(
                submission: SubmissionID(rawValue: 1), ticket: TicketNumber(rawValue: 1), message: nil, agent: nil,
                acceptedAt: desk.clock.now, expiresAt: desk.clock.now, at: desk.clock.now,
                recipients: [.init(address: emailAddress(Self.jan), attempt: .taken, attempts: 1)])
            let filing = FailureNoticeFiling(
                roster: desk.roster, cryptography: desk.cryptography, hostname: DeskFixture.host)
            try await desk.store.write { (transaction: Transaction) in try filing.file(notice, in: transaction) }
            #expect(try await desk.messages(1).map(\.kind) == [.inbound, .note, .outbound, .inbound, .notice])
            try await body(desk)
        }
    }

    @Test(arguments: Client.allCases) func `an answer of any client to any message stays in its case`(
        client: Client
    ) async throws {
        try await withThread { desk async throws in
            let thread = try await desk.messages(1)
            for (number, message) in thread.enumerated() {
                let served = HeaderSection(Array(message.header.utf8))
                let before = (outbox: try await desk.outbox().count, messages: try await desk.messages(1).count)
                let (mail, recipients) = client.answer(served, as: Self.anna, number: number)
                let reply = try await desk.send(mail, as: Self.anna, from: Self.anna, to: recipients)
                #expect(reply.code == 250, "\(message.kind): \(reply) to \(recipients)")
                try await desk.confirm(Self.anna)
                let isAnswer = message.kind == .inbound || message.kind == .outbound
                #expect(try await desk.outbox().count == before.outbox + (isAnswer ? 1 : 0), "\(message.kind)")
                let messages = try await desk.messages(1)
                #expect(messages.count == before.messages + 1)
                #expect(messages.last?.kind == (isAnswer ? .outbound : .note), "\(message.kind)")
                if isAnswer {
                    let left = try #require(try await desk.outbox().last)
                    #expect(left.recipients.contains(Self.jan))
                    #expect(left.recipients.allSatisfy { $0.hasSuffix("@customer.example") })
                }
            }
            #expect(try await desk.number("SELECT count(*) FROM ticket") == 1)
            try await desk.expectNoSecrets()
        }
    }

    @Test func `an answer to the client's own copy in Sent stays in the case`() async throws {
        try await DeskFixture.run { desk in
            let first = TestMail(from: Self.anna, to: Self.jan, subject: "Your order", id: "one@annas-laptop.local")
            try await desk.send(first, as: Self.anna, to: [Self.jan])
            let again = TestMail(
                from: Self.anna, to: Self.jan, subject: "Re: Your order", id: "two@annas-laptop.local",
                inReplyTo: "one@annas-laptop.local", references: "<one@annas-laptop.local>", body: "And this.\r\n")
            try await desk.send(again, as: Self.anna, to: [Self.jan])
            #expect(try await desk.number("SELECT count(*) FROM ticket") == 1)
            let outbox = try await desk.outbox()
            // What the customer knows it by takes the place of the client's name for it.
            #expect(
                outbox.count == 2
                    && outbox.last?.header.field("In-Reply-To") == outbox.first?.header.field("Message-ID"))
            try await desk.expectNoSecrets()
        }
    }

    @Test func `colleagues among the recipients follow the case, and nobody else does`() async throws {
        try await withThread { desk async throws in
            let to = [Self.jan, Self.bob, Self.anna, "tom@acme.example", "help@acme.example"]
            let mail = TestMail(
                from: Self.anna, to: to.joined(separator: ", "), subject: "Re: [#1]", id: "f@x.local",
                inReplyTo: "m2@customer.example")
            try await desk.send(mail, as: Self.anna, to: to)
            let followers = try await desk.store.read { (transaction: Transaction) in
                try transaction.followers(of: TicketNumber(rawValue: 1))
            }
            #expect(followers == [desk.agent(Self.bob), desk.agent("tom@acme.example")])
            #expect(try await desk.outbox().last?.recipients == [Self.jan])
            #expect(try await desk.outbox().last?.header.field("To") == Self.jan)
        }
    }

    @Test func `thirty copies are sent, and their readers take part`() async throws {
        try await withThread { desk async throws in
            let copies = (1...30).map { "reader\($0)@customer.example" }
            let mail = TestMail(
                from: Self.anna, to: Self.jan, cc: copies.joined(separator: ", "), subject: "Re: [#1]", id: "c@x.local",
                inReplyTo: "m2@customer.example")
            try await desk.send(mail, as: Self.anna, to: [Self.jan] + copies)
            #expect(try await desk.outbox().last?.recipients.count == 31)
            #expect(try await desk.number("SELECT count(*) FROM participant WHERE ticket_id = 1") == 32)
        }
    }

    @Test func `a mail that is signed or encrypted leaves octet by octet`() async throws {
        try await withThread { desk async throws in
            let body =
                "--b\r\nContent-Type: text/plain\r\n\r\n  Signed \t\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--b--\r\n"
            let type = "multipart/signed; protocol=\"application/pgp-signature\"; micalg=pgp-sha256; boundary=b"
            let mail = TestMail(
                from: Self.anna, to: "\(Self.jan), eve@else.example", subject: "Re: [#1]", id: "s@x.local",
                inReplyTo: "m2@customer.example", extra: ["MIME-Version: 1.0", "Content-Type: \(type)"], body: body)
            try await desk.send(mail, as: Self.anna, to: [Self.jan, "eve@else.example"])
            // Shown behind the reason, unharmed.
            let shown = try #require(try await desk.toSend(Self.anna).first)
            #expect(shown.header.field("Content-Type")?.hasPrefix("multipart/mixed") == true)
            #expect(shown.body.contains(body) && shown.body.contains("[Stempel] Not sent"))
            try await desk.confirm(Self.anna)
            #expect(try await desk.outbox().last?.header.field("Content-Type") == type)
            #expect(try await desk.outgoingBody(2) == Array(body.utf8))
        }
    }

    @Test(arguments: [
        ("multipart/alternative; boundary=b", nil as String?),
        ("text/plain; charset=utf-8", "base64"), ("text/plain; charset=iso-8859-2", "quoted-printable"),
        ("text/html", "base64"),
    ])
    func `a doubt stands on top of the text in every encoding`(type: String, encoding: String?) async throws {
        let body =
            type.hasPrefix("multipart")
            ? "--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>Hello</p>\r\n--b--\r\n"
            : encoding == "base64" ? "SGVsbG8=\r\n" : "Hello\r\n"
        try await withThread { desk async throws in
            let mail = TestMail(
                from: Self.anna, to: "\(Self.jan), eve@else.example", subject: "Re: [#1]", id: "s@x.local",
                inReplyTo: "m2@customer.example",
                extra: ["Content-Type: \(type)"] + (encoding.map { ["Content-Transfer-Encoding: \($0)"] } ?? []),
                body: body)
            try await desk.send(mail, as: Self.anna, to: [Self.jan, "eve@else.example"])
            let shown = try #require(try await desk.toSend(Self.anna).first)
            var scanner = MIMEScanner()
            scanner.consume(Array((shown.header + shown.body).utf8))
            let root = scanner.finish().root
            for part in root.isMultipart ? root.children : [root] {
                let octets = Array(Array(shown.body.utf8)[part.bodyOffset..<part.end])
                let text = TextDecoder.decodedText(part, octets)
                let visible = part.mediaType.is("text", "html") ? HTMLText.visible(text) : text
                #expect(visible.drop { $0.isWhitespace }.hasPrefix("[Stempel] Not sent: "), "\(visible)")
                #expect(visible.contains("Hello"))
            }
            try await desk.confirm(Self.anna)
            #expect(try await desk.outgoingBody(2) == Array(body.utf8))
        }
    }

    @Test func `an attached message of the case loses what the desk wrote into it`() async throws {
        try await withThread { desk async throws in
            let served = try #require(try await desk.messages(1).last { $0.kind == .inbound })
            let attached = served.header + "Hello\r\n"
            #expect(attached.contains("X-Stempel-Case") && attached.contains("ticket-1"))
            let body =
                "--b\r\nContent-Type: text/plain\r\n\r\nSee below.\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n\(attached)\r\n--b--\r\n"
            let mail = TestMail(
                from: Self.anna, to: "carrier@else.example", subject: "Fwd: [#1] Where", id: "w@x.local",
                extra: [
                    "X-Forwarded-Message-Id: <m2@customer.example>", "MIME-Version: 1.0",
                    "Content-Type: multipart/mixed; boundary=b",
                ],
                body: body)
            #expect(try await desk.send(mail, as: Self.anna, to: ["carrier@else.example"]).code == 250)
            let left = String(decoding: try await desk.outgoingBody(2), as: UTF8.self)
            #expect(left.contains("Message-ID: <m2@customer.example>") && left.contains("See below."))
            try await desk.expectNoSecrets()
        }
    }

    @Test func `a note never leaves by being forwarded without a word from its sender`() async throws {
        try await withThread { desk async throws in
            let note = try #require(try await desk.messages(1).first { $0.kind == .note })
            let id = try #require(note.header.field("Message-ID"))
            let mail = TestMail(
                from: Self.anna, to: "carrier@else.example", subject: "Fwd: note", id: "w@x.local",
                extra: ["X-Forwarded-Message-Id: \(id)"], body: "See below.\r\n")
            try await desk.send(mail, as: Self.anna, to: ["carrier@else.example"])
            #expect(try await desk.outbox().count == 1)
            #expect(try await desk.toSend(Self.anna).first?.header.field("X-Stempel-Held") == "quotes-internal")
            #expect(try await desk.place(1) != "waiting \(Self.anna)")
        }
    }

    @Test func `a receipt leaves where the pool allows it, from the pool, and changes nothing`() async throws {
        for allows in [false, true] {
            var definition = DeskDefinition.example
            definition.pools[0].receipts = allows
            try await DeskFixture.run(definition) { desk in
                try await desk.open(TestMail(id: "m1@customer.example"))
                let mail = TestMail(
                    from: Self.anna, to: Self.jan, subject: "Return Receipt (displayed)", id: "r@annas-laptop.local",
                    references: "<m1@customer.example>",
                    extra: ["Content-Type: multipart/report; report-type=disposition-notification; boundary=b"],
                    body:
                        "--b\r\n\r\nThis is a receipt.\r\n--b\r\nContent-Type: message/disposition-notification\r\n\r\n"
                        + "Reporting-UA: annas-laptop.local; Thunderbird\r\nFinal-Recipient: rfc822;\(Self.anna)\r\n"
                        + "Original-Message-ID: <m1@customer.example>\r\n"
                        + "Disposition: manual-action/MDN-sent-manually; displayed\r\n--b--\r\n")
                #expect(try await desk.send(mail, as: Self.anna, from: nil, to: [Self.jan]).code == 250)
                let outbox = try await desk.outbox()
                #expect(outbox.count == (allows ? 1 : 0))
                #expect(try await desk.messages(1).count == 1)
                #expect(try await desk.place(1) == "new")
                guard allows else { return }
                #expect(outbox.first?.reversePath == nil)
                let body = String(decoding: try await desk.outgoingBody(1), as: UTF8.self)
                #expect(body.contains("Final-Recipient: rfc822;help@acme.example\r\n"))
                #expect(body.contains("Disposition: manual-action/MDN-sent-manually; displayed\r\n"))
                try await desk.expectNoSecrets()
            }
        }
    }

    @Test(arguments: ["note@acme.example", "NOTE@acme.example", "desk@acme.example"])
    func `notes and commands are refused from outside`(address: String) async throws {
        try await DeskFixture.run { desk in
            #expect(desk.intake.verify(recipient: emailAddress(address)) == .refused(.unknownRecipient))
            #expect(desk.submission.verify(recipient: emailAddress(address), agent: desk.agent(Self.anna)) == .accepted)
        }
    }

    @Test func `a note puts the assignee's case in progress, and is of no case without one`() async throws {
        try await DeskFixture.run { desk in
            try await desk.open(TestMail(id: "m1@customer.example"))
            try await desk.decide(.take, 1, as: Self.anna)
            let stray = TestMail(from: Self.anna, to: "note@acme.example", subject: "Hm", id: "a@x")
            #expect(try await desk.send(stray, as: Self.anna, to: ["note@acme.example"]).code == 550)
            let note = TestMail(
                from: Self.anna, to: "note@acme.example", subject: "[#1] Hm", id: "b@x", body: "Think.\r\n")
            #expect(try await desk.send(note, as: Self.anna, to: ["note@acme.example"]).code == 250)
            #expect(try await desk.ticket(1).status == .inProgress)
            let filed = try #require(try await desk.messages(1).last)
            #expect(filed.kind == .note && filed.header.field("From") == "Anna <note@acme.example>")
            #expect(filed.header.field("Reply-To") == "Anna <note@acme.example>")
            #expect(try await desk.events(1).suffix(2) == [.statusChanged, .noted])
            // Its identifier opens nothing from outside (DESIGN §5).
            let id = try #require(filed.header.field("Message-ID")).dropFirst().dropLast()
            try await desk.receive(
                TestMail.stranger(inReplyTo: String(id)).octets, from: "eve@elsewhere.example",
                to: ["help@acme.example"])
            #expect(try await desk.messages(1).count == 2)
        }
    }

    @Test func `a trainee's note is filed, a mail to a customer waits`() async throws {
        try await withThread { desk async throws in
            let tom = "tom@acme.example"
            let note = TestMail(from: tom, to: "note@acme.example", subject: "[#1] Hm", id: "t@x", body: "Think.\r\n")
            #expect(try await desk.send(note, as: tom, to: ["note@acme.example"]).code == 250)
            let mail = TestMail(from: tom, to: Self.jan, subject: "[#1] Hm", id: "u@x")
            #expect(try await desk.send(mail, as: tom, to: [Self.jan]).code == 250)
            #expect(try await desk.shown(.approval(desk.agent(tom))).count == 1)
            #expect(try await desk.outbox().allSatisfy { !$0.header.contains("Hm") })
        }
    }
}

extension DeskFixture {
    /// Searches every octet that leaves, header sections, bodies and envelopes, for what must stay inside, but for what was
    /// told on purpose. Texts are searched as they read, too.
    func expectNoSecrets(but told: Set<String> = [], sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let outbox = try await outbox()
        #expect(!outbox.isEmpty, sourceLocation: sourceLocation)
        for (index, mail) in outbox.enumerated() {
            let body = String(decoding: try await outgoingBody(Int64(index + 1)), as: UTF8.self)
            let all = [mail.header, body, mail.reversePath ?? "", try await leftText(Int64(index + 1))] + mail.recipients
            for secret in [
                "anna@", "bob@", "tom@", "Anna", "Bob <", "annas-laptop", "bobs-laptop", "SECRETNOTE", "note@", "desk@",
                "ticket-1", "note-", "notice-", "X-Stempel", "X-Mozilla", "X-Identity", "X-Forwarded", "User-Agent",
                "Thunderbird", "Bcc", "Received:", "Return-Path", "mailer-daemon",
            ] where !told.contains(secret) {
                for octets in all {
                    #expect(!octets.contains(secret), "\(secret) leaves in \(octets)", sourceLocation: sourceLocation)
                }
            }
        }
    }
}
