import Testing

@testable import MailFormat

/// Mail with octets above 127 for next hops that take none (RFC 6152 §3).
@Suite struct SevenBitTests {
    /// `nil`: it cannot be.
    private func converted(_ message: [UInt8], pieces: [Int]? = nil) -> [UInt8]? {
        var scanner = MIMEScanner()
        scanner.consume(message)
        var plan = SevenBitPlan(scanner.finish(), headerLength: scanner.headerLength ?? 0)
        var rest = message[...]
        func next(_ index: Int) -> [UInt8] {
            let piece = rest.prefix(pieces.map { max(1, $0[index % $0.count]) } ?? rest.count)
            rest = rest.dropFirst(piece.count)
            return Array(piece)
        }
        var index = 0
        while !rest.isEmpty {
            next(index).withUnsafeBytes { plan.look(at: $0) }
            index += 1
        }
        guard plan.isPossible else { return nil }
        var converter = SevenBitConverter(plan)
        var output: [UInt8] = []
        (rest, index) = (message[...], 0)
        while !rest.isEmpty {
            next(index).withUnsafeBytes { converter.convert($0, into: &output) }
            index += 1
        }
        converter.finish(into: &output)
        return output
    }

    private func converted(_ message: String) -> String? { converted(octets(crlf(message))).map { text($0) } }

    private func crlf(_ text: String) -> String { text.replacing("\r\n", with: "\n").replacing("\n", with: "\r\n") }

    static let rows: [(message: String, converted: String?)] = [
        (
            "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nZażółć\n.\n",
            "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nZa=C5=BC=C3=B3=C5=82=C4=87\n=2E\n"
        ),
        // Nothing said that it is MIME: what is undone is what was there.
        ("Subject: x\n\nż\n", "Subject: x\nMIME-Version: 1.0\nContent-Transfer-Encoding: quoted-printable\n\n=C5=BC\n"),
        // Nothing to do, but that nothing of it may be called 8bit.
        ("Content-Transfer-Encoding: 8BIT\nA: b\n\nx\n", "A: b\nMIME-Version: 1.0\nContent-Transfer-Encoding: 7bit\n\nx\n"),
        ("Subject: x\n\nx\n", "Subject: x\n\nx\n"), ("Subject: x", "Subject: x"), ("", ""),
        // No text.
        (
            "MIME-Version: 1.0\nContent-Type: application/x\nContent-Transfer-Encoding: binary\n\nż\n",
            "MIME-Version: 1.0\nContent-Type: application/x\nContent-Transfer-Encoding: base64\n\nxbwNCg==\n"
        ),
        // Encoded already, and broken: what decoders make of it stays.
        (
            "Content-Transfer-Encoding: Quoted-Printable\n\n=C5=BC ż=\nx\n",
            "Content-Transfer-Encoding: Quoted-Printable\n\n=C5=BC =C5=BC=\nx\n"
        ),
        ("Content-Transfer-Encoding: base64\n\neHż\nl6\n", "Content-Transfer-Encoding: base64\n\neH\nl6\n"),
        // An encoding nobody knows, and a header that is no ASCII.
        ("Content-Transfer-Encoding: x-uuencode\n\nż\n", nil), ("Subject: ż\n\nx\n", nil),
        (
            "Content-Type: multipart/mixed; boundary=b\nMIME-Version: 1.0\nContent-Transfer-Encoding: 8bit\n\npreamble ż\n--b\nContent-Type: text/html\nContent-Transfer-Encoding: 8bit\n\n<p>ż\n--b\nContent-Transfer-Encoding: 8bit\n\nplain\n--b\nContent-Type: image/x\n\nż\n--b\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\nxbw=\n--b--\nepilogue ż\n",
            "Content-Type: multipart/mixed; boundary=b\nMIME-Version: 1.0\nContent-Transfer-Encoding: 7bit\n\npreamble ??\n--b\nContent-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n<p>=C5=BC\n--b\nContent-Transfer-Encoding: 7bit\n\nplain\n--b\nContent-Type: image/x\nContent-Transfer-Encoding: base64\n\nxbw=\n\n--b\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\nxbw=\n--b--\nepilogue ??\n"
        ),
        // A message within: the message part may not be encoded, what is in it may.
        (
            "Content-Type: message/rfc822\nContent-Transfer-Encoding: 8bit\nMIME-Version: 1.0\n\nSubject: in\n\nż\n",
            "Content-Type: message/rfc822\nMIME-Version: 1.0\nContent-Transfer-Encoding: 7bit\n\nSubject: in\nMIME-Version: 1.0\nContent-Transfer-Encoding: quoted-printable\n\n=C5=BC\n"
        ),
        ("Content-Type: message/rfc822\n\nSubject: ż\n\nx\n", nil),
        ("Content-Type: message/partial; id=x; number=1; total=2\n\nż\n", nil),
        ("Content-Type: multipart/mixed; boundary=b\n\nno part at all ż\n", nil),
        // A signature covers octets, which must stay; beside it anything may change.
        ("Content-Type: multipart/signed; boundary=b\n\n--b\nContent-Transfer-Encoding: 8bit\n\nż\n--b\n\nsig\n--b--\n", nil),
        (
            "Content-Type: multipart/signed; boundary=c\n\n--c\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nż\n--b--\n--c\n\nsig\n--c--\n",
            nil
        ),
        (
            "Content-Type: multipart/mixed; boundary=c\n\n--c\nContent-Type: multipart/signed; boundary=b\n\n--b\nContent-Transfer-Encoding: 8bit\n\nx\n--b\n\nsig\n--b--\n--c\n\nż\n--c--\n",
            "Content-Type: multipart/mixed; boundary=c\n\n--c\nContent-Type: multipart/signed; boundary=b\n\n--b\nContent-Transfer-Encoding: 8bit\n\nx\n--b\n\nsig\n--b--\n--c\nContent-Transfer-Encoding: quoted-printable\n\n=C5=BC\n--c--\n"
        ),
    ]

    @Test(arguments: rows) func `parts are encoded anew where they may be`(message: String, converted: String?) {
        #expect(self.converted(message) == converted.map { crlf($0) })
    }

    @Test(arguments: rows) func `the pieces that it comes in make no difference`(message: String, converted: String?) {
        let octets = octets(crlf(message))
        let whole = self.converted(octets)
        for size in [[1], [2], [7, 1, 30]] { #expect(self.converted(octets, pieces: size) == whole, "\(size)") }
        for cut in 1..<max(2, octets.count) {
            #expect(self.converted(octets, pieces: [cut, octets.count]) == whole, "\(cut)")
        }
    }

    @Test func `a structure that was not read whole is not converted`() {
        let part = "--b\r\n\r\nż\r\n"
        let head = "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        #expect(converted(octets(head + String(repeating: part, count: 9000))) != nil)
        #expect(converted(octets(head + String(repeating: part, count: 10_001))) == nil)
        var deep = ""
        for level in 0..<120 { deep += "Content-Type: multipart/mixed; boundary=b\(level)x\r\n\r\n--b\(level)x\r\n" }
        #expect(converted(octets(deep + "\r\nż\r\n")) == nil)
    }

    @Test(.enabled(if: !Corpus.mails.isEmpty, Corpus.isMissing))
    func `of every mail of the collection the parts mean what they meant`() {
        var count = 0
        for mail in Corpus.mails where mail.octets.contains(where: { $0 >= 0x80 }) {
            guard let result = converted(mail.octets, pieces: [4096, 1, 977]) else { continue }
            count += 1
            #expect(!result.contains { $0 >= 0x80 }, "\(mail.name)")
            #expect(result.split(separator: .lineFeed, omittingEmptySubsequences: false).allSatisfy { $0.count <= 1000 }
                || mail.octets.split(separator: .lineFeed).contains { $0.count > 1000 }, "\(mail.name)")
            let (old, new) = (contents(of: mail.octets), contents(of: result))
            #expect(old.map(\.type) == new.map(\.type), "\(mail.name)")
            #expect(zip(old, new).allSatisfy { $0.content == $1.content }, "\(mail.name)")
            #expect(converted(result) == result, "\(mail.name)")
        }
        #expect(count > 3)
    }

    /// What the leaves hold, in order, their transfer encoding undone.
    private func contents(of message: [UInt8]) -> [(type: String, content: [UInt8])] {
        var scanner = MIMEScanner()
        scanner.consume(message)
        let structure = scanner.finish()
        let base = scanner.headerLength ?? 0
        var found: [(String, [UInt8])] = []
        func visit(_ part: BodyPart) {
            if part.children.isEmpty {
                var decoder = TransferDecoder(part)
                var content: [UInt8] = []
                Array(message[base + part.bodyOffset..<base + part.end]).withUnsafeBytes { decoder.decode($0, into: &content) }
                decoder.finish(into: &content)
                found.append((part.mediaType.essence, content))
            }
            part.children.forEach(visit)
        }
        visit(structure.root)
        return found
    }
}
