/// Walks through the unfolded body of a structured field (RFC 5322 §3.2): atoms, quoted strings, comments. Reading past
/// the end gives `nil`, never a trap.
struct StructuredReader {
    /// Comments nest at most this deep; deeper parentheses are ordinary text of the comment.
    private static let commentNesting = 100

    let octets: [UInt8]
    var position = 0

    init(_ octets: [UInt8]) { self.octets = octets }

    var next: UInt8? { position < octets.count ? octets[position] : nil }
    var isAtEnd: Bool { position >= octets.count }

    mutating func skip(_ octet: UInt8) -> Bool {
        guard next == octet else { return false }
        position += 1
        return true
    }

    /// Passes over white space and comments; gives the text of the last comment.
    @discardableResult
    mutating func skipCFWS() -> [UInt8]? {
        var comment: [UInt8]?
        while let octet = next {
            if octet.isFolding || octet == 0 {
                position += 1
            } else if octet == UInt8(ascii: "(") {
                comment = readComment()
            } else {
                break
            }
        }
        return comment
    }

    private mutating func readComment() -> [UInt8] {
        var text: [UInt8] = []
        var depth = 0
        while let octet = next {
            position += 1
            switch octet {
            case UInt8(ascii: "(") where depth < Self.commentNesting:
                if depth > 0 { text.append(octet) }
                depth += 1
            case UInt8(ascii: ")"):
                depth -= 1
                guard depth > 0 else { return text }
                text.append(octet)
            case .backslash:
                guard let escaped = next else { return text }
                text.append(escaped)
                position += 1
            default: text.append(octet)
            }
        }
        return text
    }

    /// A quoted string without its quotes and escapes; the reader stands on the opening quote. A missing closing quote
    /// is the end of the field.
    mutating func readQuotedString() -> [UInt8] {
        position += 1
        var text: [UInt8] = []
        while let octet = next {
            position += 1
            if octet == .quote { break }
            if octet == .backslash, let escaped = next {
                text.append(escaped)
                position += 1
            } else {
                text.append(octet)
            }
        }
        return text
    }

    mutating func readWhile(_ isWanted: (UInt8) -> Bool) -> [UInt8] {
        let start = position
        while position < octets.count, isWanted(octets[position]) { position += 1 }
        return Array(octets[start..<position])
    }
}
