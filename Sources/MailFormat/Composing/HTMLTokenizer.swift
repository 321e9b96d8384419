/// A piece of HTML: a run of text, a tag, or what nobody sees.
struct HTMLToken: Sendable {
    enum Kind: Sendable {
        case text
        case open
        case close
        /// Comments, declarations, and text that is none: scripts, styles, titles.
        case hidden
    }

    var kind: Kind
    /// Of a tag, in lower case.
    var name: String
    var range: Range<Int>
}

/// Takes HTML apart as the HTML standard does (WHATWG §13.2.5), so that what a browser engine wrote is understood as it
/// was meant: nothing within a comment, an attribute or a style sheet is taken for a tag. Nothing is an error.
struct HTMLTokenizer {
    private static let longestName = 64
    /// Elements whose content is text without tags (§13.2.5.2, §13.2.5.3).
    private static let rawText: Set<String> = [
        "script", "style", "xmp", "iframe", "noembed", "noframes", "title", "textarea",
    ]

    private let source: [UInt8]
    private var place = 0
    private var tokens: [HTMLToken] = []

    private init(_ source: [UInt8]) { self.source = source }

    /// `nil`: more than `limit` tokens.
    static func tokens(_ source: [UInt8], limit: Int) -> [HTMLToken]? {
        var tokenizer = HTMLTokenizer(source)
        while tokenizer.place < source.count {
            guard tokenizer.tokens.count < limit else { return nil }
            tokenizer.readNext()
        }
        return tokenizer.tokens
    }

    private mutating func readNext() {
        let start = place
        guard source[start] == UInt8(ascii: "<") else {
            return add(.text, to: source[start...].firstIndex(of: UInt8(ascii: "<")) ?? source.count)
        }
        switch at(start + 1) {
        case UInt8(ascii: "!"): add(.hidden, to: endOfDeclaration(start))
        case UInt8(ascii: "?"): add(.hidden, to: end(of: ">", from: start))
        case UInt8(ascii: "/"):
            guard let next = at(start + 2) else { return add(.text, to: source.count) }
            next.isLetter ? readTag(.close, nameStart: start + 2) : add(.hidden, to: end(of: ">", from: start))
        case .some(let octet) where octet.isLetter: readTag(.open, nameStart: start + 1)
        default:
            // `a < b` is text.
            add(.text, to: source[(start + 1)...].firstIndex(of: UInt8(ascii: "<")) ?? source.count)
        }
    }

    private mutating func readTag(_ kind: HTMLToken.Kind, nameStart: Int) {
        let nameEnd = source[nameStart...].firstIndex { $0.endsTagName } ?? source.count
        let name = String(
            decoding: source[nameStart..<min(nameEnd, nameStart + Self.longestName)].map(\.lowered), as: UTF8.self)
        var reader = HTMLAttributeReader(source, place: nameEnd)
        while reader.next() != nil {}
        // A tag that never ends is dropped with what follows it.
        guard reader.isClosed else { return add(.hidden, to: source.count) }
        add(kind, name: name, to: reader.place)
        guard kind == .open else { return }
        if name == "plaintext" {
            add(.text, to: source.count)
        } else if Self.rawText.contains(name), place < source.count {
            add(.hidden, to: endOfRawText(name))
        }
    }

    private mutating func add(_ kind: HTMLToken.Kind, name: String = "", to end: Int) {
        guard end > place else { return }
        tokens.append(HTMLToken(kind: kind, name: name, range: place..<end))
        place = end
    }

    /// A comment (§13.2.5.43 and following), or anything else between `<!` and `>`.
    private func endOfDeclaration(_ start: Int) -> Int {
        guard at(start + 2) == UInt8(ascii: "-"), at(start + 3) == UInt8(ascii: "-") else { return end(of: ">", from: start) }
        var index = start + 4
        if at(index) == UInt8(ascii: ">") { return index + 1 }
        if at(index) == UInt8(ascii: "-"), at(index + 1) == UInt8(ascii: ">") { return index + 2 }
        while index + 2 < source.count {
            if source[index] == UInt8(ascii: "-"), source[index + 1] == UInt8(ascii: "-") {
                if source[index + 2] == UInt8(ascii: ">") { return index + 3 }
                if source[index + 2] == UInt8(ascii: "!"), at(index + 3) == UInt8(ascii: ">") { return index + 4 }
            }
            index += 1
        }
        return source.count
    }

    /// Before the end tag, which is a token of its own.
    private func endOfRawText(_ name: String) -> Int {
        var index = place
        while let open = source[index...].firstIndex(of: UInt8(ascii: "<")) {
            let nameStart = open + 2
            let nameEnd = nameStart + name.utf8.count
            if at(open + 1) == UInt8(ascii: "/"), nameEnd < source.count, source[nameEnd].endsTagName,
                Octets.areEqualIgnoringCase(source[nameStart..<nameEnd], name)
            {
                return open
            }
            index = open + 1
        }
        return source.count
    }

    private func end(of octet: Unicode.Scalar, from start: Int) -> Int {
        source[start...].firstIndex(of: UInt8(ascii: octet)).map { $0 + 1 } ?? source.count
    }

    private func at(_ index: Int) -> UInt8? { index < source.count ? source[index] : nil }
}

/// Reads the attributes of a tag one by one (§13.2.5.32 and following).
struct HTMLAttributeReader {
    private let source: [UInt8]
    /// Behind what was read; behind the `>` when the tag is closed.
    private(set) var place: Int
    /// Whether the tag's `>` was reached.
    private(set) var isClosed = false

    /// `place`: behind the tag's name.
    init(_ source: [UInt8], place: Int) { (self.source, self.place) = (source, place) }

    /// Name and value as they stand; `nil` at the end of the tag.
    mutating func next() -> (name: ArraySlice<UInt8>, value: ArraySlice<UInt8>)? {
        while place < source.count, source[place].isHTMLSpace || source[place] == UInt8(ascii: "/") { place += 1 }
        guard place < source.count, !isClosed else { return nil }
        if source[place] == UInt8(ascii: ">") {
            place += 1
            isClosed = true
            return nil
        }
        let nameStart = place
        // A name may begin with `=`.
        place += 1
        while place < source.count, !source[place].endsTagName, source[place] != UInt8(ascii: "=") { place += 1 }
        let name = source[nameStart..<place]
        var behind = place
        while behind < source.count, source[behind].isHTMLSpace { behind += 1 }
        guard behind < source.count, source[behind] == UInt8(ascii: "=") else { return (name, source[place..<place]) }
        place = behind + 1
        while place < source.count, source[place].isHTMLSpace { place += 1 }
        return (name, readValue())
    }

    private mutating func readValue() -> ArraySlice<UInt8> {
        guard place < source.count else { return [] }
        let first = source[place]
        if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") {
            let start = place + 1
            let end = source[start...].firstIndex(of: first) ?? source.count
            place = min(end + 1, source.count)
            return source[start..<end]
        }
        let start = place
        while place < source.count, !source[place].isHTMLSpace, source[place] != UInt8(ascii: ">") { place += 1 }
        return source[start..<place]
    }
}

extension HTMLToken {
    /// The attributes of an open tag by their names in lower case; of doubled ones the first counts.
    func attributes(in source: [UInt8]) -> [String: String] {
        guard kind == .open else { return [:] }
        var reader = HTMLAttributeReader(source, place: range.lowerBound + 1 + name.utf8.count)
        var result: [String: String] = [:]
        while let (name, value) = reader.next(), reader.place <= range.upperBound, result.count < 50 {
            let key = String(decoding: name.map(\.lowered), as: UTF8.self)
            if result[key] == nil { result[key] = String(decoding: value, as: UTF8.self) }
        }
        return result
    }
}

extension UInt8 {
    /// White space of HTML: space, tab, line feed, form feed, carriage return.
    var isHTMLSpace: Bool { isFolding || self == 0x0C }
    fileprivate var endsTagName: Bool { isHTMLSpace || self == UInt8(ascii: "/") || self == UInt8(ascii: ">") }
}
