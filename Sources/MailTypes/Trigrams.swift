/// What the full-text index knows of a text: which runs of three characters stand in it, each as a number of 20 bits. Two
/// runs may share a number, so what the index finds is looked at again.
package enum Trigrams {
    /// Each run once. Texts are UTF-8; no run reaches across a line feed.
    package static func all(in texts: [[UInt8]]) -> [UInt32] {
        var seen = [UInt64](repeating: 0, count: 1 << 14)
        var found: [UInt32] = []
        for text in texts {
            each(of: text[...]) { number in
                let (word, bit) = (Int(number >> 6), UInt64(1) << UInt64(number & 63))
                guard seen[word] & bit == 0 else { return }
                seen[word] |= bit
                found.append(number)
            }
        }
        return found
    }

    /// Those of a needle, some of them if it is long; none for one of less than three characters.
    package static func some(of needle: ArraySlice<UInt8>) -> [UInt32] {
        var found: [UInt32] = []
        each(of: needle) { if !found.contains($0), found.count < 64 { found.append($0) } }
        guard found.count > 16 else { return found }
        return (0..<16).map { found[$0 * found.count / 16] }
    }

    private static func each(of text: ArraySlice<UInt8>, _ body: (UInt32) -> Void) {
        text.withUnsafeBufferPointer { text in
            var (first, second, scalar): (UInt32, UInt32, UInt32) = (0, 0, 0)
            var index = 0
            while index < text.count {
                let octet = text[index]
                scalar = octet < 0x80 ? UInt32(octet) : octet < 0xE0 ? UInt32(octet & 0x1F) : UInt32(octet & 0x0F)
                index += 1
                while index < text.count, text[index] & 0xC0 == 0x80 {
                    scalar = scalar << 6 | UInt32(text[index] & 0x3F)
                    index += 1
                }
                if scalar == 0x0A { scalar = 0 }
                if first != 0, second != 0, scalar != 0 { body(number(first, second, scalar)) }
                (first, second) = scalar == 0 ? (0, 0) : (second, scalar)
            }
        }
    }

    private static func number(_ first: UInt32, _ second: UInt32, _ third: UInt32) -> UInt32 {
        var hash = UInt64(first) &* 0x9E37_79B9_7F4A_7C15
        hash = (hash ^ hash >> 29 ^ UInt64(second)) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ hash >> 32 ^ UInt64(third)) &* 0x94D0_49BB_1331_11EB
        return UInt32(truncatingIfNeeded: hash >> 44)
    }
}
