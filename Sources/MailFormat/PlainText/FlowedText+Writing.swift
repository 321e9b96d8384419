extension FlowedText {
    /// RFC 3676 §4.2 advises 72.
    static let lineLength = 72
    /// Deeper quotations are shown as this deep.
    private static let deepestQuote = 20

    /// What a person writes, as paragraphs: each line is one, `>` at its beginning quotes it.
    static func paragraphs(_ text: String) -> [Paragraph] {
        lines(text).map { line in
            var rest = line.filter { $0 != .carriageReturn && $0 != 0 }[...]
            var depth = 0
            while rest.first == UInt8(ascii: ">") {
                depth += 1
                rest = rest.dropFirst()
                if rest.starts(with: " >".utf8) { rest = rest.dropFirst() }
            }
            if depth > 0, rest.first == .space { rest = rest.dropFirst() }
            let isSignature = rest.elementsEqual(signatureMark.utf8)
            // A space at the end would let the line flow on.
            while !isSignature, rest.last == .space { rest = rest.dropLast() }
            return Paragraph(quoteDepth: min(depth, deepestQuote), text: String(decoding: rest, as: UTF8.self))
        }
    }

    /// A text as `format=flowed`, with CRLF line ends. `deletesSpaces`: as with DelSp=yes.
    package static func write(_ text: String, deletesSpaces: Bool = false) -> [UInt8] {
        var output: [UInt8] = []
        for paragraph in paragraphs(text) { append(paragraph, softEnd: deletesSpaces ? [.space, .space] : [.space], to: &output) }
        return output
    }

    /// A text of short lines for text/plain that does not flow, with CRLF line ends: long lines are broken at spaces.
    static func fixed(_ text: String) -> String {
        var result = ""
        for line in lines(text) {
            var row: String?
            for word in String(decoding: line, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false) {
                if let full = row, full.count + 1 + word.count > lineLength {
                    result += full + "\r\n"
                    row = String(word)
                } else {
                    row = row.map { "\($0) \(word)" } ?? String(word)
                }
            }
            result += (row ?? "") + "\r\n"
        }
        return result
    }

    /// What is put into a line: it does not break it.
    static func oneLine(_ text: String) -> String {
        text.split(omittingEmptySubsequences: false) { $0.isNewline }.joined(separator: " ")
    }

    private static func append(_ paragraph: Paragraph, softEnd: [UInt8], to output: inout [UInt8]) {
        let depth = paragraph.quoteDepth
        func endLine(_ line: [UInt8]) {
            output += [UInt8](repeating: UInt8(ascii: ">"), count: depth)
            // Space-stuffing (§4.4); after quote marks always, since it looks better.
            if depth > 0 ? !line.isEmpty : line.first == .space || line.first == UInt8(ascii: ">") || line.starts(with: "From ".utf8) {
                output.append(.space)
            }
            output += line + [.carriageReturn, .lineFeed]
        }
        guard paragraph.text != signatureMark else { return endLine(Array(signatureMark.utf8)) }
        let room = lineLength - (depth > 0 ? depth + 1 : 0)
        var line: [UInt8] = []
        var column = 0
        for (index, word) in paragraph.text.utf8.split(separator: .space, omittingEmptySubsequences: false).enumerated() {
            // Characters, not octets; a wide one counts once.
            let width = word.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
            if column > 0, column + 1 + width > room {
                endLine(line + softEnd)
                (line, column) = ([], 0)
            } else if index > 0 {
                line.append(.space)
                column += 1
            }
            line += word
            column += width
        }
        endLine(line)
    }
}
