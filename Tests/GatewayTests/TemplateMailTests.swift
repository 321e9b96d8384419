import Desk
import Gateway
import MailFormat
import MailTypes
import Storage
import TestKit
import Testing

/// Templates that agents keep as mails (FEATURES S13, DESIGN §4).
@Suite struct TemplateMailTests {
    private static let anna = "anna@acme.example"
    private static let jan = "jan@customer.example"

    private func answer(_ body: String, type: String = "text/plain; charset=UTF-8") -> TestMail {
        TestMail(
            author: Self.anna, from: "Anna <\(Self.anna)>", to: "Jan Kowalski <\(Self.jan)>", subject: "Re: Where is my parcel?",
            id: "a1@annas-laptop.local", inReplyTo: "m1@customer.example", extra: ["MIME-Version: 1.0", "Content-Type: \(type)"],
            body: body)
    }

    private func withTemplates(_ mails: [TestMail], _ body: (DeskFixture) async throws -> Void) async throws {
        var definition = DeskDefinition.example
        definition.templates = [
            TemplateDefinition(name: "refund", text: "The house's refund.\n"),
            TemplateDefinition(name: "closing", text: "The house's closing for ${customer.name}.\n"),
        ]
        try await DeskFixture.run(definition) { desk in
            try await desk.open(TestMail(id: "m1@customer.example"))
            for mail in mails { try await desk.keep(mail, in: .templates(desk.agent(Self.anna))) }
            try await body(desk)
        }
    }

    private static func template(_ subject: String, _ body: String, type: String = "text/plain; charset=UTF-8") -> TestMail {
        TestMail(
            from: "Anna <\(anna)>", to: "nobody@example.org", subject: subject, id: "\(subject.count)@annas-laptop.local",
            extra: ["MIME-Version: 1.0", "Content-Type: \(type)"], body: body)
    }

    @Test func `a mail in one's own Templates goes before the desk's template of that name`() async throws {
        try await withTemplates([
            Self.template("Refund", "An old one.\r\n"), Self.template("Refund", "Dear ${customer.name},\r\nyour money comes back.\r\n")
        ]) { desk async throws in
            try await desk.send(answer("#template refund\r\n\r\nRegards\r\n"), as: Self.anna, to: [Self.jan])
            let body = String(decoding: try await desk.outgoingBody(1), as: UTF8.self)
            #expect(body.hasPrefix("Dear Jan Kowalski,\r\nyour money comes back.\r\n"), "\(body)")
            #expect(body.contains("Regards") && !body.contains("house") && !body.contains("old one"))
        }
    }

    @Test func `a shared template goes before the desk's of that name, and one's own before both`() async throws {
        try await withTemplates([Self.template("Closing", "Mine.\r\n")]) { desk async throws in
            for name in ["Refund", "Closing"] {
                try await desk.keep(Self.template(name, "All of us: \(name).\r\n"), in: .sharedTemplates, as: "sue@acme.example")
            }
            try await desk.send(answer("#template refund\r\n\r\nRegards\r\n"), as: Self.anna, to: [Self.jan])
            let body = String(decoding: try await desk.outgoingBody(1), as: UTF8.self)
            #expect(body.hasPrefix("All of us: Refund.\r\n") && body.contains("Regards"), "\(body)")
            var second = answer("#template closing\r\n")
            second.id = "a2@annas-laptop.local"
            try await desk.send(second, as: Self.anna, to: [Self.jan])
            #expect(String(decoding: try await desk.outgoingBody(2), as: UTF8.self).hasPrefix("Mine.\r\n"))
        }
    }

    @Test func `the desk's template is found where there is no mail of that subject`() async throws {
        try await withTemplates([Self.template("Refund", "Mine.\r\n")]) { desk async throws in
            try await desk.send(answer("#szablon closing\r\n"), as: Self.anna, to: [Self.jan])
            let body = String(decoding: try await desk.outgoingBody(1), as: UTF8.self)
            #expect(body.contains("The house's closing for Jan Kowalski."))
        }
    }

    @Test func `a template in HTML keeps its shape in the HTML of the mail, with its fields filled in`() async throws {
        let html = "<html><head><title>x</title></head><body><p>Dear <b>${customer.name}</b>,</p></body></html>\r\n"
        try await withTemplates([Self.template("Bold", html, type: "text/html; charset=UTF-8")]) { desk async throws in
            try await desk.send(
                answer("<html><head></head><body><p>#template bold</p><p>Regards</p></body></html>\r\n", type: "text/html; charset=UTF-8"),
                as: Self.anna, to: [Self.jan])
            let body = String(decoding: try await desk.outgoingBody(1), as: UTF8.self)
            #expect(body.contains("<p>Dear <b>Jan Kowalski</b>,</p>"), "\(body)")
            #expect(body.contains("<p>Regards</p>") && !body.contains("#template") && !body.contains("<title>"))
            #expect(body.split(separator: "<body").count == 2)
        }
    }

    private static let unusable: [(TestMail, String)] = [
        (template("Refund", "Dear ${custmer.name}\r\n"), "customer.name"), (template("Refnud", "Hello\r\n"), "Refnud"),
        (template("refund", "#done\r\n\r\nHello\r\n"), "commands"),
        (
            template(
                "refund", "--b\r\n\r\nHello\r\n--b\r\nContent-Type: image/png; name=a.png\r\n\r\nx\r\n--b--\r\n",
                type: "multipart/mixed; boundary=b"), "files"
        ),
    ]

    @Test(arguments: unusable) func `a template that cannot be used stops the mail, with an explanation`(
        mail: TestMail, hint: String
    ) async throws {
        var definition = DeskDefinition.example
        definition.templates = []
        try await DeskFixture.run(definition) { desk in
            try await desk.open(TestMail(id: "m1@customer.example"))
            try await desk.keep(mail, in: .templates(desk.agent(Self.anna)))
            #expect(try await desk.send(answer("#template refund\r\n"), as: Self.anna, to: [Self.jan]) == .accepted)
            #expect(try await desk.outbox().isEmpty)
            let told = try await desk.shown(.inbox(desk.agent(Self.anna))).first?.body.replacing("=\r\n", with: "")
            #expect(told?.contains(hint) == true, "\(told ?? "")")
            #expect(try await desk.shown(.drafts(desk.agent(Self.anna))).count == 1)
        }
    }

    @Test func `nobody finds a colleague's templates`() async throws {
        try await withTemplates([]) { desk async throws in
            try await desk.keep(Self.template("Refund", "Bob's.\r\n"), in: .templates(desk.agent("bob@acme.example")))
            try await desk.send(answer("#template refund\r\n"), as: Self.anna, to: [Self.jan])
            let body = String(decoding: try await desk.outgoingBody(1), as: UTF8.self)
            #expect(body.contains("The house's refund."))
        }
    }
}

extension DeskFixture {
    /// Puts a mail among an agent's own, as a client does.
    func keep(_ mail: TestMail, in kind: MailboxKind, as login: String? = nil) async throws {
        let (roster, now) = (roster.current, clock.now)
        let author = login.map { agent($0) } ?? kind.owner
        let mailbox = try #require(roster.mailbox(kind))
        try await store.write { (transaction: Transaction) in
            let work = CaseWork(transaction, roster: roster, now: now)
            var scanner = MIMEScanner()
            scanner.consume(mail.octets)
            let structure = scanner.finish().encoded()
            let header = scanner.header ?? HeaderSection([UInt8]())
            let size = header.octets.count
            let key = try transaction.insert(
                NewMessage(
                    ticket: nil, kind: .personal, pool: .none,
                    content: try transaction.insertContent(mail.octets, headerSize: size), bodyOffset: size,
                    contentSize: mail.octets.count, header: header.octets, envelope: IMAPEnvelope.render(header),
                    structure: structure, keys: SortKeys(header), internalDate: now, sentAt: nil,
                    modSequence: try work.modSequence(), messageID: header.messageID, agent: author))
            _ = try transaction.enter([key], into: mailbox, pool: .none, at: work.modSequence(), now: now)
        }
    }
}
