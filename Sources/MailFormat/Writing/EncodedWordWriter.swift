import MailTypes

/// Writes text as encoded-words in UTF-8 (RFC 2047), Q or B by what is shorter, characters never split.
enum EncodedWordWriter {
    /// A word may have 75 characters (RFC 2047 §2); 64 also fit on a line behind the name of a field. `=?UTF-8?Q?` and
    /// `?=` take 12 of them.
    private static let room = 64 - 12

    /// Tokens for an unstructured field: plain words as they are, else encoded-words for the whole run that needs them.
    static func tokens(unstructured text: String) -> [[UInt8]] {
        guard needsEncoding(text) else { return text.utf8.split(separator: .space).map(Array.init) }
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard let first = words.firstIndex(where: { needsEncoding(String($0)) || $0.isEmpty }),
            let last = words.lastIndex(where: { needsEncoding(String($0)) || $0.isEmpty })
        else { return words.map { Array($0.utf8) } }
        // An empty word is a second space: its neighbours go in with it.
        let start = words[first].isEmpty ? max(first - 1, 0) : first
        let end = words[last].isEmpty ? min(last + 1, words.count - 1) : last
        // Everything between the first and the last word that needs it goes in, since white space between
        // encoded-words is lost.
        return words[..<start].map { Array($0.utf8) } + encode(words[start...end].joined(separator: " "))
            + words[(end + 1)...].map { Array($0.utf8) }
    }

    private static func needsEncoding(_ text: String) -> Bool {
        var last: UInt8 = 0
        var length = 0
        for octet in text.utf8 {
            if octet >= 0x7F || octet < 0x20 || (last == UInt8(ascii: "=") && octet == UInt8(ascii: "?")) {
                return true
            }
            // Runs of spaces, and words longer than a line, would not survive folding.
            if octet == .space, last == .space { return true }
            length = octet == .space ? 0 : length + 1
            if length > 800 { return true }
            last = octet
        }
        return text.utf8.first == .space || last == .space
    }

    /// As many encoded-words as it takes.
    static func encode(_ text: String) -> [[UInt8]] {
        let octets = Array(text.utf8)
        let special = octets.reduce(into: 0) { $0 += isPlainInQ($1) || $1 == .space ? 0 : 1 }
        return special * 2 > octets.count / 3 ? encodeB(text) : encodeQ(text)
    }

    /// RFC 2047 §5 (3): what may stand unencoded even within a phrase.
    private static func isPlainInQ(_ octet: UInt8) -> Bool {
        octet.isLetter || octet.isDigit || octet == UInt8(ascii: "!") || octet == UInt8(ascii: "*")
            || octet == UInt8(ascii: "+") || octet == UInt8(ascii: "-") || octet == UInt8(ascii: "/")
    }

    private static func encodeQ(_ text: String) -> [[UInt8]] {
        let hex = Array("0123456789ABCDEF".utf8)
        return encode(text, letter: "Q", fits: { $0.count <= room }) { scalar in
            scalar.flatMap { octet -> [UInt8] in
                if octet == .space { return [UInt8(ascii: "_")] }
                return isPlainInQ(octet) ? [octet] : [UInt8(ascii: "="), hex[Int(octet >> 4)], hex[Int(octet & 15)]]
            }
        }
    }

    private static func encodeB(_ text: String) -> [[UInt8]] {
        encode(text, letter: "B", fits: { ($0.count + 2) / 3 * 4 <= room }, { Array($0) }).map { word in
            let payload = word.dropFirst(10).dropLast(2)
            return Array("=?UTF-8?B?\(Base64.encode(Array(payload)))?=".utf8)
        }
    }

    /// Gathers characters into words as long as they fit.
    private static func encode(
        _ text: String, letter: Character, fits: ([UInt8]) -> Bool, _ form: ([UInt8]) -> [UInt8]
    ) -> [[UInt8]] {
        var words: [[UInt8]] = []
        var current: [UInt8] = []
        func end() { words.append(Array("=?UTF-8?\(letter)?".utf8) + current + Array("?=".utf8)) }
        for scalar in text.unicodeScalars {
            let piece = form(Array(String(scalar).utf8))
            if !current.isEmpty, !fits(current + piece) {
                end()
                current = []
            }
            current += piece
        }
        if !current.isEmpty { end() }
        return words
    }
}

/// Writes one mailbox of an address field (RFC 5322 §3.4).
enum AddressWriter {
    /// Tokens that a fold may stand between.
    static func tokens(_ address: NamedAddress) -> [[UInt8]] {
        let plain = address.address.description
        guard let name = address.displayName, !name.isEmpty else {
            // Before an `@`, unlike between angle brackets, it could be read as the beginning of an encoded-word.
            return [Array((plain.contains("=?") ? "<\(plain)>" : plain).utf8)]
        }
        return phrase(name) + [Array("<\(plain)>".utf8)]
    }

    private static func phrase(_ name: String) -> [[UInt8]] {
        let isASCII = name.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
        // With every character escaped it still fits on a line, where no fold can stand.
        guard isASCII, !name.contains("=?"), name.utf8.count <= 400 else { return EncodedWordWriter.encode(name) }
        if name.utf8.allSatisfy({ $0.isAtomText || $0 == .space }), !name.contains("  "), !name.hasPrefix(" "),
            !name.hasSuffix(" ")
        {
            return name.utf8.split(separator: .space).map(Array.init)
        }
        var quoted: [UInt8] = [.quote]
        for octet in name.utf8 {
            if octet == .quote || octet == .backslash { quoted.append(.backslash) }
            quoted.append(octet)
        }
        return [quoted + [.quote]]
    }
}

/// Writes one parameter of a MIME field.
enum ParameterWriter {
    private static let room = 60

    /// `name=value`, quoted where needed; other than short ASCII in the extended form, in several pieces if long.
    ///
    /// One parameter, or the several of a continuation; each is tokens that a fold may stand between.
    static func parameters(_ name: String, _ value: String) -> [[[UInt8]]] {
        let isASCII = value.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
        if name == "name", isASCII, value.hasPrefix("=?") { return [encodedWords(name, value)] }
        // What looks like an encoded-word would be read as one, against RFC 2047 §5, by many and by us.
        guard isASCII, value.utf8.count <= room, !value.contains("=?") else { return extended(name, value).map { [$0] } }
        let isToken = !value.isEmpty && value.utf8.allSatisfy(\.isTokenText)
        if isToken { return [[Array("\(name)=\(value)".utf8)]] }
        var token = Array("\(name)=\"".utf8)
        for octet in value.utf8 {
            if octet == .quote || octet == .backslash { token.append(.backslash) }
            token.append(octet)
        }
        return [[token + [.quote]]]
    }

    /// Encoded-words in quotes, as many programs read and write them in `name`; they are folded between words.
    private static func encodedWords(_ name: String, _ value: String) -> [[UInt8]] {
        var words = value.utf8.split(separator: .space).filter { word in
            word.allSatisfy { $0 != .quote && $0 != .backslash }
        }
        .map(Array.init)
        guard !words.isEmpty else { return [Array("\(name)=\"\"".utf8)] }
        words[0] = Array("\(name)=\"".utf8) + words[0]
        words[words.count - 1].append(.quote)
        return words
    }

    private static func extended(_ name: String, _ value: String) -> [[UInt8]] {
        var pieces: [[UInt8]] = [[]]
        for scalar in value.unicodeScalars {
            let encoded = MIMEParameters.percentEncoded(Array(String(scalar).utf8))
            if pieces[pieces.count - 1].count + encoded.count > room - 16 { pieces.append([]) }
            pieces[pieces.count - 1] += encoded
        }
        if pieces.count == 1 { return [Array("\(name)*=UTF-8''".utf8) + pieces[0]] }
        return pieces.enumerated().map { index, piece in
            Array("\(name)*\(index)*=\(index == 0 ? "UTF-8''" : "")".utf8) + piece
        }
    }
}
