/// Text with macros in it (RFC 7208 §7), parsed once and expanded against one mail.
///
///     SPFMacroString("%{l1r+}._spf.%{d}")   // text and macros in turn
struct SPFMacroString: Equatable, Sendable {
    /// One macro: `%{l1r+}`.
    struct Macro: Equatable, Sendable {
        /// In lower case.
        var letter: UInt8
        /// It was written in upper case: what it becomes is escaped as in a URL.
        var isEscaped: Bool
        /// How many parts from the right are kept; `nil`: all.
        var keep: Int?
        var isReversed: Bool
        /// Where the value is split; empty: at dots.
        var delimiters: [UInt8]
    }
    enum Part: Equatable, Sendable {
        case text(String)
        case macro(Macro)
    }

    var parts: [Part]

    /// Parses; `nil` for anything but a macro-string. An explanation may hold spaces and the letters c, r and t.
    init?(_ text: Substring.UTF8View, isExplanation: Bool = false) {
        var parts: [Part] = []
        var literal = ""
        var rest = text
        while let octet = rest.popFirst() {
            guard octet == UInt8(ascii: "%") else {
                guard (0x21...0x7E).contains(octet) || (isExplanation && octet == 0x20) else { return nil }
                literal.unicodeScalars.append(UnicodeScalar(octet))
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "%"): literal += "%"
            case UInt8(ascii: "_"): literal += " "
            case UInt8(ascii: "-"): literal += "%20"
            case UInt8(ascii: "{"):
                guard let end = rest.firstIndex(of: UInt8(ascii: "}")),
                    let macro = Self.macro(rest[..<end], isExplanation: isExplanation)
                else { return nil }
                rest = rest[rest.index(after: end)...]
                if !literal.isEmpty { parts.append(.text(literal)) }
                literal = ""
                parts.append(.macro(macro))
            default: return nil
            }
        }
        if !literal.isEmpty { parts.append(.text(literal)) }
        self.parts = parts
    }

    private static func macro(_ text: Substring.UTF8View, isExplanation: Bool) -> Macro? {
        var rest = text
        guard let written = rest.popFirst() else { return nil }
        let letter = written | 0x20
        switch letter {
        case UInt8(ascii: "s"), UInt8(ascii: "l"), UInt8(ascii: "o"), UInt8(ascii: "d"), UInt8(ascii: "i"),
            UInt8(ascii: "p"), UInt8(ascii: "v"), UInt8(ascii: "h"):
            break
        case UInt8(ascii: "c"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            guard isExplanation else { return nil }
        default: return nil
        }
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        rest = rest.dropFirst(digits.count)
        var keep: Int?
        if !digits.isEmpty {
            // 128 parts are more than any name has; RFC 7208 §7.1 wants the value not to be zero.
            guard digits.count <= 9, let number = Int(String(decoding: digits, as: UTF8.self)), number > 0 else {
                return nil
            }
            keep = number
        }
        var isReversed = false
        if let next = rest.first, next | 0x20 == UInt8(ascii: "r") {
            isReversed = true
            rest = rest.dropFirst()
        }
        guard rest.allSatisfy({ Array(".-+,/_=".utf8).contains($0) }) else { return nil }
        return Macro(
            letter: letter, isEscaped: written != letter, keep: keep, isReversed: isReversed, delimiters: Array(rest))
    }

    /// Whether it ends as a domain-spec must (§7.1): with a macro, or with a dot and a label that is not a number.
    var isDomainSpec: Bool {
        guard let last = parts.last else { return false }
        guard case .text(let text) = last else { return true }
        var octets = text.utf8[...]
        if octets.last == UInt8(ascii: ".") { octets = octets.dropLast() }
        guard let dot = octets.lastIndex(of: UInt8(ascii: ".")) else { return false }
        return Self.isTopLabel(octets[octets.index(after: dot)...])
    }

    private static func isTopLabel(_ label: Substring.UTF8View) -> Bool {
        guard let first = label.first, let last = label.last, isAlphanumeric(first), isAlphanumeric(last) else {
            return false
        }
        let hasLetterOrHyphen = label.contains { !(0x30...0x39).contains($0) }
        return hasLetterOrHyphen && label.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
    }

    private static func isAlphanumeric(_ octet: UInt8) -> Bool {
        (0x30...0x39).contains(octet) || (0x61...0x7A).contains(octet | 0x20)
    }

    /// Whether it asks for the client's validated name, which costs lookups.
    var asksForName: Bool {
        parts.contains { if case .macro(let macro) = $0 { macro.letter == UInt8(ascii: "p") } else { false } }
    }

    /// The text with each macro replaced by what `value` gives for its letter.
    func expand(_ value: (UInt8) -> String) -> String {
        var result = ""
        for part in parts {
            switch part {
            case .text(let text): result += text
            case .macro(let macro): result += Self.apply(macro, to: value(macro.letter))
            }
            // Longer than anything that a name or an explanation can use.
            if result.utf8.count > 4096 { break }
        }
        return result
    }

    private static func apply(_ macro: Macro, to value: String) -> String {
        var text = value
        if macro.keep != nil || macro.isReversed || !macro.delimiters.isEmpty {
            let delimiters = macro.delimiters.isEmpty ? [UInt8(ascii: ".")] : macro.delimiters
            var parts = value.utf8.split(omittingEmptySubsequences: false) { delimiters.contains($0) }
            if macro.isReversed { parts.reverse() }
            if let keep = macro.keep { parts = parts.suffix(keep) }
            text = parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ".")
        }
        guard macro.isEscaped else { return text }
        var escaped = ""
        for octet in text.utf8 {
            // unreserved of RFC 3986 §2.3.
            if isAlphanumeric(octet) || Array("-._~".utf8).contains(octet) {
                escaped.unicodeScalars.append(UnicodeScalar(octet))
            } else {
                escaped += "%" + (octet < 16 ? "0" : "") + String(octet, radix: 16, uppercase: true)
            }
        }
        return escaped
    }
}
