import MailTypes

/// Text as people and their phones type it: what has no width or is a wider space, quotes and dashes that a keyboard
/// bent, Polish letters with or without their marks.
enum TypedText {
    /// Single spaces between words, none at the ends, nothing invisible.
    static func squeezed(_ text: some StringProtocol) -> String {
        var result = String.UnicodeScalarView()
        var needsSpace = false
        for scalar in text.unicodeScalars where !isInvisible(scalar) {
            if scalar.properties.isWhitespace || scalar.value < 0x20 || scalar.value == 0x7F {
                needsSpace = !result.isEmpty
            } else {
                if needsSpace { result.append(" ") }
                needsSpace = false
                result.append(scalar)
            }
        }
        return String(result)
    }

    /// In lower case, Polish letters without their marks: `Zamówienie` and `zamowienie` are the same word.
    static func folded(_ text: some StringProtocol) -> String {
        let lowered = foldedName(text)
        guard !lowered.utf8.allSatisfy({ $0 < 0x80 }) else { return lowered }
        return String(lowered.map { plainLetters[$0] ?? $0 })
    }

    /// Without one pair of quotes of any kind around the whole of it.
    static func unquoted(_ text: String) -> String {
        guard text.count >= 2, let first = text.first, let last = text.last, isQuote(first), isQuote(last) else {
            return text
        }
        return squeezed(text.dropFirst().dropLast())
    }

    /// A quotation mark that stands around words; apostrophes stand within them.
    static func isQuote(_ character: Character) -> Bool { "\"“”„‟«»″‘‚'’".contains(character) }

    /// A hyphen, or a dash that a keyboard made of one.
    static func isDash(_ character: Character) -> Bool { "-‐‑‒–—―−".contains(character) }

    /// Zero width, soft hyphens and marks of direction.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0xAD, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x2064, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }

    private static let plainLetters: [Character: Character] = [
        "ą": "a", "ć": "c", "ę": "e", "ł": "l", "ń": "n", "ó": "o", "ś": "s", "ź": "z", "ż": "z",
    ]
}
