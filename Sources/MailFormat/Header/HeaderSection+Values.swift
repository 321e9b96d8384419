package import MailTypes

/// What the fields of a header section say, decoded.
extension HeaderSection {
    /// The text of a field: unfolded, encoded-words decoded, raw octets read as UTF-8, else as the charset that the
    /// message declares, else as what it looks like.
    package func text(_ field: Field) -> String { EncodedWords.decode(unfolded(field), fallback: charsetHint) }

    /// The text of the first field of that name.
    package func text(_ name: String) -> String? { first(name).map { text($0) } }

    /// For raw octets that declare nothing: the charset parameter of Content-Type, else that of the first encoded-word that
    /// is not in UTF-8.
    package var charsetHint: String? {
        if let charset = contentType?.charset, charset != "us-ascii", charset != "utf-8" { return charset }
        for name in ["Subject", "From", "To", "Cc"] {
            if let charset = unfolded(name).flatMap(EncodedWords.charset), charset != "utf-8" { return charset }
        }
        return nil
    }

    /// The addresses of all fields of that name; what cannot be an address is left out.
    package func addresses(of name: String) -> [NamedAddress] { addressList(of: name).flatMap { $0.addresses(hint: charsetHint) } }

    /// The address lists of all fields of that name, groups and broken entries included.
    package func addressList(of name: String) -> [AddressList] { all(name).map { AddressList(unfolded($0)) } }

    /// The message's own identifier (RFC 5322 §3.6.4), if it has one that can be one.
    package var messageID: MessageID? { unfolded("Message-ID").flatMap { MessageIDs.read($0).first } }

    /// The identifiers of In-Reply-To.
    package var inReplyTo: [MessageID] { unfolded("In-Reply-To").map(MessageIDs.read) ?? [] }

    /// The identifiers of References, eldest first.
    package var references: [MessageID] { unfolded("References").map(MessageIDs.read) ?? [] }

    /// The Date field with the offset that the sender wrote.
    package var civilDate: CivilTime? { unfolded("Date").flatMap(DateParser.parse) }

    /// The Date field as a moment.
    package var date: Timestamp? { civilDate?.timestamp }

    /// Content-Type, if it can be understood.
    package var contentType: MediaType? { unfolded("Content-Type").flatMap { MediaType($0) } }

    /// Content-Disposition, if it can be understood.
    package var contentDisposition: Disposition? { unfolded("Content-Disposition").flatMap { Disposition($0) } }

    /// Content-Transfer-Encoding in lower case (RFC 2045 §6); `nil` where none is named.
    package var transferEncoding: String? {
        guard let value = unfolded("Content-Transfer-Encoding") else { return nil }
        var reader = StructuredReader(value)
        reader.skipCFWS()
        let token = reader.readWhile(\.isTokenText)
        return token.isEmpty ? nil : String(decoding: token.map(\.lowered), as: UTF8.self)
    }
}

/// Message-IDs in a field body (RFC 5322 §3.6.4), phrases and other obsolete text between them passed over.
package enum MessageIDs {
    private static let limit = 1_000

    /// What stands between angle brackets, white space taken out; where no bracket is, the words that hold an `@`.
    package static func read(_ unfolded: [UInt8]) -> [MessageID] {
        var result: [MessageID] = []
        for range in ranges(unfolded) {
            let text = unfolded[range].dropFirst().dropLast()
            let isFolded = text.contains { $0.isFolding }
            let plain = isFolded ? text.filter { !$0.isFolding }[...] : text
            if let id = MessageID(String(decoding: plain, as: UTF8.self)) { result.append(id) }
        }
        if result.isEmpty, !unfolded.contains(UInt8(ascii: "<")) {
            for word in unfolded.split(whereSeparator: { $0.isFolding || $0 == UInt8(ascii: ",") }).prefix(limit)
            where word.contains(UInt8(ascii: "@")) {
                if let id = MessageID(String(decoding: word, as: UTF8.self)) { result.append(id) }
            }
        }
        return result
    }

    /// The places of `<…>`, brackets included.
    static func ranges(_ octets: [UInt8]) -> [Range<Int>] {
        var result: [Range<Int>] = []
        var start: Int?
        for index in octets.indices {
            if octets[index] == UInt8(ascii: "<") {
                start = index
            } else if octets[index] == UInt8(ascii: ">"), let opening = start {
                result.append(opening..<index + 1)
                start = nil
                if result.count == limit { break }
            }
        }
        return result
    }
}
