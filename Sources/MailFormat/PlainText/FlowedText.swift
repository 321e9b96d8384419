/// Text of `format=flowed` (RFC 3676): lines that end with a space go on in the next one.
///
///     FlowedText.read("> a \n> b\n\nc\n", deletesSpaces: false)  // a b, quoted once; an empty paragraph; c
package enum FlowedText {
    /// One line as a person sees it.
    package struct Paragraph: Sendable, Equatable {
        /// How many times it is quoted.
        package var quoteDepth: Int
        /// Without quote marks.
        package var text: String

        package init(quoteDepth: Int, text: String) { (self.quoteDepth, self.text) = (quoteDepth, text) }
    }

    /// What stands before a signature; never flows on (RFC 3676 §4.3).
    static let signatureMark = "-- "

    /// The paragraphs of flowed text. `deletesSpaces`: DelSp=yes, the space before a soft line break is none of the text's
    /// (§4.2).
    package static func read(_ text: String, deletesSpaces: Bool) -> [Paragraph] {
        var result: [Paragraph] = []
        var isOpen = false
        for line in lines(text) {
            let depth = line.prefix { $0 == UInt8(ascii: ">") }.count
            var rest = line.dropFirst(depth)
            // Space-stuffing (§4.4).
            if rest.first == .space { rest = rest.dropFirst() }
            let isSignature = rest.elementsEqual(signatureMark.utf8)
            let flows = rest.last == .space && !isSignature
            if flows, deletesSpaces { rest = rest.dropLast() }
            let piece = String(decoding: rest, as: UTF8.self)
            // Another depth ends a paragraph whatever its last line says (§4.5).
            if isOpen, !isSignature, let last = result.last, last.quoteDepth == depth {
                result[result.count - 1].text += piece
            } else {
                result.append(Paragraph(quoteDepth: depth, text: piece))
            }
            isOpen = flows
        }
        return result
    }

    /// Flowed text as lines, quoted ones with their marks and a space.
    package static func unflowed(_ text: String, deletesSpaces: Bool) -> String {
        read(text, deletesSpaces: deletesSpaces).map { paragraph in
            guard paragraph.quoteDepth > 0 else { return paragraph.text }
            return String(repeating: ">", count: paragraph.quoteDepth) + (paragraph.text.isEmpty ? "" : " ") + paragraph.text
        }
        .joined(separator: "\n")
    }

    /// The lines of a text without their ends, LF or CRLF; a last empty one is none.
    static func lines(_ text: String) -> [ArraySlice<UInt8>] {
        var lines = Array(text.utf8).split(separator: .lineFeed, omittingEmptySubsequences: false)
            .map { $0.last == .carriageReturn ? $0.dropLast() : $0 }
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }
}

extension MediaType {
    /// text/plain with format=flowed.
    package var isFlowed: Bool {
        self.is("text", "plain") && parameter("format").map { $0.lowercased() == "flowed" } == true
    }

    /// DelSp=yes.
    package var deletesSpaces: Bool { parameter("delsp").map { $0.lowercased() == "yes" } == true }
}
