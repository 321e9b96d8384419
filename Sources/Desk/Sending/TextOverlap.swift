/// Whether a text holds words of texts that must stay inside: runs of words, whatever a client did to the lines. What
/// the outside has read already counts for nothing.
package struct TextOverlap: Sendable {
    /// Words in a row that make a quotation; a shorter secret counts as a whole, from four words on.
    private static let run = 6
    private static let shortest = 4
    private static let wordsPerText = 20_000

    private var secrets: Set<Int> = []
    private var lengths: Set<Int> = []

    package init(secrets texts: [String], known: [String]) {
        for text in texts {
            let words = Self.words(text, endsAtSignature: true)
            let length = min(Self.run, words.count)
            guard length >= Self.shortest else { continue }
            lengths.insert(length)
            Self.eachRun(of: words, length) { secrets.insert($0) }
        }
        guard !secrets.isEmpty else { return }
        for text in known {
            let words = Self.words(text)
            for length in lengths { Self.eachRun(of: words, length) { secrets.remove($0) } }
        }
    }

    package func isQuoted(in texts: [String]) -> Bool {
        guard !secrets.isEmpty else { return false }
        var found = false
        for text in texts {
            let words = Self.words(text)
            for length in lengths { Self.eachRun(of: words, length) { if secrets.contains($0) { found = true } } }
        }
        return found
    }

    /// In lower case, without marks of quotation and punctuation at the ends. What stands below a signature is no secret, but
    /// a quotation often stands there: signatures are put above it.
    private static func words(_ text: String, endsAtSignature: Bool = false) -> [Substring] {
        var words: [Substring] = []
        for line in text.lowercased().split(whereSeparator: \.isNewline) {
            if endsAtSignature, line == "-- " || line == "--" { break }
            for word in line.split(whereSeparator: \.isWhitespace) {
                let plain = word.trimmed { !$0.isLetter && !$0.isNumber }
                if !plain.isEmpty { words.append(plain) }
            }
            if words.count > wordsPerText { break }
        }
        return words
    }

    private static func eachRun(of words: [Substring], _ length: Int, _ body: (Int) -> Void) {
        guard words.count >= length else { return }
        for start in 0...(words.count - length) {
            var hasher = Hasher()
            hasher.combine(length)
            for word in words[start..<start + length] { hasher.combine(word) }
            body(hasher.finalize())
        }
    }
}

extension Substring {
    fileprivate func trimmed(_ isCut: (Character) -> Bool) -> Substring {
        var text = self
        while let first = text.first, isCut(first) { text = text.dropFirst() }
        while let last = text.last, isCut(last) { text = text.dropLast() }
        return text
    }
}
