/// Undoes a content transfer encoding (RFC 2045 §6) of a body that arrives in pieces. Damage is passed over; an unknown
/// encoding is taken for none.
package struct TransferDecoder: Sendable {
    private enum Method {
        case identity
        case base64(Base64Decoder)
        case quotedPrintable(QuotedPrintableDecoder)
    }

    private var method: Method

    /// `encoding` as the mail names it, any case; `nil` is 7bit.
    package init(_ encoding: some Collection<UInt8>) {
        if Octets.areEqualIgnoringCase(encoding, "base64") {
            method = .base64(Base64Decoder())
        } else if Octets.areEqualIgnoringCase(encoding, "quoted-printable") {
            method = .quotedPrintable(QuotedPrintableDecoder())
        } else {
            method = .identity
        }
    }

    /// Whether an encoding can be undone: those of RFC 2045 §6.1. Nothing stands for 7bit.
    package static func knows(_ encoding: some Collection<UInt8>) -> Bool {
        encoding.isEmpty
            || ["7bit", "8bit", "binary", "base64", "quoted-printable"].contains {
                Octets.areEqualIgnoringCase(encoding, $0)
            }
    }

    /// For a part of a message.
    package init(_ part: BodyPart) { self.init(part.transferEncoding ?? []) }

    /// Adds what the next piece means to `output`.
    package mutating func decode(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) {
        switch method {
        case .identity: output += bytes
        case .base64(var decoder):
            for octet in bytes { decoder.decode(octet, into: &output) }
            method = .base64(decoder)
        case .quotedPrintable(var decoder):
            method = .identity
            for octet in bytes { decoder.decode(octet, into: &output) }
            method = .quotedPrintable(decoder)
        }
    }

    /// The body ended: adds what was held back.
    package mutating func finish(into output: inout [UInt8]) {
        if case .quotedPrintable(var decoder) = method {
            decoder.finish(into: &output)
            method = .quotedPrintable(decoder)
        }
    }
}

/// Quoted-printable that arrives in pieces. A `=` without two hexadecimal digits or a line end stands for itself; white
/// space at the end of a line is dropped (RFC 2045 §6.7 (3)).
struct QuotedPrintableDecoder: Sendable {
    private static let longestHeld = 1024
    /// `=` and what follows it, or white space that may end a line.
    private var held: [UInt8] = []

    mutating func decode(_ octet: UInt8, into output: inout [UInt8]) {
        if held.first == UInt8(ascii: "=") {
            continueEscape(octet, into: &output)
        } else if octet == UInt8(ascii: "=") {
            flush(into: &output)
            held = [octet]
        } else if octet.isWhitespace, held.count < Self.longestHeld {
            held.append(octet)
        } else {
            if octet == .lineFeed || octet == .carriageReturn { held.removeAll() }
            flush(into: &output)
            output.append(octet)
        }
    }

    private mutating func continueEscape(_ octet: UInt8, into output: inout [UInt8]) {
        if octet == .lineFeed {
            held.removeAll()
        } else if held.count == 2, let high = held[1].hexValue, let low = octet.hexValue {
            held.removeAll()
            output.append(high << 4 | low)
        } else if held.count == 1, octet.hexValue != nil {
            held.append(octet)
        } else if octet.isFolding, held.count == 1 || held[held.count - 1].isFolding, held.count < Self.longestHeld {
            held.append(octet)
        } else {
            flush(into: &output)
            decode(octet, into: &output)
        }
    }

    private mutating func flush(into output: inout [UInt8]) {
        guard !held.isEmpty else { return }
        output += held
        held.removeAll()
    }

    mutating func finish(into output: inout [UInt8]) {
        // White space and a soft line break at the very end mean nothing.
        if held.first == UInt8(ascii: "="), held.count == 2, !held[1].isFolding { flush(into: &output) }
        held.removeAll()
    }
}
