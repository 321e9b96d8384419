import MailFormat

/// What SEARCH looks through in a message, folded (DESIGN §7): stored by the indexer, made on the spot for messages that it
/// has not come to.
package struct SearchTexts: Sendable, Equatable {
    /// Of the way in which texts are made and indexed: what was made in another is made anew, behind the commits.
    package static let version = TextFolding.version << 16 | 2

    /// A line `name: value` for every header field, the name in lower case.
    package var head: [UInt8]
    /// A line for every text of the body. White space is one space, so that line ends within a text are none here.
    package var body: [UInt8]

    package init(head: [UInt8], body: [UInt8]) { (self.head, self.body) = (head, body) }

    /// Of a header section as served and the texts of its body.
    init(_ header: HeaderSection, _ texts: [String]) {
        var folder = TextFolder()
        for field in header.fields {
            folder.octets += header.octets[field.name].map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 } + ": ".utf8
            folder.consume(header.text(field))
            folder.endLine()
        }
        head = folder.octets
        folder = TextFolder()
        for text in texts {
            folder.consume(text)
            folder.endLine()
        }
        body = folder.octets
    }

    /// What the index looks at: the values of the header fields and such names as are not common, each with a line feed,
    /// and the body.
    package var indexed: [[UInt8]] {
        var fields: [UInt8] = []
        fields.reserveCapacity(head.count)
        for line in head.split(separator: 0x0A) {
            let name = line.prefix { $0 != 0x3A }
            if !CommonFieldNames.contains(name) {
                fields += name
                fields.append(0x0A)
            }
            fields += line.dropFirst(name.count).dropFirst(2)
            fields.append(0x0A)
        }
        return [fields, body]
    }

    // MARK: Searching

    /// Whether a field of this name is there.
    func hasField(_ name: [UInt8]) -> Bool { head.split(separator: 0x0A).contains { Self.value($0, name) != nil } }

    /// Whether a field of this name holds the needle.
    func isFound(_ needle: TextNeedle, inField name: [UInt8]) -> Bool {
        var rest = head[...]
        while let end = rest.firstIndex(of: 0x0A) {
            // Most lines are of other fields: nothing is made of them.
            if let value = Self.value(rest[..<end], name), needle.isFound(inFolded: value) { return true }
            rest = rest[(end + 1)...]
        }
        return Self.value(rest, name).map { needle.isFound(inFolded: $0) } ?? false
    }

    func isFoundInBody(_ needle: TextNeedle) -> Bool { needle.isFound(inFolded: body) }

    /// In the header, names of fields included, or the body (RFC 9051 §6.4.4).
    func isFound(_ needle: TextNeedle) -> Bool { isFoundInBody(needle) || needle.isFound(inFolded: head) }

    private static func value(_ line: ArraySlice<UInt8>, _ name: [UInt8]) -> ArraySlice<UInt8>? {
        // An empty value has no space before it: the end of a line is trimmed.
        guard line.count > name.count, line.starts(with: name), line[line.startIndex + name.count] == 0x3A else {
            return nil
        }
        return line.dropFirst(name.count + 1).drop { $0 == 0x20 }
    }
}
