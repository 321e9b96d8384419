import MailTypes

/// Reads one whole command, literals in place, without the last line end. This file holds the pieces of the grammar
/// that all commands share (RFC 3501 §9); the commands are in `CommandParser+….swift` beside their values.
///
/// It lives only within the closure that lends it the octets; every access is checked against their number.
struct CommandParser {
    private let octets: UnsafeRawBufferPointer
    private(set) var index = 0
    let limits: DecoderLimits
    /// UTF8=ACCEPT is enabled, so `&` in names has no meaning.
    let isUTF8: Bool
    /// It is enabled by that name, so no charset may be named.
    let refusesCharset: Bool
    /// Search keys read so far, against `limits.listCount`.
    var keyCount = 0
    /// Message sets among them.
    var setCount = 0
    /// Octets of LIST patterns read so far.
    var patternLength = 0

    init(_ octets: UnsafeRawBufferPointer, limits: DecoderLimits, isUTF8: Bool, refusesCharset: Bool = false) {
        (self.octets, self.limits) = (octets, limits)
        (self.isUTF8, self.refusesCharset) = (isUTF8, refusesCharset)
    }

    var isAtEnd: Bool { index >= octets.count }
    var next: UInt8? { index < octets.count ? octets[index] : nil }

    /// The octet so many places ahead.
    func peek(_ distance: Int) -> UInt8? {
        distance < octets.count - index ? octets[index + distance] : nil
    }

    mutating func advance(_ count: Int = 1) { index = min(index + count, octets.count) }

    /// Goes back to a place it was at.
    mutating func rewind(to place: Int) { index = place }

    /// Takes an octet if it comes next.
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let next, UInt32(next) == character.value else { return false }
        index += 1
        return true
    }

    mutating func expect(_ character: Unicode.Scalar) throws(SyntaxError) {
        guard take(character) else { throw SyntaxError("Expected \"\(character)\"") }
    }

    mutating func space() throws(SyntaxError) {
        guard take(" ") else { throw SyntaxError(isAtEnd ? "Missing argument" : "Expected a space") }
        // Old clients put several.
        while take(" ") {}
    }

    /// Nothing but spaces may be left.
    mutating func end() throws(SyntaxError) {
        while take(" ") {}
        guard isAtEnd else { throw SyntaxError("Unexpected argument") }
    }

    /// Takes a space if something other than spaces follows it.
    mutating func takeSpaceBeforeMore() -> Bool {
        let start = index
        while take(" ") {}
        if index > start, !isAtEnd { return true }
        index = start
        return false
    }

    /// Octets of one class, at least one.
    mutating func run(_ expectation: String, where belongs: (UInt8) -> Bool) throws(SyntaxError)
        -> UnsafeRawBufferPointer
    {
        let start = index
        while index < octets.count, belongs(octets[index]) { index += 1 }
        guard index > start else { throw SyntaxError("Expected \(expectation)") }
        return UnsafeRawBufferPointer(rebasing: octets[start..<index])
    }

    /// An atom as it stands.
    mutating func atom() throws(SyntaxError) -> String {
        String(decoding: try run("an atom", where: ByteClass.isAtom), as: UTF8.self)
    }

    /// A word of the grammar, in upper case: letters, digits, `-`, `.`, `=`, `+` and `_`, so that it ends at brackets.
    mutating func word() throws(SyntaxError) -> String {
        let octets = try run("a word") { octet in
            ByteClass.isLetter(octet) || ByteClass.isDigit(octet) || octet == UInt8(ascii: "-")
                || octet == UInt8(ascii: ".") || octet == UInt8(ascii: "=") || octet == UInt8(ascii: "_")
                || octet == UInt8(ascii: "+")
        }
        return String(unsafeUninitializedCapacity: octets.count) { target in
            for (place, octet) in octets.enumerated() {
                target[place] = ByteClass.isLetter(octet) ? octet & 0xDF : octet
            }
            return octets.count
        }
    }

    /// Takes a word if it comes next, whole and in any case; the word is given in upper case.
    mutating func takeWord(_ word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard octets.count - index >= length else { return false }
        for offset in 0..<length {
            let octet = octets[index + offset]
            let upper = ByteClass.isLetter(octet) ? octet & 0xDF : octet
            guard upper == word.utf8Start[offset] else { return false }
        }
        if let following = peek(length), ByteClass.isLetter(following) || ByteClass.isDigit(following) { return false }
        index += length
        return true
    }

    // MARK: Numbers

    mutating func number64() throws(SyntaxError) -> UInt64 {
        let digits = try run("a number", where: ByteClass.isDigit)
        var value: UInt64 = 0
        for digit in digits {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit & 0x0F))
            guard !overflow, !carry else { throw SyntaxError("Number too large") }
            value = sum
        }
        return value
    }

    mutating func number() throws(SyntaxError) -> UInt32 {
        guard let value = UInt32(exactly: try number64()) else { throw SyntaxError("Number too large") }
        return value
    }

    /// A number other than 0.
    mutating func nonZeroNumber() throws(SyntaxError) -> UInt32 {
        let value = try number()
        guard value > 0 else { throw SyntaxError("0 is not allowed here") }
        return value
    }

    /// A number that is a size or an offset.
    mutating func count() throws(SyntaxError) -> Int {
        guard let value = Int(exactly: try number64()) else { throw SyntaxError("Number too large") }
        return value
    }

    /// A mod-sequence of 63 bits, 0 included (RFC 7162 §7 mod-sequence-valzer).
    mutating func modSequence() throws(SyntaxError) -> ModSequence {
        guard let value = Int64(exactly: try number64()) else { throw SyntaxError("Number too large") }
        return ModSequence(value)
    }

    // MARK: Strings

    /// A quoted string or a literal; `nil` if neither comes next.
    mutating func takeString() throws(SyntaxError) -> [UInt8]? {
        switch next {
        case UInt8(ascii: "\""): try quoted()
        case UInt8(ascii: "{"): try literal()
        default: nil
        }
    }

    mutating func string() throws(SyntaxError) -> [UInt8] {
        guard let string = try takeString() else { throw SyntaxError("Expected a string") }
        return string
    }

    mutating func astring() throws(SyntaxError) -> [UInt8] {
        if let string = try takeString() { return string }
        return Array(try run("a string", where: ByteClass.isAstring))
    }

    /// A string, or `nil` for NIL.
    mutating func nstring() throws(SyntaxError) -> [UInt8]? {
        if let string = try takeString() { return string }
        guard takeWord("NIL") else { throw SyntaxError("Expected a string or NIL") }
        return nil
    }

    /// Octets that have to be text.
    func text(_ octets: [UInt8]) throws(SyntaxError) -> String {
        guard let text = String(validating: octets, as: UTF8.self) else { throw SyntaxError("Text is not UTF-8") }
        return text
    }

    private mutating func quoted() throws(SyntaxError) -> [UInt8] {
        try expect("\"")
        var result: [UInt8] = []
        while let octet = next {
            index += 1
            switch octet {
            case UInt8(ascii: "\""):
                return result
            case UInt8(ascii: "\\"):
                // Only these two may be escaped (RFC 3501 §9); what else follows a backslash is taken as it stands, for
                // clients that forget to escape it in passwords.
                if let escaped = next, escaped == UInt8(ascii: "\"") || escaped == UInt8(ascii: "\\") {
                    index += 1
                    result.append(escaped)
                } else {
                    result.append(octet)
                }
            case 0, 0x0A, 0x0D:
                throw SyntaxError("Line end or NUL within a quoted string")
            default:
                result.append(octet)
            }
        }
        throw SyntaxError("Quoted string without an end")
    }

    /// A literal with a tilde, which may hold NUL (RFC 3516 §4.4).
    mutating func literal8() throws(SyntaxError) -> [UInt8] {
        try expect("~")
        return try literal(mayHoldNUL: true)
    }

    private mutating func literal(mayHoldNUL: Bool = false) throws(SyntaxError) -> [UInt8] {
        try expect("{")
        let count = try count()
        _ = take("+")
        try expect("}")
        _ = take("\r")
        try expect("\n")
        guard count <= octets.count - index else { throw SyntaxError("Literal without its octets") }
        let start = index
        index += count
        let content = UnsafeRawBufferPointer(rebasing: octets[start..<index])
        guard mayHoldNUL || !content.contains(0) else { throw SyntaxError("NUL within a literal") }
        return Array(content)
    }

    // MARK: Lists

    /// `(element element …)`, possibly empty, calling for each element until `)`.
    mutating func list(_ element: (inout CommandParser) throws(SyntaxError) -> Void) throws(SyntaxError) {
        try expect("(")
        while take(" ") {}
        var count = 0
        while !take(")") {
            if count > 0 { try space() }
            // A blank before the parenthesis was let through above.
            if take(")") { return }
            count += 1
            guard count <= limits.listCount else { throw SyntaxError(limits.listTooLong) }
            try element(&self)
        }
    }

    // MARK: Sets and names

    /// A sequence-set, or `$`.
    mutating func sequenceSet() throws(SyntaxError) -> SequenceSet {
        if take("$") { return .saved }
        var ranges: [SequenceSet.Range] = []
        repeat {
            guard ranges.count < limits.listCount else { throw SyntaxError(limits.setTooLong) }
            let first = try bound()
            ranges.append(SequenceSet.Range(first, take(":") ? try bound() : first))
        } while take(",")
        return .ranges(ranges)
    }

    /// A number or `*`.
    mutating func bound() throws(SyntaxError) -> SequenceSet.Bound {
        if take("*") { return .largest }
        guard let next, ByteClass.isDigit(next) else { throw SyntaxError("Expected a message set") }
        return .number(try nonZeroNumber())
    }

    mutating func mailbox() throws(SyntaxError) -> MailboxName {
        guard let name = MailboxName(wire: try astring(), isUTF8: isUTF8) else {
            throw SyntaxError("Mailbox name is neither UTF-8 nor modified UTF-7")
        }
        return name
    }

    // MARK: Flags

    /// Flags in parentheses.
    mutating func parenthesizedFlags() throws(SyntaxError) -> FlagList {
        var flags = FlagReader()
        try list { (parser: inout CommandParser) throws(SyntaxError) in try flags.read(&parser) }
        return flags.list
    }

    /// Flags with or without parentheses, as STORE allows (RFC 3501 §9 store-att-flags).
    mutating func flags() throws(SyntaxError) -> FlagList {
        if next == UInt8(ascii: "(") { return try parenthesizedFlags() }
        var flags = FlagReader()
        try flags.read(&self)
        while takeSpaceBeforeMore() { try flags.read(&self) }
        return flags.list
    }
}

/// Gathers flags, each once.
private struct FlagReader {
    var list = FlagList()
    private var seen: Set<String> = []

    init() {}

    mutating func read(_ parser: inout CommandParser) throws(SyntaxError) {
        let isSystem = parser.take("\\")
        let name = isSystem ? "\\" + (try parser.atom()) : try parser.atom()
        if let flag = Flags(spelling: name) {
            list.flags.formUnion(flag)
        } else if !isSystem {
            guard seen.count < parser.limits.listCount else { throw SyntaxError(parser.limits.listTooLong) }
            if seen.insert(name.lowercased()).inserted { list.keywords.append(name) }
        } else if name.lowercased() != "\\recent" {
            // Servers define no other system flags (RFC 3501 §9 flag-extension).
            throw SyntaxError("Unknown system flag")
        }
    }
}
