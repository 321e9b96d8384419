import MailTypes

/// A list of tags, `name=value; …`, as DKIM's fields and records have it (RFC 6376 §3.2). Values keep their octets with
/// white space taken off both ends.
struct TagList: Sendable {
    private var values: [String: ArraySlice<UInt8>] = [:]
    /// In the order of the text.
    private(set) var names: [String] = []

    /// Parses; `nil` for a list with a tag twice, with a name that is none, or with a part that has no `=`.
    init?(_ octets: some Collection<UInt8>) {
        for part in Array(octets).split(separator: UInt8(ascii: ";")) {
            let spec = Self.trimmed(part)
            if spec.isEmpty { continue }
            guard let equals = spec.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let name = Self.trimmed(spec[..<equals])
            guard let first = name.first, Self.isLetter(first), name.allSatisfy(Self.isNameOctet) else { return nil }
            let key = String(decoding: name, as: UTF8.self)
            guard values.updateValue(Self.trimmed(spec[(equals + 1)...]), forKey: key) == nil else { return nil }
            names.append(key)
        }
    }

    /// The value of a tag with all folding white space taken out, as those of DKIM's fields may be folded anywhere.
    func compact(_ name: String) -> [UInt8]? { values[name].map { $0.filter { !Self.isSpace($0) } } }

    /// The same as text.
    func text(_ name: String) -> String? { compact(name).map { String(decoding: $0, as: UTF8.self) } }

    /// The value as it stands.
    func raw(_ name: String) -> String? { values[name].map { String(decoding: $0, as: UTF8.self) } }

    /// The parts of a value between colons, in lower case.
    func list(_ name: String) -> [String]? {
        text(name).map { $0.lowercased().split(separator: ":", omittingEmptySubsequences: false).map(String.init) }
    }

    /// A value in base64; `nil` if it is none.
    func base64(_ name: String) -> [UInt8]? { text(name).flatMap { Base64.decode($0) } }

    /// A value that is a number of at most 12 digits; `nil` if it is there and none.
    func number(_ name: String) -> Int64?? {
        guard let text = text(name) else { return .some(nil) }
        guard (1...12).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int64(text)
    }

    static func isSpace(_ octet: UInt8) -> Bool { octet == 0x20 || octet == 0x09 || octet == 0x0D || octet == 0x0A }

    private static func isLetter(_ octet: UInt8) -> Bool { (0x61...0x7A).contains(octet | 0x20) }

    private static func isNameOctet(_ octet: UInt8) -> Bool {
        isLetter(octet) || (0x30...0x39).contains(octet) || octet == UInt8(ascii: "_")
    }

    private static func trimmed(_ octets: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var octets = octets
        while let first = octets.first, isSpace(first) { octets = octets.dropFirst() }
        while let last = octets.last, isSpace(last) { octets = octets.dropLast() }
        return octets
    }
}
