package import NIOCore

/// Frames content for DATA (RFC 5321 §4.5.2), streaming: doubles dots at line starts, makes every bare CR or LF a CRLF
/// (a receiver that reads them differently must not find a second mail), and ends with CRLF.CRLF.
///
/// Content that needs no change leaves as the buffer it came in.
package struct DotStuffer {
    private enum Position { case lineStart, text, cr }

    private var position = Position.lineStart
    private let doublesDots: Bool

    /// - Parameter doublesDots: `false`: only line ends are seen to, and `end` writes no dot (RFC 3030).
    package init(doublesDots: Bool = true) { self.doublesDots = doublesDots }

    /// The next octets as they go over the wire.
    package mutating func encode(_ content: ByteBuffer) -> ByteBuffer {
        var rest = content
        var plain = takePlain(&rest)
        guard rest.readableBytes > 0 else { return plain }
        var output = ByteBuffer()
        output.reserveCapacity(content.readableBytes + content.readableBytes / 32 + 8)
        output.writeBuffer(&plain)
        while let next = rest.readInteger(as: UInt8.self) {
            writeChanged(next, into: &output)
            var run = takePlain(&rest)
            output.writeBuffer(&run)
        }
        return output
    }

    /// What ends the content: the last line's CRLF, if it had none, and the dot.
    package mutating func end() -> ByteBuffer {
        defer { position = .lineStart }
        let dot = doublesDots ? ".\r\n" : ""
        switch position {
        case .lineStart: return ByteBuffer(string: dot)
        case .text: return ByteBuffer(string: "\r\n" + dot)
        case .cr: return ByteBuffer(string: "\n" + dot)
        }
    }

    /// The octets up to the first that needs something before it.
    private mutating func takePlain(_ rest: inout ByteBuffer) -> ByteBuffer {
        let length = rest.withUnsafeReadableBytes { plainLength($0) }
        return rest.readSlice(length: length) ?? ByteBuffer()
    }

    private mutating func plainLength(_ bytes: UnsafeRawBufferPointer) -> Int {
        var index = 0
        while index < bytes.count {
            if position == .text {
                index = OctetScan.skipText(bytes, from: index)
                guard index < bytes.count else { break }
            }
            switch (position, bytes[index]) {
            case (.cr, UInt8(ascii: "\n")): position = .lineStart
            case (.lineStart, UInt8(ascii: ".")) where !doublesDots: position = .text
            case (.cr, _), (.lineStart, UInt8(ascii: ".")), (_, UInt8(ascii: "\n")): return index
            case (_, UInt8(ascii: "\r")): position = .cr
            case (_, _): position = .text
            }
            index += 1
        }
        return index
    }

    /// An octet that cannot stand where it is: after a bare CR, a dot at a line start, or a bare LF.
    private mutating func writeChanged(_ byte: UInt8, into output: inout ByteBuffer) {
        if position == .cr {
            output.writeInteger(UInt8(ascii: "\n"))
            position = .lineStart
        }
        switch byte {
        case UInt8(ascii: "\n"):
            output.writeInteger(UInt16(0x0D0A))
            position = .lineStart
        case UInt8(ascii: "\r"):
            output.writeInteger(byte)
            position = .cr
        case UInt8(ascii: ".") where position == .lineStart && doublesDots:
            output.writeInteger(UInt16(0x2E2E))
            position = .text
        default:
            output.writeInteger(byte)
            position = .text
        }
    }
}
