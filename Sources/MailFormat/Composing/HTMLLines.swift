/// The lines of an HTML source as its reader sees them.
struct HTMLLines {
    private let outline: HTMLOutline
    private let source: [UInt8]
    private var lines: [ComposedLine] = []

    // The line that is being read.
    private var visible: [UInt8] = []
    private var pieces: [ComposedLine.Piece] = []
    private var sources: [Range<Int>] = []
    private var firstToken: Int?
    private var traits: HTMLOutline.Traits = []
    private var looseQuote: Int?
    private var isBelowQuotation = false

    private init(_ outline: HTMLOutline) { (self.outline, source) = (outline, outline.source) }

    /// `nil`: more than `limit` lines.
    static func read(_ outline: HTMLOutline, limit: Int) -> [ComposedLine]? {
        var reader = HTMLLines(outline)
        for index in outline.tokens.indices {
            reader.take(index)
            guard reader.lines.count <= limit else { return nil }
        }
        reader.endLine(before: outline.tokens.count)
        return reader.lines
    }

    private mutating func take(_ index: Int) {
        let token = outline.tokens[index]
        let own = outline.traits[index]
        guard token.kind != .hidden, !own.contains(.hidden) else { return }
        if own.subtracting(.preformatted) != traits.subtracting(.preformatted) || outline.looseQuotes[index] != looseQuote {
            endLine(before: index)
        }
        (traits, looseQuote) = (own, outline.looseQuotes[index])
        isBelowQuotation = isBelowQuotation || own.contains(.foreign)
        switch token.kind {
        case .text: readText(token.range, index)
        case .open where token.name == "br":
            begin(index)
            endLine(before: index + 1, terminator: token.range)
        case .open where HTMLElements.isBlock(token.name), .close where HTMLElements.isBlock(token.name):
            endLine(before: index)
        case .open where HTMLElements.isObject(token.name):
            begin(index)
            append("\u{FFFC}", token.range)
        case .open, .close: if firstToken != nil { begin(index) }
        case .hidden: break
        }
    }

    private mutating func begin(_ index: Int) { firstToken = firstToken ?? index }

    // MARK: Text

    private mutating func readText(_ range: Range<Int>, _ index: Int) {
        var place = range.lowerBound
        while place < range.upperBound {
            let octet = source[place]
            if octet == .lineFeed, traits.contains(.preformatted) {
                begin(index)
                endLine(before: index, terminator: place..<place + 1)
                place += 1
            } else if octet.isHTMLSpace, !traits.contains(.preformatted) {
                var end = place + 1
                while end < range.upperBound, source[end].isHTMLSpace { end += 1 }
                if firstToken != nil { readSpace(place..<end) }
                place = end
            } else {
                begin(index)
                place = octet == UInt8(ascii: "&") ? readReference(place, range.upperBound) : readRun(place, range.upperBound)
            }
        }
    }

    /// Any white space is one space, and none at the beginning of a line.
    private mutating func readSpace(_ range: Range<Int>) {
        if visible.isEmpty || visible.last == .space { return take(source: range) }
        append(" ", range)
    }

    private mutating func readRun(_ start: Int, _ limit: Int) -> Int {
        var end = start + 1
        while end < limit, source[end] != UInt8(ascii: "&"), !source[end].isHTMLSpace { end += 1 }
        // Preformatted space is as good as a letter.
        let range = start..<end
        pieces.append(ComposedLine.Piece(visible: visible.count..<visible.count + range.count, source: range, isExact: true))
        visible += source[range]
        take(source: range)
        return end
    }

    private mutating func readReference(_ start: Int, _ limit: Int) -> Int {
        var end = start + 1
        while end < limit, end - start < 12, source[end].isLetter || source[end].isDigit || source[end] == UInt8(ascii: "#") {
            end += 1
        }
        guard let scalar = HTMLEntities.scalar(String(decoding: source[start + 1..<end], as: UTF8.self)) else {
            return readRun(start, limit)
        }
        if end < limit, source[end] == UInt8(ascii: ";") { end += 1 }
        append(String(scalar), start..<end)
        return end
    }

    private mutating func append(_ text: String, _ range: Range<Int>) {
        pieces.append(
            ComposedLine.Piece(visible: visible.count..<visible.count + text.utf8.count, source: range, isExact: false))
        visible += text.utf8
        take(source: range)
    }

    private mutating func take(source range: Range<Int>) {
        if let last = sources.last, last.upperBound == range.lowerBound {
            sources[sources.count - 1] = last.lowerBound..<range.upperBound
        } else {
            sources.append(range)
        }
    }

    // MARK: Lines

    private mutating func endLine(before index: Int, terminator: Range<Int>? = nil) {
        defer {
            (visible, pieces, sources, firstToken) = ([], [], [], nil)
        }
        // White space between two blocks is no line.
        guard !visible.isEmpty || terminator != nil else { return }
        var line = ComposedLine()
        line.kind = traits.contains(.foreign) ? .foreign : traits.contains(.signature) ? .signature : .own
        line.text = String(decoding: visible, as: UTF8.self)
        (line.pieces, line.sources, line.terminator) = (pieces, sources, terminator)
        line.tokens = (firstToken ?? index)..<max(index, (firstToken ?? index) + 1)
        (line.looseQuote, line.isBelowQuotation) = (looseQuote, isBelowQuotation)
        lines.append(line)
    }
}
