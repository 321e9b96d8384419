/// Taking the MIME fields of a header section into a part.
extension BodyPart {
    /// How much of header fields a structure may keep, over all parts; what would exceed it is left out.
    struct Budget: Sendable {
        static let whole = 1024 * 1024
        static let longestValue = 4096
        private var left = Budget.whole

        mutating func take(_ value: [UInt8]?) -> [UInt8]? {
            guard let value, !value.isEmpty, value.count <= left else { return nil }
            let kept = value.count <= Budget.longestValue ? value : Array(value.prefix(Budget.longestValue))
            left -= kept.count
            return kept
        }

        mutating func take(_ parameters: [MIMEParameter]) -> [MIMEParameter] {
            parameters.compactMap { parameter in
                guard parameter.name.count <= 256, let name = take(parameter.name) else { return nil }
                return MIMEParameter(name: name, value: take(parameter.value) ?? [])
            }
        }

        /// Something that is kept whole or not at all.
        mutating func takeWhole(_ value: [UInt8]) -> [UInt8]? {
            guard value.count <= left else { return nil }
            left -= value.count
            return value
        }
    }

    /// `isInDigest`: parts of a multipart/digest are messages unless they say otherwise (RFC 2046 §5.1.5).
    mutating func readFields(of header: HeaderSection, isInDigest: Bool, budget: inout Budget) {
        if let value = header.unfolded("Content-Type") {
            // A type that cannot be understood: Dovecot and RFC 2045 §5.2 take text/plain.
            mediaType = MediaType(value) ?? .textPlain
            mediaType.type = Array(mediaType.type.prefix(127))
            mediaType.subtype = Array(mediaType.subtype.prefix(127))
            mediaType.parameters = budget.take(mediaType.parameters)
        } else if isInDigest {
            mediaType = MediaType(type: Array("message".utf8), subtype: Array("rfc822".utf8))
        }
        for field in header.fields where Self.isMIMEField(header, field) { readField(field, of: header, &budget) }
    }

    private static func isMIMEField(_ header: HeaderSection, _ field: HeaderSection.Field) -> Bool {
        field.name.count >= 10 && header.octets[field.name.lowerBound] | 0x20 == UInt8(ascii: "c")
    }

    private mutating func readField(_ field: HeaderSection.Field, of header: HeaderSection, _ budget: inout Budget) {
        func isNamed(_ name: String) -> Bool { header.isNamed(field, name) }
        if isNamed("Content-Transfer-Encoding") {
            transferEncoding = transferEncoding ?? budget.take(Self.transferEncoding(header.unfolded(field)))
        } else if isNamed("Content-ID") {
            contentID = contentID ?? budget.take(header.unfolded(field))
        } else if isNamed("Content-Description") {
            description = description ?? budget.take(header.unfolded(field))
        } else if isNamed("Content-Disposition"), disposition == nil {
            guard let value = Disposition(header.unfolded(field)), let kind = budget.take(Array(value.kind.prefix(127)))
            else { return }
            disposition = Disposition(kind: kind, parameters: budget.take(value.parameters))
        } else if isNamed("Content-Language"), languages.isEmpty {
            languages = Self.languageTags(header.unfolded(field)).compactMap { budget.take($0) }
        } else if isNamed("Content-Location") {
            location = location ?? budget.take(header.unfolded(field).filter { !$0.isFolding })
        } else if isNamed("Content-MD5") {
            md5 = md5 ?? budget.take(header.unfolded(field))
        }
    }

    /// The one token that may stand there (RFC 2045 §6.1), a semicolon after it forgiven; more than that is no
    /// encoding.
    private static func transferEncoding(_ value: [UInt8]) -> [UInt8]? {
        var reader = StructuredReader(value)
        reader.skipCFWS()
        let token = reader.readWhile(\.isTokenText)
        reader.skipCFWS()
        guard reader.isAtEnd || reader.next == UInt8(ascii: ";") else {
            return Octets.areEqualIgnoringCase(value, "quoted printable") ? Array("quoted-printable".utf8) : nil
        }
        return Array(token.prefix(64))
    }

    /// RFC 3282: tags separated by commas.
    private static func languageTags(_ value: [UInt8]) -> [[UInt8]] {
        var reader = StructuredReader(value)
        var result: [[UInt8]] = []
        while result.count < 20 {
            reader.skipCFWS()
            guard !reader.isAtEnd else { break }
            let tag = reader.readWhile(\.isTokenText)
            if tag.isEmpty { reader.position += 1 } else { result.append(tag) }
        }
        return result
    }
}
