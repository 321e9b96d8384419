/// A Message-ID (RFC 5322 §3.6.4) without its angle brackets. Real mail holds many that break the grammar, so any text
/// without white space, controls and angle brackets counts, up to 900 octets; comparison is exact.
package struct MessageID: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init?(_ text: some StringProtocol) { self.init(String(text)) }

    /// The same, compiled for `String`: every mail makes some of them.
    package init?(_ text: String) {
        let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">") }
        guard isPlain, !text.isEmpty, text.utf8.count <= 900 else { return nil }
        self.text = text
    }

    /// With angle brackets, as a header field has it.
    package var description: String { "<\(text)>" }

    /// A stable 64-bit digest (FNV-1a) for an index over Message-IDs; whoever finds a row by it compares the text.
    package var digest: Int64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return Int64(bitPattern: hash)
    }
}
