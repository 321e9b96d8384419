import Desk
@testable import Gateway
import MailFormat
import MailTypes
import Storage
import TestKit
import Testing

/// Large mails of agents, whose text is read and whose body is written before the transaction that accepts them.
@Suite struct LargeSendingTests {
    private static let anna = "anna@acme.example"
    private static let jan = "jan@customer.example"

    private static func mail(_ text: String, octets: Int, id: String = "big@annas-laptop.local") -> TestMail {
        let line = String(repeating: "QUJD", count: 19) + "\r\n"
        return TestMail(
            author: anna, from: "Anna <\(anna)>", to: "Jan Kowalski <\(jan)>", subject: "Re: Where is my parcel?", id: id,
            inReplyTo: "m1@customer.example",
            extra: ["MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b"],
            body: "--b\r\nContent-Type: text/plain\r\n\r\n\(text)\r\n--b\r\nContent-Type: image/png; name=a.png\r\n"
                + "Content-Transfer-Encoding: base64\r\n\r\n" + String(repeating: line, count: octets / line.utf8.count) + "\r\n--b--\r\n")
    }

    private static func withCase(_ body: (DeskFixture) async throws -> Void) async throws {
        var definition = DeskDefinition.example
        definition.agents[0].signature = SignatureDefinition(text: "${agent.name}, ${pool.senderName}")
        try await DeskFixture.run(definition) { desk in
            try await desk.open(TestMail(id: "m1@customer.example"))
            try await body(desk)
            // Nothing that was made ready stays behind.
            #expect(try await desk.number("SELECT count(*) FROM content WHERE staged_at IS NOT NULL") == 0)
        }
    }

    @Test func `a large mail leaves without its commands and with fields and signature, the rest octet by octet`() async throws {
        try await Self.withCase { desk async throws in
            let mail = Self.mail("#tag big\r\n\r\nDear ${customer.name}", octets: 3_000_000)
            #expect(try await desk.send(mail, as: Self.anna, to: [Self.jan]) == .accepted)
            let body = String(decoding: try await desk.outgoingBody(1), as: UTF8.self)
            let head = String(body.prefix(300))
            #expect(head.contains("Dear Jan Kowalski") && head.contains("Anna, Acme Help") && !head.contains("#tag"), "\(head)")
            let file = mail.body.split(separator: "Content-Type: image/png", maxSplits: 1).last ?? ""
            #expect(file.utf8.count > 2_900_000 && body.hasSuffix(file))
            #expect(try await desk.texts("SELECT tags FROM ticket") == ["big"])
        }
    }

    @Test func `a large mail that is wrong is explained, and one that is a note stays`() async throws {
        try await Self.withCase { desk async throws in
            try await desk.send(Self.mail("#clsoe\r\n\r\nHello", octets: 500_000), as: Self.anna, to: [Self.jan])
            #expect(try await desk.outbox().isEmpty)
            #expect(try await desk.shown(.drafts(desk.agent(Self.anna))).count == 1)
            let note = Self.mail("#note\r\n\r\nSee the picture", octets: 500_000, id: "n@annas-laptop.local")
            try await desk.send(note, as: Self.anna, to: [Self.jan])
            let filed = try #require(try await desk.messages(1).last)
            #expect(filed.kind == .note)
            let stored = String(decoding: try await desk.content(filed.content), as: UTF8.self)
            #expect(stored.contains("See the picture") && !stored.contains("#note"))
        }
    }

    @Test func `a large mail with a doubt has it on top, whole, and leaves without it`() async throws {
        try await Self.withCase { desk async throws in
            var mail = Self.mail("Dear ${customer.name}", octets: 3_000_000)
            mail.cc = "eve@stranger.example"
            #expect(try await desk.send(mail, as: Self.anna, to: [Self.jan, "eve@stranger.example"]) == .accepted)
            let shown = try #require(try await desk.toSend(Self.anna).first)
            #expect(shown.header.field("X-Stempel-Held") == "stranger")
            let file = mail.body.split(separator: "Content-Type: image/png", maxSplits: 1).last ?? ""
            #expect(shown.body.contains("[Stempel] Not sent:") && shown.body.contains("Dear Jan Kowalski"))
            #expect(shown.body.hasSuffix(file))
            #expect(try await desk.number("SELECT count(*) FROM content WHERE staged_at IS NOT NULL") == 0)
            try await desk.confirm(Self.anna)
            let body = String(decoding: try await desk.outgoingBody(1), as: UTF8.self)
            #expect(body.hasSuffix(file) && !body.contains("[Stempel]"))
        }
    }

    @Test func `a large mail gets its doubt at the moment of leaving, too`() async throws {
        var definition = DeskDefinition.example
        definition.undo = .seconds(30)
        try await DeskFixture.run(definition) { desk in
            try await desk.open(TestMail(id: "m1@customer.example"))
            let mail = Self.mail("Hello", octets: 3_000_000)
            try await desk.send(mail, as: Self.anna, to: [Self.jan])
            desk.clock.advance(by: .seconds(5))
            try await desk.receive(
                TestMail(subject: "[#1] And more", id: "second@customer.example").octets, to: ["help@acme.example"])
            try await desk.pass(.seconds(30))
            let shown = try #require(try await desk.toSend(Self.anna).first)
            #expect(shown.header.field("X-Stempel-Held") == "case-changed" && shown.body.contains("[Stempel] Not sent:"))
            #expect(shown.body.hasSuffix(mail.body.split(separator: "Content-Type: image/png", maxSplits: 1).last ?? "?"))
            #expect(try await desk.outbox().isEmpty)
            #expect(try await desk.number("SELECT count(*) FROM content WHERE staged_at IS NOT NULL") == 0)
        }
    }

    @Test func `the correspondence goes on with large files whole, and no transaction copies them`() async throws {
        try await DeskFixture.run(.example) { desk in
            var first = Self.mail("See the picture", octets: 3_000_000, id: "m1@customer.example")
            (first.author, first.from, first.to, first.inReplyTo) = (Self.jan, "Jan <\(Self.jan)>", "help@acme.example", nil)
            try await desk.open(first)
            let order = TestMail(
                author: Self.anna, from: Self.anna, to: "desk@acme.example", subject: "[#1] x", id: "f@laptop",
                body: "#forward boss@firm.example\r\n")
            #expect(try await desk.send(order, as: Self.anna, to: ["desk@acme.example"]) == .accepted)
            let body = String(decoding: try await desk.outgoingBody(1), as: UTF8.self)
            let file = first.body.split(separator: "Content-Type: image/png", maxSplits: 1).last ?? "?"
            #expect(body.contains(file) && body.contains("See the picture"))
            let header = try #require(try await desk.outbox().first).header
            #expect(header.field("Message-ID") != nil)
            #expect(try await desk.number("SELECT count(*) FROM content WHERE staged_at IS NOT NULL") == 0)
            try await desk.expectNoSecrets(but: ["Anna"])
        }
    }

    @Test func `a transaction asks for a large copy, and takes it only where it is what it wants`() async throws {
        try await DeskFixture.run(.example) { desk in
            let one = ContentID(rawValue: 1)
            let segments: [LargeCopies.Segment] = [.octets([1]), .stored(0..<LargeCopies.least, of: one)]
            func ask(_ copies: LargeCopies, isCommitted: Bool = false) -> String {
                do {
                    return try copies.content("a", of: segments, isCommitted: isCommitted) == nil ? "here" : "made"
                } catch {
                    return "asked"
                }
            }
            #expect(ask(.within) == "here" && ask(.beside(of: [])) == "here" && ask(.beside(of: [one])) == "asked")
            #expect(ask(.beside(of: []), isCommitted: true) == "asked")
            let made = try await desk.intake.write([.octets(Array("A: b\r\n\r\nc".utf8))])
            #expect(ask(.made("a", made)) == "made" && ask(.made("b", made)) == "here")
            let small: [LargeCopies.Segment] = [.stored(0..<LargeCopies.least - 1, of: one)]
            #expect(try LargeCopies.beside(of: [one]).content("a", of: small, isCommitted: true) == nil)
        }
    }

    @Test func `mails of several agents at once all leave whole`() async throws {
        try await Self.withCase { desk async throws in
            try await withThrowingTaskGroup(of: Reply.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        try await desk.send(
                            Self.mail("Number \(number)", octets: 400_000, id: "\(number)@annas-laptop.local"), as: Self.anna,
                            to: [Self.jan])
                    }
                }
                for try await reply in group { #expect(reply == .accepted) }
            }
            try await desk.confirm(Self.anna)
            #expect(try await desk.outbox().count == 8)
            for number in 1...8 {
                let body = String(decoding: try await desk.outgoingBody(Int64(number)).prefix(300), as: UTF8.self)
                #expect(body.contains("Number ") && body.contains("Anna, Acme Help"))
            }
        }
    }
}
