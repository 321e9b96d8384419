import MailTypes
import NIOCore
import Testing

@testable import IMAPProtocol

@Suite struct AppendTests {
    static let date = CivilTime(year: 2026, month: 11, day: 2, hour: 3, minute: 4, second: 5, offset: -450)

    static let rows: [(head: String, append: AppendCommand)] = [
        ("Drafts {3+}", AppendCommand("Drafts", AppendMessage(octetCount: 3))),
        (
            "\"Wys&AUI-ane\" (\\Seen) {3+}",
            AppendCommand("Wysłane", AppendMessage(octetCount: 3, flags: FlagList(.seen)))
        ),
        ("inbox () {3+}", AppendCommand(.inbox, AppendMessage(octetCount: 3))),
        (
            "a (\\Draft x) \"02-Nov-2026 03:04:05 -0730\" {3+}",
            AppendCommand("a", AppendMessage(octetCount: 3, flags: FlagList(.draft, keywords: ["x"]), date: date))
        ),
        ("a \" 2-Nov-2026 03:04:05 -0730\" {3+}", AppendCommand("a", AppendMessage(octetCount: 3, date: date))),
        ("a ~{3+}", AppendCommand("a", AppendMessage(octetCount: 3, isBinary: true))),
        ("{1+}\r\na {3+}", AppendCommand("a", AppendMessage(octetCount: 3))),
        ("\"x{3}\" {3+}", AppendCommand("x{3}", AppendMessage(octetCount: 3))),
    ]

    static func octets(_ text: String) -> CommandEvent { .appendOctets(ByteBuffer(string: text)) }

    @Test(arguments: rows.indices) func `a message streams, however it is cut`(index: Int) {
        let (head, append) = Self.rows[index]
        for pieces in everySplit(of: "a APPEND \(head)\r\na\nb\r\nb NOOP\r\n") {
            #expect(
                decode(pieces) == [
                    .appendBegan(tag: "a", append), Self.octets("a\nb"), .appendEnded, .command(tag: "b", .noop),
                ], "\(head)")
        }
    }

    @Test func `a message in the UTF8 form has a parenthesis behind it`() {
        for pieces in everySplit(of: "a APPEND x (\\Seen) UTF8 (~{3+}\r\nabc)\r\nb NOOP\r\n") {
            let message = AppendMessage(octetCount: 3, flags: FlagList(.seen), isBinary: true, isUTF8: true)
            #expect(
                decode(pieces) == [
                    .appendBegan(tag: "a", AppendCommand("x", message)), Self.octets("abc"), .appendEnded,
                    .command(tag: "b", .noop),
                ])
        }
        guard case .appendAborted(let response) = decode("a APPEND x UTF8 (~{3+}\r\nabc\r\nb NOOP\r\n")[2] else {
            Issue.record("not aborted")
            return
        }
        #expect(response.kind == .bad)
    }

    @Test func `several messages come one after another`() {
        for pieces in everySplit(of: "a APPEND x {1+}\r\na (\\Seen) {2}\r\nbb {0+}\r\n\r\nb NOOP\r\n") {
            #expect(
                decode(pieces) == [
                    .appendBegan(tag: "a", AppendCommand("x", AppendMessage(octetCount: 1))), Self.octets("a"),
                    .appendContinued(AppendMessage(octetCount: 2, flags: FlagList(.seen))), .continuationRequested,
                    Self.octets("bb"), .appendContinued(AppendMessage(octetCount: 0)), .appendEnded,
                    .command(tag: "b", .noop),
                ])
        }
    }

    @Test func `the client is asked for a message once it was accepted`() {
        var decoder = CommandDecoder(limits: .authenticated)
        decoder.receive(ByteBuffer(string: "a APPEND x {3}\r\n"))
        #expect(decoder.next() == .appendBegan(tag: "a", AppendCommand("x", AppendMessage(octetCount: 3))))
        #expect(decoder.next() == nil)
        decoder.acceptAppend()
        #expect(decoder.next() == .continuationRequested)
        #expect(decoder.next() == nil)
        decoder.receive(ByteBuffer(string: "abc"))
        #expect(decoder.next() == Self.octets("abc"))
        #expect(decoder.next() == nil)
        decoder.receive(ByteBuffer(string: "\r\n"))
        #expect(decoder.next() == .appendEnded)
    }

    @Test func `a refused message is not asked for, or skipped`() {
        let began = CommandEvent.appendBegan(tag: "a", AppendCommand("x", AppendMessage(octetCount: 8)))
        for wire in [
            "a APPEND x {8}\r\nb NOOP\r\n", "a APPEND x {8+}\r\nc NOOP\r\n\r\nb NOOP\r\n",
            "a APPEND x {8+}\r\nc NOOP\r\n {4+}\r\nxx\r\n {9}\r\nb NOOP\r\n",
        ] {
            for pieces in everySplit(of: wire) {
                #expect(decode(pieces, acceptsAppend: false) == [began, .command(tag: "b", .noop)], "\(wire)")
            }
        }
    }

    @Test func `a message at the limit is taken and one beyond refused`() {
        let limits = DecoderLimits(messageSize: 4, skippedLiteralSize: 6)
        #expect(decode("a APPEND x {4+}\r\nabcd\r\n", limits: limits).last == .appendEnded)
        let tooBig = CommandEvent.refused(tag: "a", limits.messageTooLarge)
        #expect(decode("a APPEND x {5}\r\nb NOOP\r\n", limits: limits) == [tooBig, .command(tag: "b", .noop)])
        #expect(
            decode("a APPEND x {6+}\r\nabcdef\r\nb NOOP\r\n", limits: limits) == [tooBig, .command(tag: "b", .noop)])
        let failed = CommandEvent.failed(.bye("Too much to skip"))
        #expect(decode("a APPEND x {7+}\r\nabcdefg\r\nb NOOP\r\n", limits: limits) == [tooBig, failed])
        #expect(
            decode("a APPEND x {1+}\r\na {5}\r\nb NOOP\r\n", limits: limits).suffix(2) == [
                .appendAborted(limits.messageTooLarge), .command(tag: "b", .noop),
            ])
    }

    @Test func `before login nothing is appended`() {
        let events = decode("a APPEND x {5}\r\nb NOOP\r\n", limits: .unauthenticated)
        #expect(events == [.refused(tag: "a", .bad("Log in first")), .command(tag: "b", .noop)])
    }

    @Test(arguments: [
        "a APPEND x {1+}\r\na b\r\n", "a APPEND x {1+}\r\nab\r\n", "a APPEND x {1+}\r\na {x}\r\n",
        "a APPEND x {1+}\r\na (\\Foo) {5+}\r\n12345\r\n", "a APPEND x {1+}\r\na)\r\n",
    ]) func `what is no message behind a message files nothing`(wire: String) {
        for pieces in everySplit(of: wire + "b NOOP\r\n") {
            let events = decode(pieces)
            #expect(events.count == 4)
            if case .appendAborted(let response) = events[2] {
                #expect(response.kind == .bad)
            } else {
                Issue.record("\(wire)")
            }
            #expect(events.last == .command(tag: "b", .noop))
        }
    }

    @Test(arguments: [
        "a APPEND x (\\Seen {5}", "a APPEND x \"32-Nov-2026 03:04:05 +0000\" {5}", "a APPEND x foo {5}",
        "a APPEND x \"02-Nov-2026 03:04 +0000\" {5}", "a APPEND x \"02-Nov-2026 03:04:05 +00\" {5}",
        "a APPEND x UTF8 ({5}", "a APPEND x UTF8 ~{5}", "a APPEND  {99999999999999999999}",
        "a APPEND x {99999999999999999999}", "a APPEND \"\u{7}\" {5}", "a APPEND (x) {5}",
    ]) func `what is no append is refused before the message comes`(line: String) {
        let events = decode("\(line)\r\nb NOOP\r\n")
        #expect(events.count == 2)
        if case .refused("a", let response) = events[0] {
            #expect(response.kind == .bad)
        } else {
            Issue.record("\(line)")
        }
        #expect(events.last == .command(tag: "b", .noop))
    }

    @Test func `a large message passes in the pieces in which it came`() {
        var decoder = CommandDecoder(limits: .authenticated)
        decoder.receive(ByteBuffer(string: "a APPEND x {1048576+}\r\n"))
        #expect(decoder.next() != nil)
        decoder.acceptAppend()
        let piece = ByteBuffer(repeating: 0x61, count: 65536)
        for _ in 0..<16 {
            decoder.receive(piece)
            #expect(decoder.next() == .appendOctets(piece))
            #expect(decoder.next() == nil)
            #expect(decoder.bufferedOctets == 0)
        }
        decoder.receive(ByteBuffer(string: "\r\n"))
        #expect(decoder.next() == .appendEnded)
    }
}
