import MailFormat
import OpenSSL

/// The header fields that a signature covers, taken from the bottom up (RFC 6376 §5.4.2).
struct SignedHeader {
    private let header: HeaderSection
    private var places: [String: [HeaderSection.Field]] = [:]

    init(_ header: HeaderSection) {
        self.header = header
        for field in header.fields where !field.isMalformed {
            places[header.name(of: field).lowercased(), default: []].append(field)
        }
    }

    /// How many fields have that name, in lower case.
    func count(_ name: String) -> Int { places[name]?.count ?? 0 }

    /// The digest of the named fields and of the signature's own field without its signature. A name that is there more
    /// often than the field stands for the absence of another one.
    func digest(_ names: [String], form: Canonicalization, signature: ArraySlice<UInt8>) -> [UInt8] {
        var hash = SHA256()
        var taken: [String: Int] = [:]
        for name in names {
            guard let fields = places[name] else { continue }
            let number = taken[name, default: 0]
            guard number < fields.count else { continue }
            taken[name] = number + 1
            hash.update(form.field(header.octets[fields[fields.count - 1 - number].range]))
        }
        hash.update(form.field(Canonicalization.withoutSignature(signature)[...], isLast: true))
        return hash.digest()
    }
}
