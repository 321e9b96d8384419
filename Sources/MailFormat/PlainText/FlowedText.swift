/// Text of `format=flowed` (RFC 3676): lines that end with a space go on in the next one.
///
///     FlowedText.unflowed("> a \n> b\n\nc\n", deletesSpaces: false)  // "> a b\n\nc"
package enum FlowedText {
    /// One line as a person sees it.
    struct Paragraph: Sendable, Equatable {
        /// How many times it is quoted.
        var quoteDepth: Int
        /// Without quote marks.
        var text: String
    }

    /// What stands before a signature; never flows on (RFC 3676 §4.3).
    static let signatureMark = "-- "

    /// Flowed text with a line for every paragraph, quoted ones with their marks and a space. `deletesSpaces`: DelSp=yes,
    /// the space before a soft line break is none of the text's (§4.2).
    package static func unflowed(_ text: String, deletesSpaces: Bool) -> String {
        var text = text
        return text.withUTF8 { octets in
            var reader = Reader(deletesSpaces: deletesSpaces)
            reader.output.reserveCapacity(octets.count + octets.count / 8)
            var start = 0
            while start < octets.count {
                let end = octets[start...].firstIndex(of: .lineFeed) ?? octets.count
                reader.take(UnsafeBufferPointer(rebasing: octets[start..<end]))
                start = end + 1
            }
            return String(decoding: reader.output, as: UTF8.self)
        }
    }

    private struct Reader {
        let deletesSpaces: Bool
        var output: [UInt8] = []
        private var isFirst = true
        /// The depth of a paragraph that goes on.
        private var open: Int?
        /// A space is due between quote marks and text.
        private var needsSpace = false

        init(deletesSpaces: Bool) { self.deletesSpaces = deletesSpaces }

        mutating func take(_ line: UnsafeBufferPointer<UInt8>) {
            var rest = line[...]
            if rest.last == .carriageReturn { rest = rest.dropLast() }
            let depth = rest.prefix { $0 == UInt8(ascii: ">") }.count
            rest = rest.dropFirst(depth)
            // Space-stuffing (§4.4).
            if rest.first == .space { rest = rest.dropFirst() }
            let isSignature = rest.elementsEqual(signatureMark.utf8)
            let flows = rest.last == .space && !isSignature
            if flows, deletesSpaces { rest = rest.dropLast() }
            // Another depth ends a paragraph whatever its last line says (§4.5).
            if open != depth || isSignature { begin(depth) }
            if needsSpace, !rest.isEmpty {
                output.append(.space)
                needsSpace = false
            }
            output += rest
            open = flows ? depth : nil
        }

        private mutating func begin(_ depth: Int) {
            if !isFirst { output.append(.lineFeed) }
            isFirst = false
            output += repeatElement(UInt8(ascii: ">"), count: depth)
            needsSpace = depth > 0
        }
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
