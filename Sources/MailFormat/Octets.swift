import Glibc

/// What reading mail asks of a single octet.
extension UInt8 {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let quote: UInt8 = 0x22
    static let backslash: UInt8 = 0x5C

    var isWhitespace: Bool { self == .space || self == .tab }
    /// White space or a piece of a line end.
    var isFolding: Bool { self == .space || self == .tab || self == .carriageReturn || self == .lineFeed }
    var isDigit: Bool { self &- 0x30 < 10 }
    var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }
    var lowered: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }

    var hexValue: UInt8? {
        if isDigit { return self &- 0x30 }
        let letter = (self | 0x20) &- 0x61
        return letter < 6 ? letter + 10 : nil
    }

    /// atext of RFC 5322 §3.2.3, with the octets above ASCII of RFC 6532.
    var isAtomText: Bool {
        if isLetter || isDigit || self >= 0x80 { return true }
        switch self {
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "/"),
            UInt8(ascii: "="), UInt8(ascii: "?"), UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"),
            UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"), UInt8(ascii: "~"):
            return true
        default: return false
        }
    }

    /// A character of a MIME token (RFC 2045 §5.1), with octets above ASCII let through.
    var isTokenText: Bool {
        guard self > 0x20, self != 0x7F else { return false }
        switch self {
        case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "@"),
            UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ":"), .backslash, .quote, UInt8(ascii: "/"),
            UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "?"), UInt8(ascii: "="):
            return false
        default: return true
        }
    }
}

/// Comparing and searching octets without making text of them.
enum Octets {
    /// Whether two runs are the same but for the case of ASCII letters.
    static func areEqualIgnoringCase(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count else { return false }
        for index in 0..<left.count where left[index] != right[index] {
            guard left[index].lowered == right[index].lowered else { return false }
        }
        return true
    }

    static func areEqualIgnoringCase(_ left: some Collection<UInt8>, _ right: String) -> Bool {
        guard left.count == right.utf8.count else { return false }
        return zip(left, right.utf8).allSatisfy { $0.lowered == $1.lowered }
    }

    static func hasPrefixIgnoringCase(_ octets: some Collection<UInt8>, _ prefix: String) -> Bool {
        octets.count >= prefix.utf8.count && zip(octets, prefix.utf8).allSatisfy { $0.lowered == $1.lowered }
    }

    /// The first place of `octet` at or after `start`.
    static func firstIndex(of octet: UInt8, in buffer: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard let base = buffer.baseAddress, start >= 0, start < buffer.count,
            let found = memchr(base + start, Int32(octet), buffer.count - start)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }

    /// How many line feeds there are.
    static func lineFeedCount(in buffer: UnsafeRawBufferPointer) -> Int {
        var count = 0
        for octet in buffer { count &+= octet == .lineFeed ? 1 : 0 }
        return count
    }

    /// Whether `needle` stands in `octets` as it is.
    static func contains(_ octets: [UInt8], _ needle: [UInt8]) -> Bool { contains(octets[...], needle) }

    static func contains(_ octets: ArraySlice<UInt8>, _ needle: [UInt8]) -> Bool {
        guard let first = needle.first else { return true }
        guard needle.count <= octets.count else { return false }
        return octets.withUnsafeBytes { hay in
            needle.withUnsafeBytes { wanted in
                var start = 0
                while let found = firstIndex(of: first, in: hay, from: start), found + wanted.count <= hay.count {
                    var length = 1
                    while length < wanted.count, hay[found + length] == wanted[length] { length += 1 }
                    if length == wanted.count { return true }
                    start = found + 1
                }
                return false
            }
        }
    }
}

extension Collection<UInt8> where Index == Int, SubSequence: Collection<UInt8>, SubSequence.Index == Int {
    /// Without folding white space at both ends.
    var trimmed: SubSequence {
        var start = startIndex
        var end = endIndex
        while start < end, self[start].isFolding { start += 1 }
        while end > start, self[end - 1].isFolding { end -= 1 }
        return self[start..<end]
    }
}
