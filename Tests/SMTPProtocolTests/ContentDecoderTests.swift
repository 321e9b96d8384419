import NIOCore
import SMTPProtocol
import Testing

/// What a decoder makes of DATA content: `nil` if it must be refused, and how many octets follow the end.
private func decode(_ pieces: [ByteBuffer], maximumSize: Int = 1000, maximumReceivedFields: Int = 50) -> Decoded {
    var decoder = ContentDecoder(maximumSize: maximumSize, maximumReceivedFields: maximumReceivedFields)
    var input = ByteBuffer()
    var content = ByteBuffer()
    var isEnded = false
    for var piece in pieces {
        input.writeBuffer(&piece)
        var goesOn = !isEnded
        while goesOn {
            switch decoder.decode(&input) {
            case .octets(var octets): content.writeBuffer(&octets)
            case .needMoreInput: goesOn = false
            case .ended: (goesOn, isEnded) = (false, true)
            }
        }
    }
    return Decoded(
        content: decoder.refusal == nil ? String(buffer: content) : nil, isEnded: isEnded, rest: String(buffer: input),
        refusal: decoder.refusal, facts: decoder.facts)
}

private struct Decoded: Equatable {
    var content: String?
    var isEnded: Bool
    var rest: String
    var refusal: ContentDecoder.Refusal?
    var facts: ContentFacts
}

@Suite struct ContentDecoderTests {
    static let rows: [(wire: String, content: String?)] = [  // nil: refused
        (".\r\n", ""),
        ("\r\n.\r\n", "\r\n"),
        ("a\r\n.\r\n", "a\r\n"),
        ("..a\r\n.\r\n", ".a\r\n"),
        ("...\r\n.\r\n", "..\r\n"),
        ("..\r\n.\r\n", ".\r\n"),
        (".a\r\n.\r\n", "a\r\n"),  // not stuffed; RFC 5321 §4.5.2 takes the dot off all the same
        ("a.\r\n.\r\n", "a.\r\n"),
        ("a\r\n\r\n..\r\n..\r\n.\r\n", "a\r\n\r\n.\r\n.\r\n"),
        (
            "Subject: x\r\n\r\n0123456789012345678901234567890\r\n.\r\n",
            "Subject: x\r\n\r\n0123456789012345678901234567890\r\n"
        ),
        ("zażółć gęślą jaźń\r\n.\r\n", "zażółć gęślą jaźń\r\n"),
        ("a\0b\r\n.\r\n", "a\0b\r\n"),
    ]

    @Test(arguments: rows) func `content is handed on without its stuffing`(wire: String, content: String?) {
        for pieces in everySplit(of: wire) {
            let decoded = decode(pieces)
            #expect(decoded.content == content, "\(visible(wire))")
            #expect(decoded.isEnded && decoded.rest.isEmpty)
            #expect(decoded.facts.octets == content?.utf8.count)
        }
    }

    @Test func `what follows the end stays for the next command`() {
        for pieces in everySplit(of: "a\r\n.\r\nQUIT\r\n") {
            #expect(decode(pieces).rest == "QUIT\r\n")
        }
    }

    static let receivedRows: [(header: String, count: Int)] = [
        ("Received: a\r\nRECEIVED:b\r\nreceived : c\r\nReceived\t:d\r\n\r\nReceived: body\r\n", 4),
        ("Received: a\r\n\tReceived: folded\r\nX-Received: x\r\nReceivedX: y\r\nReceive: z\r\n\r\n", 1),
        (" Received: a\r\n\r\n", 0),
        ("\r\nReceived: body\r\n", 0),
        ("Received\r\n: a\r\nReceived: b\r\n", 1),
        ("Subject: abcdefghijklmnopqrst\r\nReceived: a\r\n", 1),
    ]

    @Test(arguments: receivedRows)
    func `Received fields are counted in the header section only`(header: String, count: Int) {
        for pieces in everySplit(of: header + ".\r\n") {
            #expect(decode(pieces).facts.receivedFields == count, "\(visible(header))")
        }
    }

    @Test func `fifty Received fields are fine and one more is a loop`() {
        let field = "Received: by mx.example\r\n"
        let atLimit = decode([ByteBuffer(string: String(repeating: field, count: 50) + "\r\n.\r\n")], maximumSize: 9999)
        #expect(atLimit.refusal == nil)
        let beyond = decode([ByteBuffer(string: String(repeating: field, count: 51) + "\r\n.\r\n")], maximumSize: 9999)
        #expect(beyond.refusal == .tooManyReceivedFields && beyond.isEnded)
    }

    @Test func `the size limit counts what is handed on`() {
        for pieces in everySplit(of: "..345678\r\n.\r\n") {
            #expect(decode(pieces, maximumSize: 9).content == ".345678\r\n")
            let beyond = decode(pieces, maximumSize: 8)
            #expect(beyond.refusal == .tooLarge && beyond.isEnded)
        }
    }

    @Test func `the first reason to refuse counts, however content is cut`() {
        for pieces in everySplit(of: "12345678\nx\r\n.\r\n") {
            #expect(decode(pieces, maximumSize: 7).refusal == .tooLarge)
            #expect(decode(pieces, maximumSize: 8).refusal == .bareLineEnd)
        }
    }

    @Test func `octets above 127 and NULs are noticed wherever they stand`() {
        for offset in 0..<40 {
            let before = String(repeating: "x", count: offset)
            #expect(decode([ByteBuffer(string: before + "ż" + "01234567890\r\n.\r\n")]).facts.hasEightBit)
            #expect(decode([ByteBuffer(string: before + "\0" + "01234567890\r\n.\r\n")]).facts.nulOctets == 1)
            #expect(!decode([ByteBuffer(string: before + "01234567890\r\n.\r\n")]).facts.hasEightBit)
        }
    }

    @Test func `a line may be of any length`() {
        let line = String(repeating: "x", count: 200_000)
        let decoded = decode([ByteBuffer(string: "\r\n" + line + "\r\n.\r\n")], maximumSize: 300_000)
        #expect(decoded.content == "\r\n" + line + "\r\n")
    }

    @Test func `plain content leaves in the memory it came in`() {
        var input = ByteBuffer(string: "Subject: x\r\n\r\nbody\r\n.\r\n")
        let address = input.withUnsafeReadableBytes { $0.baseAddress }
        var decoder = ContentDecoder(maximumSize: 1000, maximumReceivedFields: 50)
        guard case .octets(let octets) = decoder.decode(&input) else {
            Issue.record("no octets")
            return
        }
        #expect(octets.withUnsafeReadableBytes { $0.baseAddress } == address)
        #expect(octets.readableBytes == 20)
        #expect(decoder.decode(&input) == .ended)
    }
}

@Suite struct SmugglingTests {
    /// Each once was read as the end of content by some server (CVE-2023-51764, -51765, -51766 and their kin).
    static let disguises = [
        "\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r.\r\n", "\r\n.\r", "\n.\r", "\r.\n", "\r\n\0.\r\n", "\r\n.\0\r\n",
        "\n\n.\r\n", "\r\n.\r\r\n", "\r\r\n.\r\r\n", "\r\n..\r\n", "\r\n. \r\n", "\r\n.\r\0\n", "\0\r\n.\n\r\n",
        "\r\n\r.\r\n",
    ]

    @Test(arguments: disguises) func `nothing but CRLF dot CRLF ends content`(disguise: String) {
        let wire = "Subject: a\r\n\r\nx" + disguise + "MAIL FROM:<evil@evil.example>\r\nQ\r\n.\r\nREST"
        for pieces in everySplit(of: wire) {
            let decoded = decode(pieces)
            #expect(decoded.isEnded && decoded.rest == "REST", "\(visible(disguise))")
            let hasBareEnd =
                disguise.replacing("\r\n", with: "").contains("\r")
                || disguise.replacing("\r\n", with: "").contains("\n")
            #expect((decoded.refusal == .bareLineEnd) == hasBareEnd, "\(visible(disguise))")
        }
    }

    static let bareRows = [
        "a\nb\r\n", "\n", "\na\r\n", "a\rb\r\n", "\r", "a\r\r\n", "..\n", "\r\n\ra\r\n", "Subject: x\n\r\n\r\n",
    ]

    @Test(arguments: bareRows) func `content with a bare CR or LF is read to its end and refused`(content: String) {
        for pieces in everySplit(of: content + "\r\n.\r\nNOOP\r\n") {
            let decoded = decode(pieces)
            #expect(
                decoded.refusal == .bareLineEnd && decoded.isEnded && decoded.rest == "NOOP\r\n", "\(visible(content))")
        }
    }

    @Test func `a bare line end is found at every offset of a long content`() {
        let plain = String(repeating: "x", count: 100)
        for offset in 0...100 {
            for bad in ["\r", "\n", "\n\r"] {
                var content = plain
                content.insert(contentsOf: bad, at: content.index(content.startIndex, offsetBy: offset))
                let decoded = decode([ByteBuffer(string: content + "\r\n.\r\n")])
                #expect(decoded.refusal == .bareLineEnd && decoded.isEnded, "\(offset) \(visible(bad))")
            }
        }
    }

    @Test func `a smuggled dialogue is one refused mail and the session stays in step`() {
        let wire =
            "EHLO a.example\r\nMAIL FROM:<a@a.example>\r\nRCPT TO:<help@acme.example>\r\nDATA\r\n"
            + "Subject: x\r\n\r\nx\n.\r\nMAIL FROM:<evil@a.example>\r\nRCPT TO:<help@acme.example>\r\nDATA\r\n"
            + "Subject: y\r\n\r\ny\r\n.\r\nNOOP\r\nQUIT\r\n"
        let expected = [
            "220", "250", "250 2.1.0", "250 2.1.5", "354", "554 5.6.0", "250 2.0.0", "221 2.0.0", "<closed>",
        ]
        #expect(replies(to: wire, .mx()) == [expected])
    }
}
