import MailAuth
import OpenSSL
import Testing

@Suite struct BodyDigestTests {
    /// nil: the same as the simple form.
    static let rows: [(body: String, simple: String, relaxed: String)] = [
        ("", "\r\n", ""), ("\r\n", "\r\n", ""), ("\r\n\r\n\r\n", "\r\n", ""), (" \t\r\n \r\n", " \t\r\n \r\n", ""),
        // RFC 6376 §3.4.5.
        (" C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n"),
        ("no end", "no end\r\n", "no end\r\n"), ("a \t", "a \t\r\n", "a\r\n"),
        ("a\r\n\r\nb\r\n", "a\r\n\r\nb\r\n", "a\r\n\r\nb\r\n"),
        ("a\r\n \r\nb\r\n", "a\r\n \r\nb\r\n", "a\r\n\r\nb\r\n"), ("\r\n\r\na", "\r\n\r\na\r\n", "\r\n\r\na\r\n"),
        ("a b  c\td\r\n\te\r\n", "a b  c\td\r\n\te\r\n", "a b c d\r\n e\r\n"),
        ("a\rb\nc\r\n", "a\rb\nc\r\n", "a\rb\nc\r\n"),
        ("a\r\r\n", "a\r\r\n", "a\r\r\n"), ("a\r\n\n", "a\r\n\n\r\n", "a\r\n\n\r\n"), ("a\r", "a\r\r\n", "a\r\r\n"),
        ("a \r\n\r\n \t b", "a \r\n\r\n \t b\r\n", "a\r\n\r\n b\r\n"),
        ("\u{1}x\u{7F}ż\r\n", "\u{1}x\u{7F}ż\r\n", "\u{1}x\u{7F}ż\r\n"),
        (
            "12345678 12345678\r\n12345678  \r\n", "12345678 12345678\r\n12345678  \r\n",
            "12345678 12345678\r\n12345678\r\n"
        ),
    ]

    @Test(arguments: rows) func `a body is hashed in its canonical form however it is cut`(
        body: String, simple: String, relaxed: String
    ) {
        let octets = Array(body.utf8)
        for (form, text) in [(Canonicalization.simple, simple), (.relaxed, relaxed)] {
            let wanted = BodyDigest.Finished(digest: SHA256.digest(of: Array(text.utf8)), length: text.utf8.count)
            #expect(digest(form, [octets]) == wanted)
            #expect(digest(form, octets.map { [$0] }) == wanted)
            for place in octets.indices {
                #expect(digest(form, [Array(octets[..<place]), Array(octets[place...])]) == wanted, "cut at \(place)")
            }
        }
    }

    @Test func `bodies at random are hashed as a slow reading of the RFC says`() {
        var generator = SystemRandomNumberGenerator()
        let letters = Array(" \t\r\nab".utf8)
        for _ in 0..<2000 {
            let seed = UInt64.random(in: 0...UInt64.max, using: &generator)
            var state = seed
            func next(_ bound: Int) -> Int {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Int(state >> 33) % bound
            }
            var octets: [UInt8] = []
            for _ in 0..<next(60) {
                if next(3) == 0 { octets += [0x0D, 0x0A] } else { octets.append(letters[next(letters.count)]) }
            }
            let text = slowlyRelaxed(octets)
            let wanted = BodyDigest.Finished(digest: SHA256.digest(of: text), length: text.count)
            let cut = octets.isEmpty ? 0 : next(octets.count)
            #expect(
                digest(.relaxed, [Array(octets[..<cut]), Array(octets[cut...])]) == wanted, "seed \(seed): \(octets)")
        }
    }

    private func slowlyRelaxed(_ octets: [UInt8]) -> [UInt8] {
        var lines: [[UInt8]] = [[]]
        var index = 0
        while index < octets.count {
            if octets[index] == 0x0D, index + 1 < octets.count, octets[index + 1] == 0x0A {
                lines.append([])
                index += 2
                continue
            }
            let octet = octets[index] == 0x09 ? 0x20 : octets[index]
            if octet != 0x20 || lines[lines.count - 1].last != 0x20 { lines[lines.count - 1].append(octet) }
            index += 1
        }
        lines = lines.map { $0.last == 0x20 ? Array($0.dropLast()) : $0 }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines.flatMap { $0 + [0x0D, 0x0A] }
    }

    private func digest(_ form: Canonicalization, _ pieces: [[UInt8]]) -> BodyDigest.Finished {
        var digest = BodyDigest(form)
        for piece in pieces { piece.withUnsafeBytes { digest.update($0) } }
        return digest.finish()
    }
}
