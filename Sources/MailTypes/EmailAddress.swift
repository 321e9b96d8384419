/// An addr-spec (RFC 5322 §3.4.1, RFC 6531): local part and domain. The local part keeps its original spelling; two
/// addresses are the same person if their `identity` is equal.
package struct EmailAddress: Sendable, CustomStringConvertible {
    /// Without quotes and escapes: `john doe` for `"john doe"@example.org`.
    package let localPart: String
    package let domain: DomainName

    package init(localPart: String, domain: DomainName) {
        self.localPart = localPart
        self.domain = domain
    }

    /// RFC 5321 §4.5.3.1.1 says 64 octets, but mailing services and forwarders (VERP, SRS) send from longer ones, and
    /// asks not to enforce limits where they can be avoided. A path as a whole has at most 256 (§4.5.3.1.3).
    package static let maximumLocalPartLength = 250

    /// Parses `local@domain` with a dot-string or quoted-string local part; `nil` for anything else, for a local part
    /// over the maximum length and for control characters.
    package init?(_ text: some StringProtocol) {
        let text = Substring(text)
        // By octets: a combining mark behind it makes an `@` or a quote no other character.
        guard let at = text.utf8.lastIndex(of: UInt8(ascii: "@")) else { return nil }
        guard let local = Self.unquoted(text[..<at]), let domain = DomainName(text[text.utf8.index(after: at)...]) else {
            return nil
        }
        self.init(localPart: local, domain: domain)
    }

    /// The comparable form: NFC and case-folded local part, `@`, lower-case A-labels.
    package var identity: String { "\(foldedName(localPart))@\(domain.ascii)" }

    /// As it is written in an envelope or a header field, quoted where it must be (RFC 5321 §4.1.2).
    package var description: String { "\(Self.quotedIfNeeded(localPart))@\(domain.ascii)" }

    /// Whether it can travel without SMTPUTF8 (RFC 6531).
    package var isASCII: Bool { localPart.utf8.allSatisfy { $0 < 0x80 } }

    private static func unquoted(_ text: Substring) -> String? {
        guard !text.isEmpty, text.utf8.count <= 2 * maximumLocalPartLength + 2 else { return nil }
        if text.utf8.first == UInt8(ascii: "\"") {
            guard text.utf8.count >= 3, text.utf8.last == UInt8(ascii: "\"") else { return nil }
            var result = ""
            var isEscaped = false
            for scalar in text.unicodeScalars.dropFirst().dropLast() {
                guard scalar.value >= 0x20, scalar.value != 0x7F else { return nil }
                if !isEscaped, scalar == "\\" {
                    isEscaped = true
                } else if !isEscaped, scalar == "\"" {
                    return nil
                } else {
                    result.unicodeScalars.append(scalar)
                    isEscaped = false
                }
            }
            return isEscaped || result.isEmpty || result.utf8.count > maximumLocalPartLength ? nil : result
        }
        guard text.utf8.count <= maximumLocalPartLength, text.utf8.allSatisfy(isAtomTextOrDot),
            text.utf8.first != UInt8(ascii: "."), text.utf8.last != UInt8(ascii: ".")
        else { return nil }
        return String(text)
    }

    private static func quotedIfNeeded(_ local: String) -> String {
        let isDotString =
            local.utf8.allSatisfy(isAtomTextOrDot) && local.utf8.first != UInt8(ascii: ".")
            && local.utf8.last != UInt8(ascii: ".") && !local.isEmpty && !local.contains("..")
        guard !isDotString else { return local }
        var result = "\""
        for character in local.unicodeScalars {
            if character == "\"" || character == "\\" { result.append("\\") }
            result.unicodeScalars.append(character)
        }
        return result + "\""
    }

    private static func isAtomTextOrDot(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...0xFF:
            true
        case UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"),
            UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"),
            UInt8(ascii: "/"), UInt8(ascii: "="), UInt8(ascii: "?"), UInt8(ascii: "^"), UInt8(ascii: "_"),
            UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}

extension EmailAddress: Hashable {
    package static func == (left: EmailAddress, right: EmailAddress) -> Bool { left.identity == right.identity }
    package func hash(into hasher: inout Hasher) { hasher.combine(identity) }
}

/// A display name with its addr-spec (RFC 5322 §3.4 name-addr). Both decoded; writing encodes them again.
package struct NamedAddress: Hashable, Sendable {
    package var displayName: String?
    package var address: EmailAddress

    package init(displayName: String? = nil, address: EmailAddress) {
        self.displayName = displayName
        self.address = address
    }
}
