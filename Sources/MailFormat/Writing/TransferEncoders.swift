import MailTypes

/// Quoted-printable writing (RFC 2045 §6.7) of text that arrives in pieces with CRLF line ends, which stay; the reading is
/// in `TransferDecoder`.
package struct QuotedPrintableEncoder: Sendable {
    private static let longestLine = 76
    private static let hexDigits = Array("0123456789ABCDEF".utf8)

    private var column = 0
    /// White space that may end its line, and a CR that may be half a line end.
    private var heldWhitespace: UInt8?
    private var holdsCarriageReturn = false

    package init() {}

    /// Adds what the next piece becomes to `output`.
    package mutating func encode(_ octets: some Sequence<UInt8>, into output: inout [UInt8]) {
        for octet in octets { encode(octet, into: &output) }
    }

    /// The text ended: adds what was held back.
    package mutating func finish(into output: inout [UInt8]) {
        releaseWhitespace(atLineEnd: true, into: &output)
        if holdsCarriageReturn { append(.carriageReturn, isPlain: false, to: &output) }
        holdsCarriageReturn = false
    }

    /// An octet of text that is quoted-printable already, spelled out if it is above 127.
    static func escape(_ octet: UInt8, into output: inout [UInt8]) {
        guard octet >= 0x80 else { return output.append(octet) }
        output += [UInt8(ascii: "="), hexDigits[Int(octet >> 4)], hexDigits[Int(octet & 15)]]
    }

    /// A whole text.
    static func encode(_ text: [UInt8]) -> [UInt8] {
        var encoder = QuotedPrintableEncoder()
        var output: [UInt8] = []
        output.reserveCapacity(text.count + text.count / 4)
        encoder.encode(text, into: &output)
        encoder.finish(into: &output)
        return output
    }

    private mutating func encode(_ octet: UInt8, into output: inout [UInt8]) {
        if holdsCarriageReturn {
            holdsCarriageReturn = false
            if octet == .lineFeed {
                releaseWhitespace(atLineEnd: true, into: &output)
                output += [.carriageReturn, .lineFeed]
                column = 0
                return
            }
            releaseWhitespace(atLineEnd: false, into: &output)
            append(.carriageReturn, isPlain: false, to: &output)
        }
        if octet == .carriageReturn {
            holdsCarriageReturn = true
            return
        }
        releaseWhitespace(atLineEnd: false, into: &output)
        if octet.isWhitespace {
            heldWhitespace = octet
        } else {
            // A dot alone at the beginning of a line has a meaning on the way.
            let isLeadingDot = column == 0 && octet == UInt8(ascii: ".")
            append(octet, isPlain: octet > 0x20 && octet < 0x7F && octet != UInt8(ascii: "=") && !isLeadingDot, to: &output)
        }
    }

    private mutating func releaseWhitespace(atLineEnd: Bool, into output: inout [UInt8]) {
        guard let octet = heldWhitespace else { return }
        heldWhitespace = nil
        append(octet, isPlain: !atLineEnd, to: &output)
    }

    private mutating func append(_ octet: UInt8, isPlain: Bool, to output: inout [UInt8]) {
        let width = isPlain ? 1 : 3
        if column + width > Self.longestLine - 1 {
            output += "=\r\n".utf8
            column = 0
        }
        column += width
        if isPlain {
            output.append(octet)
        } else {
            output += [UInt8(ascii: "="), Self.hexDigits[Int(octet >> 4)], Self.hexDigits[Int(octet & 15)]]
        }
    }
}

/// Base64 (RFC 2045 §6.8) of octets that arrive in pieces, in lines of 76.
package struct Base64Encoder: Sendable {
    private static let lineOctets = 57
    private var held: [UInt8] = []

    package init() {}

    /// Adds the lines that are complete to `output`.
    package mutating func encode(_ octets: some Sequence<UInt8>, into output: inout [UInt8]) {
        held += octets
        var start = 0
        while held.count - start >= Self.lineOctets {
            output += Base64.encode(Array(held[start..<start + Self.lineOctets])).utf8
            output += [.carriageReturn, .lineFeed]
            start += Self.lineOctets
        }
        held.removeFirst(start)
    }

    /// The octets ended: adds the last line.
    package mutating func finish(into output: inout [UInt8]) {
        guard !held.isEmpty else { return }
        output += Base64.encode(held).utf8
        output += [.carriageReturn, .lineFeed]
        held = []
    }
}
