/// Tells the agent's own lines from those of others and from signatures. Lines come with what their markup or their `>`
/// says; this adds what their words say.
struct Quotations {
    /// From here on all is foreign; it may begin in one part of a mail and hold for the next.
    private(set) var restIsForeign = false
    private var isInSignature = false

    private static let deepestLook = 8

    mutating func mark(_ lines: inout [ComposedLine]) {
        markLooseQuotes(&lines)
        // Of plain text it is known already; a `>` there may be stuffed.
        for index in lines.indices where !lines[index].tokens.isEmpty && lines[index].kind == .own {
            guard lines[index].text.utf8.first == UInt8(ascii: ">") else { continue }
            (lines[index].kind, lines[index].isMarkedQuote) = (.foreign, true)
        }
        markAttributions(&lines)
        let labels = lines.map { $0.kind == .own ? QuotationSigns.fieldLabel($0.trimmed) : nil }
        for index in lines.indices {
            if !restIsForeign, lines[index].kind == .own { judge(index, &lines, labels) }
            if restIsForeign { lines[index].kind = .foreign }
            switch lines[index].kind {
            case .foreign: isInSignature = false
            case .own: if isInSignature { lines[index].kind = .signature }
            case .signature: break
            }
        }
    }

    /// A `blockquote` without marks of its own is a quotation if its announcement stands before it.
    private func markLooseQuotes(_ lines: inout [ComposedLine]) {
        var known: [Int: Bool] = [:]
        for index in lines.indices {
            guard let quote = lines[index].looseQuote, lines[index].kind == .own else { continue }
            let isQuotation = known[quote] ?? (attribution(before: index, lines) != nil)
            known[quote] = isQuotation
            if isQuotation { lines[index].kind = .foreign }
        }
    }

    private func markAttributions(_ lines: inout [ComposedLine]) {
        for index in lines.indices.dropFirst() where lines[index].kind == .foreign && lines[index - 1].kind != .foreign {
            guard let range = attribution(before: index, lines) else { continue }
            for line in range { lines[line].kind = .foreign }
        }
    }

    /// The lines before a quotation that announce it, with the empty ones between.
    private func attribution(before index: Int, _ lines: [ComposedLine]) -> Range<Int>? {
        var last = index - 1
        while last >= 0, index - last <= 3, lines[last].isBlank, lines[last].kind == .own { last -= 1 }
        var texts: [Substring] = []
        var first = last
        while first >= 0, texts.count < 4, lines[first].kind == .own, !lines[first].isBlank {
            texts.insert(lines[first].trimmed, at: 0)
            first -= 1
        }
        let count = QuotationSigns.attributionLength(texts)
        return count > 0 ? (last + 1 - count)..<index : nil
    }

    private mutating func judge(_ index: Int, _ lines: inout [ComposedLine], _ labels: [String?]) {
        let text = lines[index].trimmed
        if text == "--" {
            isInSignature = true
        } else if QuotationSigns.isAnnouncement(text) || isSeparator(index, lines, labels) {
            announce(index, &lines)
        } else if labels[index] != nil {
            restIsForeign = QuotationSigns.isHeaderBlock(following(index, lines).map { labels[$0] })
        } else if text.utf8.prefix(400).contains(where: \.isDigit) {
            restIsForeign = QuotationSigns.sureAttributionLength(following(index, lines).prefix(3).map { lines[$0].trimmed }) > 0
        }
    }

    private func isSeparator(_ index: Int, _ lines: [ComposedLine], _ labels: [String?]) -> Bool {
        let text = lines[index].trimmed
        guard text.utf8.first == UInt8(ascii: "-") || text.utf8.first == UInt8(ascii: "_") else { return false }
        let next = following(index, lines).dropFirst().first
        return QuotationSigns.isSeparator(text, isBeforeField: next.flatMap { labels[$0] } != nil)
    }

    /// What follows is quoted by marks of its own, or else it is all that follows.
    private mutating func announce(_ index: Int, _ lines: inout [ComposedLine]) {
        let next = lines[(index + 1)...].first { !$0.isBlank }
        if next?.kind == .foreign { lines[index].kind = .foreign } else { restIsForeign = true }
    }

    /// This line and the next ones of the agent's that are not empty.
    private func following(_ index: Int, _ lines: [ComposedLine]) -> [Int] {
        var result: [Int] = []
        for next in lines[index...].indices where result.count < Self.deepestLook {
            guard lines[next].kind == .own else { break }
            if !lines[next].isBlank { result.append(next) }
            if next - index > 3 * Self.deepestLook { break }
        }
        return result
    }
}
