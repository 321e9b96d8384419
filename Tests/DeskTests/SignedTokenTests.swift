import Desk
import Testing

@Suite struct SignedTokenTests {
    private static let code = "abcdefghijklmnop"

    static let subjects: [Int64] = [0, 1, 31, 32, 1023, 1024, 1 << 59, (1 << 60) - 1]

    @Test(arguments: TokenPurpose.allCases, subjects)
    func `a token is written and read back`(purpose: TokenPurpose, subject: Int64) {
        let token = SignedToken(
            ticket: TicketNumber(rawValue: 1042), key: "a", purpose: purpose, subject: subject, code: Self.code)
        #expect(SignedToken(token.text) == token)
        #expect(SignedToken(token.text.uppercased()) == token)
        #expect(
            token.text.utf8.allSatisfy {
                $0 == UInt8(ascii: ".") || (0x30...0x39).contains($0) || (0x61...0x7A).contains($0)
            })
    }

    @Test(arguments: [
        "", ".", "1042", "1042.", ".ara\(code)", "x.ara\(code)", "-1.ara\(code)", "+1.ara\(code)", "0.ara\(code)",
        "1042.arabcdefghijklmno", "1042.ar\(code)", "1042.aqa\(code)", "1042.1ra\(code)", "1042.ar1\(code)",
        "1042.ara\(code.dropLast())1", "99999999999999999999.ara\(code)", "1042.araaaaaaaaaaaaa\(code)",
        "1042.ara\(String(repeating: "a", count: 60))", "1042.ärą\(code)", "١.ara\(code)",
    ])
    func `anything else is no token`(text: String) {
        #expect(SignedToken(text) == nil)
    }

    @Test func `what is signed names key, purpose, case and subject without doubt`() {
        let texts = [
            SignedToken.signedText(ticket: TicketNumber(rawValue: 1), key: "a", purpose: .reply, subject: 12),
            SignedToken.signedText(ticket: TicketNumber(rawValue: 11), key: "a", purpose: .reply, subject: 2),
            SignedToken.signedText(ticket: TicketNumber(rawValue: 1), key: "a", purpose: .bounce, subject: 12),
            SignedToken.signedText(ticket: TicketNumber(rawValue: 1), key: "b", purpose: .reply, subject: 12),
        ]
        #expect(Set(texts).count == texts.count)
    }

    /// RFC 4648 §10, in lower case and without padding.
    static let vectors: [(octets: String, encoded: String)] = [
        ("", ""), ("f", "my"), ("fo", "mzxq"), ("foo", "mzxw6"), ("foob", "mzxw6yq"), ("fooba", "mzxw6ytb"),
        ("foobar", "mzxw6ytboi"),
    ]

    @Test(arguments: vectors) func `base32 is that of RFC 4648`(octets: String, encoded: String) {
        #expect(Base32.encode(Array(octets.utf8)) == encoded)
    }

    @Test(arguments: subjects) func `numbers go to base32 and back`(number: Int64) {
        #expect(Base32.decodeNumber(Array(Base32.encode(number: number))) == number)
    }
}
