import MailTypes
import NIOCore
import Testing

@testable import IMAPProtocol

@Suite struct CommandDecoderTests {
    static let noop = CommandEvent.command(tag: "b", .noop)

    @Test func `a literal is asked for`() {
        for pieces in everySplit(of: "a LOGIN {3}\r\njoe {5}\r\n\"x y\"\r\n\nb NOOP\n") {
            #expect(
                decode(pieces) == [
                    .continuationRequested, .continuationRequested,
                    .command(tag: "a", .login(user: "joe", password: Credential(Array("\"x y\"".utf8)))), Self.noop,
                ])
        }
    }

    @Test func `octets of a literal are no line`() {
        for pieces in everySplit(of: "a SEARCH SUBJECT {12+}\r\nc NOOP\r\nd{3} TEXT x\r\nb NOOP\r\n") {
            #expect(
                decode(pieces) == [
                    .command(
                        tag: "a",
                        .search(
                            SearchCommand(.and([.subject("c NOOP\r\nd{3}"), .text("x")]), numbers: .sequenceNumbers))),
                    Self.noop,
                ])
        }
    }

    @Test func `commands behind DONE are read`() {
        for pieces in everySplit(of: "a IDLE\r\ndone\r\nb NOOP\r\nDONE\r\n") {
            #expect(decode(pieces) == [.command(tag: "a", .idle), .idleDone, Self.noop, .idleDone])
        }
    }

    @Test func `a SASL exchange is told from commands by its missing space`() {
        let start = CommandEvent.command(tag: "a", .authenticate(mechanism: "PLAIN", initialResponse: nil))
        let response = CommandEvent.authenticationResponse(Credential(Array("\0joe\0secret".utf8)))
        let rows: [(wire: String, events: [CommandEvent])] = [
            ("AGpvZQBzZWNyZXQ=\r\n", [response]), ("*\r\n", [.authenticationCancelled]),
            ("A\r\n", [.authenticationCancelled]), ("\r\n", [.authenticationResponse(Credential([]))]),
            ("DONE\r\n", [.authenticationResponse(Credential([0x0C, 0xE3, 0x44]))]), ("", []),
            ("\r\nAGpvZQBzZWNyZXQ=\r\n", [.authenticationResponse(Credential([])), response]),
        ]
        for (wire, events) in rows {
            for pieces in everySplit(of: "a AUTHENTICATE PLAIN\r\n\(wire)b NOOP\r\nDONE\r\n") {
                #expect(decode(pieces, limits: .unauthenticated) == [start] + events + [Self.noop, .idleDone])
            }
        }
    }

    @Test func `octets behind STARTTLS in the clear are never commands`() {
        let wire = Array("a STARTTLS\r\nb NOOP\r\n".utf8)
        #expect(decode([wire], acceptsTLS: true) == [.command(tag: "a", .startTLS)])
        #expect(decode([wire], acceptsTLS: false) == [.command(tag: "a", .startTLS), Self.noop])
        var decoder = CommandDecoder()
        decoder.receive(ByteBuffer(string: "a STARTTLS\r\nb NO"))
        #expect(decoder.next() == .command(tag: "a", .startTLS))
        #expect(decoder.next() == nil)
        decoder.receive(ByteBuffer(string: "OP\r\n"))
        #expect(decoder.next() == nil)
        decoder.startTLSAccepted()
        decoder.receive(ByteBuffer(string: "c NOOP\r\n"))
        #expect(decoder.next() == .command(tag: "c", .noop))
    }

    @Test func `a line has so many octets and no more`() {
        let limits = DecoderLimits(lineLength: 40)
        func line(_ length: Int) -> String { "a DELETE " + String(repeating: "x", count: length - 11) + "\r\n" }
        #expect(decode(line(40), limits: limits).first?.isCommand == true)
        let refused = CommandEvent.refused(tag: "a", limits.lineTooLong)
        for wire in [line(41), line(500), "a LOGIN {1+}\r\nx \"" + String(repeating: "x", count: 22) + "\"\r\n"] {
            for pieces in everySplit(of: wire + "b NOOP\r\n") {
                #expect(decode(pieces, limits: limits) == [refused, Self.noop])
            }
        }
        #expect(
            decode([Array(repeating: 0x80, count: 41), Array("\nb NOOP\r\n".utf8)], limits: limits) == [
                .refused(tag: nil, limits.lineTooLong), Self.noop,
            ])
    }

    @Test func `literals do not count as line`() {
        let limits = DecoderLimits(lineLength: 40)
        let text = String(repeating: "x", count: 30)
        #expect(decode("a LOGIN {30+}\r\n\(text) {30+}\r\n\(text)\r\n", limits: limits).first?.isCommand == true)
    }

    @Test func `a refused line takes along the literals it announces`() {
        let limits = DecoderLimits(lineLength: 40)
        let long = "a DELETE " + String(repeating: "x", count: 80)
        let refused = CommandEvent.refused(tag: "a", limits.lineTooLong)
        for wire in ["\(long){6+}\r\n1\r\n3\r\n more {2+}\r\nxx\r\n", "\(long) {6}\r\n"] {
            for pieces in everySplit(of: wire + "b NOOP\r\n") {
                #expect(decode(pieces, limits: limits) == [refused, Self.noop])
            }
        }
    }

    @Test func `a literal has so many octets and no more`() {
        let limits = DecoderLimits(literalSize: 4, skippedLiteralSize: 10)
        #expect(decode("a DELETE {4+}\r\nabcd\r\n", limits: limits) == [.command(tag: "a", .delete("abcd"))])
        let refused = CommandEvent.refused(tag: "a", limits.literalTooLarge)
        #expect(decode("a DELETE {5}\r\nb NOOP\r\n", limits: limits) == [refused, Self.noop])
        for pieces in everySplit(of: "a DELETE {10+}\r\n1234\r\n7890\r\nb NOOP\r\n") {
            #expect(decode(pieces, limits: limits) == [refused, Self.noop])
        }
        let failed = CommandEvent.failed(.bye("Too much to skip"))
        for size in ["11", "9223372036854775807", "99999999999999999999999"] {
            #expect(decode("a DELETE {\(size)+}\r\nxxx\r\nb NOOP\r\n", limits: limits) == [refused, failed])
            #expect(decode("a DELETE {\(size)}\r\nb NOOP\r\n", limits: limits) == [refused, Self.noop])
        }
        // What is skipped for one command adds up.
        #expect(
            decode("a DELETE {6+}\r\n123456 {6+}\r\n123456\r\nb NOOP\r\n", limits: limits) == [refused, failed])
    }

    @Test func `a command has so many literals and no more`() {
        let limits = DecoderLimits(literalSize: 4, literalSum: 8, literalCount: 3)
        func fetch(_ names: [String]) -> String {
            "a FETCH 1 BODY[HEADER.FIELDS (" + names.map { "{\($0.count)+}\r\n\($0)" }.joined(separator: " ") + ")]\r\n"
        }
        let tooMany = CommandEvent.refused(tag: "a", limits.tooManyLiterals)
        #expect(decode(fetch(["a", "b", "c"]), limits: limits).first?.isCommand == true)
        #expect(decode(fetch(["a", "b", "c", "d"]) + "b NOOP\r\n", limits: limits) == [tooMany, Self.noop])
        #expect(decode(fetch(["aaaa", "bbbb"]), limits: limits).first?.isCommand == true)
        #expect(decode(fetch(["aaaa", "bbbb", "c"]) + "b NOOP\r\n", limits: limits) == [tooMany, Self.noop])
    }

    @Test func `before login the limits are narrow`() {
        func login(_ size: Int) -> String {
            "a LOGIN joe {\(size)+}\r\n" + String(repeating: "x", count: size) + "\r\n"
        }
        #expect(decode(login(4096), limits: .unauthenticated).first?.isCommand == true)
        #expect(decode(login(4097), limits: .unauthenticated).first?.isCommand == false)
        #expect(decode(login(70000), limits: .unauthenticated).last == .failed(.bye("Too much to skip")))
    }

    @Test func `an endless line is cut off`() {
        var decoder = CommandDecoder(limits: .unauthenticated)
        var events: [CommandEvent] = []
        for _ in 0..<100 {
            decoder.receive(ByteBuffer(repeating: 0x78, count: 4096))
            while let event = decoder.next() { events.append(event) }
            #expect(decoder.bufferedOctets <= 20_480)
        }
        #expect(
            events == [.refused(tag: nil, DecoderLimits.unauthenticated.lineTooLong), .failed(.bye("Too much to skip"))])
        decoder.receive(ByteBuffer(string: "\r\nb NOOP\r\n"))
        #expect(decoder.next() == nil)
    }

    @Test func `a tag longer than a line may be is none, however it is cut`() {
        let limits = DecoderLimits(lineLength: 20)
        let refused = CommandEvent.refused(tag: nil, .bad("Line too long: at most 20 octets", .limit))
        for pieces in everySplit(of: String(repeating: "x", count: 21) + " NOOP\r\nb NOOP\r\n") {
            #expect(decode(pieces, limits: limits) == [refused, Self.noop])
        }
    }

    @Test func `an event is small`() {
        #expect(MemoryLayout<CommandEvent>.size <= 25)
    }
}
