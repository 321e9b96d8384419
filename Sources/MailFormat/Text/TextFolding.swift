/// How texts are compared in searches (DESIGN §7): compatibility forms taken apart (NFKD), marks off, case folded, and the
/// plain letter for those that Unicode leaves whole, so that `zolw` finds `Żółw` and the other way round. White space of
/// any kind and length is one space, so that a phrase is found wherever its lines were broken.
///
///     TextFolding.fold("Żółw,\r\n  STRAẞE")  // "zolw, strasse"
package enum TextFolding {
    /// Of table and rules: what was folded by another one is folded anew.
    package static let version: Int64 = 1

    /// The folded text in UTF-8.
    package static func fold(_ text: String) -> [UInt8] {
        var folder = TextFolder()
        folder.consume(text)
        return folder.octets
    }

    /// The key by which texts are sorted: as i;unicode-casemap (RFC 5051), with the full case folding of today's Unicode.
    /// Marks count here.
    package static func sortKey(_ text: String) -> [UInt8] {
        var folder = TextFolder(table: .sorting)
        folder.consume(text)
        var key = folder.octets
        if key.last == .space { key.removeLast() }
        if key.first == .space { key.removeFirst() }
        for index in key.indices where key[index] &- 0x61 < 26 { key[index] &-= 0x20 }
        return key
    }
}

/// Folds a text that comes in pieces.
package struct TextFolder: Sendable {
    /// What came so far, folded.
    package var octets: [UInt8] = []
    private let table: FoldingTable
    private var isAfterSpace = false

    package init() { self.init(table: .search) }

    init(table: FoldingTable) { self.table = table }

    /// Takes the next piece.
    package mutating func consume(_ text: String) {
        var text = text
        text.withUTF8 { consume($0) }
    }

    /// Ends a field or a part: what follows stands in another line, which no needle reaches across.
    package mutating func endLine() {
        if octets.last == .space { octets.removeLast() }
        octets.append(.lineFeed)
        isAfterSpace = true
    }

    private mutating func consume(_ text: UnsafeBufferPointer<UInt8>) {
        octets.reserveCapacity(octets.count + text.count)
        var index = 0
        while index < text.count {
            let octet = text[index]
            if octet < 0x80 {
                append(ascii: octet)
                index += 1
            } else {
                append(Self.scalar(in: text, &index))
            }
        }
    }

    @inline(__always) private mutating func append(ascii octet: UInt8) {
        guard octet > 0x20, octet != 0x7F else { return appendSpace() }
        octets.append(octet.lowered)
        isAfterSpace = false
    }

    private mutating func appendSpace() {
        if !isAfterSpace { octets.append(.space) }
        isAfterSpace = true
    }

    private mutating func append(_ scalar: UInt32) {
        if scalar &- 0xAC00 < 11172 { return append(syllable: scalar - 0xAC00) }
        switch table[scalar] {
        case .kept: appendUTF8(scalar)
        case .removed: break
        case .replaced(let range):
            for octet in table.pool[range] {
                if octet <= 0x20 { appendSpace() } else { octets.append(octet); isAfterSpace = false }
            }
        }
    }

    /// Hangul is taken apart by arithmetic (Unicode §3.12).
    private mutating func append(syllable: UInt32) {
        appendUTF8(0x1100 + syllable / 588)
        appendUTF8(0x1161 + syllable % 588 / 28)
        if syllable % 28 > 0 { appendUTF8(0x11A7 + syllable % 28) }
    }

    private mutating func appendUTF8(_ scalar: UInt32) {
        isAfterSpace = false
        if scalar < 0x800 {
            octets.append(UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6))
        } else {
            if scalar < 0x10000 {
                octets.append(UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12))
            } else {
                octets.append(UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18))
                octets.append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 12 & 0x3F))
            }
            octets.append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F))
        }
        octets.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
    }

    /// The character at `index`, which moves behind it. A `String` holds nothing but whole characters.
    private static func scalar(in text: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> UInt32 {
        let first = text[index]
        let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        var scalar = UInt32(first) & (0xFF >> UInt32(length + 1))
        var place = index + 1
        while place < min(index + length, text.count) {
            scalar = scalar << 6 | UInt32(text[place] & 0x3F)
            place += 1
        }
        index = place
        return scalar
    }
}
