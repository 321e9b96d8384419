/// Writes small mails of plain text: failure notices, automatic answers, events.
package enum MessageWriter {
    /// RFC 3676 §4.2.
    private static let flowedLineLength = 72

    /// A whole message: the fields of `header`, the MIME fields, and `text` as `text/plain; format=flowed` in UTF-8.
    /// Lines of `text` end with LF or CRLF; each is a paragraph.
    package static func plainText(_ header: HeaderWriter, _ text: String) -> [UInt8] {
        let flowed = flow(text)
        let isASCII = flowed.allSatisfy { $0 < 0x80 && $0 != 0 }
        let isShort = flowed.split(separator: .lineFeed).allSatisfy { $0.count <= 900 }
        let isPlain = isASCII && isShort
        var output = header.octets
        output += "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8; format=flowed\r\n".utf8
        output += "Content-Transfer-Encoding: \(isPlain ? "7bit" : "quoted-printable")\r\n\r\n".utf8
        output += isPlain ? flowed : QuotedPrintable.encode(flowed)
        return output
    }

    /// Paragraphs broken into lines that end with a space, with CRLF line ends.
    private static func flow(_ text: String) -> [UInt8] {
        var output: [UInt8] = []
        var paragraphs = text.utf8.split(separator: .lineFeed, omittingEmptySubsequences: false)
        if paragraphs.last?.isEmpty == true { paragraphs.removeLast() }
        for paragraph in paragraphs {
            var line = Array(paragraph)
            if line.last == .carriageReturn { line.removeLast() }
            line.removeAll { $0 == .carriageReturn }
            appendParagraph(line, to: &output)
        }
        return output
    }

    private static func appendParagraph(_ paragraph: [UInt8], to output: inout [UInt8]) {
        var content = paragraph
        // The signature mark keeps its space (RFC 3676 §4.3); other trailing spaces would make the line flow on.
        let isSignatureMark = content.elementsEqual("-- ".utf8)
        while !isSignatureMark, content.last == .space { content.removeLast() }
        var column = 0
        var line: [UInt8] = []
        func endLine() {
            // Space-stuffing (RFC 3676 §4.4).
            if let first = line.first, first == .space || first == UInt8(ascii: ">") || line.starts(with: "From ".utf8)
            {
                output.append(.space)
            }
            output += line
            output += [.carriageReturn, .lineFeed]
        }
        guard !isSignatureMark, !content.starts(with: ">".utf8) else {
            output += content + [.carriageReturn, .lineFeed]
            return
        }
        var isFirst = true
        for word in content.split(separator: .space, omittingEmptySubsequences: false) {
            // Characters, not octets; a wide one counts once.
            let width = word.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
            if column > 0, column + 1 + width > flowedLineLength {
                line.append(.space)
                endLine()
                line = []
                column = 0
            } else if !isFirst {
                line.append(.space)
                column += 1
            }
            isFirst = false
            line += word
            column += width
        }
        endLine()
    }
}

/// Quoted-printable writing (RFC 2045 §6.7); the reading is in `TransferDecoder`.
enum QuotedPrintable {
    private static let longestLine = 76
    private static let hexDigits = Array("0123456789ABCDEF".utf8)

    /// `text` has CRLF line ends, which stay.
    static func encode(_ text: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.count + text.count / 4)
        var column = 0
        var index = 0
        while index < text.count {
            let octet = text[index]
            if octet == .carriageReturn, index + 1 < text.count, text[index + 1] == .lineFeed {
                output += [.carriageReturn, .lineFeed]
                column = 0
                index += 2
                continue
            }
            let isAtLineEnd = index + 1 == text.count || text[index + 1] == .carriageReturn
            let isPlain =
                (octet > 0x20 && octet < 0x7F && octet != UInt8(ascii: "=")) || (octet.isWhitespace && !isAtLineEnd)
            let width = isPlain ? 1 : 3
            if column + width > longestLine - 1 {
                output += "=\r\n".utf8
                column = 0
            }
            if isPlain {
                output.append(octet)
            } else {
                output += [UInt8(ascii: "="), hexDigits[Int(octet >> 4)], hexDigits[Int(octet & 15)]]
            }
            column += width
            index += 1
        }
        return output
    }
}
