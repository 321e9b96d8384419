import Glibc

/// The header section of a message or body part (RFC 5322 §2.2, RFC 2045 §3), read once and leniently: nothing that
/// arrives is an error. Fields keep their octets; what has no field name (a line without a colon, the `From ` line of
/// an mbox) is a field with an empty name. The section ends with the first empty line and only there, or with the
/// octets.
///
///     let header = HeaderSection(Array("Subject: hello\r\n\r\nbody".utf8))
///     header.text("subject")  // "hello"
///     header.bodyStart        // 18
package struct HeaderSection: Sendable, Equatable {
    /// Fields are parsed up to here; what follows keeps its octets but is not looked into.
    package static let parsedLimit = 256 * 1024

    /// The places of one field in the section's octets.
    package struct Field: Sendable, Equatable {
        /// All of it: name, colon, body, folded lines, line end.
        package let range: Range<Int>
        /// The field name; empty for a malformed line.
        package let name: Range<Int>
        /// What stands between the colon and the final line end, folding included.
        package let body: Range<Int>
        /// No field name stands before a colon.
        package var isMalformed: Bool { name.isEmpty }
    }

    /// As given to `init`; what stands after `bodyStart` belongs to the body.
    package let octets: [UInt8]
    /// In the order of the message.
    package let fields: [Field]
    /// Where the parsed fields end.
    package let parsedEnd: Int
    /// Where the fields end: the place of the empty line, or of the end.
    package let fieldsEnd: Int
    /// The first octet after the empty line; where there is none, the end.
    package let bodyStart: Int

    /// Whether an empty line ends the section.
    package var hasEmptyLine: Bool { bodyStart > fieldsEnd }

    /// Reads fields up to the first empty line.
    package init(_ octets: [UInt8]) {
        var reader = LineReader(limit: Self.parsedLimit)
        octets.withUnsafeBytes { reader.read($0) }
        self.octets = octets
        (fields, parsedEnd, fieldsEnd, bodyStart) =
            (reader.fields, reader.parsedEnd, reader.fieldsEnd, reader.bodyStart)
    }

    /// Reads fields up to the first empty line.
    package init(_ octets: some Sequence<UInt8>) { self.init(Array(octets)) }

    private struct LineReader {
        let limit: Int
        var fields: [Field] = []
        var parsedEnd = 0
        var fieldsEnd = 0
        var bodyStart = 0

        mutating func read(_ buffer: UnsafeRawBufferPointer) {
            fields.reserveCapacity(24)
            var position = 0
            var isParsing = true
            while position < buffer.count {
                if let emptyLine = Self.emptyLineLength(buffer, at: position) {
                    fieldsEnd = position
                    bodyStart = position + emptyLine
                    return
                }
                let start = position
                position = Self.lineEnd(buffer, from: position)
                let firstLineEnd = position
                while position < buffer.count, buffer[position].isWhitespace {
                    position = Self.lineEnd(buffer, from: position)
                }
                isParsing = isParsing && position <= limit
                if isParsing {
                    fields.append(Self.field(buffer, start: start, firstLineEnd: firstLineEnd, end: position))
                    parsedEnd = position
                }
            }
            fieldsEnd = buffer.count
            bodyStart = buffer.count
        }

        private static func emptyLineLength(_ buffer: UnsafeRawBufferPointer, at position: Int) -> Int? {
            if buffer[position] == .lineFeed { return 1 }
            guard buffer[position] == .carriageReturn, position + 1 < buffer.count,
                buffer[position + 1] == .lineFeed
            else { return nil }
            return 2
        }

        private static func lineEnd(_ buffer: UnsafeRawBufferPointer, from position: Int) -> Int {
            Octets.firstIndex(of: .lineFeed, in: buffer, from: position).map { $0 + 1 } ?? buffer.count
        }

        private static func field(
            _ buffer: UnsafeRawBufferPointer, start: Int, firstLineEnd: Int, end: Int
        ) -> Field {
            var bodyEnd = end
            if bodyEnd > start, buffer[bodyEnd - 1] == .lineFeed {
                bodyEnd -= 1
                if bodyEnd > start, buffer[bodyEnd - 1] == .carriageReturn { bodyEnd -= 1 }
            }
            // A field name is printable ASCII without a colon (RFC 5322 §3.6.8); white space before the colon is the
            // obsolete form (§4.5), white space within means that this is no field.
            var nameEnd = start
            while nameEnd < firstLineEnd, buffer[nameEnd] > 0x20, buffer[nameEnd] < 0x7F,
                buffer[nameEnd] != UInt8(ascii: ":")
            { nameEnd += 1 }
            var colon = nameEnd
            while colon < firstLineEnd, buffer[colon].isWhitespace { colon += 1 }
            guard nameEnd > start, colon < bodyEnd, buffer[colon] == UInt8(ascii: ":") else {
                return Field(range: start..<end, name: start..<start, body: start..<bodyEnd)
            }
            return Field(range: start..<end, name: start..<nameEnd, body: colon + 1..<bodyEnd)
        }
    }
}

// MARK: Lookup

extension HeaderSection {
    /// Whether a field has this name, in any case.
    package func isNamed(_ field: Field, _ name: String) -> Bool {
        var name = name
        return name.withUTF8 { isNamed(field, UnsafeRawBufferPointer($0)) }
    }

    private func isNamed(_ field: Field, _ name: UnsafeRawBufferPointer) -> Bool {
        guard field.name.count == name.count else { return false }
        return octets.withUnsafeBytes {
            Octets.areEqualIgnoringCase(UnsafeRawBufferPointer(rebasing: $0[field.name]), name)
        }
    }

    /// The first field of that name.
    package func first(_ name: String) -> Field? {
        var name = name
        return name.withUTF8 { utf8 in
            let wanted = UnsafeRawBufferPointer(utf8)
            return fields.first { isNamed($0, wanted) }
        }
    }

    /// All fields of that name in the order of the message.
    package func all(_ name: String) -> [Field] {
        var name = name
        return name.withUTF8 { utf8 in
            let wanted = UnsafeRawBufferPointer(utf8)
            return fields.filter { isNamed($0, wanted) }
        }
    }

    /// How many fields have that name.
    package func count(of name: String) -> Int {
        var name = name
        return name.withUTF8 { utf8 in
            let wanted = UnsafeRawBufferPointer(utf8)
            return fields.reduce(into: 0) { if isNamed($1, wanted) { $0 += 1 } }
        }
    }

    /// Whether a field of that name is there.
    package func contains(_ name: String) -> Bool { first(name) != nil }

    /// The name of a field as it was written.
    package func name(of field: Field) -> String { String(decoding: octets[field.name], as: UTF8.self) }

    /// The body of a field with line ends taken out (RFC 5322 §2.2.3) and white space at both ends removed; raw octets.
    package func unfolded(_ field: Field) -> [UInt8] {
        let body = octets[field.body].trimmed
        guard body.contains(where: { $0 == .carriageReturn || $0 == .lineFeed }) else { return Array(body) }
        return body.filter { $0 != .carriageReturn && $0 != .lineFeed }
    }

    /// The unfolded raw body of the first field of that name.
    package func unfolded(_ name: String) -> [UInt8]? { first(name).map { unfolded($0) } }
}

// MARK: Extracts for HEADER.FIELDS

extension HeaderSection {
    /// The fields of these names as they stand, and an empty line: `HEADER.FIELDS` of RFC 9051 §6.4.5.
    package func fields(named names: [String]) -> [UInt8] {
        var result = extract { field in names.contains { isNamed(field, $0) } }
        if let last = result.last, last != .lineFeed { result += [.carriageReturn, .lineFeed] }
        return result + [.carriageReturn, .lineFeed]
    }

    /// All other fields as they stand, and the empty line: `HEADER.FIELDS.NOT`. A message without a body and without an
    /// empty line gives none here either (RFC 9051 §6.4.5.1); a section that was cut at the limit is followed by a body.
    package func fieldsNot(named names: [String]) -> [UInt8] {
        var result = extract { field in !names.contains { isNamed(field, $0) } } + octets[parsedEnd..<fieldsEnd]
        guard hasEmptyLine || octets.count >= Self.parsedLimit else { return result }
        if let last = result.last, last != .lineFeed { result += [.carriageReturn, .lineFeed] }
        return result + [.carriageReturn, .lineFeed]
    }

    private func extract(where isWanted: (Field) -> Bool) -> [UInt8] {
        var result: [UInt8] = []
        for field in fields where isWanted(field) { result += octets[field.range] }
        return result
    }
}
