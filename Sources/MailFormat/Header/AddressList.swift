package import MailTypes

/// The value of an address field (RFC 5322 §3.4, obsolete forms of §4.4 included), as far as it can be understood.
package struct AddressList: Sendable, Equatable {
    /// One mailbox as raw octets: names still hold their encoded-words, nothing is checked.
    package struct RawMailbox: Sendable, Equatable {
        /// As written, without quotes and escapes; `nil` where none stands.
        package var displayName: [UInt8]?
        /// The obsolete source route, `@a,@b`.
        package var route: [UInt8]?
        /// Without quotes and escapes.
        package var localPart: [UInt8]
        /// Empty where the mail names none.
        package var domain: [UInt8]
    }

    /// A group is its start, its members, its end.
    package enum Element: Sendable, Equatable {
        case mailbox(RawMailbox)
        case groupStart([UInt8])
        case groupEnd
    }

    /// In the order of the field.
    package private(set) var elements: [Element] = []

    /// Reads an unfolded field body.
    package init(_ unfolded: [UInt8]) {
        var parser = AddressParser(unfolded)
        elements = parser.parse()
    }

    /// The mailboxes that have a usable address, groups opened, names decoded.
    package var addresses: [NamedAddress] { addresses(hint: nil) }

    /// As `addresses`; `hint` is the charset of raw octets in names.
    package func addresses(hint: @autoclosure () -> String?) -> [NamedAddress] {
        elements.compactMap { element in
            guard case .mailbox(let mailbox) = element else { return nil }
            return mailbox.namedAddress(hint: hint())
        }
    }
}

extension AddressList.RawMailbox {
    /// Decoded and checked; `nil` where local part or domain cannot be an address.
    package var namedAddress: NamedAddress? { namedAddress(hint: nil) }

    /// As `namedAddress`; `hint` is the charset of raw octets in the name.
    package func namedAddress(hint: @autoclosure () -> String?) -> NamedAddress? {
        guard !localPart.isEmpty, localPart.count <= 256, localPart.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }),
            !domain.isEmpty, domain.count <= 1000,
            let domainName = DomainName(Charset.decode(domain))
        else { return nil }
        let local = Charset.decode(localPart)
        guard local.utf8.count <= EmailAddress.maximumLocalPartLength else { return nil }
        let name = displayName.map { EncodedWords.decode($0, fallback: hint()).withoutControls }
        return NamedAddress(
            displayName: name?.isEmpty == false ? name : nil,
            address: EmailAddress(localPart: local, domain: domainName))
    }
}

extension String {
    /// Without control characters.
    fileprivate var withoutControls: String {
        guard utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return self }
        return String(unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F })
    }
}

/// Reads address lists. One piece of the list after the other, by what ends it: `<`, `@`, `:`, `;`, `,` or the end.
private struct AddressParser {
    private static let limit = 10_000

    private var reader: StructuredReader
    private var elements: [AddressList.Element] = []
    private var isInGroup = false
    /// An address was read and no comma since: words that follow are no address of their own.
    private var isAfterAddress = false
    private let lastEncodedWordEnd: Int
    private static let longestRoute = 1_000

    init(_ octets: [UInt8]) {
        reader = StructuredReader(octets)
        lastEncodedWordEnd = EncodedWords.lastEnd(octets)
    }

    mutating func parse() -> [AddressList.Element] {
        while elements.count < Self.limit {
            reader.skipCFWS()
            guard let octet = reader.next else { break }
            switch octet {
            case UInt8(ascii: ","), UInt8(ascii: ">"):
                reader.position += 1
                isAfterAddress = isAfterAddress && octet == UInt8(ascii: ">")
            case UInt8(ascii: ";"):
                reader.position += 1
                isAfterAddress = false
                endGroup()
            default: parseElement()
            }
        }
        endGroup()
        return elements
    }

    private mutating func endGroup() {
        if isInGroup { elements.append(.groupEnd) }
        isInGroup = false
    }

    private mutating func parseElement() {
        var words: [[UInt8]] = []
        var comment: [UInt8]?
        while true {
            if let text = reader.skipCFWS() { comment = text }
            guard let octet = reader.next else { break }
            switch octet {
            case UInt8(ascii: "<"):
                reader.position += 1
                parseAngleAddress(phrase: words.isEmpty ? comment : join(words))
                return
            case UInt8(ascii: "@"):
                let start = reader.position
                reader.position += 1
                var domain = parseDomain()
                if let text = reader.skipCFWS() { comment = text }
                if reader.next == UInt8(ascii: "<") {
                    // An address as an unquoted display name: a@b <a@b>.
                    words.append(Array(reader.octets[start..<reader.position].trimmed))
                    words = [words.flatMap { $0 }]
                    continue
                }
                var (name, localPart) = Self.split(words)
                while reader.skip(UInt8(ascii: "@")) {
                    localPart += [UInt8(ascii: "@")] + domain
                    domain = parseDomain()
                }
                append(localPart: localPart, domain: domain, name: comment ?? join(name))
                return
            case UInt8(ascii: ":") where !isInGroup:
                reader.position += 1
                elements.append(.groupStart(join(words)))
                isInGroup = true
                return
            case UInt8(ascii: ","), UInt8(ascii: ";"):
                if !words.isEmpty, !isAfterAddress { append(localPart: join(words), domain: [], name: nil) }
                return
            default: words.append(readWord(octet))
            }
        }
        if !words.isEmpty, !isAfterAddress { append(localPart: join(words), domain: [], name: comment) }
    }

    /// The words before an `@`: the last is the local part, with what a dot ties to it (obs-local-part, `a . b@c`);
    /// those before it are a name whose angle brackets were forgotten.
    private static func split(_ words: [[UInt8]]) -> (name: [[UInt8]], localPart: [UInt8]) {
        let dot = UInt8(ascii: ".")
        guard var start = words.indices.last else { return ([], []) }
        while start > 0, words[start].first == dot || words[start - 1].last == dot { start -= 1 }
        return (Array(words[..<start]), words[start...].flatMap { $0 })
    }

    private mutating func readWord(_ octet: UInt8) -> [UInt8] {
        if octet == .quote { return reader.readQuotedString() }
        if octet == UInt8(ascii: "="),
            let end = EncodedWords.end(reader.octets, at: reader.position, lastEnd: lastEncodedWordEnd)
        {
            let word = Array(reader.octets[reader.position..<end])
            reader.position = end
            return word
        }
        let word = reader.readWhile { octet in
            switch octet {
            case UInt8(ascii: "<"), UInt8(ascii: "@"), UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: ";"),
                UInt8(ascii: "("), .quote:
                false
            default: !octet.isFolding && octet != 0
            }
        }
        if word.isEmpty { reader.position += 1 }
        return word
    }

    private func join(_ words: [[UInt8]]) -> [UInt8] { Array(words.filter { !$0.isEmpty }.joined(separator: [.space])) }

    private mutating func parseAngleAddress(phrase: [UInt8]?) {
        var route: [UInt8]?
        reader.skipCFWS()
        if reader.next == UInt8(ascii: "@"), let colon = routeEnd() {
            route = Array(reader.octets[reader.position..<colon].trimmed)
            reader.position = colon + 1
        }
        var localPart: [UInt8] = []
        var domain: [UInt8] = []
        reading: while true {
            reader.skipCFWS()
            guard let octet = reader.next else { break }
            switch octet {
            case UInt8(ascii: ">"):
                reader.position += 1
                break reading
            case UInt8(ascii: "@"):
                reader.position += 1
                if !domain.isEmpty { localPart += [UInt8(ascii: "@")] + domain }
                domain = parseDomain()
            case UInt8(ascii: ","), UInt8(ascii: ";"):
                // A missing `>`: the address ends here, unless nothing was read yet.
                if localPart.isEmpty, domain.isEmpty { reader.position += 1 } else { break reading }
            case .quote: localPart += reader.readQuotedString()
            default:
                let word = reader.readWhile { octet in
                    switch octet {
                    case UInt8(ascii: ">"), UInt8(ascii: "@"), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "("),
                        .quote:
                        false
                    default: !octet.isFolding && octet != 0
                    }
                }
                localPart += word
                if word.isEmpty { reader.position += 1 }
            }
        }
        let comment = reader.skipCFWS()
        append(localPart: localPart, domain: domain, name: phrase ?? comment, route: route)
    }

    /// The colon that ends a source route, before any `>`.
    private func routeEnd() -> Int? {
        for index in reader.position..<min(reader.octets.count, reader.position + Self.longestRoute) {
            if reader.octets[index] == UInt8(ascii: ":") { return index }
            if reader.octets[index] == UInt8(ascii: ">") { return nil }
        }
        return nil
    }

    private mutating func parseDomain() -> [UInt8] {
        var domain: [UInt8] = []
        while true {
            let place = reader.position
            reader.skipCFWS()
            guard let octet = reader.next else {
                // A comment that follows names the mailbox: the caller reads it.
                reader.position = place
                break
            }
            if octet == UInt8(ascii: "[") {
                domain += reader.readWhile { $0 != UInt8(ascii: "]") && $0 != UInt8(ascii: ">") && !$0.isFolding }
                if reader.skip(UInt8(ascii: "]")) { domain.append(UInt8(ascii: "]")) }
                continue
            }
            // Spaces are allowed around the dots only (obs-domain).
            let isContinued = domain.isEmpty || domain.last == UInt8(ascii: ".") || octet == UInt8(ascii: ".")
            let label = isContinued ? reader.readWhile { $0.isAtomText || $0 == UInt8(ascii: ".") } : []
            guard !label.isEmpty else {
                reader.position = place
                break
            }
            domain += label
        }
        return domain
    }

    private mutating func append(localPart: [UInt8], domain: [UInt8], name: [UInt8]?, route: [UInt8]? = nil) {
        isAfterAddress = true
        guard !localPart.isEmpty || !domain.isEmpty || name?.isEmpty == false else { return }
        elements.append(
            .mailbox(
                AddressList.RawMailbox(
                    displayName: name?.isEmpty == false ? name : nil, route: route, localPart: localPart, domain: domain
                )))
    }
}
