import MailFormat
import OpenSSL

/// How a message is made comparable before it is hashed (RFC 6376 §3.4).
package enum Canonicalization: String, Sendable, Hashable { case simple, relaxed }

extension Canonicalization {
    /// Reads a name, in any case.
    init?(_ name: ArraySlice<UInt8>) {
        func isNamed(_ word: StaticString) -> Bool {
            name.count == word.utf8CodeUnitCount
                && word.withUTF8Buffer { word in zip(name, word).allSatisfy { $0 | 0x20 == $1 } }
        }
        if isNamed("relaxed") { self = .relaxed } else if isNamed("simple") { self = .simple } else { return nil }
    }

    /// Hashes a header field in this form, its line end included, where it lies: only where the form differs is it cut. A
    /// last field goes without a line end.
    func hash(_ octets: ArraySlice<UInt8>, isLast: Bool = false, into hash: inout SHA256) {
        octets.withUnsafeBytes { octets in
            switch self {
            case .simple:
                var end = octets.count
                if end > 0, octets[end - 1] == 0x0A { end -= 1 }
                if end > 0, octets[end - 1] == 0x0D { end -= 1 }
                hash.update(UnsafeRawBufferPointer(rebasing: octets[..<end]))
            case .relaxed: Self.hashRelaxed(octets, into: &hash)
            }
        }
        if !isLast { hash.update([0x0D, 0x0A]) }
    }

    /// §3.4.2: name in lower case, no white space around the colon and at the end, runs of it one space, lines unfolded.
    private static func hashRelaxed(_ octets: UnsafeRawBufferPointer, into hash: inout SHA256) {
        let colon = octets.firstIndex(of: UInt8(ascii: ":")) ?? octets.count
        withUnsafeTemporaryAllocation(byteCount: colon + 1, alignment: 1) { name in
            var count = 0
            for octet in octets[..<colon] where !TagList.isSpace(octet) {
                name[count] = (0x41...0x5A).contains(octet) ? octet | 0x20 : octet
                count += 1
            }
            if colon < octets.count {
                name[count] = UInt8(ascii: ":")
                count += 1
            }
            hash.update(UnsafeRawBufferPointer(rebasing: name[..<count]))
        }
        var position = min(colon + 1, octets.count)
        /// Where the octets begin that are hashed as they are; what stood before them is hashed.
        var run = position
        var isFirst = true
        while position < octets.count {
            position = BodyDigest.nextSpecial(octets, from: position)
            guard position < octets.count else { break }
            let octet = octets[position]
            let isSingle = octet == 0x20 && position > run && position + 1 < octets.count && octets[position + 1] > 0x20
            guard !isSingle, TagList.isSpace(octet) else {
                position += 1
                continue
            }
            if position > run {
                hash.update(UnsafeRawBufferPointer(rebasing: octets[run..<position]))
                isFirst = false
            }
            var isSpaced = false
            while position < octets.count, TagList.isSpace(octets[position]) {
                isSpaced = isSpaced || octets[position] == 0x20 || octets[position] == 0x09
                position += 1
            }
            if isSpaced, !isFirst, position < octets.count { hash.update([0x20]) }
            run = position
        }
        if octets.count > run { hash.update(UnsafeRawBufferPointer(rebasing: octets[run...])) }
    }

    /// A signature field as it was when it was signed: the value of its tag `b` taken out, white space with it (§3.7).
    static func withoutSignature(_ field: ArraySlice<UInt8>) -> [UInt8] {
        guard let colon = field.firstIndex(of: UInt8(ascii: ":")) else { return Array(field) }
        var start = colon + 1
        while start < field.endIndex {
            let end = field[start...].firstIndex(of: UInt8(ascii: ";")) ?? field.endIndex
            var name = start
            while name < end, TagList.isSpace(field[name]) { name += 1 }
            if name < end, field[name] == UInt8(ascii: "b") {
                name += 1
                while name < end, TagList.isSpace(field[name]) { name += 1 }
                if name < end, field[name] == UInt8(ascii: "=") {
                    var rest: [UInt8] = []
                    rest.reserveCapacity(field.count)
                    rest += field[...name]
                    rest += field[end...]
                    return rest
                }
            }
            start = end + 1
        }
        return Array(field)
    }
}
