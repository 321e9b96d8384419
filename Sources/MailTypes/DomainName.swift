internal import CIDN2

/// A domain name (RFC 1034), or an address literal in brackets (RFC 5321 §4.1.3), in its one comparable form:
/// lower-case A-labels (RFC 5890). `Żółw.example` and `xn--w-uga1v8h.example` are the same value.
package struct DomainName: Hashable, Sendable, CustomStringConvertible {
    /// Lower-case A-labels without a final dot, or `[literal]`.
    package let ascii: String

    /// Parses a domain. `nil` for anything longer than 253 octets, with an empty or over-long label, or with characters
    /// that no host name has; an underscore is let through, since mail arrives from such names.
    package init?(_ text: some StringProtocol) {
        var text = String(text)
        if text.hasSuffix(".") { text.removeLast() }
        guard !text.isEmpty, text.utf8.count <= 1000 else { return nil }
        if text.utf8.first == UInt8(ascii: "[") {
            guard let literal = Self.addressLiteral(text) else { return nil }
            ascii = literal
            return
        }
        if text.utf8.allSatisfy({ $0 < 0x80 }) {
            guard Self.isHostName(text.utf8) else { return nil }
            ascii = text.lowercased()
            return
        }
        guard let converted = Self.aLabels(text), Self.isHostName(converted.utf8) else { return nil }
        ascii = converted.lowercased()
    }

    package var isAddressLiteral: Bool { ascii.utf8.first == UInt8(ascii: "[") }
    package var description: String { ascii }

    private static func addressLiteral(_ text: String) -> String? {
        guard text.utf8.last == UInt8(ascii: "]"), text.utf8.count > 2, text.utf8.count <= 64 else { return nil }
        let inner = text.utf8.dropFirst().dropLast()
        let isPlain = inner.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return isPlain ? text.lowercased() : nil
    }

    private static func isHostName(_ text: String.UTF8View) -> Bool {
        guard text.count <= 253 else { return false }
        var labelLength = 0
        var last: UInt8 = 0
        for byte in text {
            switch byte {
            case UInt8(ascii: "."):
                guard labelLength > 0, last != UInt8(ascii: "-") else { return false }
                labelLength = 0
            case UInt8(ascii: "-"):
                guard labelLength > 0 else { return false }
                labelLength += 1
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
                labelLength += 1
            default: return false
            }
            guard labelLength <= 63 else { return false }
            last = byte
        }
        return labelLength > 0 && last != UInt8(ascii: "-")
    }

    /// U-labels to A-labels by libidn2 with the mapping of UTS 46 (upper case, full-width letters, NFC).
    private static func aLabels(_ text: String) -> String? {
        var output: UnsafeMutablePointer<UInt8>?
        let flags = Int32(IDN2_NFC_INPUT.rawValue | IDN2_NONTRANSITIONAL.rawValue)
        let status = text.withCString { pointer in
            pointer.withMemoryRebound(to: UInt8.self, capacity: text.utf8.count + 1) {
                idn2_lookup_u8($0, &output, flags)
            }
        }
        guard status == IDN2_OK.rawValue, let output else { return nil }
        defer { idn2_free(output) }
        return String(cString: output)
    }
}
