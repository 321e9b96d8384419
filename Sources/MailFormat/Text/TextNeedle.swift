@_spi(_Unicode) import Swift

/// A search key of IMAP SEARCH (RFC 9051 §6.4.4): found as a substring, whatever the case, and with or without the marks
/// on its letters, so that `zolw` finds `Żółw`.
package struct TextNeedle: Sendable {
    private let folded: [UInt8]

    /// A needle for `text`; an empty one is found in everything.
    package init(_ text: String) { folded = Self.fold(text) }

    /// Whether `text` holds the key.
    package func isFound(in text: String) -> Bool { Octets.contains(Self.fold(text), folded) }

    private static func fold(_ text: String) -> [UInt8] {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.map(\.lowered) }
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count)
        for scalar in text._nfd {
            if scalar.isASCII {
                result.append(UInt8(truncatingIfNeeded: scalar.value).lowered)
            } else if let letters = plainLetters[scalar] {
                result += letters.utf8
            } else if scalar.properties.generalCategory != .nonspacingMark {
                result += scalar.properties.lowercaseMapping.utf8
            }
        }
        return result
    }

    /// Letters that Unicode does not take apart (DESIGN §7).
    private static let plainLetters: [Unicode.Scalar: String] = [
        "ł": "l", "Ł": "l", "ß": "ss", "ẞ": "ss", "ø": "o", "Ø": "o", "đ": "d", "Đ": "d", "æ": "ae", "Æ": "ae",
        "œ": "oe", "Œ": "oe", "ı": "i", "\u{A0}": " ",
    ]
}
