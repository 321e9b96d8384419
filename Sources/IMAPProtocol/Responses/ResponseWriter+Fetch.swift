package import MailTypes

/// FETCH responses, item by item:
///
///     writer.beginFetch(12)
///     writer.fetchUID(UID(4711))
///     writer.fetchFlags([.seen], keywords: [])
///     writer.fetchOctets(.section(BodySection(), partial: nil, isPeek: true), octets)
///     writer.endFetch()   // * 12 FETCH (UID 4711 FLAGS (\Seen) BODY[] {3}<CRLF>abc)
extension ResponseWriter {
    /// `* n FETCH (`
    package mutating func beginFetch(_ sequenceNumber: UInt32) {
        write("* ")
        write(number: sequenceNumber)
        write(" FETCH (")
        isBehindItem = false
    }

    /// `)` and line end.
    package mutating func endFetch() {
        write(")\r\n")
        isBehindItem = false
    }

    /// `UID n`
    package mutating func fetchUID(_ uid: UID) {
        item("UID ")
        write(number: uid.number)
    }

    /// `FLAGS (…)`
    package mutating func fetchFlags(_ flags: Flags, keywords: [String] = [], isRecent: Bool = false) {
        item("FLAGS ")
        write(flags: flags, keywords: keywords, isRecent: isRecent)
    }

    /// `RFC822.SIZE n`
    package mutating func fetchSize(_ octetCount: Int) {
        item("RFC822.SIZE ")
        write(number: octetCount)
    }

    /// `INTERNALDATE "17-Jul-1996 02:44:25 +0000"`
    package mutating func fetchInternalDate(_ moment: Timestamp, offset: Int = 0) {
        item("INTERNALDATE ")
        write(dateTime: CivilTime(moment, offset: offset))
    }

    /// `MODSEQ (n)`
    package mutating func fetchModSequence(_ modSequence: ModSequence) {
        item("MODSEQ (")
        write(number: modSequence.number)
        write(octet: UInt8(ascii: ")"))
    }

    /// ENVELOPE, stored ready with its parentheses.
    package mutating func fetchEnvelope(_ octets: UnsafeRawBufferPointer) {
        item("ENVELOPE ")
        raw(octets)
    }

    /// As above.
    package mutating func fetchEnvelope(_ octets: [UInt8]) { octets.withUnsafeBytes { fetchEnvelope($0) } }

    /// BODY without section, stored ready.
    package mutating func fetchBody(_ octets: UnsafeRawBufferPointer) {
        item("BODY ")
        raw(octets)
    }

    /// As above.
    package mutating func fetchBody(_ octets: [UInt8]) { octets.withUnsafeBytes { fetchBody($0) } }

    /// BODYSTRUCTURE, stored ready.
    package mutating func fetchBodyStructure(_ octets: UnsafeRawBufferPointer) {
        item("BODYSTRUCTURE ")
        raw(octets)
    }

    /// As above.
    package mutating func fetchBodyStructure(_ octets: [UInt8]) { octets.withUnsafeBytes { fetchBodyStructure($0) } }

    /// `EMAILID (…)` (RFC 8474 §5.1)
    package mutating func fetchEmailID(_ text: String) {
        item("EMAILID (")
        write(atom: text)
        write(octet: UInt8(ascii: ")"))
    }

    /// `THREADID (…)`, or NIL (RFC 8474 §5.2).
    package mutating func fetchThreadID(_ text: String?) {
        guard let text else { return item("THREADID NIL") }
        item("THREADID (")
        write(atom: text)
        write(octet: UInt8(ascii: ")"))
    }

    /// `SAVEDATE "…"`, or NIL (RFC 8514 §4.3).
    package mutating func fetchSaveDate(_ moment: Timestamp?) {
        guard let moment else { return item("SAVEDATE NIL") }
        item("SAVEDATE ")
        write(dateTime: CivilTime(moment))
    }

    /// `PREVIEW "…"`, or NIL (RFC 8970 §3.1).
    package mutating func fetchPreview(_ text: String?) {
        item("PREVIEW ")
        write(nstring: text)
    }

    /// `BINARY.SIZE[1] n`, for an item of that kind.
    package mutating func fetchBinarySize(_ item: FetchItem, _ octetCount: Int) {
        label(item)
        write(number: octetCount)
    }

    /// A section, part or message with its octets, as a literal.
    package mutating func fetchOctets(_ item: FetchItem, _ octets: UnsafeRawBufferPointer) {
        fetchLiteral(item, octetCount: octets.count)
        raw(octets)
    }

    /// As above.
    package mutating func fetchOctets(_ item: FetchItem, _ octets: [UInt8]) {
        octets.withUnsafeBytes { fetchOctets(item, $0) }
    }

    /// The label and the head of a literal of so many octets, which `raw` brings next, in as many pieces as suit.
    /// `isBinary` writes `~{n}`, for a BINARY part with NUL (RFC 3516 §4.3).
    package mutating func fetchLiteral(_ item: FetchItem, octetCount: Int, isBinary: Bool = false) {
        label(item)
        if isBinary { write(octet: UInt8(ascii: "~")) }
        writeLiteralHeader(octetCount)
    }

    /// An item of octets that are not there: NIL, as a size 0.
    package mutating func fetchAbsent(_ item: FetchItem) {
        if case .binarySize = item { fetchBinarySize(item, 0) } else { fetchNil(item) }
    }

    /// A section of which nobody knows the transfer encoding (RFC 3516 §4.3). Its size is not told, since none would be
    /// true; the UID stands in for it, since a response must hold something.
    package mutating func fetchUnknownEncoding(_ item: FetchItem, _ uid: UID) {
        if case .binarySize = item { fetchUID(uid) } else { fetchNil(item) }
    }

    /// A section that is not there.
    package mutating func fetchNil(_ item: FetchItem) {
        label(item)
        write("NIL")
    }

    private mutating func item(_ name: StaticString) {
        if isBehindItem { write(octet: 0x20) }
        isBehindItem = true
        write(name)
    }

    /// The name under which an item is answered, with a space: without PEEK, of a partial only the offset.
    private mutating func label(_ fetchItem: FetchItem) {
        switch fetchItem {
        case .section(let section, let partial, _):
            item("BODY[")
            write(section: section)
            write(octet: UInt8(ascii: "]"))
            write(partial: partial)
        case .binary(let part, let partial, _):
            item("BINARY[")
            write(part: part)
            write(octet: UInt8(ascii: "]"))
            write(partial: partial)
        case .binarySize(let part):
            item("BINARY.SIZE[")
            write(part: part)
            write(octet: UInt8(ascii: "]"))
        case .rfc822(.whole, _): item("RFC822")
        case .rfc822(.header, _): item("RFC822.HEADER")
        case .rfc822(.text, _): item("RFC822.TEXT")
        case .body: item("BODY")
        case .bodyStructure: item("BODYSTRUCTURE")
        case .envelope: item("ENVELOPE")
        case .preview: item("PREVIEW")
        case .threadID: item("THREADID")
        case .emailID: item("EMAILID")
        case .saveDate: item("SAVEDATE")
        case .uid, .flags, .internalDate, .rfc822Size, .modSequence:
            preconditionFailure("\(fetchItem) has a method of its own")
        }
        write(octet: 0x20)
    }

    private mutating func write(section: BodySection) {
        write(part: section.part)
        if !section.part.isEmpty, section.specifier != .whole { write(octet: UInt8(ascii: ".")) }
        switch section.specifier {
        case .whole: break
        case .header: write("HEADER")
        case .headerFields(let names): write("HEADER.FIELDS (", fieldNames: names)
        case .headerFieldsNot(let names): write("HEADER.FIELDS.NOT (", fieldNames: names)
        case .text: write("TEXT")
        case .mime: write("MIME")
        }
    }

    private mutating func write(_ word: StaticString, fieldNames: [String]) {
        write(word)
        for (index, name) in fieldNames.enumerated() {
            if index > 0 { write(octet: 0x20) }
            // An astring: an atom where it is one, so that clients find their own spelling again.
            if !name.isEmpty, name.utf8.allSatisfy(ByteClass.isAtom) { write(atom: name) } else { write(string: name) }
        }
        write(octet: UInt8(ascii: ")"))
    }

    private mutating func write(part: [Int]) {
        for (index, number) in part.enumerated() {
            if index > 0 { write(octet: UInt8(ascii: ".")) }
            write(number: number)
        }
    }

    private mutating func write(partial: FetchPartial?) {
        guard let partial else { return }
        write(octet: UInt8(ascii: "<"))
        write(number: partial.offset)
        write(octet: UInt8(ascii: ">"))
    }

    /// A date-time in quotes (RFC 3501 §9), 28 octets in one piece: every message has one.
    private mutating func write(dateTime time: CivilTime) {
        let month = ByteClass.monthName(time.month)
        let offset = Int(time.offset.magnitude)
        writeInPlace(28) { target in
            for index in target.indices { target[index] = UInt8(ascii: ":") }
            (target[0], target[27]) = (UInt8(ascii: "\""), UInt8(ascii: "\""))
            (target[3], target[7]) = (UInt8(ascii: "-"), UInt8(ascii: "-"))
            (target[12], target[21]) = (0x20, 0x20)
            for index in 0..<3 { target[4 + index] = month.utf8Start[index] }
            Self.put(time.day, at: 1, in: target)
            Self.put(time.year / 100, at: 8, in: target)
            Self.put(time.year % 100, at: 10, in: target)
            Self.put(time.hour, at: 13, in: target)
            Self.put(time.minute, at: 16, in: target)
            Self.put(time.second, at: 19, in: target)
            target[22] = time.offset < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+")
            Self.put(offset / 60, at: 23, in: target)
            Self.put(offset % 60, at: 25, in: target)
        }
    }

    /// The last two digits of a number.
    private static func put(_ number: Int, at index: Int, in target: UnsafeMutableRawBufferPointer) {
        target[index] = UInt8(truncatingIfNeeded: number / 10 % 10) | 0x30
        target[index + 1] = UInt8(truncatingIfNeeded: number % 10) | 0x30
    }
}
