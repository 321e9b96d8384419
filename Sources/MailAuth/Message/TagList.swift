import MailTypes

/// A list of tags, `name=value; …`, as DKIM's fields and records have it (RFC 6376 §3.2). Values keep their octets with
/// white space taken off both ends.
struct TagList: Sendable {
    private let octets: [UInt8]
    /// Places of names and values, in the order of the text.
    private var tags: [(name: Range<Int>, value: Range<Int>)] = []

    /// Tags of one list; no signature and no record has a third of that.
    private static let maximumTags = 100

    /// Parses; `nil` for a list with a tag twice, with a name that is none, with a part that has no `=`, or with too many.
    init?(_ text: some Collection<UInt8>) {
        octets = Array(text)
        var start = 0
        while start < octets.count {
            let end = octets[start...].firstIndex(of: UInt8(ascii: ";")) ?? octets.count
            let spec = trimmed(start..<end)
            start = end + 1
            if spec.isEmpty { continue }
            guard let equals = octets[spec].firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let name = trimmed(spec.lowerBound..<equals)
            guard let first = octets[name].first, Self.isLetter(first), octets[name].allSatisfy(Self.isNameOctet),
                tags.count < Self.maximumTags, !tags.contains(where: { octets[$0.name] == octets[name] })
            else { return nil }
            tags.append((name, trimmed(equals + 1..<spec.upperBound)))
        }
    }

    /// The name of the first tag.
    var first: String? { tags.first.map { String(decoding: octets[$0.name], as: UTF8.self) } }

    private func value(_ name: String) -> ArraySlice<UInt8>? {
        tags.first { octets[$0.name].elementsEqual(name.utf8) }.map { octets[$0.value] }
    }

    /// The value as it stands; empty without one.
    func octets(_ name: String) -> ArraySlice<UInt8> { value(name) ?? [] }

    /// Whether there is such a tag.
    func contains(_ name: String) -> Bool { value(name) != nil }

    /// The value of a tag with all folding white space taken out, as those of DKIM's fields may be folded anywhere.
    func compact(_ name: String) -> [UInt8]? { value(name).map(Self.compact) }

    /// The same of the first tag of that name in a list that is not looked at whole.
    static func first(_ name: Character, in list: ArraySlice<UInt8>) -> [UInt8]? {
        var start = list.startIndex
        while start < list.endIndex {
            let end = list[start...].firstIndex(of: UInt8(ascii: ";")) ?? list.endIndex
            while start < end, isSpace(list[start]) { start += 1 }
            if start < end, list[start] == name.asciiValue {
                start += 1
                while start < end, isSpace(list[start]) { start += 1 }
                if start < end, list[start] == UInt8(ascii: "=") { return compact(list[(start + 1)..<end]) }
            }
            start = end + 1
        }
        return nil
    }

    private static func compact(_ value: ArraySlice<UInt8>) -> [UInt8] {
        value.withUnsafeBufferPointer { value in
            [UInt8](unsafeUninitializedCapacity: value.count) { target, count in
                for octet in value where !isSpace(octet) {
                    target[count] = octet
                    count += 1
                }
            }
        }
    }

    /// The same as text.
    func text(_ name: String) -> String? { compact(name).map { String(decoding: $0, as: UTF8.self) } }

    /// The value as it stands.
    func raw(_ name: String) -> String? { value(name).map { String(decoding: $0, as: UTF8.self) } }

    /// The parts of a value between colons, in lower case.
    func list(_ name: String) -> [String]? {
        guard var value = compact(name) else { return nil }
        for index in value.indices where (0x41...0x5A).contains(value[index]) { value[index] |= 0x20 }
        return value.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// A value in base64; `nil` if it is none.
    func base64(_ name: String) -> [UInt8]? { compact(name).flatMap { Base64.decode($0) } }

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

    private func trimmed(_ place: Range<Int>) -> Range<Int> {
        var (start, end) = (place.lowerBound, place.upperBound)
        while start < end, Self.isSpace(octets[start]) { start += 1 }
        while start < end, Self.isSpace(octets[end - 1]) { end -= 1 }
        return start..<end
    }
}
