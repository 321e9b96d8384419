/// The lines of a text/plain source. Of flowed text (RFC 3676) those that flow on are one line, as they were typed.
struct PlainTextLines {
    /// A line that ends in a space and is shorter than this with the next word was not broken for its length: the space was
    /// typed, as phones do behind a word, and what follows is a line of its own.
    private static let shortestBroken = 60

    private let source: [UInt8]
    private let isFlowed: Bool
    private let deletesSpaces: Bool
    private var lines: [ComposedLine] = []
    /// Whether the last line flows on, and how long its last row is.
    private var openLength: Int?

    private init(_ source: [UInt8], isFlowed: Bool, deletesSpaces: Bool) {
        (self.source, self.isFlowed, self.deletesSpaces) = (source, isFlowed, deletesSpaces)
    }

    /// `nil`: more than `limit` lines.
    static func read(_ source: [UInt8], _ type: MediaType, limit: Int) -> [ComposedLine]? {
        var reader = PlainTextLines(source, isFlowed: type.isFlowed, deletesSpaces: type.deletesSpaces)
        var start = 0
        var count = 0
        while start < source.count {
            count += 1
            guard count <= limit else { return nil }
            let lineFeed = source[start...].firstIndex(of: .lineFeed)
            let end = lineFeed.map { $0 + 1 } ?? source.count
            var textEnd = lineFeed ?? source.count
            if textEnd > start, source[textEnd - 1] == .carriageReturn { textEnd -= 1 }
            reader.take(start..<textEnd, lineEnd: textEnd..<end)
            start = end
        }
        return reader.lines
    }

    private mutating func take(_ row: Range<Int>, lineEnd: Range<Int>) {
        let quotes = source[row].prefix { $0 == UInt8(ascii: ">") }.count
        var textStart = row.lowerBound
        // Space-stuffing (§4.4). Quote marks stay with what they quote.
        if isFlowed, quotes == 0, source[row].first == .space { textStart += 1 }
        let text = textStart..<row.upperBound
        let isMark = isSignatureMark(source[text])
        let flows = isFlowed && quotes == 0 && source[text].last == .space && !isMark
        if let length = openLength, quotes == 0, !isMark, isBroken(length, text), !lines.isEmpty {
            join(text, row, lineEnd)
        } else {
            var line = ComposedLine()
            line.kind = quotes > 0 ? .foreign : .own
            line.isMarkedQuote = quotes > 0
            line.text = String(decoding: source[text], as: UTF8.self)
            line.pieces = [ComposedLine.Piece(visible: 0..<text.count, source: text, isExact: true)]
            line.sources = [row]
            line.terminator = lineEnd.isEmpty ? nil : lineEnd
            lines.append(line)
        }
        openLength = flows ? row.count : nil
    }

    private func isSignatureMark(_ row: ArraySlice<UInt8>) -> Bool { row.elementsEqual(FlowedText.signatureMark.utf8) }

    private func isBroken(_ length: Int, _ next: Range<Int>) -> Bool {
        length + source[next].prefix { $0 != .space }.count >= Self.shortestBroken
    }

    private mutating func join(_ text: Range<Int>, _ row: Range<Int>, _ lineEnd: Range<Int>) {
        let last = lines.count - 1
        if deletesSpaces, let piece = lines[last].pieces.last, !piece.visible.isEmpty {
            lines[last].text.unicodeScalars.removeLast()
            lines[last].pieces[lines[last].pieces.count - 1].visible = piece.visible.dropLastOctet
            lines[last].pieces[lines[last].pieces.count - 1].source = piece.source.dropLastOctet
        }
        let start = lines[last].text.utf8.count
        lines[last].text += String(decoding: source[text], as: UTF8.self)
        lines[last].pieces.append(
            ComposedLine.Piece(visible: start..<start + text.count, source: text, isExact: true))
        // What lies between, the line end within the paragraph, goes with the line.
        lines[last].sources = [lines[last].start..<row.upperBound]
        lines[last].terminator = lineEnd.isEmpty ? nil : lineEnd
    }
}

extension Range<Int> {
    fileprivate var dropLastOctet: Range<Int> { isEmpty ? self : lowerBound..<upperBound - 1 }
}
