/// A search key of IMAP SEARCH (RFC 9051 §6.4.4): found as a substring, whatever the case, and with or without the marks
/// on its letters, so that `zolw` finds `Żółw`.
package struct TextNeedle: Sendable, Equatable {
    /// As `TextFolding` makes it.
    package let folded: [UInt8]

    /// A needle for `text`; an empty one is found in everything.
    package init(_ text: String) { folded = TextFolding.fold(text) }

    /// Whether `text` holds the key.
    package func isFound(in text: String) -> Bool { isFound(inFolded: TextFolding.fold(text)) }

    /// Whether a text that is folded already holds the key.
    package func isFound(inFolded text: [UInt8]) -> Bool { Octets.contains(text, folded) }

    /// Whether a piece of a text that is folded already holds the key.
    package func isFound(inFolded text: ArraySlice<UInt8>) -> Bool { Octets.contains(text, folded) }
}
