import MailTypes
import NIOCore

@testable import IMAPProtocol

/// Feeds pieces to a decoder and gathers its events, octets of one message drawn together.
func decode(
    _ pieces: [[UInt8]], limits: DecoderLimits = .authenticated, usesUTF8: Bool = false, acceptsAppend: Bool = true,
    acceptsTLS: Bool = false
) -> [CommandEvent] {
    var decoder = CommandDecoder(limits: limits)
    decoder.usesUTF8 = usesUTF8
    var events: [CommandEvent] = []
    for piece in pieces {
        decoder.receive(ByteBuffer(bytes: piece))
        while let event = decoder.next() {
            switch event {
            case .appendBegan, .appendContinued:
                if acceptsAppend { decoder.acceptAppend() } else { decoder.refuseAppend() }
            case .command(_, .startTLS):
                if acceptsTLS { decoder.startTLSAccepted() } else { decoder.startTLSRefused() }
            default: break
            }
            if case .appendOctets(let octets) = event, case .appendOctets(var before)? = events.last {
                before.writeImmutableBuffer(octets)
                events[events.count - 1] = .appendOctets(before)
            } else {
                events.append(event)
            }
        }
    }
    return events
}

/// As above, whole.
func decode(
    _ wire: String, limits: DecoderLimits = .authenticated, usesUTF8: Bool = false, acceptsAppend: Bool = true
) -> [CommandEvent] {
    decode([Array(wire.utf8)], limits: limits, usesUTF8: usesUTF8, acceptsAppend: acceptsAppend)
}

/// The octets whole, one by one, and cut at each place.
func everySplit(of wire: String) -> [[[UInt8]]] {
    let octets = Array(wire.utf8)
    var result = [[octets], octets.map { [$0] }]
    for place in octets.indices.dropFirst() { result.append([Array(octets[..<place]), Array(octets[place...])]) }
    return result
}

/// The command of a wire that holds one command, with literals sent without asking.
func command(_ line: String, usesUTF8: Bool = false) -> Command? {
    let events = decode("t \(line)\r\n", usesUTF8: usesUTF8)
    guard events.count == 1, case .command("t", let command) = events[0] else { return nil }
    return command
}

/// What a command is refused with.
func refusal(_ line: String, limits: DecoderLimits = .authenticated) -> StatusResponse? {
    let events = decode("t \(line)\r\nu NOOP\r\n", limits: limits)
    guard events.count == 2, case .refused("t", let response) = events[0], events[1] == .command(tag: "u", .noop) else {
        return nil
    }
    return response
}

/// What a writer wrote.
func written(usesUTF8: Bool = false, _ body: (inout ResponseWriter) -> Void) -> String {
    var writer = ResponseWriter(usesUTF8: usesUTF8)
    body(&writer)
    return String(decoding: writer.takeOctets(), as: UTF8.self)
}

extension SequenceSet {
    /// Single numbers and pairs; 0 stands for `*`.
    static func of(_ ranges: (UInt32, UInt32)...) -> SequenceSet {
        .ranges(ranges.map { Range(bound($0.0), bound($0.1)) })
    }

    private static func bound(_ number: UInt32) -> Bound { number == 0 ? .largest : .number(number) }
}
