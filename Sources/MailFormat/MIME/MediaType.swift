/// One parameter of a MIME field as raw octets, RFC 2231 continuations put together. A value in the extended form keeps
/// it (`charset'language'%41…`) under a name that ends in `*`, as IMAP shows it.
package struct MIMEParameter: Sendable, Equatable, Hashable {
    /// In the case of the mail.
    package var name: [UInt8]
    /// Without quotes and escapes.
    package var value: [UInt8]

    package init(name: [UInt8], value: [UInt8]) { (self.name, self.value) = (name, value) }
}

/// The value of Content-Type (RFC 2045 §5) with its parameters; type and subtype keep their case.
package struct MediaType: Sendable, Equatable, Hashable {
    /// What stands before the slash.
    package var type: [UInt8]
    /// What stands after the slash.
    package var subtype: [UInt8]
    /// In the order of the field, continuations last.
    package var parameters: [MIMEParameter]

    package init(type: [UInt8], subtype: [UInt8], parameters: [MIMEParameter] = []) {
        (self.type, self.subtype, self.parameters) = (type, subtype, parameters)
    }

    /// What a part without Content-Type is (RFC 2045 §5.2).
    package static let textPlain = MediaType(type: Array("text".utf8), subtype: Array("plain".utf8))

    /// Reads an unfolded field body; `nil` where no `type/subtype` stands at its beginning.
    package init?(_ unfolded: [UInt8]) {
        var reader = StructuredReader(unfolded)
        reader.skipCFWS()
        let type = reader.readWhile(\.isTokenText)
        reader.skipCFWS()
        guard !type.isEmpty, reader.skip(UInt8(ascii: "/")) else { return nil }
        reader.skipCFWS()
        let subtype = reader.readWhile { $0.isTokenText || $0 == UInt8(ascii: "/") }
        guard !subtype.isEmpty else { return nil }
        self.init(type: type, subtype: subtype, parameters: MIMEParameters.read(&reader))
    }

    /// Whether this is `type/subtype`, in any case.
    package func `is`(_ type: String, _ subtype: String) -> Bool {
        Octets.areEqualIgnoringCase(self.subtype, subtype) && Octets.areEqualIgnoringCase(self.type, type)
    }

    /// Whether the type before the slash is this one, in any case.
    package func isOfType(_ type: String) -> Bool { Octets.areEqualIgnoringCase(self.type, type) }

    /// `type/subtype` in lower case.
    package var essence: String {
        String(decoding: type.map(\.lowered) + [UInt8(ascii: "/")] + subtype.map(\.lowered), as: UTF8.self)
    }

    /// The decoded value of a parameter.
    package func parameter(_ name: String) -> String? { MIMEParameters.text(name, in: parameters) }

    /// The charset parameter in lower case.
    package var charset: String? { parameter("charset")?.lowercased() }
}

/// The value of Content-Disposition (RFC 2183).
package struct Disposition: Sendable, Equatable, Hashable {
    /// `inline`, `attachment` or whatever the mail says, in its case.
    package var kind: [UInt8]
    /// In the order of the field, continuations last.
    package var parameters: [MIMEParameter]

    package init(kind: [UInt8], parameters: [MIMEParameter] = []) { (self.kind, self.parameters) = (kind, parameters) }

    /// Reads an unfolded field body; `nil` where it is empty.
    package init?(_ unfolded: [UInt8]) {
        var reader = StructuredReader(unfolded)
        reader.skipCFWS()
        let kind = reader.readWhile(\.isTokenText)
        guard !kind.isEmpty else { return nil }
        self.init(kind: kind, parameters: MIMEParameters.read(&reader))
    }

    /// Everything that is not `inline` is to be treated as `attachment` (RFC 2183 §2.8).
    package var isInline: Bool { Octets.areEqualIgnoringCase(kind, "inline") }

    /// The file name that the sender suggests, decoded.
    package var filename: String? { MIMEParameters.text("filename", in: parameters) }
}
