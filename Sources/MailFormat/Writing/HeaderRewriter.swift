package import MailTypes

/// Makes the header section that IMAP serves from the one that was received (DESIGN §6): fields added on top, fields
/// removed that only Stempel may write, the Subject stamped, References led by the case's root. Every other octet
/// stays.
///
///     HeaderRewriter(added: traceFields, stamp: stamp, pattern: pattern, root: cardID).rewrite(header)
package struct HeaderRewriter: Sendable {
    /// RFC 5322 §2.1.1: a line should not be longer than this without its line end, and must not exceed 998.
    static let preferredLineLength = 78

    /// Complete fields with their line ends, put before everything.
    package var added: [UInt8]
    /// The stamp to bear; `nil` leaves the Subject alone.
    package var stamp: StampPattern.Stamp?
    /// How the stamp is written, and recognised where it stands already.
    package var pattern: StampPattern?
    /// The Message-ID that References begins with; `nil` leaves References alone.
    package var root: MessageID?
    /// Names of further fields to remove, any case.
    package var removedNames: [String]
    /// Further fields to remove, by where they begin.
    package var removedFields: Set<Int>

    /// Fields that only Stempel may write: these names, and all that begin with `X-Stempel-`.
    package static let reservedNames = ["Return-Path"]
    /// What the names of Stempel's own fields begin with.
    package static let reservedPrefix = "X-Stempel-"

    /// Stands before a first line that is no field's.
    private static let strayName = Array("X-Malformed:".utf8)

    package init(
        added: [UInt8] = [], stamp: StampPattern.Stamp? = nil, pattern: StampPattern? = nil, root: MessageID? = nil,
        removedNames: [String] = [], removedFields: Set<Int> = []
    ) {
        (self.added, self.stamp, self.pattern, self.root) = (added, stamp, pattern, root)
        (self.removedNames, self.removedFields) = (removedNames, removedFields)
    }

    /// The served header section, its empty line included as received.
    package func rewrite(_ header: HeaderSection) -> [UInt8] { rewriteWithSubject(header).header }

    /// As `rewrite`, with what the Subject became: unfolded and raw, as `IMAPEnvelope` takes it. `isStamped`: whether the
    /// Subject bears the stamp already, if that is known; else it is looked for.
    package func rewriteWithSubject(
        _ header: HeaderSection, isStamped: Bool? = nil
    ) -> (header: [UInt8], subject: [UInt8]?) {
        var served: [UInt8]?
        var output: [UInt8] = []
        output.reserveCapacity(added.count + header.bodyStart + 200)
        output += added
        let subject = header.first("Subject")
        let references = header.first("References")
        if subject == nil, let stampText = stampText {
            output += "Subject: ".utf8 + stampText + crlf
            served = stampText
        }
        if references == nil, root != nil { output += newReferences(header) }
        // A first line that begins with white space would become a part of the field put before it: a stranger's words
        // in a field of ours.
        if !output.isEmpty, header.fieldsEnd > 0, header.octets[0].isWhitespace { output += Self.strayName }
        for field in header.fields where !isRemoved(field, of: header) {
            if field == subject {
                let start = output.count
                appendSubject(field, of: header, isStamped: isStamped, to: &output)
                let body =
                    start + (field.body.lowerBound - field.range.lowerBound)
                    ..< output.count - (field.range.upperBound - field.body.upperBound)
                served = Array(output[body].filter { $0 != .carriageReturn && $0 != .lineFeed }[...].trimmed)
            } else if field == references {
                appendReferences(field, of: header, to: &output)
            } else {
                output += header.octets[field.range]
            }
        }
        output += header.octets[header.parsedEnd..<header.bodyStart]
        return (output, served)
    }

    private var crlf: [UInt8] { [.carriageReturn, .lineFeed] }

    private var stampText: [UInt8]? {
        guard let stamp, let pattern else { return nil }
        return Array(pattern.text(stamp).utf8)
    }

    /// Whether only Stempel may write a field of this name.
    package static func isReserved(_ name: [UInt8]) -> Bool {
        Octets.hasPrefixIgnoringCase(name[...], reservedPrefix)
            || reservedNames.contains { $0.utf8.count == name.count && Octets.hasPrefixIgnoringCase(name[...], $0) }
    }

    private func isRemoved(_ field: HeaderSection.Field, of header: HeaderSection) -> Bool {
        guard !field.isMalformed else { return false }
        return Octets.hasPrefixIgnoringCase(header.octets[field.name], Self.reservedPrefix)
            || Self.reservedNames.contains { header.isNamed(field, $0) }
            || removedNames.contains { header.isNamed(field, $0) } || removedFields.contains(field.range.lowerBound)
    }

    // MARK: Subject

    private func appendSubject(
        _ field: HeaderSection.Field, of header: HeaderSection, isStamped: Bool?, to output: inout [UInt8]
    ) {
        guard let stamp, let pattern, let stampText,
            !(isStamped ?? pattern.stamps(in: header.text(field)).contains { $0.number == stamp.number })
        else {
            output += header.octets[field.range]
            return
        }
        output += Self.stamped(header.octets, field.body, from: field.range.lowerBound, stampText)
        output += header.octets[field.body.upperBound..<field.range.upperBound]
    }

    /// The octets from `start` to the end of the field body with the stamp put in after the prefixes.
    static func stamped(_ octets: [UInt8], _ body: Range<Int>, from start: Int, _ stamp: [UInt8]) -> [UInt8] {
        let place = SubjectPrefix.end(in: octets, body)
        var result = Array(octets[start..<place])
        if let last = result.last, !last.isWhitespace { result.append(.space) }
        let lineStart = octets[start..<place].lastIndex(of: .lineFeed).map { $0 + 1 } ?? start
        let lineEnd =
            octets[place..<body.upperBound].firstIndex { $0 == .carriageReturn || $0 == .lineFeed } ?? body.upperBound
        result += stamp
        guard place < body.upperBound else { return result }
        // The white space after the stamp is a fold where the line would else grow too long.
        let isTooLong = lineEnd - lineStart + stamp.count + 1 > preferredLineLength
        if isTooLong { result += [.carriageReturn, .lineFeed] }
        result.append(.space)
        return result + octets[place..<body.upperBound]
    }

    // MARK: References

    /// RFC 5322 §3.6.4: without References the parent is what In-Reply-To names.
    private func newReferences(_ header: HeaderSection) -> [UInt8] {
        guard let root else { return [] }
        var output = Array("References: \(root)".utf8)
        if let parent = header.inReplyTo.first, parent != root { output += "\r\n \(parent)".utf8 }
        return output + crlf
    }

    private func appendReferences(_ field: HeaderSection.Field, of header: HeaderSection, to output: inout [UInt8]) {
        let octets = header.octets
        let body = Array(octets[field.body])
        let ranges = MessageIDs.ranges(body)
        guard let root, !isFirst(root, body, ranges) else {
            output += octets[field.range]
            return
        }
        output += octets[field.range.lowerBound..<field.body.lowerBound]
        output += " \(root)".utf8
        let rest = Self.removing(root, body, ranges)
        if !rest.trimmed.isEmpty {
            // What was folded at once stays folded; else the fold takes the place of the space after the colon.
            if !(rest.first.map { $0 == .carriageReturn || $0 == .lineFeed } ?? false) { output += crlf }
            if let first = rest.first, !first.isFolding { output.append(.space) }
            output += rest
        }
        output += octets[field.body.upperBound..<field.range.upperBound]
    }

    private func isFirst(_ root: MessageID, _ body: [UInt8], _ ranges: [Range<Int>]) -> Bool {
        guard let first = ranges.first else { return false }
        return body[..<first.lowerBound].allSatisfy(\.isFolding) && Self.isSame(body[first], root)
    }

    private static func isSame(_ id: ArraySlice<UInt8>, _ root: MessageID) -> Bool {
        id.dropFirst().dropLast().filter { !$0.isFolding }.elementsEqual(root.text.utf8)
    }

    /// Without the root where it stands among the others, the white space before it included.
    private static func removing(_ root: MessageID, _ body: [UInt8], _ ranges: [Range<Int>]) -> [UInt8] {
        var result: [UInt8] = []
        var place = 0
        for range in ranges where isSame(body[range], root) {
            var start = range.lowerBound
            while start > place, body[start - 1].isFolding { start -= 1 }
            result += body[place..<start]
            place = range.upperBound
        }
        return result + body[place...]
    }
}
