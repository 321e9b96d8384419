import Glibc
import MailTypes
import Testing

@testable import MailFormat

@Suite struct MIMEWriterTests {
    static let plain = "Dzień dobry,\n\nZażółć gęślą jaźń. See https://example.org/a?b=1&c=2.\n> quoted once\n>> quoted twice\nFrom me\n-- \nAnn\n"
    static let picture = Array(repeating: (0...255).map { UInt8($0) }, count: 40).flatMap { $0 }
    static let forwarded = octets("Subject: inner\r\nFrom: a@b.example\r\n\r\n--=_not ours\r\nbody\r\n")

    static func header() throws -> HeaderWriter {
        var header = HeaderWriter()
        try header.text("Subject", "Żółw i jeż")
        try header.structured("From", "a@b.example")
        return header
    }

    /// Everything at once: mixed of related of alternative, a file and a message.
    static func message(allowsEightBit: Bool = false, chunk: Int = 1000) throws -> [UInt8] {
        var writer = MIMEWriter(try header(), entropy: Array(1...16), allowsEightBit: allowsEightBit)
        var result: [UInt8] = []
        func feed(_ content: [UInt8]) throws {
            for start in stride(from: 0, to: content.count, by: chunk) {
                try writer.consume(Array(content[start..<min(start + chunk, content.count)]))
                result += writer.takeOutput()
            }
            writer.endFile()
        }
        writer.openMultipart(.mixed)
        writer.openMultipart(.related, type: "multipart/alternative")
        writer.openMultipart(.alternative)
        writer.text(plain)
        writer.html(HTMLAlternative.write(plain))
        writer.closeMultipart()
        writer.beginFile(
            named: "logo.png", MediaType(type: octets("image"), subtype: octets("png")), contentID: "logo@stempel")
        try feed(picture)
        writer.closeMultipart()
        writer.beginFile(
            named: String(repeating: "Żółw i jeż ", count: 12) + ".pdf",
            MediaType(type: octets("application"), subtype: octets("pdf")))
        try feed(picture)
        try writer.beginMessage(isEightBit: false)
        try feed(forwarded)
        writer.closeMultipart()
        return result + writer.takeOutput()
    }

    static func content(_ part: BodyPart, _ message: [UInt8], _ headerLength: Int) -> [UInt8] {
        var decoder = TransferDecoder(part)
        var result: [UInt8] = []
        message[(headerLength + part.bodyOffset)..<(headerLength + part.end)].withUnsafeBytes { decoder.decode($0, into: &result) }
        decoder.finish(into: &result)
        return result
    }

    @Test(arguments: [false, true]) func `what is written is read as the same parts`(allowsEightBit: Bool) throws {
        let message = try Self.message(allowsEightBit: allowsEightBit)
        var scanner = MIMEScanner()
        scanner.consume(message)
        let structure = scanner.finish()
        let length = scanner.headerLength ?? 0
        func body(_ path: [Int]) throws -> [UInt8] {
            Self.content(try #require(structure.part(at: path)?.part), message, length)
        }
        #expect(scanner.header?.text("Subject") == "Żółw i jeż")
        let text = try #require(structure.part(at: [1, 1, 1])?.part)
        #expect(text.mediaType.isFlowed)
        #expect(FlowedText.unflowed(String(decoding: try body([1, 1, 1]), as: UTF8.self), deletesSpaces: false) + "\n" == Self.plain)
        #expect(try body([1, 1, 2]).starts(with: "<!DOCTYPE html>".utf8))
        #expect(try body([1, 2]) == Self.picture)
        #expect(structure.part(at: [1, 2])?.part.contentID == octets("<logo@stempel>"))
        #expect(try body([2]) == Self.picture)
        let name = String(repeating: "Żółw i jeż ", count: 12) + ".pdf"
        #expect(structure.part(at: [2])?.part.filename == name)
        #expect(structure.part(at: [2])?.part.mediaType.parameter("name") == name)
        // The line end before a boundary is the boundary's, and one was written for it.
        #expect(try body([3]) == Self.forwarded)
        for line in text_lines(message) { #expect(line.count <= 78 || (allowsEightBit && line.contains { $0 >= 0x80 })) }
        #expect(allowsEightBit || message.allSatisfy { $0 < 0x80 })
    }

    private func text_lines(_ message: [UInt8]) -> [ArraySlice<UInt8>] {
        message.split(separator: .lineFeed).map { $0.last == .carriageReturn ? $0.dropLast() : $0 }
    }

    @Test func `pieces of any size give the same octets`() throws {
        let whole = try Self.message(chunk: 100_000)
        for size in [1, 56, 57, 58, 1000] { #expect(try Self.message(chunk: size) == whole) }
    }

    @Test func `a message that holds the boundary or what the way does not take is refused`() throws {
        var writer = MIMEWriter(try Self.header(), entropy: Array(1...16))
        writer.openMultipart(.mixed)
        #expect(throws: MIMEWritingFailure.eightBitMessage) { try writer.beginMessage(isEightBit: true) }
        try writer.beginMessage(isEightBit: false)
        try writer.consume(octets("a\r\n--=_0102030405060708090a0b0c0d0e"))
        #expect(throws: MIMEWritingFailure.boundaryInContent) { try writer.consume(octets("0f10_1\r\n")) }
        #expect(throws: MIMEWritingFailure.eightBitMessage) { try writer.consume([0xC5]) }
    }

    @Test func `a text that holds the boundary is encoded`() throws {
        var writer = MIMEWriter(try Self.header(), entropy: Array(1...16))
        writer.openMultipart(.mixed)
        writer.text("--=_0102030405060708090a0b0c0d0e0f10_1--\n")
        writer.text("after\n")
        writer.closeMultipart()
        #expect(scan(writer.takeOutput()).root.children.count == 2)
    }

    @Test func `Python's email package reads the same content`() throws {
        var path = Array("/tmp/stempel-mime-XXXXXX".utf8CString)
        let descriptor = mkstemp(&path)
        defer { unlink(path) }
        let message = try Self.message()
        #expect(message.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } == message.count)
        close(descriptor)
        let file = String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let script = """
            import email, email.policy, sys
            m = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
            print(m["Subject"], [str(d) for p in m.walk() for d in p.defects])
            for p in m.walk():
                print(p.get_content_type(), p.get_filename(), len(p.get_payload(decode=True) or b""))
            print(m.get_body(("plain",)).get_content().splitlines()[2])
            """
        let pipe = try #require(popen("PYTHONIOENCODING=utf-8 python3 -c '\(script)' \(file)", "r"))
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = fread(&chunk, 1, chunk.count, pipe)
            guard count > 0 else { break }
            output += chunk[..<count]
        }
        #expect(pclose(pipe) == 0)
        let name = String(repeating: "Żółw i jeż ", count: 12) + ".pdf"
        let lines = text(output).split(separator: "\n").map(String.init)
        #expect(lines.first == "Żółw i jeż []")
        #expect(lines.contains("application/pdf \(name) 10240"))
        #expect(lines.contains("image/png logo.png 10240"))
        #expect(lines.contains { $0.hasPrefix("text/html None ") })
        #expect(lines.contains { $0.hasPrefix("message/rfc822") })
        #expect(lines.last?.hasPrefix("Zażółć gęślą jaźń.") == true)
    }

    @Test func `a small mail of text has an alternative in HTML`() throws {
        let message = MessageWriter.alternative(try Self.header(), "a < b\n", entropy: [1, 2, 3])
        let structure = scan(message)
        #expect(structure.root.children.map(\.mediaType.essence) == ["text/plain", "text/html"])
        #expect(text(message).contains("<p>a &lt; b</p>"))
    }
}

@Suite struct FlowedTextTests {
    static let rows: [(flowed: String, deletesSpaces: Bool, lines: String)] = [
        ("a \nb\nc\n", false, "a b\nc"),
        ("a \nb\n", true, "ab"),
        ("> a \n> b\n>> c\n", false, "> a b\n>> c"),
        ("> a \nb\n", false, "> a \nb"),
        (" > no quote\n  two\n From\n", false, "> no quote\n two\nFrom"),
        ("a \n-- \nAnn\n", false, "a \n-- \nAnn"),
        (">-- \n> Ann\n", false, "> -- \n> Ann"),
        (">  \n> b\n", true, "> b"), (">  \n> b\n", false, ">  b"),
        ("a \r\nb\r\n\r\n", false, "a b\n"),
        ("a ", false, "a "), ("", false, ""), (">", false, ">"), ("\n\nx", false, "\n\nx"),
    ]

    @Test(arguments: rows) func `flowed text is read as RFC 3676 says`(flowed: String, deletesSpaces: Bool, lines: String) {
        #expect(FlowedText.unflowed(flowed, deletesSpaces: deletesSpaces) == lines)
    }

    @Test(.timeLimit(.minutes(5))) func `a paragraph of very many lines is read in one go`() {
        let flowed = String(repeating: "a \n", count: 600_000)
        #expect(FlowedText.unflowed(flowed, deletesSpaces: true).utf8.count == 600_000)
    }

    @Test func `long quoted paragraphs are wrapped with their marks and read again whole`() {
        let long = String(repeating: "wiele słów ", count: 40) + "koniec"
        let written = String(decoding: FlowedText.write(">> \(long)\n\(long)\n"), as: UTF8.self)
        for line in written.split(separator: "\r\n") { #expect(line.count <= 78) }
        #expect(FlowedText.unflowed(written, deletesSpaces: false) == ">> \(long)\n\(long)")
    }

    @Test func `text becomes HTML with nothing in it that acts`() {
        let html = String(
            decoding: HTMLAlternative.write("<script>\"&\n> q\nhttps://a.example/?b=\"c, (https://d.example).\n"), as: UTF8.self)
        #expect(html.contains("<p>&lt;script&gt;&quot;&amp;</p>"))
        #expect(html.contains("<blockquote type=\"cite\">\r\n<p>q</p>\r\n</blockquote>"))
        #expect(html.contains("<a href=\"https://a.example/?b=&quot;c\">"))
        #expect(!html.contains("<script"))
    }
}

@Suite struct UUEncodedTextTests {
    @Test func `a file within text is found where it stands`() {
        let message = octets("hello\r\nbegin 644 Zółw.txt\r\n#86)C\r\n`\r\nend\r\nbye\r\n")
        let files = UUEncodedText.files(in: message)
        #expect(files.map(\.name) == ["Zółw.txt"])
        #expect(files.map { text($0.content) } == ["abc"])
        #expect(files.map { text(message[$0.range]) } == ["begin 644 Zółw.txt\r\n#86)C\r\n`\r\nend\r\n"])
    }

    @Test func `text without its files is text, and their names are told`() {
        let file = "begin 644 Zółw.txt\r\n#86)C\r\n`\r\nend\r\n"
        let (rest, names) = UUEncodedText.withoutFiles("hello\r\n\(file)\(file.replacing("Zółw", with: "b"))bye\r\n")
        #expect(rest == "hello\r\nbye\r\n")
        #expect(names == ["Zółw.txt", "b.txt"])
        #expect(UUEncodedText.withoutFiles("begin\nend\n") == ("begin\nend\n", []))
    }

    @Test(arguments: [
        "begin 644 a\n#86)C\n", "begin the day\n#86)C\nend\n", "begin 644 a\nno such line at all\nend\n", "begin 644 \n`\nend\n",
        "=ybegin line=128 size=3 name=a\nabc\n=yend size=3\n", "", "end\n",
    ])
    func `what only looks like it is text`(message: String) {
        #expect(UUEncodedText.files(in: octets(message)) == [])
    }
}

@Suite struct TransferEncoderTests {
    @Test func `quoted-printable in pieces of any size is what it is whole, and is read again`() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<200 {
            let length = Int.random(in: 0...300, using: &random)
            let pieces: [[UInt8]] = [octets("a"), octets(" "), octets("\r\n"), octets("="), [0xC5], octets("."), octets("\t")]
            var text: [UInt8] = []
            for _ in 0..<length { text += pieces[Int.random(in: 0..<pieces.count, using: &random)] }
            let whole = QuotedPrintableEncoder.encode(text)
            var encoder = QuotedPrintableEncoder()
            var slowly: [UInt8] = []
            for octet in text { encoder.encode([octet], into: &slowly) }
            encoder.finish(into: &slowly)
            #expect(slowly == whole)
            var decoder = TransferDecoder(octets("quoted-printable"))
            var decoded: [UInt8] = []
            whole.withUnsafeBytes { decoder.decode($0, into: &decoded) }
            decoder.finish(into: &decoded)
            #expect(decoded == text)
            for line in whole.split(separator: .lineFeed) { #expect(line.count <= 77) }
        }
    }
}
