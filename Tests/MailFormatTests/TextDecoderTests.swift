import Testing

@testable import MailFormat

@Suite struct TextDecoderTests {
    static let rows: [(encoding: String, charset: String, body: String, text: String)] = [
        ("7bit", "us-ascii", "hello\r\n", "hello\r\n"),
        ("quoted-printable", "utf-8", "Za=C5=BC=\r\nó=C5=82=C4=87\r\n", "Zażółć\r\n"),
        ("Quoted-Printable", "utf-8", "trailing  \r\nsoft =  \r\nbreak=", "trailing\r\nsoft break"),
        ("quoted-printable", "utf-8", "a=b =3d =4 =\rx=", "a=b = =4 =\rx"),
        ("quoted-printable", "iso-8859-2", "=BF=F3=B3w", "żółw"),
        ("base64", "utf-8", "WmHFvMOz\r\nxYLEhw==\r\n", "Zażółć"),
        ("BASE64", "utf-8", "WmHF vMOz!!xYLEhw", "Zażółć"),
        ("base64", "utf-8", "YQ==YQ==", "aa"),
        ("base64", "utf-16le", "YQBiAA==", "ab"),
        ("x-unknown", "utf-8", "as it is =3D", "as it is =3D"),
        ("8bit", "no-such-charset", "żółw", "żółw"),
        ("base64", "utf-8", "", ""),
    ]

    @Test(arguments: rows) func `a body becomes text however it is cut`(
        encoding: String, charset: String, body: String, text: String
    ) {
        var part = BodyPart()
        part.transferEncoding = octets(encoding)
        part.mediaType.parameters = [MIMEParameter(name: octets("charset"), value: octets(charset))]
        let all = octets(body)
        #expect(TextDecoder.decodedText(part, all) == text)
        for cut in 0...all.count {
            var decoder = TextDecoder(part)
            decoder.consume(Array(all[..<cut]))
            decoder.consume(Array(all[cut...]))
            #expect(decoder.finish() == text)
            #expect(!decoder.isCut)
        }
    }

    @Test func `no more than the limit is kept`() {
        var decoder = TextDecoder(BodyPart(), limit: 1000)
        for _ in 0..<100 { decoder.consume([UInt8](repeating: 0x61, count: 333)) }
        #expect(decoder.isCut)
        #expect(decoder.finish().utf8.count == 1000)
    }

    @Test(arguments: [
        ("Zażółć", "ŻÓŁ", true), ("hello", "ELL", true), ("hello", "", true), ("hello", "x", false), ("", "x", false),
        ("straße", "STRASSE", true), ("Żółw", "zolw", true), ("z\u{307}o\u{301}łw", "ŻÓŁW", true),
        ("a\u{A0}b", "A B", true),
    ])
    func `a needle is found in any case`(text: String, needle: String, isFound: Bool) {
        #expect(TextNeedle(needle).isFound(in: text) == isFound)
    }

    @Test func `iconv is not led astray by names`() {
        for name in ["utf-8//TRANSLIT", "../../etc/passwd", "", " ", String(repeating: "x", count: 1000), "utf-16/x"] {
            _ = Charset.decode([0x61, 0xFF, 0x00, 0x62], as: name)
        }
        #expect(Charset.decode([0x61, 0xFF], as: "utf-7//IGNORE") == "aÿ")
    }
}

@Suite struct RobustnessTests {
    /// Everything that reads header and body octets, on whatever they are.
    static func readEverything(_ message: [UInt8]) {
        var scanner = MIMEScanner()
        scanner.consume(message)
        let structure = scanner.finish()
        _ = BodyStructure.render(structure, extended: true)
        MIMEScannerTests.checkPlaces(structure.root, within: 0..<structure.root.bodyLength)
        guard let header = scanner.header else { return }
        let envelope = IMAPEnvelope.render(header)
        #expect(BodyStructureTests.valueEnd(envelope, 0) == envelope.count)
        for field in header.fields {
            let value = header.unfolded(field)
            _ = header.text(field)
            _ = AddressList(value).addresses
            _ = DateParser.parse(value)
            _ = MediaType(value)?.parameter("name")
            _ = Disposition(value)?.filename
            _ = MessageIDs.read(value)
            _ = StampPattern("[{prefix}#{number}]")?.stamps(in: header.text(field))
        }
        _ = MailTraits(header)
        _ = (header.messageID, header.references, header.inReplyTo, header.date, header.transferEncoding)
        let rewriter = HeaderRewriter(
            stamp: .init(prefix: "", number: 7), pattern: StampPattern("[#{number}]"), root: header.messageID)
        let served = HeaderSection(rewriter.rewrite(header))
        #expect(served.text("Subject")?.contains("[#7]") == true)
        for part in structure.root.children + [structure.root] {
            let start = min(scanner.headerLength ?? 0, message.count) + part.bodyOffset
            _ = TextDecoder.decodedText(
                part, Array(message[min(start, message.count)..<min(start + part.bodyLength, message.count)]))
        }
    }

    @Test(.enabled(if: !Corpus.mails.isEmpty, Corpus.isMissing), arguments: Corpus.mails)
    func `no cut and no damage of a real mail traps`(mail: Corpus.Mail) {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<12 {
            var message = Array(mail.octets.prefix(Int.random(in: 0...min(mail.octets.count, 20_000), using: &random)))
            for _ in 0..<Int.random(in: 0...20, using: &random) where !message.isEmpty {
                let place = Int.random(in: 0..<message.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: message[place] = UInt8.random(in: 0...255, using: &random)
                case 1: message.remove(at: place)
                case 2: message[place] = octets("\r\n:;<>\"=?-\\(,@[").randomElement(using: &random) ?? 0
                default:
                    let end = min(message.count, place + Int.random(in: 1...200, using: &random))
                    message.insert(
                        contentsOf: message[place..<end], at: Int.random(in: 0...message.count, using: &random))
                }
            }
            Self.readEverything(message)
        }
    }

    @Test func `random octets trap nothing`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed", seed)
        var random = SeededGenerator(seed: seed)
        let pieces = [
            "Subject:", "From:", "Content-Type: multipart/mixed; boundary=x\r\n", "--x", "--x--", "\r\n", "\r\n\r\n",
            "=?utf-8?Q?", "?=",
            "<", ">", "@", "\"", "(", ")", ";", ",", ":", "\0", "\u{FF}", " ", "name*0*=", "References: <a@b>",
            "message/rfc822", "-", "\r", "\n",
            "Date: Mon, 1 Jan", "[#", "]", "\\", "=", "Re:",
        ]
        .map(octets)
        for _ in 0..<3000 {
            var message: [UInt8] = []
            for _ in 0..<Int.random(in: 0...60, using: &random) {
                message += pieces.randomElement(using: &random) ?? []
            }
            Self.readEverything(message)
        }
    }

    @Test func `damaged stored structures are refused or read, never trapped on`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed", seed)
        var random = SeededGenerator(seed: seed)
        let encoded = scan(MIMEScannerTests.nested).encoded()
        for _ in 0..<20_000 {
            var damaged = encoded
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                damaged[Int.random(in: 0..<damaged.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if let structure = MIMEStructure(encoded: damaged) {
                _ = BodyStructure.render(structure, extended: true)
                _ = structure.range(of: [1, 1], .content, headerLength: 10)
            }
        }
    }

    /// Much of what would cost minutes if anything looked for the end again and again.
    static let bombs = [
        "<@,", "<@", "=?a?Q? ", "=?a?X? ", "=?a?Q?b?= ", "(", "\"", "a ", "a@b,", ":;", "<", "a:", "@", "\\", "[",
        ";a*0*=b", ";a=b", "=?x?B?YQ?= <a@b>,",
        ";=", "Re:", "[#", "1:", "\0", "<a@b>", ">", "a . ",
    ]

    @Test(arguments: bombs) func `a field made to be searched over and over costs what its length costs`(piece: String)
    {
        // Every reader sees every field, whatever its name.
        let value = String(repeating: piece, count: 30_000 / piece.utf8.count)
        Self.readEverything(octets("Subject: \(value)\r\n\r\n"))
        Self.readEverything(octets("From: \(value)\r\n\r\n"))
    }
}
