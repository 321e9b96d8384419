import Desk
import Gateway
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
