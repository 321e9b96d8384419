/// Strings of IMAP responses as octets (RFC 3501 §4.3): quoted where that can be, else a literal. The choice is
/// Dovecot's, whose output clients are tried against.
enum IMAPString {
    /// A quoted string with more escapes than this becomes a literal.
    private static let escapeLimit = 4

    /// NIL or a string.
    static func append(nstring value: [UInt8]?, to output: inout [UInt8]) {
        guard let value else {
            output += "NIL".utf8
            return
        }
        append(value, to: &output)
    }

    /// A quoted string if the value is 7-bit text without line ends, else a literal. NUL, which no literal may hold
    /// either, is left out.
    static func append(_ value: [UInt8], to output: inout [UInt8]) {
        var escapes = 0
        var isPlain = true
        var hasNUL = false
        for octet in value {
            switch octet {
            case .quote, .backslash: escapes += 1
            case 0: hasNUL = true
            case .carriageReturn, .lineFeed, 0x80...: isPlain = false
            default: break
            }
        }
        let text = hasNUL ? value.filter { $0 != 0 } : value
        guard isPlain, escapes <= escapeLimit else {
            output += "{\(text.count)}\r\n".utf8
            output += text
            return
        }
        output.append(.quote)
        if escapes == 0 {
            output += text
        } else {
            for octet in text {
                if octet == .quote || octet == .backslash { output.append(.backslash) }
                output.append(octet)
            }
        }
        output.append(.quote)
    }

    /// Runs of white space as one space: text for people, which was folded on its way.
    static func singleSpaced(_ value: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(value.count)
        for octet in value {
            if !octet.isFolding {
                result.append(octet)
            } else if let last = result.last, last != .space {
                result.append(.space)
            }
        }
        return result
    }
}
