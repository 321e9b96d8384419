/// Reply and forward prefixes at the beginning of a raw subject: `Re:`, `Odp:`, `AW:`, `Re[2]:`, any of them repeated.
enum SubjectPrefix {
    private static let words = [
        "re", "odp", "aw", "antw", "fwd", "fw", "pd", "wg", "sv", "vs", "res", "enc", "tr", "rv", "rif",
    ]
    .map { Array($0.utf8) }

    /// The first place after prefixes and folding white space in `octets[range]`.
    static func end(in octets: [UInt8], _ range: Range<Int>) -> Int {
        var place = skipFolding(octets, range.lowerBound, range.upperBound)
        while let next = prefixEnd(octets, at: place, limit: range.upperBound) {
            place = skipFolding(octets, next, range.upperBound)
        }
        return place
    }

    private static func skipFolding(_ octets: [UInt8], _ start: Int, _ limit: Int) -> Int {
        var place = start
        while place < limit, octets[place].isFolding { place += 1 }
        return place
    }

    private static func prefixEnd(_ octets: [UInt8], at start: Int, limit: Int) -> Int? {
        var place = start
        while place < limit, octets[place].isLetter { place += 1 }
        let word = octets[start..<place].map(\.lowered)
        guard words.contains(word) else { return nil }
        // A counter: `Re[2]:`, `Re(2):`, `Re^2:`.
        if place < limit, let closing = counterClosings[octets[place]] {
            var digits = place + 1
            while digits < limit, octets[digits].isDigit { digits += 1 }
            guard digits > place + 1 else { return nil }
            if let closing {
                guard digits < limit, octets[digits] == closing else { return nil }
                digits += 1
            }
            place = digits
        }
        while place < limit, octets[place].isWhitespace { place += 1 }
        guard place < limit, octets[place] == UInt8(ascii: ":") else { return nil }
        return place + 1
    }

    private static let counterClosings: [UInt8: UInt8?] = [
        UInt8(ascii: "["): UInt8(ascii: "]"), UInt8(ascii: "("): UInt8(ascii: ")"), UInt8(ascii: "^"): nil,
    ]
}
