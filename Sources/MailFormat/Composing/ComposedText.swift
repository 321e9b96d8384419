/// One text part of a submitted mail, decoded, with its lines.
struct ComposedText: Sendable {
    let leaf: TextLeaf
    /// The decoded text in UTF-8.
    let source: [UInt8]
    /// For HTML.
    let outline: HTMLOutline?
    /// As they were read, before `Quotations` judged them.
    let lines: [ComposedLine]

    /// `nil`: more lines or tokens than the limits allow.
    init?(_ leaf: TextLeaf, source: [UInt8], limits: SubmittedText.Limits) {
        (self.leaf, self.source) = (leaf, source)
        if leaf.isHTML {
            guard let tokens = HTMLTokenizer.tokens(source, limit: limits.tokens), let outline = HTMLOutline(source, tokens),
                let lines = HTMLLines.read(outline, limit: limits.lines)
            else { return nil }
            (self.outline, self.lines) = (outline, lines)
        } else {
            guard let lines = PlainTextLines.read(source, leaf.part.mediaType, limit: limits.lines) else { return nil }
            (outline, self.lines) = (nil, lines)
        }
    }

    /// The line end that the source uses.
    var lineEnd: String {
        guard let first = source.firstIndex(of: .lineFeed) else { return "\r\n" }
        return first > 0 && source[first - 1] == .carriageReturn ? "\r\n" : "\n"
    }
}

/// The text of a mail in one form: all its plain parts, or all its HTML parts, one after the other.
struct Rendition: Sendable {
    let texts: [ComposedText]
    /// Of all texts; `textIndex` says of which.
    private(set) var lines: [ComposedLine]
    /// The lines that hold commands.
    private(set) var commands: [CommandPlace] = []
    /// The first lines of own text that are no commands.
    private var firstTexts: Set<Int> = []

    /// A command and the lines it takes up.
    struct CommandPlace: Sendable {
        var lines: Range<Int>
        var command: CommandLine
    }

    init(_ texts: [ComposedText]) {
        self.texts = texts
        lines = []
        var quotations = Quotations()
        for (index, text) in texts.enumerated() {
            var own = text.lines
            quotations.mark(&own)
            for line in own.indices { own[line].textIndex = index }
            lines += own
        }
        for top in tops where commands.count < Self.mostCommands { find(from: top) }
    }

    /// More than anybody means: whoever reads them refuses fewer.
    private static let mostCommands = 100

    /// Lines of the agent's that have something on them and are no commands.
    var ownLines: [Int] {
        let cut = commandLines
        return lines.indices.filter { lines[$0].kind == .own && !lines[$0].isBlank && !cut.contains($0) }
    }

    var commandLines: Set<Int> { Set(commands.flatMap { $0.lines }) }

    // MARK: Tops of own text

    /// Where the agent's own text begins: at the top, and after every quotation.
    private var tops: [Int] {
        lines.indices.filter { lines[$0].kind == .own && ($0 == 0 || lines[$0 - 1].kind == .foreign) }
    }

    /// Lines that begin with `#`, from a top on, with nothing but empty lines between.
    private func leadingMarks(from top: Int) -> [Int] {
        var found: [Int] = []
        for index in lines[top...].indices {
            guard lines[index].kind == .own else { break }
            if lines[index].isBlank { continue }
            guard Self.isCommand(lines[index].trimmed) else { break }
            found.append(index)
        }
        return found
    }

    private static func isCommand(_ text: Substring) -> Bool { text.utf8.first == UInt8(ascii: "#") && !text.hasPrefix("##") }

    private mutating func find(from top: Int) {
        let marks = leadingMarks(from: top).prefix(Self.mostCommands)
        let follows = lines[top].isBelowQuotation || lines[..<top].contains { $0.kind == .foreign }
        let touches = top > 0 && lines[top - 1].isMarkedQuote && !lines[top].isBlank
        commands += marks.map { index in
            let command = CommandLine(
                text: String(lines[index].trimmed), followsQuotation: follows, isSetApart: !touches)
            return CommandPlace(lines: index..<index + 1, command: command)
        }
        let behind = marks.last.map { $0 + 1 } ?? top
        if let next = lines[behind...].indices.first(where: { lines[$0].kind != .own || !lines[$0].isBlank }) {
            firstTexts.insert(next)
        }
    }

    /// Makes the commands those of another rendition of the same text, whose lines may be broken here. The first command
    /// that stands in one of them only, if there is any.
    mutating func adopt(_ others: [CommandLine]) -> String? {
        var places: [CommandPlace] = []
        var rest = others[...]
        for top in tops {
            var taken = top
            for mark in leadingMarks(from: top) where mark >= taken {
                guard let other = rest.first, let end = end(of: other.text, from: mark) else { return String(lines[mark].trimmed) }
                places.append(CommandPlace(lines: mark..<end, command: other))
                rest = rest.dropFirst()
                taken = end
            }
        }
        commands = places
        // A text without any command may be a stub that says nothing but "see the other part".
        if !places.isEmpty, let missing = rest.first { return missing.text }
        let cut = commandLines
        let wanted = Set(others.map { Self.comparable($0.text) })
        return lines.indices.first { index in
            !cut.contains(index) && !lines[index].isMarkedQuote && lines[index].text.contains("#")
                && wanted.contains(Self.comparable(String(lines[index].trimmed)))
        }.map { String(lines[$0].trimmed) }
    }

    private static let longestBroken = 20

    /// Behind the lines that together say `text`.
    private func end(of text: String, from start: Int) -> Int? {
        let wanted = Self.comparable(text)
        var joined = ""
        for index in start..<min(lines.count, start + Self.longestBroken) where lines[index].kind == .own {
            joined += (joined.isEmpty ? "" : " ") + lines[index].trimmed
            let found = Self.comparable(joined)
            if found == wanted { return index + 1 }
            guard wanted.hasPrefix(found) else { return nil }
        }
        return nil
    }

    /// Without what programs add to links when they make text of HTML, and without white space.
    private static func comparable(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "<") {
            let inner = rest[rest.index(after: open)...]
            guard let close = inner.firstIndex(of: ">"),
                ["mailto:", "http://", "https://"].contains(where: { inner[..<close].lowercased().hasPrefix($0) })
            else { break }
            result += rest[..<open]
            rest = inner[inner.index(after: close)...]
        }
        return String((result + rest).unicodeScalars.filter { !Substring(String($0)).trimmedVisibly.isEmpty }.map(Character.init))
    }

    // MARK: What else the text says

    /// Lines within the agent's text that begin as a command does.
    var strayMarks: [String] {
        ownLines.compactMap { index in
            let text = lines[index].trimmed
            guard Self.isCommand(text), text.unicodeScalars.dropFirst().first?.properties.isAlphabetic == true else { return nil }
            return String(text)
        }
    }

    /// The visible text of a line without the second of the two signs that stand for one.
    func literalMark(_ index: Int) -> Range<Int>? {
        let line = lines[index]
        guard line.kind == .own, let mark = line.text.utf8.firstIndex(of: UInt8(ascii: "#")), line.trimmed.hasPrefix("##") else {
            return nil
        }
        guard firstTexts.contains(index) || line.trimmed.unicodeScalars.dropFirst(2).first?.properties.isAlphabetic == true else { return nil }
        let place = line.text.utf8.distance(from: line.text.utf8.startIndex, to: mark)
        return place..<place + 1
    }

    /// The agent's own text, without commands: paragraphs between quotations with an empty line between.
    var ownText: String {
        let cut = commandLines
        var blocks: [[String]] = [[]]
        for index in lines.indices {
            switch lines[index].kind {
            case .own where cut.contains(index): break
            case .own:
                var text = lines[index].text
                if let mark = literalMark(index), let place = text.firstIndex(of: "#"), !mark.isEmpty { text.remove(at: place) }
                while text.last?.isWhitespace == true { text.removeLast() }
                blocks[blocks.count - 1].append(text)
            case .foreign: if blocks.last?.isEmpty == false { blocks.append([]) }
            case .signature: break
            }
        }
        return blocks.map(Self.trimmedBlock).filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    private static func trimmedBlock(_ lines: [String]) -> String {
        var lines = lines[...]
        func isBlank(_ line: String?) -> Bool { line.map { $0[...].trimmedVisibly.isEmpty } == true }
        while isBlank(lines.first) { lines = lines.dropFirst() }
        while isBlank(lines.last) { lines = lines.dropLast() }
        return lines.joined(separator: "\n")
    }
}

/// A line of an agent's mail that tells the desk something.
package struct CommandLine: Equatable, Sendable {
    /// With its `#`, without white space around.
    package var text: String
    /// Whether something quoted stands above it: then it must be sure that the line is the agent's.
    package var followsQuotation: Bool
    /// `false`: right below a line quoted with `>`, where a program that breaks long quoted lines leaves pieces of them.
    package var isSetApart: Bool

    package init(text: String, followsQuotation: Bool = false, isSetApart: Bool = true) {
        (self.text, self.followsQuotation, self.isSetApart) = (text, followsQuotation, isSetApart)
    }
}
