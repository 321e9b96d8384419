import Mailboxes
import Testing

/// BINARY (RFC 3516).
struct RFC3516Tests {
    /// Parts: 1 quoted-printable text, 2 base64 with NUL, 3 an unknown encoding, 4 a message, 5 a multipart.
    private static let mail = crlf(
        """
        Subject: parts
        Message-ID: <parts@acme.example>
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=b

        --b
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: quoted-printable

        Za=C5=BC=
        =C3=B3=C5=82=C4=87
        --b
        Content-Type: application/octet-stream
        Content-Transfer-Encoding: BASE64

        AAECA2FiY2RlZmdo
        aWo=
        --b
        Content-Type: application/octet-stream
        Content-Transfer-Encoding: x-uuencode

        odd
        --b
        Content-Type: message/rfc822

        Subject: inner
        Content-Transfer-Encoding: base64

        aGVsbG8=
        --b
        Content-Type: multipart/alternative; boundary=c

        --c

        plain
        --c--
        --b--

        """)

    private func annaWith(_ mail: String, _ chunkSize: Int = 131_072) async throws -> (TestDesk, TestClient) {
        let desk = try await TestDesk()
        let anna = TestClient(desk, SessionConfiguration(chunkSize: chunkSize))
        try await anna.start()
        try await anna.say("LOGIN anna@acme.example secret")
        _ = try await anna.write("x APPEND Drafts {\(mail.utf8.count)+}\r\n\(mail)\r\n")
        try await anna.say("SELECT Drafts")
        return (desk, anna)
    }

    /// The same with pieces so small that nothing is read at once.
    @Test(arguments: [131_072, 7]) func `parts come with their transfer encoding undone`(chunkSize: Int) async throws {
        let (desk, anna) = try await annaWith(Self.mail, chunkSize)
        defer { withExtendedLifetime(desk) {} }
        try await anna.expect(
            "FETCH 1 BINARY.PEEK[1]", ["* 1 FETCH (BINARY[1] {10}", "Zażółć)", "a OK FETCH completed"])
        try await anna.expect(
            "FETCH 1 BINARY.PEEK[1]<2.2>", ["* 1 FETCH (BINARY[1]<2> {2}", "ż)", "a OK FETCH completed"])
        try await anna.expect(
            "FETCH 1 (BINARY.SIZE[1] BINARY.SIZE[2] BINARY.SIZE[9])",
            ["* 1 FETCH (BINARY.SIZE[1] 10 BINARY.SIZE[2] 14 BINARY.SIZE[9] 0)", "a OK FETCH completed"])
        // NUL needs a literal8, and only NUL does.
        try await anna.expect(
            "FETCH 1 BINARY.PEEK[2]",
            ["* 1 FETCH (BINARY[2] ~{14}", "\0\u{1}\u{2}\u{3}abcdefghij)", "a OK FETCH completed"])
        try await anna.expect(
            "FETCH 1 BINARY.PEEK[2]<4.100>", ["* 1 FETCH (BINARY[2]<4> {10}", "abcdefghij)", "a OK FETCH completed"])
        try await anna.expect(
            "FETCH 1 BINARY.PEEK[2]<14.100>", ["* 1 FETCH (BINARY[2]<14> {0}", ")", "a OK FETCH completed"])
        try await anna.expect(
            "FETCH 1 BINARY.PEEK[2]<13.9223372036854775807>",
            ["* 1 FETCH (BINARY[2]<13> {1}", "j)", "a OK FETCH completed"])
        try await anna.expect("FETCH 1 BINARY.PEEK[9]", ["* 1 FETCH (BINARY[9] NIL)", "a OK FETCH completed"])
        // Of a message the part is the message; what is encoded in it, is a part of it.
        try await anna.expect(
            "FETCH 1 BINARY.PEEK[4]",
            [
                "* 1 FETCH (BINARY[4] {61}", "Subject: inner", "Content-Transfer-Encoding: base64", "", "aGVsbG8=)",
                "a OK FETCH completed",
            ])
        try await anna.expect(
            "FETCH 1 BINARY.PEEK[4.1]", ["* 1 FETCH (BINARY[4.1] {5}", "hello)", "a OK FETCH completed"])
        try await anna.expect("FETCH 1 BINARY.SIZE[]", has: "* 1 FETCH (BINARY.SIZE[] \(Self.mail.utf8.count))")
        #expect(try await anna.say("FETCH 1 BINARY.PEEK[5]").contains("plain"))
    }

    @Test(arguments: [131_072, 7]) func `an encoding that nobody knows is a refusal`(chunkSize: Int) async throws {
        let (desk, anna) = try await annaWith(Self.mail, chunkSize)
        defer { withExtendedLifetime(desk) {} }
        try await anna.expect(
            "UID FETCH 1 (BINARY.PEEK[3] BINARY.PEEK[1])",
            [
                "* 1 FETCH (UID 1 BINARY[3] NIL BINARY[1] {10}", "Zażółć)",
                "a NO [UNKNOWN-CTE] A part has a transfer encoding that is not known here",
            ])
        // No size would be true.
        let refusal = "a NO [UNKNOWN-CTE] A part has a transfer encoding that is not known here"
        try await anna.expect("FETCH 1 BINARY.SIZE[3]", ["* 1 FETCH (UID 1)", refusal])
        try await anna.expect("UID FETCH 1 (BINARY.SIZE[3] BINARY.SIZE[1])", ["* 1 FETCH (UID 1 UID 1 BINARY.SIZE[1] 10)", refusal])
        try await anna.expect("FETCH 1 BODY.PEEK[3]", ["* 1 FETCH (BODY[3] {3}", "odd)", "a OK FETCH completed"])
    }

    @Test func `BINARY sets Seen, PEEK and SIZE do not`() async throws {
        let (desk, anna) = try await annaWith(Self.mail)
        defer { withExtendedLifetime(desk) {} }
        try await anna.say("FETCH 1 (BINARY.PEEK[1] BINARY.SIZE[1])")
        try await anna.expect("SEARCH SEEN", ["* SEARCH", "a OK SEARCH completed"])
        try await anna.expect(
            "FETCH 1 BINARY[4.1]",
            ["* 1 FETCH (BINARY[4.1] {5}", "hello FLAGS (\\Seen))", "a OK FETCH completed"])
    }

    @Test func `what is no part is no command`() async throws {
        let (desk, anna) = try await annaWith(Self.mail)
        defer { withExtendedLifetime(desk) {} }
        for item in ["BINARY", "BINARY[1.HEADER]", "BINARY[0]", "BINARY[1]<1>", "BINARY[1]<1.0>", "BINARY.SIZE[1]<0.1>"] {
            #expect(try await anna.say("FETCH 1 \(item)").last?.hasPrefix("a BAD") == true, "\(item)")
        }
    }

    @Test func `a literal8 keeps NUL, which only BINARY brings back`() async throws {
        let (desk, anna) = try await annaWith(Self.mail)
        defer { withExtendedLifetime(desk) {} }
        let mail = Array("Subject: NUL\r\nContent-Transfer-Encoding: binary\r\n\r\na\0b".utf8)
        let told = try await anna.exchange(
            Array("x APPEND Drafts ~{\(mail.count)+}\r\n".utf8) + mail + Array("\r\n".utf8))
        #expect(String(decoding: told, as: UTF8.self).contains("x OK [APPENDUID "))
        #expect(try await anna.exchange(Array("x FETCH 2 BINARY.PEEK[]\r\n".utf8)).contains(mail))
        #expect(try await anna.exchange(Array("x FETCH 2 BINARY.PEEK[1]\r\n".utf8)).contains(Array("~{3}\r\na\0b)".utf8)))
        let whole = try await anna.exchange(Array("x FETCH 2 BODY.PEEK[]\r\n".utf8))
        #expect(!whole.contains(0))
        #expect(whole.contains(Array("{\(mail.count)}\r\n".utf8) + mail.map { $0 == 0 ? 0x80 : $0 }))
    }

    @Test func `a large attachment is decoded piece by piece`() async throws {
        let octets = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 / 251) }
        let line = { (start: Int) in base64(Array(octets[start..<min(start + 57, octets.count)])) }
        let body = stride(from: 0, to: octets.count, by: 57).map(line).joined(separator: "\r\n")
        let mail =
            "Subject: large\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n\(body)\r\n"
        let (desk, anna) = try await annaWith(mail)
        defer { withExtendedLifetime(desk) {} }
        try await anna.expect("FETCH 1 BINARY.SIZE[1]", has: "* 1 FETCH (BINARY.SIZE[1] 300000)")
        let whole = try await anna.exchange(Array("x FETCH 1 BINARY.PEEK[1]\r\n".utf8))
        #expect(whole == Array("* 1 FETCH (BINARY[1] ~{300000}\r\n".utf8) + octets + Array(")\r\nx OK FETCH completed\r\n".utf8))
        let piece = try await anna.exchange(Array("x FETCH 1 BINARY.PEEK[1]<131000.1000>\r\n".utf8))
        #expect(piece.contains(Array("BINARY[1]<131000> ~{1000}\r\n".utf8) + octets[131_000..<132_000] + [0x29]))
    }
}

/// Base64 without line ends.
private func base64(_ octets: [UInt8]) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var text = ""
    for start in stride(from: 0, to: octets.count, by: 3) {
        let group = octets[start..<min(start + 3, octets.count)]
        let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
        for place in 0..<4 {
            text.append(place <= group.count ? letters[bits >> (18 - 6 * place) & 63] : "=")
        }
    }
    return text
}
