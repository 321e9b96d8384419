/// Which piece of the addressed part a section means (RFC 9051 §6.4.5.1).
package enum SectionPiece: Sendable, Equatable {
    /// No word after the part numbers: the part's body; without part numbers the whole message.
    case content
    /// HEADER (and the ground of HEADER.FIELDS): the header section of a message, with its empty line.
    case header
    /// TEXT: the body of a message.
    case text
    /// MIME: the header section of a part, with its empty line.
    case mime
}

extension MIMEStructure {
    /// Where a section stands in the message: part numbers as in `1.2`, and the piece. `headerLength` is that of the
    /// header section that is served before the body. `nil` where the message has no such section.
    ///
    ///     structure.range(of: [2, 1], .mime, headerLength: 800)  // BODY[2.1.MIME]
    package func range(of path: [Int], _ piece: SectionPiece, headerLength: Int) -> Range<Int>? {
        guard !path.isEmpty else {
            switch piece {
            case .content: return 0..<headerLength + root.bodyLength
            case .header: return 0..<headerLength
            case .text: return headerLength..<headerLength + root.bodyLength
            case .mime: return nil
            }
        }
        guard let (part, isRoot) = part(at: path) else { return nil }
        switch piece {
        case .content: return Self.range(part.bodyOffset, part.bodyLength, headerLength)
        case .mime: return isRoot ? 0..<headerLength : Self.range(part.headerOffset, part.headerLength, headerLength)
        case .header:
            guard part.isMessage, let message = part.children.first else { return nil }
            return Self.range(message.headerOffset, message.headerLength, headerLength)
        case .text:
            guard part.isMessage, let message = part.children.first else { return nil }
            return Self.range(message.bodyOffset, message.bodyLength, headerLength)
        }
    }

    /// The part with these part numbers.
    package func part(at path: [Int]) -> (part: BodyPart, isRoot: Bool)? {
        var current = root
        var isRoot = true
        // Whether the number to come counts the parts of a message: then a message that is no multipart has part 1.
        var isAtMessage = true
        for number in path {
            if !isAtMessage, current.isMessage {
                guard let message = current.children.first else { return nil }
                current = message
                isRoot = false
                isAtMessage = true
            }
            if current.isMultipart {
                guard current.children.indices.contains(number - 1) else { return nil }
                current = current.children[number - 1]
                isRoot = false
            } else {
                guard isAtMessage, number == 1 else { return nil }
            }
            isAtMessage = false
        }
        return (current, isRoot)
    }

    private static func range(_ offset: Int, _ length: Int, _ headerLength: Int) -> Range<Int> {
        headerLength + offset..<headerLength + offset + length
    }
}
