/// Reads what an IMAP server wrote and finds what is out of shape (RFC 3501 §7, §9): untagged, tagged and continuation
/// lines, strings that end, literals with their octets, parentheses that close.
package struct ResponseReader {
    private let octets: [UInt8]
    private var place = 0

    package init(_ octets: [UInt8]) { self.octets = octets }

    /// What is wrong; `nil`: nothing.
    package static func flaw(in octets: [UInt8]) -> String? {
        var reader = ResponseReader(octets)
        while reader.place < octets.count {
            let start = reader.place
            guard reader.readResponse() else {
                let line = String(decoding: octets[start..<min(octets.count, start + 300)], as: UTF8.self)
                return "at octet \(reader.place - start) of \(line)"
            }
        }
        return nil
    }

    /// Whether these octets are one value: a string, a list, an atom.
    package static func isValue(_ octets: [UInt8]) -> Bool {
        var reader = ResponseReader(octets)
        return reader.readValues(until: []) && reader.place == octets.count
    }

    /// The elements of a list, at its first level; `nil` where it is none.
    package static func elements(of list: [UInt8]) -> [[UInt8]]? {
        var reader = ResponseReader(list)
        guard reader.skip(0x28) else { return nil }
        var result: [[UInt8]] = []
        while reader.place < list.count, list[reader.place] != 0x29 {
            if !result.isEmpty, !reader.skip(0x20) { return nil }
            let start = reader.place
            guard reader.readValue(), reader.place > start else { return nil }
            result.append(Array(list[start..<reader.place]))
        }
        return reader.skip(0x29) && reader.place == list.count ? result : nil
    }

    private mutating func readResponse() -> Bool {
        if octets[place] == UInt8(ascii: "+") {
            return skip(UInt8(ascii: "+")) && skip(0x20) && readText()
        }
        let isUntagged = octets[place] == UInt8(ascii: "*")
        let tag = readWord()
        guard !tag.isEmpty, skip(0x20) else { return false }
        let start = place
        let word = String(decoding: readWord(), as: UTF8.self)
        if ["OK", "NO", "BAD", "BYE", "PREAUTH"].contains(word) { return skip(0x20) && readStatusText() }
        guard isUntagged else { return false }
        place = start
        return readValues(until: [0x0D]) && skip(0x0D) && skip(0x0A)
    }

    private mutating func readStatusText() -> Bool {
        if place < octets.count, octets[place] == UInt8(ascii: "[") {
            place += 1
            guard readValues(until: [UInt8(ascii: "]")]), skip(UInt8(ascii: "]")), skip(0x20) else { return false }
        }
        return readText()
    }

    /// The rest of a line that means nothing; it holds something, and no controls.
    private mutating func readText() -> Bool {
        while place < octets.count, octets[place] >= 0x20, octets[place] != 0x7F { place += 1 }
        return skip(0x0D) && skip(0x0A)
    }

    private mutating func readWord() -> ArraySlice<UInt8> {
        let start = place
        while place < octets.count, octets[place] > 0x20, octets[place] != 0x7F { place += 1 }
        return octets[start..<place]
    }

    private mutating func skip(_ octet: UInt8) -> Bool {
        guard place < octets.count, octets[place] == octet else { return false }
        place += 1
        return true
    }

    /// Values with single spaces between them.
    private mutating func readValues(until ends: [UInt8]) -> Bool {
        while place < octets.count, !ends.contains(octets[place]) {
            let start = place
            guard readValue(), place > start else { return false }
            if skip(0x20), place >= octets.count || ends.contains(octets[place]) { return false }
        }
        return true
    }

    private mutating func readValue() -> Bool {
        guard place < octets.count else { return false }
        switch octets[place] {
        case UInt8(ascii: "("): return readList()
        case UInt8(ascii: "\""): return readQuoted()
        case UInt8(ascii: "{"): return readLiteral()
        case UInt8(ascii: "~") where place + 1 < octets.count && octets[place + 1] == UInt8(ascii: "{"):
            place += 1
            return readLiteral()
        default: return readAtom()
        }
    }

    private mutating func readList() -> Bool {
        place += 1
        while place < octets.count, octets[place] != UInt8(ascii: ")") {
            guard readValue() else { return false }
            // Lists stand side by side without a space in ENVELOPE and BODYSTRUCTURE.
            if skip(0x20), place < octets.count, octets[place] == UInt8(ascii: ")") { return false }
        }
        return skip(UInt8(ascii: ")"))
    }

    private mutating func readQuoted() -> Bool {
        place += 1
        while place < octets.count {
            switch octets[place] {
            case UInt8(ascii: "\""):
                place += 1
                return true
            case UInt8(ascii: "\\"):
                guard place + 1 < octets.count, [0x22, 0x5C].contains(octets[place + 1]) else { return false }
                place += 2
            case 0, 0x0A, 0x0D: return false
            default: place += 1
            }
        }
        return false
    }

    private mutating func readLiteral() -> Bool {
        place += 1
        var count = 0
        while place < octets.count, octets[place] &- 0x30 < 10, count < 1 << 40 {
            count = count * 10 + Int(octets[place] &- 0x30)
            place += 1
        }
        guard skip(UInt8(ascii: "}")), skip(0x0D), skip(0x0A), count <= octets.count - place else { return false }
        place += count
        return true
    }

    /// Atoms, flags and sections: `\Seen`, `BODY[HEADER.FIELDS (From "a b")]<0>`.
    private mutating func readAtom() -> Bool {
        let start = place
        while place < octets.count {
            switch octets[place] {
            case UInt8(ascii: "["):
                place += 1
                // In a keyword it stands for itself: an atom may hold it, and not its counterpart.
                let inside = place
                if !(readValues(until: [UInt8(ascii: "]")]) && skip(UInt8(ascii: "]"))) { place = inside }
            case 0...0x20, 0x7F, UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "\""), UInt8(ascii: "{"),
                UInt8(ascii: "]"):
                return place > start
            default: place += 1
            }
        }
        return place > start
    }
}
