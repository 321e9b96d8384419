package import NIOCore

/// What a decoder saw of a content.
package struct ContentFacts: Equatable, Sendable {
    /// Octets as they are handed on: CRLFs counted, dot stuffing and the final dot not (RFC 1870 §4).
    package var octets = 0
    /// `Received` fields of the header section.
    package var receivedFields = 0
    /// NUL octets, which RFC 5322 forbids and mail has.
    package var nulOctets = 0
    /// Whether an octet above 127 occurs.
    package var hasEightBit = false

    package init() {}
}

/// Finds the end of mail content and what is wrong with it, octets in, slices out (RFC 5321 §4.1.1.4, §4.5.2).
///
/// Only CRLF.CRLF ends content. A bare CR or LF never does: the content is read to its true end and `refusal` says why
/// it must be refused. What two servers read differently is a second mail in disguise ("SMTP smuggling").
/// From the first `refusal` on, nothing is handed on.
///
///     "..a\r\nb\r\n.\r\n"  →  .octets(".a\r\nb\r\n"), .ended
package struct ContentDecoder {
    /// Why the content must be refused; the first reason found counts.
    package enum Refusal: Equatable, Sendable { case bareLineEnd, tooLarge, tooManyReceivedFields }

    /// What a step of dot-terminated decoding brings.
    package enum Output: Equatable {
        case octets(ByteBuffer)
        case needMoreInput
        case ended
    }

    /// Where the next octet stands: `dot` and `dotCR` follow a line start and are known only to DATA framing.
    private enum Position { case lineStart, text, cr, dot, dotCR }

    /// One scan: octets to drop, octets to hand on, and whether the content ended behind them.
    private struct Piece {
        var dropped = 0
        var kept = 0
        var isEnd = false
    }

    /// What was seen so far.
    package private(set) var facts = ContentFacts()
    /// Why the content cannot be accepted, once that is known; the octets are still to be taken to the end.
    package private(set) var refusal: Refusal?
    private var position = Position.lineStart
    private var isHeader = true
    private var isLineEmpty = true
    /// How much of `received` the name of this header field matches so far; -1: it is another field.
    private var matched = 0
    private let maximumSize: Int
    private let maximumReceivedFields: Int

    package init(maximumSize: Int, maximumReceivedFields: Int) {
        (self.maximumSize, self.maximumReceivedFields) = (maximumSize, maximumReceivedFields)
    }

    /// Takes content as DATA frames it from the front of `buffer`. Call until it needs more or has ended; what follows
    /// the end stays in the buffer.
    package mutating func decode(_ buffer: inout ByteBuffer) -> Output {
        while buffer.readableBytes > 0 {
            let piece = buffer.withUnsafeReadableBytes { scan($0, isDotted: true) }
            buffer.moveReaderIndex(forwardBy: piece.dropped)
            if piece.isEnd { return .ended }
            if piece.kept > 0, let run = buffer.readSlice(length: piece.kept), refusal == nil { return .octets(run) }
        }
        return .needMoreInput
    }

    /// Takes a piece of a BDAT chunk, which has no dot framing (RFC 3030 §2), from the front of `buffer`, at most
    /// `maximumLength` octets. `nil`: nothing to hand on, although the octets are taken.
    package mutating func decodeChunk(_ buffer: inout ByteBuffer, maximumLength: Int) -> ByteBuffer? {
        let length = min(buffer.readableBytes, maximumLength)
        guard length > 0, let run = buffer.readSlice(length: length) else { return nil }
        _ = run.withUnsafeReadableBytes { scan($0, isDotted: false) }
        return refusal == nil ? run : nil
    }

    /// The last chunk is over: a CR that still waited for its LF was a bare one.
    package mutating func chunksEnded() {
        if position == .cr { refuse(.bareLineEnd) }
    }

    private mutating func refuse(_ reason: Refusal) {
        if refusal == nil { refusal = reason }
    }
}

extension ContentDecoder {
    /// Goes over the octets once: up to a dot that must not be handed on, the end of content, or the end of `bytes`.
    private mutating func scan(_ bytes: UnsafeRawBufferPointer, isDotted: Bool) -> Piece {
        var piece = Piece()
        var index = 0
        if isDotted {
            index = skipDot(bytes, &piece)
            if piece.isEnd { return piece }
        }
        piece.dropped = index
        while index < bytes.count {
            if position == .text, !isHeader || matched < 0 {
                index = OctetScan.skipText(bytes, from: index, hasEightBit: &facts.hasEightBit)
                guard index < bytes.count else { break }
            }
            let byte = bytes[index]
            if isDotted, position == .lineStart, byte == UInt8(ascii: ".") { break }
            let isSound = refusal == nil
            take(byte)
            // What was too large before this octet is that first of all, however the content comes in pieces.
            if isSound, refusal != nil, facts.octets + index - piece.dropped > maximumSize { refusal = .tooLarge }
            index += 1
        }
        piece.kept = index - piece.dropped
        facts.octets += piece.kept
        if facts.octets > maximumSize { refuse(.tooLarge) }
        return piece
    }

    /// The dot at a line start and what may make it the end: octets that are never handed on.
    private mutating func skipDot(_ bytes: UnsafeRawBufferPointer, _ piece: inout Piece) -> Int {
        var index = 0
        while index < bytes.count {
            switch (position, bytes[index]) {
            case (.lineStart, UInt8(ascii: ".")): position = .dot
            case (.dot, UInt8(ascii: "\r")): position = .dotCR
            case (.dotCR, UInt8(ascii: "\n")):
                position = .lineStart
                piece.dropped = index + 1
                piece.isEnd = true
                return index + 1
            case (.dot, _):
                position = .text
                return index
            case (.dotCR, _):
                position = .cr
                return index
            case (.lineStart, _), (.text, _), (.cr, _): return index
            }
            index += 1
        }
        return index
    }

    private mutating func take(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\r"):
            // The second of two CRs may still find its LF, the first cannot.
            if position == .cr { refuse(.bareLineEnd) }
            position = .cr
        case UInt8(ascii: "\n"):
            guard position == .cr else {
                refuse(.bareLineEnd)
                position = .text
                return
            }
            if isLineEmpty { isHeader = false }
            position = .lineStart
            isLineEmpty = true
            matched = 0
        default:
            if position == .cr { refuse(.bareLineEnd) }
            position = .text
            isLineEmpty = false
            if byte >= 0x80 { facts.hasEightBit = true }
            if byte == 0 { facts.nulOctets += 1 }
            if isHeader, matched >= 0 { matchFieldName(byte) }
        }
    }

    private mutating func matchFieldName(_ byte: UInt8) {
        let name: StaticString = "received"
        switch (matched, byte) {
        case (name.utf8CodeUnitCount, UInt8(ascii: ":")):
            matched = -1
            facts.receivedFields += 1
            if facts.receivedFields > maximumReceivedFields { refuse(.tooManyReceivedFields) }
        case (name.utf8CodeUnitCount, UInt8(ascii: " ")), (name.utf8CodeUnitCount, UInt8(ascii: "\t")):
            break  // RFC 5322 §4.5: white space before the colon is the obsolete form
        case (0..<name.utf8CodeUnitCount, _) where byte | 0x20 == name.utf8Start[matched]: matched += 1
        default: matched = -1
        }
    }
}
