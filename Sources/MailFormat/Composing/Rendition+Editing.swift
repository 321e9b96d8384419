/// Turning changes of lines into changes of the sources.
extension Rendition {
    /// The edits of every text of the rendition, in their order.
    func edits(_ changes: TextChanges) -> [TextEdits] {
        var edits = texts.map { _ in TextEdits() }
        guard !texts.isEmpty else { return edits }
        cut(&edits)
        for index in lines.indices where lines[index].kind == .own {
            if let mark = literalMark(index) { replace(mark, in: index, with: "", &edits) }
        }
        for index in fieldLines {
            for replacement in changes.replacements(lines[index].text) {
                replace(replacement.range, in: index, with: replacement.text, &edits)
            }
        }
        if let opening = changes.opening {
            let (text, place) = openingPlace(edits)
            edits[text].insert(spelled(opening, in: text, as: .opening, place, edits[text]), at: place)
        }
        if let signature = changes.signature, !holds(signature) {
            let (text, place) = signaturePlace(edits)
            let role: Role = ownLines.isEmpty && changes.opening == nil ? .signatureAlone : .signature
            edits[text].insert(spelled(signature.shown, in: text, as: role, place, edits[text]), at: place)
        }
        return edits
    }

    private func replace(_ visible: Range<Int>, in index: Int, with text: String, _ edits: inout [TextEdits]) {
        let line = lines[index]
        let sources = line.sources(of: visible)
        guard let first = sources.first else { return }
        for source in sources { edits[line.textIndex].delete(source) }
        let isHTML = texts[line.textIndex].leaf.isHTML
        let shown = isHTML ? HTMLAlternative.broken(text) : FlowedText.oneLine(text)
        edits[line.textIndex].insert(shown, at: first.lowerBound)
    }

    // MARK: Cutting

    /// Takes the commands out, with the empty lines between them and the text that follows.
    private func cut(_ edits: inout [TextEdits]) {
        var cut = commandLines
        for command in commands {
            var next = command.lines.upperBound
            var blanks: [Int] = []
            while next < lines.count, lines[next].kind == .own, lines[next].isBlank {
                blanks.append(next)
                next += 1
            }
            // Without text behind them they part nothing.
            if next < lines.count, lines[next].kind == .own { cut.formUnion(blanks) }
        }
        for index in cut.sorted() {
            let line = lines[index]
            for source in line.sources { edits[line.textIndex].delete(source) }
            if let terminator = line.terminator { edits[line.textIndex].delete(terminator) }
        }
        for index in cut.sorted() where texts[lines[index].textIndex].outline != nil {
            cutElements(of: lines[index], &edits[lines[index].textIndex])
        }
    }

    /// Tags that opened and closed within the line go with it, and so do the paragraphs in which nothing is left.
    private func cutElements(of line: ComposedLine, _ edits: inout TextEdits) {
        guard let outline = texts[line.textIndex].outline else { return }
        for open in line.tokens.clamped(to: outline.tokens.indices) where outline.tokens[open].kind == .open {
            guard let close = outline.closers[open], line.tokens.contains(close) else { continue }
            edits.delete(outline.tokens[open].range)
            edits.delete(outline.tokens[close].range)
        }
        for element in outline.ancestors(of: line.tokens.lowerBound) {
            guard HTMLElements.isRemovable(outline.tokens[element].name), let close = outline.closers[element],
                isEmpty(element + 1..<close, outline, edits)
            else { return }
            edits.delete(outline.tokens[element].range.lowerBound..<outline.tokens[close].range.upperBound)
        }
    }

    private func isEmpty(_ content: Range<Int>, _ outline: HTMLOutline, _ edits: TextEdits) -> Bool {
        let gone = edits.merged
        var next = gone.startIndex
        for index in content {
            let token = outline.tokens[index]
            while next < gone.endIndex, gone[next].upperBound <= token.range.lowerBound { next += 1 }
            if next < gone.endIndex, gone[next].lowerBound <= token.range.lowerBound, token.range.upperBound <= gone[next].upperBound {
                continue
            }
            switch token.kind {
            case .text:
                guard isBlank(token.range, outline.source, gone[next...]) else { return false }
            case .open:
                guard HTMLElements.isRemovable(token.name), token.name != "br" else { return false }
            case .close, .hidden: break
            }
        }
        return true
    }

    /// Whether nothing but white space stays of a run of text.
    private func isBlank(_ range: Range<Int>, _ source: [UInt8], _ gone: ArraySlice<Range<Int>>) -> Bool {
        var place = range.lowerBound
        for hole in gone {
            guard hole.lowerBound < range.upperBound else { break }
            guard source[place..<max(place, hole.lowerBound)].allSatisfy(\.isHTMLSpace) else { return false }
            place = max(place, min(hole.upperBound, range.upperBound))
        }
        return source[place..<range.upperBound].allSatisfy(\.isHTMLSpace)
    }

    // MARK: Places

    /// Where the commands stood, or before the first words; else at the beginning.
    private func openingPlace(_ edits: [TextEdits]) -> (text: Int, place: Int) {
        guard let index = commands.first?.lines.lowerBound ?? ownLines.first else { return (0, beginning(of: 0)) }
        let line = lines[index]
        var place = line.start
        if let outline = texts[line.textIndex].outline {
            // Out of the paragraph that it begins, and of all that goes.
            let before = lines[..<index].last { $0.textIndex == line.textIndex }?.end ?? 0
            for element in outline.ancestors(of: line.tokens.lowerBound) {
                let start = outline.tokens[element].range.lowerBound
                guard start >= before, !HTMLElements.isContainer(outline.tokens[element].name) || goes(element, outline, edits[line.textIndex])
                else { break }
                place = start
            }
        }
        return (line.textIndex, place)
    }

    private func goes(_ element: Int, _ outline: HTMLOutline, _ edits: TextEdits) -> Bool {
        edits.cover(outline.tokens[element].range.lowerBound..<outline.ends[element])
    }

    /// Below the last words of the agent; without any, where a text would begin.
    private func signaturePlace(_ edits: [TextEdits]) -> (text: Int, place: Int) {
        guard let index = ownLines.last else { return openingPlace(edits) }
        let line = lines[index]
        guard let outline = texts[line.textIndex].outline else { return (line.textIndex, line.end) }
        return (line.textIndex, placeBehind(line, outline))
    }

    /// Behind the paragraph, list or table that a line ends, but above what is quoted.
    private func placeBehind(_ line: ComposedLine, _ outline: HTMLOutline) -> Int {
        var place = line.terminator?.upperBound ?? (line.sources.last?.upperBound ?? 0)
        let starts = outline.foreignStarts + lines.lazy.filter { $0.kind == .foreign && $0.textIndex == line.textIndex }.map(\.start)
        let limit = starts.filter { $0 >= place }.min() ?? outline.source.count
        for element in outline.ancestors(of: line.tokens.lowerBound) where outline.ends[element] <= limit {
            let name = outline.tokens[element].name
            let isDone = { () -> Bool in
                guard let close = outline.closers[element] else { return false }
                let rest = place..<max(place, outline.tokens[close].range.lowerBound)
                return outline.source[rest].allSatisfy(\.isHTMLSpace)
            }
            guard !HTMLElements.isContainer(name) || name == "div" && isDone() else { break }
            place = max(place, outline.ends[element])
        }
        return place
    }

    /// Where the text of a document begins.
    func beginning(of text: Int) -> Int {
        guard let outline = texts[text].outline else { return 0 }
        let body = outline.tokens.first { $0.kind == .open && $0.name == "body" }
        let head = outline.tokens.first { $0.kind == .close && $0.name == "head" }
        let html = outline.tokens.first { $0.kind == .open && $0.name == "html" }
        return (body ?? head ?? html)?.range.upperBound ?? 0
    }

    // MARK: Passages

    private enum Role {
        case opening
        case signature
        /// Above it stands nothing.
        case signatureAlone
    }

    private func spelled(
        _ passage: TextChanges.Passage, in text: Int, as role: Role, _ place: Int, _ edits: TextEdits
    ) -> String {
        let composed = texts[text]
        guard !composed.leaf.isHTML else {
            let inner = passage.html ?? HTMLAlternative.fragment(passage.text)
            return "<div\(role != .opening ? " style=\"margin-top: 1em\"" : "")>\(inner)</div>\(composed.lineEnd)"
        }
        let type = composed.leaf.part.mediaType
        let rows = type.isFlowed
            ? String(decoding: FlowedText.write(passage.text, deletesSpaces: type.deletesSpaces), as: UTF8.self)
            : FlowedText.fixed(passage.text)
        let end = composed.lineEnd
        let own = rows.split(whereSeparator: \.isNewline).isEmpty ? "" : rows.replacingLineEnds(with: end)
        let source = composed.source
        let start = place == 0 || source[place - 1] == .lineFeed ? "" : end
        let next = edits.firstKept(from: place)
        let isBeforeBlank = next >= source.count || source[next] == .lineFeed || source[next] == .carriageReturn
        switch role {
        case .opening: return start + own + end
        case .signature: return start + end + own + (isBeforeBlank ? "" : end)
        case .signatureAlone: return start + own + (isBeforeBlank ? "" : end)
        }
    }

    /// Whether the signature stands in the agent's part of the text already.
    private func holds(_ signature: TextChanges.Signature) -> Bool {
        let wanted = signature.passage.text.split(whereSeparator: \.isNewline).map { comparable($0) }.filter { !$0.isEmpty }
        let own = lines.filter { $0.kind != .foreign }.map { comparable($0.trimmed) }.filter { !$0.isEmpty }
        if wanted.isEmpty {
            guard let picture = signature.picture else { return true }
            return texts.contains { text in
                guard let outline = text.outline else { return true }
                return outline.tokens.indices.contains { index in
                    outline.tokens[index].name == "img" && !outline.traits[index].contains(.foreign)
                        && outline.tokens[index].attributes(in: text.source)["src"] == "cid:\(picture.contentID)"
                }
            }
        }
        guard own.count >= wanted.count else { return false }
        return (0...own.count - wanted.count).contains { start in own[start] == wanted[0] && own[start..<start + wanted.count].elementsEqual(wanted) }
    }

    private func comparable(_ text: Substring) -> String {
        text.split { $0.isWhitespace || $0 == "\u{FFFC}" }.joined(separator: " ")
    }
}

extension TextChanges.Signature {
    /// With its picture in the HTML form.
    fileprivate var shown: TextChanges.Passage {
        guard let picture, passage.html?.contains("cid:\(picture.contentID)") != true else { return passage }
        let name = HTMLAlternative.escaped(picture.name)
        let image = "<img src=\"cid:\(HTMLAlternative.escaped(picture.contentID))\" alt=\"\(name)\">"
        let inner = passage.html ?? HTMLAlternative.fragment(passage.text)
        return TextChanges.Passage(text: passage.text, html: inner.isEmpty ? image : "\(inner)<br>\(image)")
    }
}

extension String {
    fileprivate func replacingLineEnds(with end: String) -> String {
        split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.joined(separator: end)
    }
}
