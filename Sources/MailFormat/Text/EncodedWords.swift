/// Encoded-words in header fields (RFC 2047, with the language tag of RFC 2231 §5), read as they are really written:
/// multibyte characters split across words, words glued together, spaces inside, raw octets beside them.
package enum EncodedWords {
    private static let longestCharsetName = 64
    /// Words of one field that are decoded; real fields have few, and each may cost the opening of a converter.
    private static let wordLimit = 1_000

    /// The text of an unfolded field body. Raw octets above ASCII are UTF-8 if they are that, else `fallback`, else what
    /// they look like.
    package static func decode(_ octets: [UInt8], fallback: @autoclosure () -> String? = nil) -> String {
        guard hasOpening(octets) else { return plain(octets, fallback()) }
        var result = ""
        var charset: String?
        var decoded: [UInt8] = []  // octets of adjacent words of one charset: a character may be split among them
        var plainStart = 0
        var index = 0
        var wordCount = 0
        let lastEnd = lastEnd(octets)
        func flush() {
            guard let name = charset else { return }
            result += Charset.decode(decoded, as: name)
            charset = nil
            decoded.removeAll()
        }
        while index < lastEnd, wordCount < wordLimit {
            guard octets[index] == UInt8(ascii: "="), let word = Word(octets, at: index, lastEnd: lastEnd) else {
                index += 1
                continue
            }
            wordCount += 1
            // White space between encoded-words is not shown (RFC 2047 §6.2).
            let gap = octets[plainStart..<index]
            if charset == nil || !gap.allSatisfy(\.isFolding) {
                flush()
                result += plain(Array(gap), fallback())
            } else if let open = charset, open != word.charset {
                flush()
            }
            charset = word.charset
            decoded += word.octets
            index = word.end
            plainStart = index
        }
        flush()
        result += plain(Array(octets[plainStart...]), fallback())
        return result
    }

    private static func hasOpening(_ octets: [UInt8]) -> Bool {
        var last: UInt8 = 0
        for octet in octets {
            if last == UInt8(ascii: "="), octet == UInt8(ascii: "?") { return true }
            last = octet
        }
        return false
    }

    private static func plain(_ octets: [UInt8], _ fallback: @autoclosure () -> String?) -> String {
        Charset.decode(octets, as: nil, hint: fallback())
    }

    /// The place after an encoded-word that begins at `start`, if one does; `lastEnd` is that of the whole.
    static func end(_ octets: [UInt8], at start: Int, lastEnd: Int) -> Int? {
        Word(octets, at: start, lastEnd: lastEnd)?.end
    }

    /// The charset of the first encoded-word.
    static func charset(in octets: [UInt8]) -> String? {
        let lastEnd = lastEnd(octets)
        var index = 0
        while index < lastEnd {
            if octets[index] == UInt8(ascii: "="), let word = Word(octets, at: index, lastEnd: lastEnd) { return word.charset }
            index += 1
        }
        return nil
    }

    /// Where the last `?=` stands, 0 if nowhere: with it, no search for the end of a word is in vain, and reading a
    /// field full of beginnings costs no more than reading it once.
    static func lastEnd(_ octets: [UInt8]) -> Int {
        var index = octets.count - 1
        while index > 0 {
            if octets[index] == UInt8(ascii: "="), octets[index - 1] == UInt8(ascii: "?") { return index - 1 }
            index -= 1
        }
        return 0
    }

    private struct Word {
        let charset: String
        let octets: [UInt8]
        let end: Int

        init?(_ source: [UInt8], at start: Int, lastEnd: Int) {
            guard start + 7 < source.count, source[start] == UInt8(ascii: "="),
                source[start + 1] == UInt8(ascii: "?")
            else { return nil }
            var index = start + 2
            while index < source.count, source[index] != UInt8(ascii: "?") {
                guard source[index] > 0x20, source[index] < 0x7F, index - start <= longestCharsetName else {
                    return nil
                }
                index += 1
            }
            guard index + 3 < source.count, source[index + 2] == UInt8(ascii: "?") else { return nil }
            let name = source[start + 2..<index].prefix { $0 != UInt8(ascii: "*") }
            let encoding = source[index + 1].lowered
            let textStart = index + 3
            guard encoding == UInt8(ascii: "q") || encoding == UInt8(ascii: "b"), textStart <= lastEnd else {
                return nil
            }
            var textEnd = textStart
            while source[textEnd] != UInt8(ascii: "?") || source[textEnd + 1] != UInt8(ascii: "=") { textEnd += 1 }
            let text = source[textStart..<textEnd]
            octets = encoding == UInt8(ascii: "q") ? Self.decodeQ(text) : LenientBase64.decode(text)
            charset = String(decoding: name.map(\.lowered), as: UTF8.self)
            end = textEnd + 2
        }

        /// RFC 2047 §4.2; a `=` without two hexadecimal digits stands for itself.
        private static func decodeQ(_ text: ArraySlice<UInt8>) -> [UInt8] {
            var result: [UInt8] = []
            result.reserveCapacity(text.count)
            var index = text.startIndex
            while index < text.endIndex {
                if text[index] == UInt8(ascii: "="), index + 2 < text.endIndex, let high = text[index + 1].hexValue,
                    let low = text[index + 2].hexValue
                {
                    result.append(high << 4 | low)
                    index += 3
                    continue
                }
                result.append(text[index] == UInt8(ascii: "_") ? .space : text[index])
                index += 1
            }
            return result
        }
    }
}
