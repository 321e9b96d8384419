import OpenSSL
import Testing

@testable import MailAuth

/// Header fields in canonical form (RFC 6376 §3.4.1, §3.4.2), hashed where they lie.
@Suite struct HeaderFormTests {
    static let rows: [(field: String, relaxed: String)] = [
        ("Subject: Hello\r\n", "subject:Hello"), ("A: X\r\n", "a:X"), ("B : Y\t\r\n\tZ  \r\n", "b:Y Z"),
        ("c:\r\n x\r\n", "c:x"), ("d:  \r\n", "d:"), ("E:a b  c\td \r\n\te\r\n", "e:a b c d e"), ("f:a\rb\r\n", "f:ab"),
        ("G\t :\u{1} x\r\n", "g:\u{1} x"), ("no colon\r\n", "nocolon"), ("h:a: b :c\r\n", "h:a: b :c"), ("i:x", "i:x"),
        ("J: x \t\r\n  y\r\n \r\n", "j:x y"), ("", ""),
    ]

    @Test(arguments: rows) func `a field is hashed in its canonical form`(field: String, relaxed: String) {
        #expect(digest(.relaxed, field) == SHA256.digest(of: Array((relaxed + "\r\n").utf8)))
        #expect(digest(.relaxed, field, isLast: true) == SHA256.digest(of: Array(relaxed.utf8)))
        let simple = field.hasSuffix("\r\n") ? String(field.dropLast()) : field
        #expect(digest(.simple, field) == SHA256.digest(of: Array((simple + "\r\n").utf8)))
    }

    @Test func `fields at random are hashed as a slow reading of the RFC says`() {
        let letters = Array(" \t\r\naB:\u{1}".utf8)
        for seed in 0..<3000 as Range<UInt64> {
            var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
            func next(_ bound: Int) -> Int {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Int(state >> 33) % bound
            }
            let octets = Array("Name:".utf8) + (0..<next(40)).map { _ in letters[next(letters.count)] }
            var hash = SHA256()
            Canonicalization.relaxed.hash(octets[...], isLast: true, into: &hash)
            #expect(hash.digest() == SHA256.digest(of: slowlyRelaxed(octets)), "seed \(seed): \(octets)")
        }
    }

    static let signatures: [(field: String, rest: String)] = [
        ("DKIM-Signature: v=1; b=abc; d=x", "DKIM-Signature: v=1; b=; d=x"), ("s: bh=1; b=\r\n x", "s: bh=1; b="),
        ("s:b = x;a=b", "s:b =;a=b"), ("s: a=1", "s: a=1"), ("s", "s"), ("s: bb=1; b", "s: bb=1; b"),
    ]

    @Test(arguments: signatures) func `a signature is taken out of its field`(field: String, rest: String) {
        #expect(Canonicalization.withoutSignature(Array(field.utf8)[...]) == Array(rest.utf8))
    }

    private func digest(_ form: Canonicalization, _ field: String, isLast: Bool = false) -> [UInt8] {
        var hash = SHA256()
        form.hash(Array(field.utf8)[...], isLast: isLast, into: &hash)
        return hash.digest()
    }

    private func slowlyRelaxed(_ octets: [UInt8]) -> [UInt8] {
        let colon = octets.firstIndex(of: UInt8(ascii: ":")) ?? octets.count
        var result = octets[..<colon].filter { ![0x20, 0x09, 0x0D, 0x0A].contains($0) }
            .map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        result.append(UInt8(ascii: ":"))
        let unfolded = octets[(colon + 1)...].filter { $0 != 0x0D && $0 != 0x0A }.map { $0 == 0x09 ? 0x20 : $0 }
        let words = unfolded.split(separator: 0x20)
        return result + words.joined(separator: [0x20])
    }
}
