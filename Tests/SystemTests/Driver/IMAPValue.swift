/// A value of an IMAP response, read strictly: what it holds, however it was written.
indirect enum IMAPValue: Equatable, CustomStringConvertible {
    /// A quoted string or a literal.
    case string([UInt8])
    /// A word: a number, a flag, the name of an item.
    case atom(String)
    case absent
    case list([IMAPValue])

    var description: String {
        switch self {
        case .string(let octets): String(decoding: octets, as: UTF8.self).debugDescription
        case .atom(let word): word
        case .absent: "NIL"
        case .list(let items): "(" + items.map(\.description).joined(separator: " ") + ")"
        }
    }

    /// The items of a list.
    var items: [IMAPValue] {
        if case .list(let items) = self { items } else { [] }
    }

    /// The text of a string or word.
    var text: String? {
        switch self {
        case .string(let octets): String(decoding: octets, as: UTF8.self)
        case .atom(let word): word
        case .absent, .list: nil
        }
    }

    /// The items of a FETCH response by their names; `nil` where the line is none or does not obey the grammar.
    static func fetched(_ line: IMAPDialogue.Line) -> (number: Int, items: [String: IMAPValue])? {
        let words = line.text.split(separator: " ", maxSplits: 3)
        guard words.count == 4, words[0] == "*", words[2] == "FETCH", let number = Int(words[1]) else { return nil }
        var reader = Reader(octets: Array(words[3].utf8), literals: line.literals)
        guard case .list(let values)? = reader.read(), reader.isAtEnd, values.count.isMultiple(of: 2) else { return nil }
        var items: [String: IMAPValue] = [:]
        for index in stride(from: 0, to: values.count, by: 2) {
            guard case .atom(let name) = values[index] else { return nil }
            items[name] = values[index + 1]
        }
        return (number, items)
    }

    private struct Reader {
        let octets: [UInt8]
        let literals: [[UInt8]]
        var position = 0
        var literal = 0

        var isAtEnd: Bool { position == octets.count && literal == literals.count }
        private var next: UInt8? { position < octets.count ? octets[position] : nil }

        mutating func read() -> IMAPValue? {
            switch next {
            case UInt8(ascii: "("): readList()
            case UInt8(ascii: "\""): readQuoted()
            case UInt8(ascii: "{"): readLiteral()
            default: readAtom()
            }
        }

        private mutating func readList() -> IMAPValue? {
            position += 1
            var items: [IMAPValue] = []
            while next != UInt8(ascii: ")") {
                // Lists follow each other with and without a space (addresses, the parts of a multipart).
                if !items.isEmpty, next == UInt8(ascii: " ") { position += 1 }
                guard next != nil, let item = read() else { return nil }
                items.append(item)
            }
            position += 1
            return .list(items)
        }

        private mutating func readQuoted() -> IMAPValue? {
            position += 1
            var value: [UInt8] = []
            while let octet = next, octet != UInt8(ascii: "\"") {
                position += 1
                if octet == UInt8(ascii: "\\") {
                    guard let escaped = next else { return nil }
                    value.append(escaped)
                    position += 1
                } else {
                    value.append(octet)
                }
            }
            guard next != nil else { return nil }
            position += 1
            return .string(value)
        }

        private mutating func readLiteral() -> IMAPValue? {
            guard let end = octets[position...].firstIndex(of: UInt8(ascii: "}")), literal < literals.count else { return nil }
            position = end + 1
            literal += 1
            return .string(literals[literal - 1])
        }

        private mutating func readAtom() -> IMAPValue? {
            let start = position
            var brackets = 0
            while let octet = next {
                if octet == UInt8(ascii: "[") { brackets += 1 }
                if octet == UInt8(ascii: "]") { brackets -= 1 }
                if brackets == 0, octet == UInt8(ascii: " ") || octet == UInt8(ascii: "(") || octet == UInt8(ascii: ")") {
                    break
                }
                position += 1
            }
            guard position > start else { return nil }
            let word = String(decoding: octets[start..<position], as: UTF8.self)
            return word == "NIL" ? .absent : .atom(word)
        }
    }
}
