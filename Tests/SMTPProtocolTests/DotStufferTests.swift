import NIOCore
import SMTPProtocol
import Testing

@Suite struct DotStufferTests {
    static let rows: [(content: String, wire: String)] = [
        ("", ".\r\n"),
        ("a\r\n", "a\r\n.\r\n"),
        ("a", "a\r\n.\r\n"),
        (".", "..\r\n.\r\n"),
        (".\r\n", "..\r\n.\r\n"),
        ("..a\r\n.b\r\nc.\r\n", "...a\r\n..b\r\nc.\r\n.\r\n"),
        ("a\nb\rc\r\n", "a\r\nb\r\nc\r\n.\r\n"),
        ("a\r", "a\r\n.\r\n"),
        ("a\r\r\n", "a\r\n\r\n.\r\n"),
        ("a\n\r.\r.\n.\n", "a\r\n\r\n..\r\n..\r\n..\r\n.\r\n"),
        ("\n.\r\nQUIT\r\n", "\r\n..\r\nQUIT\r\n.\r\n"),
        ("01234567890123456789\n.0123456789\r\n", "01234567890123456789\r\n..0123456789\r\n.\r\n"),
        ("ż\0\r\n", "ż\0\r\n.\r\n"),
    ]

    private func encode(_ pieces: [ByteBuffer]) -> ByteBuffer {
        var stuffer = DotStuffer()
        var wire = ByteBuffer()
        for piece in pieces {
            var octets = stuffer.encode(piece)
            wire.writeBuffer(&octets)
        }
        var end = stuffer.end()
        wire.writeBuffer(&end)
        return wire
    }

    @Test(arguments: rows) func `dots are doubled and line ends made CRLF`(content: String, wire: String) {
        for pieces in everySplit(of: content) {
            #expect(encode(pieces) == ByteBuffer(string: wire), "\(visible(content))")
        }
    }

    @Test(arguments: rows) func `the server reads back what was framed`(content: String, wire: String) {
        var input = ByteBuffer(string: wire)
        var decoder = ContentDecoder(maximumSize: 1000, maximumReceivedFields: 50)
        var output = ByteBuffer()
        while case .octets(var octets) = decoder.decode(&input) { output.writeBuffer(&octets) }
        #expect(decoder.refusal == nil && input.readableBytes == 0)
        #expect(encode([output]) == ByteBuffer(string: wire))
    }

    @Test func `plain content leaves in the memory it came in`() {
        let content = ByteBuffer(string: "Subject: x\r\n\r\nplain body\r\n")
        var stuffer = DotStuffer()
        let output = stuffer.encode(content)
        #expect(
            output.withUnsafeReadableBytes { $0.baseAddress } == content.withUnsafeReadableBytes { $0.baseAddress })
    }
}
