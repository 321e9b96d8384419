import MailTypes

/// A cursor over the octets of one command line.
struct LineScanner {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { position >= bytes.count }

    /// Whether the line holds an octet that no command has: NUL, a bare CR, escape sequences.
    var hasControls: Bool { bytes.contains { ($0 < 0x20 && $0 != UInt8(ascii: "\t")) || $0 == 0x7F } }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    mutating func skipBlanks() {
        while let byte = next, Self.isBlank(byte) { position += 1 }
    }

    /// The octets up to the next blank.
    mutating func word() -> Slice<UnsafeRawBufferPointer> {
        let start = position
        while let byte = next, !Self.isBlank(byte) { position += 1 }
        return bytes[start..<position]
    }

    /// Takes `text` (given in upper case), if it is next.
    mutating func skip(_ text: StaticString) -> Bool {
        let end = position + text.utf8CodeUnitCount
        guard end <= bytes.count, bytes[position..<end].equals(text) else { return false }
        position = end
        return true
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    /// The blanks before a parameter, or the end of the line; anything else that clings to a path is an error.
    mutating func skipParameterSeparator() -> Bool {
        guard let byte = next else { return true }
        guard Self.isBlank(byte) else { return false }
        skipBlanks()
        return true
    }

    /// `keyword[=value]` (RFC 5321 §4.1.1.11).
    mutating func parameter() -> (keyword: Slice<UnsafeRawBufferPointer>, value: Slice<UnsafeRawBufferPointer>?)? {
        let word = word()
        guard let equals = word.firstIndex(of: UInt8(ascii: "=")) else { return (word, nil) }
        let value = word[word.index(after: equals)...]
        guard equals > word.startIndex, !value.isEmpty else { return nil }
        return (word[..<equals], value)
    }
}

/// Paths (RFC 5321 §4.1.2, RFC 6531 §3.3). `nil`: not one.
extension LineScanner {
    /// Octets of a whole path (RFC 5321 §4.5.3.1.3).
    private static let maximumPathLength = 256

    mutating func path() -> Path? {
        let start = position
        guard skip(UInt8(ascii: "<")) else { return nil }
        if skip(UInt8(ascii: ">")) { return .null }
        guard skipSourceRoute(), let local = localPart() else { return nil }
        if skip(UInt8(ascii: ">")) {
            return local.lowercased() == "postmaster" ? .postmaster : nil
        }
        guard skip(UInt8(ascii: "@")), let domain = domain(), skip(UInt8(ascii: ">")),
            position - start <= Self.maximumPathLength
        else { return nil }
        let needsSMTPUTF8 = bytes[start..<position].contains { $0 >= 0x80 }
        return .address(EmailAddress(localPart: local, domain: domain), needsSMTPUTF8: needsSMTPUTF8)
    }

    /// `@a,@b:` is taken and ignored (RFC 5321 appendix C).
    private mutating func skipSourceRoute() -> Bool {
        guard next == UInt8(ascii: "@") else { return true }
        repeat {
            guard skip(UInt8(ascii: "@")), domain() != nil else { return false }
        } while skip(UInt8(ascii: ","))
        return skip(UInt8(ascii: ":"))
    }

    private mutating func domain() -> DomainName? {
        let start = position
        while let byte = next, byte != UInt8(ascii: ">"), byte != UInt8(ascii: ","), byte != UInt8(ascii: " "),
            byte != UInt8(ascii: ":") || bytes[start] == UInt8(ascii: "[")
        {
            position += 1
        }
        guard position > start, position - start <= 255,
            let text = String(validating: bytes[start..<position], as: UTF8.self)
        else { return nil }
        return DomainName(text)
    }

    private mutating func localPart() -> String? {
        next == UInt8(ascii: "\"") ? quotedLocalPart() : dotString()
    }

    /// Dots may stand anywhere: some providers give out addresses such as `a..b@` and `a.@`.
    private mutating func dotString() -> String? {
        let start = position
        while let byte = next, Self.isAtomTextOrDot(byte) { position += 1 }
        return position > start ? Self.localPart(bytes[start..<position]) : nil
    }

    private mutating func quotedLocalPart() -> String? {
        var octets: [UInt8] = []
        position += 1
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return octets.isEmpty ? nil : Self.localPart(octets)
            case UInt8(ascii: "\\"):
                guard let escaped = next else { return nil }
                position += 1
                octets.append(escaped)
            case 0..<0x20: return nil
            default: octets.append(byte)
            }
        }
        return nil
    }

    private static func localPart(_ octets: some Collection<UInt8>) -> String? {
        guard octets.count <= EmailAddress.maximumLocalPartLength else { return nil }
        return String(validating: octets, as: UTF8.self)
    }

    private static func isAtomTextOrDot(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...0xFF, UInt8(ascii: "."), UInt8(ascii: "!"),
            UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"), UInt8(ascii: "'"),
            UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: "="),
            UInt8(ascii: "?"), UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "{"),
            UInt8(ascii: "|"), UInt8(ascii: "}"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}

extension Slice<UnsafeRawBufferPointer> {
    /// Whether the octets are `text` (given in upper case), letters of either case.
    func equals(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        var letter = text.utf8Start
        for byte in self {
            let upper = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) ? byte & 0xDF : byte
            guard upper == letter.pointee else { return false }
            letter += 1
        }
        return true
    }

    /// A number of digits only, `Int.max` for all beyond that; `nil` if there are none or too many.
    func decimal(maximumDigits: Int) -> Int? {
        guard !isEmpty, count <= maximumDigits else { return nil }
        var number = 0
        for byte in self {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            let (product, isTooBig) = number.multipliedReportingOverflow(by: 10)
            let (sum, overflows) = product.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
            guard !isTooBig, !overflows else { return allSatisfy { (0x30...0x39).contains($0) } ? Int.max : nil }
            number = sum
        }
        return number
    }
}
