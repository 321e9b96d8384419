package import MailTypes

/// A value that cannot stand in a header field: it holds CR, LF or NUL, with which a field could be smuggled in.
package struct InvalidFieldValue: Error, Equatable {
    /// The field that was to be written.
    package var fieldName: String
}

/// Writes header fields strictly by RFC 5322: typed, folded at 78 columns, other than ASCII as encoded-words (RFC 2047)
/// and extended parameters (RFC 2231).
///
///     var writer = HeaderWriter()
///     try writer.text("Subject", "Zażółć")
///     writer.octets  // Subject: =?UTF-8?Q?Za=C5=BC=C3=B3=C5=82=C4=87?=\r\n
package struct HeaderWriter: Sendable {
    /// Lines are folded before this column where there is a place to fold.
    static let preferredLineLength = 78
    /// RFC 5322 §2.1.1.
    static let longestLine = 998

    /// The fields so far, each with its line end.
    package private(set) var octets: [UInt8] = []

    package init() {}

    /// An unstructured field; text that is not plain ASCII becomes encoded-words.
    package mutating func text(_ name: String, _ text: String) throws(InvalidFieldValue) {
        try check(name, text)
        fold(name, EncodedWordWriter.tokens(unstructured: text))
    }

    /// A structured field whose value is already in its wire form, ASCII; it is folded at its spaces.
    package mutating func structured(_ name: String, _ value: String) throws(InvalidFieldValue) {
        try check(name, value)
        fold(name, value.utf8.split(separator: .space).map(Array.init))
    }

    /// An address field. Nothing is written for an empty list.
    package mutating func addresses(_ name: String, _ addresses: [NamedAddress]) throws(InvalidFieldValue) {
        guard !addresses.isEmpty else { return }
        var tokens: [[UInt8]] = []
        for (index, address) in addresses.enumerated() {
            try check(name, address.address.localPart)
            if let displayName = address.displayName { try check(name, displayName) }
            var words = AddressWriter.tokens(address)
            if index < addresses.count - 1, !words.isEmpty { words[words.count - 1].append(UInt8(ascii: ",")) }
            tokens += words
        }
        fold(name, tokens)
    }

    /// A field of Message-IDs. Nothing is written for an empty list.
    package mutating func messageIDs(_ name: String, _ ids: [MessageID]) {
        guard !ids.isEmpty else { return }
        fold(name, ids.map { Array($0.description.utf8) })
    }

    /// A date field; `offset` is minutes east of UTC.
    package mutating func date(_ name: String, _ moment: Timestamp, offset: Int = 0) {
        fold(name, MailDate.text(moment, offset: offset).utf8.split(separator: .space).map(Array.init))
    }

    /// A MIME field with parameters (RFC 2045 §5.1, RFC 2231).
    package mutating func parameterized(
        _ name: String, _ value: String, _ parameters: [(name: String, value: String)]
    ) throws(InvalidFieldValue) {
        try check(name, value)
        var tokens = [Array(value.utf8)]
        for parameter in parameters {
            try check(name, parameter.name)
            try check(name, parameter.value)
            for words in ParameterWriter.parameters(parameter.name, parameter.value) {
                tokens[tokens.count - 1].append(UInt8(ascii: ";"))
                tokens += words
            }
        }
        fold(name, tokens)
    }

    /// A field as it stands in a header section, with its line end.
    package mutating func copy(_ field: HeaderSection.Field, of header: HeaderSection) {
        append(raw: Array(header.octets[field.range]))
    }

    /// Complete fields; a missing last line end is added.
    package mutating func append(raw: [UInt8]) {
        octets += raw
        if let last = raw.last, last != .lineFeed { octets += [.carriageReturn, .lineFeed] }
    }

    private func check(_ name: String, _ text: String) throws(InvalidFieldValue) {
        guard text.utf8.allSatisfy({ $0 != .carriageReturn && $0 != .lineFeed && $0 != 0 }) else {
            throw InvalidFieldValue(fieldName: name)
        }
    }

    /// Puts tokens on lines with single spaces between them. A token is never broken, save one longer than a line may
    /// be.
    private mutating func fold(_ name: String, _ tokens: [[UInt8]]) {
        octets += name.utf8
        octets.append(UInt8(ascii: ":"))
        var column = name.utf8.count + 1
        var isFirst = true
        for token in tokens where !token.isEmpty {
            if !isFirst, column + 1 + token.count > Self.preferredLineLength {
                octets += [.carriageReturn, .lineFeed]
                column = 0
            }
            octets.append(.space)
            column += 1 + token.count
            var rest = token[...]
            while rest.count > Self.longestLine - 100 {
                octets += rest.prefix(Self.longestLine - 100) + [.carriageReturn, .lineFeed, .space]
                rest = rest.dropFirst(Self.longestLine - 100)
                column = 1 + rest.count
            }
            octets += rest
            isFirst = false
        }
        octets += [.carriageReturn, .lineFeed]
    }
}
