import MailTypes
import OpenSSL
import Testing

@testable import MailAuth

@Suite struct KeyCacheTests {
    private func record(_ key: SigningKey) -> String { "v=DKIM1; k=ed25519; p=\(Base64.encode(key.publicKey))" }

    @Test func `a record is read once, and what is broken is broken each time`() throws {
        let cache = KeyCache(capacity: 2)
        let records = (0..<5).map { _ in record(SigningKey.generateEd25519()) }
        for record in records + records {
            let key = try cache.key(record, for: .ed25519)
            #expect(try cache.key(record, for: .ed25519).key === key.key)
        }
        for _ in 0..<2 {
            #expect(throws: SignatureField.Problem.self) { try cache.key("v=DKIM1; k=ed25519; p=", for: .ed25519) }
            // The same record is none for another algorithm.
            #expect(throws: SignatureField.Problem.self) { try cache.key(records[0], for: .rsa) }
        }
    }

    @Test func `a signature field is read however many tags it has, up to a limit`() {
        let tags = (0..<100).map { "t\($0)=x" }.joined(separator: "; ")
        #expect(TagList(tags.utf8)?.text("t99") == "x")
        #expect(TagList((tags + "; more=x").utf8) == nil)
    }
}
