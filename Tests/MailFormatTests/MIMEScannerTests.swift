import Testing

@testable import MailFormat

@Suite struct MIMEScannerTests {
    static let nested = """
        Subject: outer\r
        Content-Type: multipart/mixed; boundary="b"\r
        \r
        preamble\r
        --b\r
        Content-Type: text/plain\r
        \r
        one\r
        two\r
        --b\r
        Content-Type: message/rfc822\r
        \r
        Subject: inner\r
        From: a@b.example\r
        Content-Type: multipart/alternative; boundary=b-inner\r
        \r
        --b-inner\r
        \r
        alpha\r
        --b-inner\r
        Content-Type: text/html\r
        \r
        --not a boundary\r
        --b-inner--\r
        inner epilogue\r
        --b--\r
        epilogue\r

        """

    /// A tree as text: type, body, then the parts in brackets. The body is cut out of the message by the offsets.
    static func outline(_ part: BodyPart, _ body: some Collection<UInt8>, depth: Int = 0) -> String {
        let start = min(part.bodyOffset, body.count)
        let own = text(Array(body)[start..<min(part.end, body.count)])
        let inner = part.children.map { outline($0, body, depth: depth + 1) }.joined(separator: " ")
        let shown = part.children.isEmpty ? " \(own.debugDescription) \(part.lineCount)" : " [\(inner)]"
        return part.mediaType.essence + shown
    }

    static func outline(_ message: String) -> String {
        let all = octets(message)
        var scanner = MIMEScanner()
        scanner.consume(all)
        let structure = scanner.finish()
        return outline(structure.root, all[min(scanner.headerLength ?? 0, all.count)...])
    }

    @Test func `the parts of a nested message are found where they stand`() {
        #expect(
            Self.outline(Self.nested)
                == #"multipart/mixed [text/plain "one\r\ntwo" 1 message/rfc822 [multipart/alternative "#
                + #"[text/plain "alpha" 0 text/html "--not a boundary" 0]]]"#)
    }

    static let mixed = "Content-Type: multipart/mixed; boundary=x\r\n\r\n"
    static let rows: [(message: String, outline: String)] = [
        ("", #"text/plain "" 0"#),
        ("\r\n", #"text/plain "" 0"#),
        ("A: 1\r\n", #"text/plain "" 0"#),
        ("\r\nbody", #"text/plain "body" 0"#),
        ("A: 1\n\nbody\n", #"text/plain "body\n" 1"#),
        ("Content-Type: text/html\r\n\r\na\r\nb\r\n", #"text/html "a\r\nb\r\n" 2"#),
        ("Content-Type: nonsense\r\n\r\nx", #"text/plain "x" 0"#),
        (mixed, #"multipart/mixed "" 0"#),
        (mixed + "no part\r\n", #"multipart/mixed "no part\r\n" 1"#),
        (mixed + "--x\r\n\r\na\r\n--x--", #"multipart/mixed [text/plain "a" 0]"#),
        (mixed + "--x\r\n\r\na\r\n", #"multipart/mixed [text/plain "a\r\n" 1]"#),
        (mixed + "--x\n\na\n--x--\n", #"multipart/mixed [text/plain "a" 0]"#),
        (mixed + "--x\r\n--x\r\n--x--\r\n", #"multipart/mixed [text/plain "" 0 text/plain "" 0]"#),
        (mixed + "--x\r\n\r\n--x--\r\n", #"multipart/mixed [text/plain "" 0]"#),
        (mixed + "--x\r\n\r\n\r\n--x--\r\n", #"multipart/mixed [text/plain "" 0]"#),
        (mixed + "--x  \r\n\r\na\r\n--x-- \r\n", #"multipart/mixed [text/plain "a" 0]"#),
        (
            mixed + "--x\r\n\r\na --x\r\n --x\r\n-x\r\n--\r\n--x--",
            #"multipart/mixed [text/plain "a --x\r\n --x\r\n-x\r\n--" 3]"#
        ),
        (mixed + "--x\r\nContent-Type: text/html\r\n--x--\r\n", #"multipart/mixed [text/html "" 0]"#),
        (mixed + "--x\r\n\r\na\r\n--x--\r\n--x\r\n\r\nno part\r\n", #"multipart/mixed [text/plain "a" 0]"#),
        (
            "Content-Type: multipart/mixed; boundary=\"x \"\r\n\r\n--x \r\n\r\na\r\n--x\r\n\r\nb\r\n--x --\r\nc",
            #"multipart/mixed [text/plain "a" 0 text/plain "b" 0]"#
        ),
        (
            mixed + "--x\r\nContent-Type: message/rfc822\r\n--x\r\nContent-Type: message/rfc822\r\n\r\nA: 1\r\n--x--",
            #"multipart/mixed [message/rfc822 [text/plain "" 0] message/rfc822 [text/plain "" 0]]"#
        ),
        (
            "Content-Type: multipart/digest; boundary=x\r\n\r\n--x\r\n\r\nSubject: s\r\n\r\nb\r\n--x--\r\n",
            #"multipart/digest [message/rfc822 [text/plain "b" 0]]"#
        ),
        ("Content-Type: multipart/mixed\r\n\r\n--x\r\n\r\na", #"multipart/mixed "--x\r\n\r\na" 2"#),
        ("Content-Type: message/rfc822\r\n\r\nSubject: s\r\n\r\nb", #"message/rfc822 [text/plain "b" 0]"#),
        ("Content-Type: message/rfc822\r\n\r\n", #"message/rfc822 [text/plain "" 0]"#),
    ]

    @Test(arguments: rows) func `odd messages have a structure too`(message: String, outline: String) {
        #expect(Self.outline(message) == outline)
    }

    @Test(arguments: rows.map(\.message) + [nested])
    func `every split of the message gives the same structure`(message: String) {
        let all = octets(message)
        let whole = scan(all)
        for first in 0...all.count {
            var scanner = MIMEScanner()
            scanner.consume(Array(all[..<first]))
            scanner.consume(Array(all[first...]))
            let structure = scanner.finish()
            #expect(structure == whole)
        }
        var scanner = MIMEScanner()
        for octet in all { scanner.consume([octet]) }
        #expect(scanner.finish() == whole)
    }

    @Test(.enabled(if: !Corpus.mails.isEmpty, Corpus.isMissing), arguments: Corpus.mails)
    func `real mails have the same structure in pieces of any size, and it survives storing`(mail: Corpus.Mail) {
        let whole = scan(mail.octets)
        for size in [1, 2, 3, 7, 64, 1000] {
            var scanner = MIMEScanner()
            for start in stride(from: 0, to: mail.octets.count, by: size) {
                scanner.consume(Array(mail.octets[start..<min(start + size, mail.octets.count)]))
            }
            #expect(scanner.finish() == whole)
            #expect(scanner.header == HeaderSection(Array(mail.octets.prefix(scanner.headerLength ?? 0))))
        }
        #expect(MIMEStructure(encoded: whole.encoded()) == whole)
        Self.checkPlaces(whole.root, within: 0..<whole.root.bodyLength)
    }

    static func checkPlaces(_ part: BodyPart, within range: Range<Int>) {
        #expect(part.bodyOffset >= range.lowerBound && part.end <= range.upperBound && part.bodyLength >= 0)
        #expect(part.headerOffset + part.headerLength <= part.bodyOffset)
        for child in part.children { checkPlaces(child, within: part.bodyOffset..<part.end) }
    }

    static let headerRows: [(message: String, headers: [String])] = [
        ("--x\r\nA: 1\r\n--x\r\n\r\n--x\r\n--x\r\nB: 2\r\n\r\n--x--", ["A: 1", "", "", "B: 2\r\n"]),
        ("--x\nA: 1\n--x\nB: 2\n\nb\n--x--", ["A: 1", "B: 2\n\n"]),
    ]

    @Test(arguments: headerRows)
    func `the line end before a boundary is no part of a header section without a body`(
        message: String, headers: [String]
    ) {
        let all = octets(Self.mixed + message)
        var scanner = MIMEScanner()
        scanner.consume(all)
        let structure = scanner.finish()
        let found = structure.root.children.indices.map { index in
            structure.range(of: [index + 1], .mime, headerLength: scanner.headerLength ?? 0).map { text(all[$0]) }
        }
        #expect(found == headers)
        Self.checkPlaces(structure.root, within: 0..<structure.root.bodyLength)
    }

    @Test func `a message that is only a header section keeps its last line end`() {
        let all = octets(Self.mixed + "--x\r\nContent-Type: message/rfc822\r\n\r\nA: 1\r\n--x--")
        var scanner = MIMEScanner()
        scanner.consume(all)
        let structure = scanner.finish()
        let range = structure.range(of: [1], .header, headerLength: scanner.headerLength ?? 0)
        #expect(range.map { text(all[$0]) } == "A: 1\r\n")
    }

    @Test func `more parts than the limit are left in the last one`() {
        var limits = MIMEScanner.Limits()
        limits.parts = 4
        for count in [3, 4] {
            var scanner = MIMEScanner(limits: limits)
            scanner.consume(octets(Self.mixed + String(repeating: "--x\r\n\r\na\r\n", count: count)))
            #expect(scanner.finish().root.children.count == 3)
        }
    }

    @Test func `nesting beyond the limit is not opened`() {
        var message = ""
        for level in 0..<500 { message += "Content-Type: multipart/mixed; boundary=x\(level)x\r\n\r\n--x\(level)x\r\n" }
        var part = scan(message).root
        var depth = 1
        while let child = part.children.first {
            part = child
            depth += 1
        }
        #expect(depth == 100)
        let structure = scan(String(repeating: "Content-Type: message/rfc822\r\n\r\n", count: 500))
        #expect(MIMEStructure(encoded: structure.encoded()) == structure)
    }

    @Test func `what header fields of parts may keep in memory is bounded`() {
        let part = "--x\r\nContent-Description: \(String(repeating: "d", count: 3000))\r\n\r\n\r\n"
        let structure = scan(Self.mixed + String(repeating: part, count: 2000))
        #expect(structure.root.children.count == 2000)
        #expect(structure.encoded().count < BodyPart.Budget.whole + 2000 * 20)
    }

    @Test func `a header section that reaches the limit ends there, wherever the pieces are cut`() {
        var limits = MIMEScanner.Limits()
        limits.headerOctets = 50
        let message = octets(
            "A: 1\r\nContent-Type: multipart/mixed; boundary=x\r\nB: 2\r\n\r\n--x\r\n\r\na\r\n--x--\r\n")
        for size in 1...message.count {
            var scanner = MIMEScanner(limits: limits)
            for start in stride(from: 0, to: message.count, by: size) {
                scanner.consume(Array(message[start..<min(start + size, message.count)]))
            }
            let structure = scanner.finish()
            #expect(scanner.headerLength == 50)
            #expect(scanner.header?.octets == Array(message[..<50]))
            #expect(structure.root.bodyLength == message.count - 50)
            #expect(structure.root.children.count == 1)
        }
    }

    @Test func `the stored structure of a simple mail is small, and damage is noticed`() {
        let encoded = scan(
            "Content-Type: text/plain; charset=utf-8\r\n\r\n" + String(repeating: "line\r\n", count: 600)
        ).encoded()
        #expect(encoded.count <= 16)
        for length in 0..<encoded.count { #expect(MIMEStructure(encoded: Array(encoded[..<length])) == nil) }
        #expect(MIMEStructure(encoded: encoded + [0]) == nil)
        #expect(MIMEStructure(encoded: [MIMEStructure.formatVersion + 1] + encoded.dropFirst()) == nil)
    }
}

@Suite struct MIMEStructureSectionTests {
    static let rows: [(path: [Int], piece: SectionPiece, content: String?)] = [
        ([1], .content, "one\r\ntwo"),
        ([1], .mime, "Content-Type: text/plain\r\n\r\n"),
        ([1], .header, nil),
        ([1, 1], .content, nil),
        ([2], .mime, "Content-Type: message/rfc822\r\n\r\n"),
        (
            [2], .header,
            "Subject: inner\r\nFrom: a@b.example\r\nContent-Type: multipart/alternative; boundary=b-inner\r\n\r\n"
        ),
        ([2, 1], .content, "alpha"),
        ([2, 2], .content, "--not a boundary"),
        ([2, 2], .mime, "Content-Type: text/html\r\n\r\n"),
        ([2, 3], .content, nil), ([3], .content, nil), ([0], .content, nil), ([-1], .content, nil), ([], .mime, nil),
    ]

    @Test(arguments: rows) func `a section of a nested message is where RFC 9051 says`(
        path: [Int], piece: SectionPiece, content: String?
    ) {
        let message = octets(MIMEScannerTests.nested)
        var scanner = MIMEScanner()
        scanner.consume(message)
        let range = scanner.finish().range(of: path, piece, headerLength: scanner.headerLength ?? 0)
        #expect(range.map { text(message[$0]) } == content)
    }

    @Test func `a message without parts has part 1, in a message too`() {
        let message = octets("Content-Type: message/rfc822\r\n\r\nSubject: s\r\n\r\nbody")
        var scanner = MIMEScanner()
        scanner.consume(message)
        let structure = scanner.finish()
        func section(_ path: [Int], _ piece: SectionPiece) -> String? {
            structure.range(of: path, piece, headerLength: scanner.headerLength ?? 0).map { text(message[$0]) }
        }
        #expect(section([1], .content) == "Subject: s\r\n\r\nbody")
        #expect(section([1], .header) == "Subject: s\r\n\r\n")
        #expect(section([1], .text) == "body")
        #expect(section([1, 1], .content) == "body")
        #expect(section([1, 1, 1], .content) == nil)
        #expect(section([1], .mime) == "Content-Type: message/rfc822\r\n\r\n")
        #expect(section([], .header) == "Content-Type: message/rfc822\r\n\r\n")
        #expect(section([], .content) == text(message))
    }

    @Test func `another header section before the same body moves every part`() {
        let structure = scan(MIMEScannerTests.nested)
        let short = structure.range(of: [2, 1], .content, headerLength: 100)
        let long = structure.range(of: [2, 1], .content, headerLength: 500)
        #expect(short?.lowerBound == long.map { $0.lowerBound - 400 })
        #expect(short?.count == long?.count)
    }
}
