/// The structure as stored octets: a version, then the tree. Common types, names and encodings take one octet each.
///
/// A part is a bit set of what follows, then in order: media type, places, transfer encoding, and what the bits say.
extension MIMEStructure {
    /// Stored structures of another version are made anew.
    package static let formatVersion: UInt8 = 1

    /// As stored.
    package func encoded() -> [UInt8] {
        var writer = StructureWriter()
        writer.octets = [Self.formatVersion]
        writer.write(root, isRoot: true)
        return writer.octets
    }

    /// Reads what `encoded` wrote; `nil` for another version and for damage.
    package init?(encoded: [UInt8]) {
        guard encoded.first == Self.formatVersion else { return nil }
        var reader = StructureReader(octets: encoded, position: 1)
        guard let root = reader.readPart(isRoot: true, depth: 0), reader.position == encoded.count else { return nil }
        self.init(root: root)
    }
}

private struct Contents: OptionSet {
    let rawValue: UInt8
    static let parameters = Contents(rawValue: 1)
    static let contentID = Contents(rawValue: 2)
    static let description = Contents(rawValue: 4)
    static let disposition = Contents(rawValue: 8)
    static let rare = Contents(rawValue: 16)  // MD5, location, languages
    static let envelope = Contents(rawValue: 32)
    static let children = Contents(rawValue: 64)
}

/// Words with a number; 0 is any other word, written out. Only ever append: the numbers are stored.
private enum Words {
    static let mediaTypes = [
        "text/plain", "text/html", "multipart/alternative", "multipart/mixed", "multipart/related", "multipart/signed",
        "multipart/report", "message/rfc822", "message/delivery-status", "text/calendar", "application/octet-stream",
        "application/pdf", "image/png", "image/jpeg", "image/gif", "application/pgp-signature",
        "application/pkcs7-signature", "application/zip", "application/msword", "text/csv", "text/rfc822-headers",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/x-pkcs7-signature",
        "TEXT/PLAIN", "TEXT/HTML", "image/jpg", "application/xml", "text/xml", "message/disposition-notification",
    ].map { Array($0.utf8) }
    static let encodings = [
        "7bit", "8bit", "quoted-printable", "base64", "binary", "7BIT", "8BIT", "QUOTED-PRINTABLE", "BASE64",
    ]
    .map { Array($0.utf8) }
    static let names = [
        "charset", "boundary", "name", "filename", "format", "delsp", "type", "filename*", "name*", "report-type",
        "protocol", "micalg", "size", "creation-date", "modification-date", "method", "start", "reply-type",
    ].map { Array($0.utf8) }
    static let values = [
        "utf-8", "UTF-8", "us-ascii", "US-ASCII", "iso-8859-1", "ISO-8859-1", "iso-8859-2", "ISO-8859-2",
        "windows-1252",
        "Windows-1252", "windows-1250", "flowed", "yes", "utf8", "inline", "attachment", "fixed", "iso-8859-15",
    ].map { Array($0.utf8) }

    static let mediaTypeNumbers = numbers(mediaTypes)
    static let encodingNumbers = numbers(encodings)
    static let nameNumbers = numbers(names)
    static let valueNumbers = numbers(values)

    private static func numbers(_ words: [[UInt8]]) -> [[UInt8]: Int] {
        Dictionary(uniqueKeysWithValues: words.enumerated().map { ($0.element, $0.offset + 1) })
    }
}

private struct StructureWriter {
    var octets: [UInt8] = []

    mutating func write(_ part: BodyPart, isRoot: Bool) {
        var contents: Contents = []
        if !part.mediaType.parameters.isEmpty { contents.insert(.parameters) }
        if part.contentID != nil { contents.insert(.contentID) }
        if part.description != nil { contents.insert(.description) }
        if part.disposition != nil { contents.insert(.disposition) }
        if part.md5 != nil || part.location != nil || !part.languages.isEmpty { contents.insert(.rare) }
        if part.envelope != nil { contents.insert(.envelope) }
        if !part.children.isEmpty { contents.insert(.children) }
        octets.append(contents.rawValue)
        write(part.mediaType.type + [UInt8(ascii: "/")] + part.mediaType.subtype, Words.mediaTypeNumbers)
        if !isRoot {
            write(part.headerOffset)
            write(part.headerLength)
            write(part.bodyOffset)
        }
        write(part.bodyLength)
        write(part.lineCount)
        write(part.transferEncoding ?? [], Words.encodingNumbers)
        if contents.contains(.parameters) { write(part.mediaType.parameters) }
        if let contentID = part.contentID { write(contentID) }
        if let description = part.description { write(description) }
        if let disposition = part.disposition {
            write(disposition.kind, Words.valueNumbers)
            write(disposition.parameters)
        }
        if contents.contains(.rare) {
            // Each may be absent, which is not the same as empty: one more than the length is written.
            writeOptional(part.md5)
            writeOptional(part.location)
            write(part.languages.count)
            part.languages.forEach { write($0) }
        }
        if let envelope = part.envelope { write(envelope) }
        if contents.contains(.children) {
            write(part.children.count)
            part.children.forEach { write($0, isRoot: false) }
        }
    }

    private mutating func write(_ number: Int) {
        var rest = UInt64(max(0, number))
        while rest >= 0x80 {
            octets.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        octets.append(UInt8(truncatingIfNeeded: rest))
    }

    private mutating func write(_ value: [UInt8]) {
        write(value.count)
        octets += value
    }

    private mutating func writeOptional(_ value: [UInt8]?) {
        write(value.map { $0.count + 1 } ?? 0)
        octets += value ?? []
    }

    private mutating func write(_ word: [UInt8], _ numbers: [[UInt8]: Int]) {
        if let number = numbers[word] { return write(number) }
        write(0)
        write(word)
    }

    private mutating func write(_ parameters: [MIMEParameter]) {
        write(parameters.count)
        for parameter in parameters {
            write(parameter.name, Words.nameNumbers)
            write(parameter.value, Words.valueNumbers)
        }
    }
}

private struct StructureReader {
    private static let deepest = 200

    let octets: [UInt8]
    var position: Int

    mutating func readPart(isRoot: Bool, depth: Int) -> BodyPart? {
        guard depth < Self.deepest, position < octets.count else { return nil }
        let contents = Contents(rawValue: octets[position])
        position += 1
        var part = BodyPart()
        guard let essence = readWord(Words.mediaTypes), let slash = essence.firstIndex(of: UInt8(ascii: "/")) else {
            return nil
        }
        part.mediaType = MediaType(type: Array(essence[..<slash]), subtype: Array(essence[(slash + 1)...]))
        if !isRoot {
            guard let headerOffset = readNumber(), let headerLength = readNumber(), let bodyOffset = readNumber() else {
                return nil
            }
            (part.headerOffset, part.headerLength, part.bodyOffset) = (headerOffset, headerLength, bodyOffset)
        }
        guard let bodyLength = readNumber(), let lineCount = readNumber(), let encoding = readWord(Words.encodings)
        else { return nil }
        (part.bodyLength, part.lineCount) = (bodyLength, lineCount)
        part.transferEncoding = encoding.isEmpty ? nil : encoding
        guard readFields(contents, into: &part) else { return nil }
        if contents.contains(.children) {
            guard let count = readNumber(), count <= octets.count - position else { return nil }
            for _ in 0..<count {
                guard let child = readPart(isRoot: false, depth: depth + 1) else { return nil }
                part.children.append(child)
            }
        }
        return part
    }

    private mutating func readFields(_ contents: Contents, into part: inout BodyPart) -> Bool {
        if contents.contains(.parameters) {
            guard let parameters = readParameters() else { return false }
            part.mediaType.parameters = parameters
        }
        if contents.contains(.contentID) {
            guard let value = readOctets() else { return false }
            part.contentID = value
        }
        if contents.contains(.description) {
            guard let value = readOctets() else { return false }
            part.description = value
        }
        if contents.contains(.disposition) {
            guard let kind = readWord(Words.values), let parameters = readParameters() else { return false }
            part.disposition = Disposition(kind: kind, parameters: parameters)
        }
        if contents.contains(.rare) {
            guard let md5 = readOptional(), let location = readOptional(), let count = readNumber(),
                count <= octets.count - position
            else { return false }
            (part.md5, part.location) = (md5, location)
            for _ in 0..<count {
                guard let language = readOctets() else { return false }
                part.languages.append(language)
            }
        }
        if contents.contains(.envelope) {
            guard let value = readOctets() else { return false }
            part.envelope = value
        }
        return true
    }

    private mutating func readNumber() -> Int? {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while position < octets.count, shift < 56 {
            let octet = octets[position]
            position += 1
            result |= UInt64(octet & 0x7F) << shift
            if octet < 0x80 { return Int(result) }
            shift += 7
        }
        return nil
    }

    private mutating func readOctets(count: Int) -> [UInt8]? {
        guard count <= octets.count - position else { return nil }
        defer { position += count }
        return Array(octets[position..<position + count])
    }

    private mutating func readOctets() -> [UInt8]? { readNumber().flatMap { readOctets(count: $0) } }

    /// Outer `nil`: damage; inner `nil`: absent.
    private mutating func readOptional() -> [UInt8]?? {
        guard let number = readNumber() else { return nil }
        guard number > 0 else { return .some(nil) }
        return readOctets(count: number - 1).map { .some($0) }
    }

    private mutating func readWord(_ words: [[UInt8]]) -> [UInt8]? {
        guard let number = readNumber() else { return nil }
        if number == 0 { return readOctets() }
        return number <= words.count ? words[number - 1] : nil
    }

    private mutating func readParameters() -> [MIMEParameter]? {
        guard let count = readNumber(), count <= octets.count - position else { return nil }
        var result: [MIMEParameter] = []
        for _ in 0..<count {
            guard let name = readWord(Words.names), let value = readWord(Words.values) else { return nil }
            result.append(MIMEParameter(name: name, value: value))
        }
        return result
    }
}
