import MailTypes

/// A published policy, parsed whole before any of it is looked at: a syntax error anywhere is a permerror (RFC 7208 §4.6).
struct SPFRecord: Equatable, Sendable {
    /// How many leading bits of an address count.
    struct PrefixLengths: Equatable, Sendable {
        var v4 = 32
        var v6 = 128
    }
    enum Mechanism: Equatable, Sendable {
        case all
        case include(SPFMacroString)
        case a(SPFMacroString?, PrefixLengths)
        case mx(SPFMacroString?, PrefixLengths)
        case ptr(SPFMacroString?)
        case network(IPAddress, Int)
        case exists(SPFMacroString)
    }
    struct Directive: Equatable, Sendable {
        /// What a match means.
        var result: SPFResult
        var mechanism: Mechanism
        /// As it was written.
        var text: String
    }
    /// What is wrong with a record; the term that is.
    struct SyntaxError: Error { var term: String }

    var directives: [Directive] = []
    var redirect: SPFMacroString?
    var explanation: SPFMacroString?

    /// Whether a text is an SPF record at all (§4.5): the version and nothing, or a space, behind it.
    static func isRecord(_ text: String) -> Bool {
        let version = "v=spf1"
        guard text.utf8.count >= version.utf8.count, text.prefix(6).lowercased() == version else { return false }
        let rest = text.utf8.dropFirst(6)
        return rest.isEmpty || rest.first == 0x20
    }

    init(_ text: String) throws(SyntaxError) {
        for term in text.utf8.dropFirst(6).split(separator: 0x20) {
            try parse(Substring(term))
        }
    }

    private mutating func parse(_ term: Substring) throws(SyntaxError) {
        let octets = term.utf8
        let nameEnd = octets.firstIndex { !Self.isNameOctet($0) } ?? octets.endIndex
        if nameEnd != octets.endIndex, octets[nameEnd] == UInt8(ascii: "=") {
            try parseModifier(term, name: octets[..<nameEnd], value: octets[octets.index(after: nameEnd)...])
        } else {
            try parseDirective(term)
        }
    }

    /// name of §4.6.1: a letter first; the caller takes care of that.
    private static func isNameOctet(_ octet: UInt8) -> Bool {
        switch octet {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
        default: false
        }
    }

    private mutating func parseModifier(
        _ term: Substring, name: Substring.UTF8View, value: Substring.UTF8View
    ) throws(SyntaxError) {
        guard let first = name.first, (0x61...0x7A).contains(first | 0x20), let text = SPFMacroString(value) else {
            throw SyntaxError(term: String(term))
        }
        switch String(decoding: name, as: UTF8.self).lowercased() {
        case "redirect":
            guard redirect == nil, text.isDomainSpec else { throw SyntaxError(term: String(term)) }
            redirect = text
        case "exp":
            guard explanation == nil, text.isDomainSpec else { throw SyntaxError(term: String(term)) }
            explanation = text
        default: break  // unknown modifiers are ignored, §6
        }
    }

    private mutating func parseDirective(_ term: Substring) throws(SyntaxError) {
        var octets = term.utf8
        let result: SPFResult
        switch octets.first {
        case UInt8(ascii: "+"): result = .pass
        case UInt8(ascii: "-"): result = .fail
        case UInt8(ascii: "~"): result = .softfail
        case UInt8(ascii: "?"): result = .neutral
        default: result = .pass
        }
        if let first = octets.first, Array("+-~?".utf8).contains(first) { octets = octets.dropFirst() }
        let nameEnd = octets.firstIndex { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "/") } ?? octets.endIndex
        let name = String(decoding: octets[..<nameEnd], as: UTF8.self).lowercased()
        guard let mechanism = Self.mechanism(name, octets[nameEnd...]) else {
            throw SyntaxError(term: String(term.prefix(100)))
        }
        directives.append(Directive(result: result, mechanism: mechanism, text: String(term)))
    }

    /// The argument begins with its colon or slash; `nil` is a syntax error.
    private static func mechanism(_ name: String, _ argument: Substring.UTF8View) -> Mechanism? {
        switch name {
        case "all": return argument.isEmpty ? .all : nil
        case "include": return domainSpec(argument).map { .include($0) }
        case "exists": return domainSpec(argument).map { .exists($0) }
        case "ptr":
            if argument.isEmpty { return .ptr(nil) }
            return domainSpec(argument).map { .ptr($0) }
        case "a", "mx":
            guard let (rest, lengths) = dualPrefix(argument) else { return nil }
            var domain: SPFMacroString?
            if !rest.isEmpty {
                domain = domainSpec(rest)
                if domain == nil { return nil }
            }
            return name == "a" ? .a(domain, lengths) : .mx(domain, lengths)
        case "ip4": return network(argument, family: .v4, maximum: 32)
        case "ip6": return network(argument, family: .v6, maximum: 128)
        default: return nil
        }
    }

    private static func domainSpec(_ argument: Substring.UTF8View) -> SPFMacroString? {
        guard argument.first == UInt8(ascii: ":"), let text = SPFMacroString(argument.dropFirst()), text.isDomainSpec
        else { return nil }
        return text
    }

    private static func network(
        _ argument: Substring.UTF8View, family: IPAddress.Family, maximum: Int
    ) -> Mechanism? {
        guard argument.first == UInt8(ascii: ":") else { return nil }
        var (address, length) = (argument.dropFirst(), maximum)
        if let slash = address.lastIndex(of: UInt8(ascii: "/")) {
            guard let number = prefixLength(address[address.index(after: slash)...], maximum: maximum) else {
                return nil
            }
            (address, length) = (address[..<slash], number)
        }
        guard let parsed = IPAddress(Substring(address)) else { return nil }
        let isWrittenAsV6 = address.contains(UInt8(ascii: ":"))
        guard isWrittenAsV6 == (family == .v6) else { return nil }
        // ::ffff:0:0/96 written as IPv6 is the IPv4 network that it maps.
        guard family == .v6, parsed.family == .v4 else { return .network(parsed, length) }
        return .network(parsed, max(0, length - 96))
    }

    /// Splits `//64`, `/24` or `/24//64` off the end; `nil` for a length that is none.
    private static func dualPrefix(
        _ argument: Substring.UTF8View
    ) -> (rest: Substring.UTF8View, lengths: PrefixLengths)? {
        var (rest, lengths) = (argument, PrefixLengths())
        if let slash = trailingNumber(rest), slash != rest.startIndex,
            rest[rest.index(before: slash)] == UInt8(ascii: "/")
        {
            guard let number = prefixLength(rest[rest.index(after: slash)...], maximum: 128) else { return nil }
            lengths.v6 = number
            rest = rest[..<rest.index(before: slash)]
        }
        if let slash = trailingNumber(rest) {
            guard let number = prefixLength(rest[rest.index(after: slash)...], maximum: 32) else { return nil }
            lengths.v4 = number
            rest = rest[..<slash]
        }
        return (rest, lengths)
    }

    /// Where the slash stands that only digits follow.
    private static func trailingNumber(_ text: Substring.UTF8View) -> Substring.UTF8View.Index? {
        guard let slash = text.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        let digits = text[text.index(after: slash)...]
        return !digits.isEmpty && digits.allSatisfy { (0x30...0x39).contains($0) } ? slash : nil
    }

    private static func prefixLength(_ digits: Substring.UTF8View, maximum: Int) -> Int? {
        guard (1...3).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
            digits.count == 1 || digits.first != 0x30
        else { return nil }
        return Int(String(decoding: digits, as: UTF8.self)).flatMap { $0 <= maximum ? $0 : nil }
    }
}
