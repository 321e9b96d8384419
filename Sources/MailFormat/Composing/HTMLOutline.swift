/// Which tag closes which, what lies within what, and which elements are quotations, signatures or out of sight.
struct HTMLOutline: Sendable {
    /// What an element says about the text in it; it passes on to elements within.
    struct Traits: OptionSet {
        let rawValue: UInt8
        static let foreign = Traits(rawValue: 1)
        static let signature = Traits(rawValue: 2)
        static let hidden = Traits(rawValue: 4)
        static let preformatted = Traits(rawValue: 8)
    }

    let source: [UInt8]
    let tokens: [HTMLToken]
    /// For an open tag its close tag; for elements that others close, and void ones, `nil`.
    private(set) var closers: [Int?]
    /// The innermost element around a token, by its open tag.
    private(set) var parents: [Int?]
    /// Where an element ends: behind its close tag, or where another element ended it.
    private(set) var ends: [Int]
    private(set) var traits: [Traits]
    /// The outermost `blockquote` around a token that could be a text set in as well as a quotation.
    private(set) var looseQuotes: [Int?]
    /// Where everything that follows is foreign.
    private(set) var foreignFrom: Int?

    private var stack: [Int] = []

    /// Deeper HTML is not understood: browsers stop at 512, too.
    private static let deepest = 500

    /// `nil`: elements lie too deep within each other.
    init?(_ source: [UInt8], _ tokens: [HTMLToken]) {
        (self.source, self.tokens) = (source, tokens)
        closers = Array(repeating: nil, count: tokens.count)
        parents = closers
        ends = Array(repeating: source.count, count: tokens.count)
        traits = Array(repeating: [], count: tokens.count)
        looseQuotes = closers
        for index in tokens.indices {
            take(index)
            guard stack.count <= Self.deepest else { return nil }
        }
    }

    private mutating func take(_ index: Int) {
        let token = tokens[index]
        if token.kind == .open { endImplied(by: token.name, at: token.range.lowerBound) }
        if token.kind == .close { close(token.name, index) }
        parents[index] = stack.last
        traits[index].formUnion(stack.last.map { traits[$0] } ?? [])
        looseQuotes[index] = stack.last.flatMap { looseQuotes[$0] }
        if foreignFrom != nil { traits[index].insert(.foreign) }
        guard token.kind == .open else { return }
        readTraits(index)
        if HTMLElements.isVoid(token.name) {
            ends[index] = token.range.upperBound
        } else {
            stack.append(index)
        }
    }

    // MARK: Ends

    /// Elements whose end tag may be left out, as far as mail programs do (§13.1.2.4).
    private mutating func endImplied(by name: String, at place: Int) {
        let ended: Set<String>
        switch name {
        case "li": ended = ["li"]
        case "dt", "dd": ended = ["dt", "dd"]
        case "td", "th": ended = ["td", "th"]
        case "tr": ended = ["td", "th", "tr"]
        default:
            guard HTMLElements.isBlock(name) else { return }
            ended = ["p"]
        }
        while let depth = stack.lastIndex(where: { ended.contains(tokens[$0].name) || HTMLElements.isScope(tokens[$0].name) }),
            ended.contains(tokens[stack[depth]].name)
        {
            pop(to: depth, at: place)
            if name != "tr" { return }
        }
    }

    private mutating func close(_ name: String, _ index: Int) {
        let isBlock = HTMLElements.isBlock(name)
        var depth = stack.count - 1
        while depth >= 0 {
            let other = tokens[stack[depth]].name
            if other == name {
                closers[stack[depth]] = index
                if isBlock || depth == stack.count - 1 {
                    pop(to: depth, at: tokens[index].range.upperBound)
                } else {
                    ends[stack[depth]] = tokens[index].range.upperBound
                    stack.remove(at: depth)
                }
                return
            }
            // A stray tag of an inline element ends no block, and nothing ends a table cell but its own kind.
            if HTMLElements.isScope(other) && !HTMLElements.isTable(name) || !isBlock && HTMLElements.isBlock(other) { return }
            depth -= 1
        }
    }

    private mutating func pop(to depth: Int, at place: Int) {
        for open in stack[depth...] { ends[open] = place }
        stack.removeSubrange(depth...)
    }

    // MARK: Traits

    private mutating func readTraits(_ index: Int) {
        let token = tokens[index]
        if HTMLElements.isHidden(token.name) { traits[index].insert(.hidden) }
        if token.name == "pre" { traits[index].insert(.preformatted) }
        guard HTMLElements.mayBeQuotation(token.name), !traits[index].contains(.foreign) else { return }
        let attributes = token.attributes(in: source)
        switch HTMLQuotations.meaning(of: token.name, attributes) {
        case .quotation: traits[index].insert(.foreign)
        case .looseQuotation: looseQuotes[index] = looseQuotes[index] ?? index
        case .quotationFromHere:
            traits[index].insert(.foreign)
            foreignFrom = token.range.lowerBound
        case .signature: traits[index].insert(.signature)
        case nil: break
        }
    }

    /// The elements around a token, from the innermost out.
    func ancestors(of index: Int) -> [Int] {
        var result: [Int] = []
        var next = parents[index]
        while let element = next {
            result.append(element)
            next = parents[element]
        }
        return result
    }

    /// Where quoted elements begin, in order.
    var foreignStarts: [Int] {
        tokens.indices.compactMap { index in
            guard traits[index].contains(.foreign), parents[index].map({ !traits[$0].contains(.foreign) }) ?? true else { return nil }
            return tokens[index].range.lowerBound
        }
    }
}
