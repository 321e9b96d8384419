/// Parameters of MIME fields (RFC 2045 §5.1, RFC 2231).
enum MIMEParameters {
    /// More parameters than this are not read: no real field has them, and bombs do.
    static let limit = 100
    /// A value that is put together from continuations ends here.
    static let longestValue = 16 * 1024

    /// Reads `; name=value` up to the end. Missing semicolons, quotes and values are forgiven.
    static func read(_ reader: inout StructuredReader) -> [MIMEParameter] {
        var result: [MIMEParameter] = []
        while result.count < limit {
            reader.skipCFWS()
            guard let octet = reader.next else { break }
            if octet == UInt8(ascii: ";") {
                reader.position += 1
                continue
            }
            let name = reader.readWhile(\.isTokenText)
            reader.skipCFWS()
            guard !name.isEmpty, reader.skip(UInt8(ascii: "=")) else {
                // Something else: on to the next semicolon.
                if name.isEmpty { reader.position += 1 }
                continue
            }
            reader.skipCFWS()
            let value = readValue(&reader)
            result.append(MIMEParameter(name: name, value: Array(value.prefix(longestValue))))
        }
        return joined(result)
    }

    private static func readValue(_ reader: inout StructuredReader) -> [UInt8] {
        if reader.next == .quote { return reader.readQuotedString() }
        // An unquoted value ends at a semicolon; spaces within are forgiven (`name=annual report.pdf`) unless what
        // follows them looks like the next parameter whose semicolon is missing.
        let raw = reader.readWhile { $0 != UInt8(ascii: ";") && !$0.isFolding && $0 != UInt8(ascii: "(") }
        var value = raw
        while true {
            let place = reader.position
            let gap = reader.readWhile { $0.isFolding }
            let word = reader.readWhile { $0 != UInt8(ascii: ";") && !$0.isFolding && $0 != UInt8(ascii: "(") }
            guard !word.isEmpty, !word.contains(UInt8(ascii: "=")), reader.next != UInt8(ascii: "("),
                reader.next != UInt8(ascii: "=")
            else {
                reader.position = place
                return value
            }
            value += gap + word
        }
    }

    // MARK: RFC 2231 continuations

    private struct Piece {
        let number: Int
        let isExtended: Bool
        let value: [UInt8]
    }

    /// Puts `name*0`, `name*1*` … together. A set with a hole or with a number twice means nothing sure, and is left as it
    /// is written.
    private static func joined(_ parameters: [MIMEParameter]) -> [MIMEParameter] {
        guard parameters.contains(where: { $0.name.contains(UInt8(ascii: "*")) }) else { return parameters }
        var result: [MIMEParameter] = []
        var sets: [(name: [UInt8], pieces: [Piece], written: [MIMEParameter])] = []
        var indexes: [[UInt8]: Int] = [:]
        for parameter in parameters {
            guard let (base, piece) = continuation(parameter) else {
                result.append(parameter)
                continue
            }
            let key = base.map(\.lowered)
            if let index = indexes[key] {
                sets[index].pieces.append(piece)
                sets[index].written.append(parameter)
            } else {
                indexes[key] = sets.count
                sets.append((base, [piece], [parameter]))
            }
        }
        for (name, pieces, written) in sets {
            let sorted = pieces.sorted { $0.number < $1.number }
            let isComplete = sorted.enumerated().allSatisfy { $0.offset == $0.element.number }
            result += isComplete ? [joined(name, sorted)] : written
        }
        return result
    }

    private static func joined(_ name: [UInt8], _ pieces: [Piece]) -> MIMEParameter {
        let isExtended = pieces.contains(where: \.isExtended)
        var value: [UInt8] = []
        for piece in pieces where value.count < longestValue {
            value += isExtended && !piece.isExtended ? percentEncoded(piece.value) : piece.value
        }
        return MIMEParameter(name: isExtended ? name + [UInt8(ascii: "*")] : name, value: value)
    }

    /// What a damaged set of continuations gives: of doubled pieces the first, up to the first hole; all there is if the
    /// first is missing.
    private static func salvaged(_ name: String, _ parameters: [MIMEParameter]) -> MIMEParameter? {
        var pieces: [Piece] = []
        for parameter in parameters {
            guard let (base, piece) = continuation(parameter), Octets.areEqualIgnoringCase(base, name),
                !pieces.contains(where: { $0.number == piece.number })
            else { continue }
            pieces.append(piece)
        }
        guard !pieces.isEmpty else { return nil }
        pieces.sort { $0.number < $1.number }
        let whole = pieces.enumerated().prefix { $0.offset == $0.element.number }.map(\.element)
        return joined(Array(name.utf8), whole.isEmpty ? pieces : whole)
    }

    private static func continuation(_ parameter: MIMEParameter) -> (base: [UInt8], piece: Piece)? {
        guard let star = parameter.name.firstIndex(of: UInt8(ascii: "*")), star > 0 else { return nil }
        var rest = parameter.name[(star + 1)...]
        let isExtended = rest.last == UInt8(ascii: "*")
        if isExtended { rest = rest.dropLast() }
        guard !rest.isEmpty, rest.count <= 3, rest.allSatisfy(\.isDigit) else { return nil }
        let number = rest.reduce(0) { $0 * 10 + Int($1 &- 0x30) }
        return (Array(parameter.name[..<star]), Piece(number: number, isExtended: isExtended, value: parameter.value))
    }

    private static let hexDigits = Array("0123456789ABCDEF".utf8)

    static func percentEncoded(_ octets: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        for octet in octets {
            // attribute-char of RFC 2231 §7.
            if octet.isTokenText, octet < 0x80, octet != UInt8(ascii: "*"), octet != UInt8(ascii: "'"),
                octet != UInt8(ascii: "%")
            {
                result.append(octet)
            } else {
                result += [UInt8(ascii: "%"), hexDigits[Int(octet >> 4)], hexDigits[Int(octet & 15)]]
            }
        }
        return result
    }

    // MARK: Decoded values

    /// The text of a parameter: the extended form first (RFC 2231 §4), else the plain one, whose encoded-words are
    /// decoded although RFC 2047 §5 forbids them there: most senders write them.
    static func text(_ name: String, in parameters: [MIMEParameter]) -> String? {
        if let parameter = parameters.first(where: { Octets.areEqualIgnoringCase($0.name, name + "*") }) {
            return extendedText(parameter.value)
        }
        if let parameter = parameters.first(where: { Octets.areEqualIgnoringCase($0.name, name) }) {
            return EncodedWords.decode(parameter.value)
        }
        guard let parameter = salvaged(name, parameters) else { return nil }
        return parameter.name.last == UInt8(ascii: "*") ? extendedText(parameter.value) : EncodedWords.decode(parameter.value)
    }

    private static func extendedText(_ value: [UInt8]) -> String {
        let parts = value.split(separator: UInt8(ascii: "'"), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return Charset.decode(percentDecoded(value[...])) }
        return Charset.decode(percentDecoded(parts[2]), as: String(decoding: parts[0], as: UTF8.self))
    }

    private static func percentDecoded(_ value: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var index = value.startIndex
        while index < value.endIndex {
            if value[index] == UInt8(ascii: "%"), index + 2 < value.endIndex, let high = value[index + 1].hexValue,
                let low = value[index + 2].hexValue
            {
                result.append(high << 4 | low)
                index += 3
            } else {
                result.append(value[index])
                index += 1
            }
        }
        return result
    }
}
