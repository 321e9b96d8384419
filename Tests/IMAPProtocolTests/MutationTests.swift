import NIOCore
import Testing

@testable import IMAPProtocol

/// Damaged dialogues: whatever comes, the decoder neither traps nor loses its step for good.
@Suite struct MutationTests {
    static let dialogue =
        CommandTests.rows.map { "t \($0.line)\r\n" }.joined()
        + FetchTests.rows.map { "t FETCH 1 \($0.items)\r\n" }.joined()
        + SearchTests.rows.map { "t SEARCH \($0.keys)\r\n" }.joined()
        + ListTests.rows.map { "t \($0.line)\r\n" }.joined()
        + AppendTests.rows.map { "t APPEND \($0.head)\r\nabc\r\n" }.joined()

    @Test func `damaged commands never trap, and a clean one behind them is read`() {
        var generator = Seeded()
        let seed = Comment(rawValue: "seed \(generator.seed)")
        print("MutationTests", seed)
        let lines = Self.dialogue.split(separator: "\r\n", omittingEmptySubsequences: false)
        let nasty = Array("\"\\(){}[]<>~*%+-:,.$& \r\n\0\u{7F}0129{5}{9+}".utf8) + [0x80, 0xC3, 0xFF]
        for _ in 0..<1500 {
            let start = Int.random(in: 0..<lines.count, using: &generator)
            var octets = Array((lines[start..<min(start + 4, lines.count)].joined(separator: "\r\n") + "\r\n").utf8)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0...octets.count, using: &generator)
                let octet = nasty[Int.random(in: 0..<nasty.count, using: &generator)]
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: octets.insert(octet, at: place)
                case 1 where place < octets.count: octets[place] = octet
                case 2 where place < octets.count: octets.remove(at: place)
                default: octets.insert(contentsOf: octets.suffix(place / 2), at: place)
                }
            }
            // Behind any literal that is still owed, a line end and a command of its own.
            octets += Array(repeating: UInt8(ascii: "x"), count: 300) + Array("\r\n\r\nlast NOOP\r\n".utf8)
            var pieces: [[UInt8]] = []
            var rest = octets[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...max(1, min(rest.count, 200)), using: &generator)
                pieces.append(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            let limits = DecoderLimits(lineLength: 700, literalSize: 100, messageSize: 100, skippedLiteralSize: 200)
            let events = decode(pieces, limits: limits)
            let isOver = events.contains { if case .failed = $0 { true } else { false } }
            let isInStep = isOver || events.contains(.command(tag: "last", .noop))
            #expect(isInStep, seed)
            let isSameWhole = decode([octets], limits: limits) == events
            #expect(isSameWhole, seed)
        }
    }

    @Test func `noise never traps`() {
        var generator = Seeded()
        let seed = Comment(rawValue: "seed \(generator.seed)")
        for _ in 0..<200 {
            var octets: [UInt8] = []
            for _ in 0..<Int.random(in: 0...400, using: &generator) {
                octets.append(UInt8.random(in: 0...255, using: &generator))
            }
            #expect(decode([octets], limits: .unauthenticated).count <= octets.count, seed)
            _ = ModifiedUTF7.decode(octets)
            _ = MailboxName(wire: octets, isUTF8: false)
        }
    }
}
