import MailTypes
import NIOCore
import SMTPProtocol
import Testing

/// SplitMix64: the same seed, the same run.
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func pieces(of wire: ByteBuffer) -> [ByteBuffer] {
        var rest = wire
        var pieces: [ByteBuffer] = []
        while rest.readableBytes > 0 {
            let length = min(rest.readableBytes, Int.random(in: 1...12, using: &self))
            if let piece = rest.readSlice(length: length) { pieces.append(piece) }
        }
        return pieces
    }

    mutating func wire(of tokens: [String], count: Int) -> ByteBuffer {
        var buffer = ByteBuffer()
        for _ in 0..<count {
            if UInt8.random(in: 0..<20, using: &self) == 0 {
                buffer.writeInteger(UInt8.random(in: 0...255, using: &self))
            } else if let token = tokens.randomElement(using: &self) {
                buffer.writeString(token)
            }
        }
        return buffer
    }
}

@Suite struct FuzzTests {
    private static let clientTokens = [
        "EHLO x\r\n", "MAIL FROM:<a@a.example>\r\n", "RCPT TO:<help@acme.example>\r\n", "DATA\r\n", "x\r\n", ".\r\n",
        "\r\n.\r\n", "..\r\n", "\r", "\n", ".", "BDAT 3\r\n", "BDAT 7 LAST\r\n", "BDAT 0\r\n", "BDAT x\r\n", "RSET\r\n",
        "NOOP\r\n", "QUIT", "STARTTLS\r\n", "AUTH PLAIN\r\n", "AUTH LOGIN YQ==\r\n", "AGEAc2VjcmV0\r\n", "*\r\n",
        "Received: x\r\n", "<", ">", "\"", "\\", " SIZE=1", " SMTPUTF8", "ż", "@", "GET /\r\n", "VRFY x\r\n",
    ]

    @Test(arguments: 1...150)
    func `a server answers any octets the same, however they are cut`(seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        let wire = generator.wire(of: Self.clientTokens, count: 60)
        let pieces = generator.pieces(of: wire)
        func configured(_ configuration: inout SMTPServerSession.Configuration) {
            configuration.limits.lineLength = 40
            configuration.limits.messageSize = 60
            configuration.tls = .unavailable  // what STARTTLS discards depends on the cut
            configuration.allowsPlaintextLogin = true
        }
        for configuration in [SMTPServerSession.Configuration.mx(configured), .submission(configured)] {
            var whole = ServerDriver(configuration)
            whole.feed([wire])
            for answersLate in [false, true] {
                var cut = ServerDriver(configuration, answersLate: answersLate)
                cut.feed(pieces)
                #expect(cut.replies == whole.replies, "seed \(seed)")
                #expect(cut.filed == whole.filed, "seed \(seed)")
            }
        }
    }

    private static let serverTokens = [
        "220 mx\r\n", "250-x\r\n", "250 ok\r\n", "250-PIPELINING\r\n", "250-SIZE 9\r\n", "354 go\r\n",
        "550 5.1.1 no\r\n",
        "450 no\r\n", "250 STARTTLS\r\n", "250 AUTH PLAIN\r\n", "334 \r\n", "235 ok\r\n", "250 ok\r\n", "250 ok\r\n",
        "220 mx\r\n250-PIPELINING\r\n250 mx\r\n",
    ]

    @Test(arguments: 1...150)
    func `a client settles each mail that it began once, whatever the server says`(seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        let wire = generator.wire(of: Self.serverTokens, count: 25)
        let mails = (0..<3).map { _ in (clientMail(to: ["a@a.example", "b@b.example"]), "x\r\n") }
        var whole = ClientDriver(.plain { $0.tls = .none }, mails: mails)
        var cut = whole
        whole.feed([wire])
        whole.lose()
        cut.feed(generator.pieces(of: wire))
        cut.lose()
        #expect(whole.events == cut.events, "seed \(seed)")
        #expect(whole.counts == cut.counts && whole.counts.begun == whole.counts.settled, "seed \(seed)")
    }
}
