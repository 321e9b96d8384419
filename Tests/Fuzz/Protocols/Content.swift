import FuzzKit
import NIOCore
import SMTPProtocol

/// Content as DATA frames it and as BDAT does, and the way out again.
func fuzzContent(_ input: FuzzInput) {
    let limits = (size: input.chooses(0) ? 60 : 100_000, received: input.chooses(1) ? 1 : 50)
    let whole = DecodedContent([input.octets], limits)
    must(whole == DecodedContent(input.pieces, limits), "content depends on how it is cut")
    must(whole.isSound(limits), "content was let through that must be refused: \(whole)")
    must(whole == DecodedContent(expecting: input.octets, limits), "content is not what RFC 5321 §4.5.2 says")
    checkChunks(input, limits)
    checkStuffing(input)
}

private struct DecodedContent: Equatable {
    var octets: [UInt8] = []
    /// Behind the end; `nil`: it did not end.
    var rest: [UInt8]?
    var refusal: ContentDecoder.Refusal?
    var facts = ContentFacts()

    init(_ pieces: [[UInt8]], _ limits: (size: Int, received: Int)) {
        var decoder = ContentDecoder(maximumSize: limits.size, maximumReceivedFields: limits.received)
        for piece in pieces {
            if rest != nil {
                rest? += piece
                continue
            }
            var buffer = ByteBuffer(bytes: piece)
            reading: while true {
                switch decoder.decode(&buffer) {
                case .octets(let octets):
                    must(octets.readableBytes > 0, "an empty piece of content was handed on")
                    self.octets += octets.readableBytesView
                case .needMoreInput: break reading
                case .ended:
                    rest = Array(buffer.readableBytesView)
                    break reading
                }
            }
            must(rest != nil || buffer.readableBytes == 0, "the decoder left octets behind")
        }
        (refusal, facts) = (decoder.refusal, decoder.facts)
        // Until a refusal is known octets are handed on, and how many is a matter of the pieces.
        if refusal != nil { octets = [] }
    }

    /// The slow way, line by line. Its header fields are not counted again.
    init(expecting wire: [UInt8], _ limits: (size: Int, received: Int)) {
        self.init([wire], limits)
        var expected: [UInt8] = []
        var end: Int?
        var lineStart = 0
        while lineStart < wire.count, end == nil {
            let lineEnd = Self.lineEnd(wire, lineStart)
            if wire[lineStart..<lineEnd].elementsEqual([0x2E, 0x0D, 0x0A]) {
                end = lineEnd
            } else {
                expected += Self.unstuffed(wire[lineStart..<lineEnd])
            }
            lineStart = lineEnd
        }
        rest = end.map { Array(wire[$0...]) }
        if end != nil, refusal == nil { octets = expected }
    }

    private static func unstuffed(_ line: ArraySlice<UInt8>) -> [UInt8] {
        line.first == 0x2E ? Array(line.dropFirst()) : Array(line)
    }

    private static func lineEnd(_ wire: [UInt8], _ start: Int) -> Int {
        var index = start
        while index + 1 < wire.count {
            if wire[index] == 0x0D, wire[index + 1] == 0x0A { return index + 2 }
            index += 1
        }
        return wire.count
    }

    func isSound(_ limits: (size: Int, received: Int)) -> Bool {
        guard refusal == nil else { return true }
        var content = octets
        if rest == nil, content.last == 0x0D { content.removeLast() }
        return !hasBareLineEnd(content) && octets.count <= limits.size && facts.octets == octets.count
            && facts.receivedFields <= limits.received && facts.hasEightBit == octets.contains { $0 >= 0x80 }
            && facts.nulOctets == octets.count { $0 == 0 }
    }
}

/// Whether a CR or an LF stands alone.
func hasBareLineEnd(_ octets: [UInt8]) -> Bool {
    octets.indices.contains { index in
        switch octets[index] {
        case 0x0D: index + 1 == octets.count || octets[index + 1] != 0x0A
        case 0x0A: index == 0 || octets[index - 1] != 0x0D
        default: false
        }
    }
}

private func checkChunks(_ input: FuzzInput, _ limits: (size: Int, received: Int)) {
    func decoded(_ pieces: [[UInt8]]) -> (octets: [UInt8], refusal: ContentDecoder.Refusal?, facts: ContentFacts) {
        var decoder = ContentDecoder(maximumSize: limits.size, maximumReceivedFields: limits.received)
        var octets: [UInt8] = []
        for piece in pieces {
            var buffer = ByteBuffer(bytes: piece)
            while buffer.readableBytes > 0 {
                if let kept = decoder.decodeChunk(&buffer, maximumLength: 17) { octets += kept.readableBytesView }
            }
        }
        decoder.chunksEnded()
        return (decoder.refusal == nil ? octets : [], decoder.refusal, decoder.facts)
    }
    let (whole, cut) = (decoded([input.octets]), decoded(input.pieces))
    must(whole == cut, "a chunk depends on how it is cut")
    guard whole.refusal == nil else { return }
    must(whole.octets == input.octets && !hasBareLineEnd(input.octets), "a chunk was changed, or wrongly let through")
}

/// What is stuffed for the wire is read as the same content, whatever follows it.
private func checkStuffing(_ input: FuzzInput) {
    func stuffed(_ pieces: [[UInt8]]) -> [UInt8] {
        var stuffer = DotStuffer()
        var wire: [UInt8] = []
        for piece in pieces { wire += stuffer.encode(ByteBuffer(bytes: piece)).readableBytesView }
        return wire + stuffer.end().readableBytesView
    }
    let wire = stuffed([input.octets])
    must(wire == stuffed(input.pieces), "stuffing depends on how content is cut")
    let back = DecodedContent([wire + Array("NOOP\r\n".utf8)], (size: .max, received: .max))
    must(back.rest == Array("NOOP\r\n".utf8) && back.refusal == nil, "a second mail hides in stuffed content")
    must(back.octets == canonical(input.octets), "stuffing changed content")
}

/// Every CR, LF or CRLF as CRLF, and one at the end.
private func canonical(_ octets: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    for (index, octet) in octets.enumerated() {
        switch octet {
        case 0x0D: result += [0x0D, 0x0A]
        case 0x0A: if index == 0 || octets[index - 1] != 0x0D { result += [0x0D, 0x0A] }
        default: result.append(octet)
        }
    }
    if let last = result.last, last != 0x0A { result += [0x0D, 0x0A] }
    return result
}
