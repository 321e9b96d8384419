import MailFormat

/// The ARC sets of a header section, in order (RFC 8617 §4.2).
struct ARCChain {
    /// The three fields of one handing-over.
    struct ARCSet {
        var results: HeaderSection.Field
        var signature: HeaderSection.Field
        var seal: HeaderSection.Field
        var signatureTags: TagList
        var sealTags: TagList
        /// `cv=`
        var validation: String
    }
    /// The chain is broken in its form; it fails whatever the signatures say.
    struct Broken: Error { var reason: String }

    /// RFC 8617 §4.2.1.
    static let maximumSets = 50

    let sets: [ARCSet]

    /// Empty for a mail that nobody sealed.
    init(_ header: HeaderSection) throws(Broken) {
        let results = try Self.byInstance("ARC-Authentication-Results", header)
        let signatures = try Self.byInstance("ARC-Message-Signature", header)
        let seals = try Self.byInstance("ARC-Seal", header)
        let count = max(results.count, signatures.count, seals.count)
        var sets: [ARCSet] = []
        for instance in 0..<count {
            guard let result = results[instance + 1], let signature = signatures[instance + 1],
                let seal = seals[instance + 1], let signatureTags = TagList(header.octets[signature.body]),
                let sealTags = TagList(header.octets[seal.body]), let validation = sealTags.text("cv")?.lowercased()
            else { throw Broken(reason: "a set is not complete") }
            // §5.1.1: the first says that there was no chain, the others that it passed.
            guard validation == (instance == 0 ? "none" : "pass") else {
                throw Broken(reason: "the chain was broken before")
            }
            guard sealTags.text("h") == nil else { throw Broken(reason: "a seal names header fields") }
            sets.append(
                ARCSet(
                    results: result, signature: signature, seal: seal, signatureTags: signatureTags, sealTags: sealTags,
                    validation: validation))
        }
        self.sets = sets
    }

    private static func byInstance(
        _ name: String, _ header: HeaderSection
    ) throws(Broken) -> [Int: HeaderSection.Field] {
        var fields: [Int: HeaderSection.Field] = [:]
        for field in header.all(name) {
            guard let instance = Self.instance(header.octets[field.body]) else {
                throw Broken(reason: "a field without a number")
            }
            guard fields.updateValue(field, forKey: instance) == nil else {
                throw Broken(reason: "a number stands twice")
            }
        }
        return fields
    }

    /// `i=` at the beginning, of ARC-Authentication-Results too, which is no list of tags.
    private static func instance(_ body: ArraySlice<UInt8>) -> Int? {
        guard body.count <= SignatureLimits.fieldOctets else { return nil }
        for part in body.split(separator: UInt8(ascii: ";")) {
            let text = part.filter { !TagList.isSpace($0) }
            guard text.starts(with: Array("i=".utf8)) else { continue }
            let digits = text.dropFirst(2)
            guard (1...2).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = Int(String(decoding: digits, as: UTF8.self)), (1...maximumSets).contains(number)
            else { return nil }
            return number
        }
        return nil
    }
}
