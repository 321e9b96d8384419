import Desk
import Storage
import Testing

@Suite struct ConcurrencyTests {
    @Test func `numbers are unique and without gaps when mails arrive at once`() async throws {
        try await DeskFixture.run { desk in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for sender in 0..<8 {
                    group.addTask {
                        for mail in 0..<50 {
                            let name = "m\(sender).\(mail)@customer.example"
                            let code = try await desk.receive(
                                TestMail(author: name, from: name, id: name).octets, from: name,
                                to: [mail % 10 == 9 ? "returns@acme.example" : "help@acme.example"])
                            #expect(code == 250)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let numbers = try await desk.texts("SELECT id || '' FROM ticket ORDER BY id")
            #expect(numbers == (1...400).map { "\($0)" })
            #expect(try await desk.number("SELECT count(*) FROM entry") == 1200)
            #expect(try await desk.number("SELECT count(DISTINCT root_token) FROM ticket") == 400)
            #expect(
                try await desk.number("SELECT count(*) FROM message m JOIN message_text t ON t.message_id = m.id")
                    == 400)
        }
    }
}
