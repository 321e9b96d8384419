import MailTypes
import Testing

@Suite struct Base64Tests {
    /// RFC 4648 §10.
    static let vectors: [(octets: String, encoded: String)] = [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ]

    @Test(arguments: vectors) func `the vectors of RFC 4648 hold in both directions`(octets: String, encoded: String) {
        #expect(Base64.encode(Array(octets.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(octets.utf8))
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zh==", "Zm9=", "Zm8=\r\n", "Zm 8", "=Zg=", "====", "Z===", "Zg==Zg==", "Zm8-", "Zm8_",
        "Zm8é",
    ])
    func `anything but exact base64 is refused`(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test func `every octet survives at every length`() {
        let octets = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 >> 8) }
        for count in 0...octets.count where count < 20 || count % 97 == 0 {
            let part = Array(octets.prefix(count))
            #expect(Base64.decode(Base64.encode(part)) == part)
        }
    }

    @Test func `lines are full but for the last and each ends in CRLF`() {
        let octets = [UInt8](repeating: 0x41, count: 58)
        let lines = octets.withUnsafeBytes { Base64.encodedLines($0) }
        let full = String(repeating: "QUFB", count: 19)
        #expect(String(decoding: lines, as: UTF8.self) == full + "\r\nQQ==\r\n")
        #expect([UInt8]().withUnsafeBytes { Base64.encodedLines($0) }.isEmpty)
    }
}
