import MailFormat
import OpenSSL

/// The header fields that a signature covers, taken from the bottom up (RFC 6376 §5.4.2).
struct SignedHeader {
    private let header: HeaderSection
    /// The last field of each name, by a hash of the name that nobody outside can choose, and the one before each.
    private var last: [Int: Int] = [:]
    private var previous: [Int]

    init(_ header: HeaderSection) {
        self.header = header
        previous = [Int](repeating: -1, count: header.fields.count)
        last.reserveCapacity(header.fields.count)
        header.octets.withUnsafeBytes { octets in
            for (index, field) in header.fields.enumerated() where !field.isMalformed {
                let name = Self.hash(UnsafeRawBufferPointer(rebasing: octets[field.name]))
                if let before = last.updateValue(index, forKey: name) { previous[index] = before }
            }
        }
    }

    /// The same for a name in any case.
    private static func hash(_ name: UnsafeRawBufferPointer) -> Int {
        withUnsafeTemporaryAllocation(byteCount: name.count, alignment: 1) { folded in
            for (index, octet) in name.enumerated() {
                folded[index] = (0x41...0x5A).contains(octet) ? octet | 0x20 : octet
            }
            var hasher = Hasher()
            hasher.combine(bytes: UnsafeRawBufferPointer(folded))
            return hasher.finalize()
        }
    }

    private static func hash(_ name: String) -> Int {
        var name = name
        return name.withUTF8 { hash(UnsafeRawBufferPointer($0)) }
    }

    /// How many fields have that name.
    func count(_ name: String) -> Int {
        var count = 0
        var index = last[Self.hash(name)] ?? -1
        while index >= 0 {
            count += 1
            index = previous[index]
        }
        return count
    }

    /// The digest of the named fields and of the signature's own field without its signature. A name that is there more
    /// often than the field stands for the absence of another one.
    func digest(_ names: [String], form: Canonicalization, signature: ArraySlice<UInt8>) -> [UInt8] {
        var hash = SHA256()
        var left = last
        for name in names {
            let key = Self.hash(name)
            guard let index = left[key], index >= 0 else { continue }
            left[key] = previous[index]
            form.hash(header.octets[header.fields[index].range], into: &hash)
        }
        form.hash(Canonicalization.withoutSignature(signature)[...], isLast: true, into: &hash)
        return hash.digest()
    }
}
