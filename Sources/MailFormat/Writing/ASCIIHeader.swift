import MailTypes

/// A header section with octets above 127 (RFC 6532) said in ASCII, for who does not take them: text as encoded-words
/// (RFC 2047), parameters as extended ones (RFC 2231), domains as A-labels (RFC 5890). Every field without such octets stays
/// as it is.
///
///     ASCIIHeader.write(HeaderSection(Array("Subject: Zażółć\r\n\r\n".utf8)))
///     // Subject: =?UTF-8?Q?Za=C5=BC=C3=B3=C5=82=C4=87?=\r\n\r\n
package enum ASCIIHeader {
    private static let addressNames = [
        "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Resent-From", "Resent-Sender", "Resent-To", "Resent-Cc",
        "Resent-Bcc", "Errors-To", "Disposition-Notification-To", "Return-Receipt-To", "Mail-Followup-To", "Mail-Reply-To",
    ]
    private static let identifierNames = ["Message-ID", "In-Reply-To", "References", "Resent-Message-ID", "Content-ID"]
    /// Nobody reads encoded-words in them; they tell of the way, and what is left tells enough.
    private static let traceNames = [
        "Received", "Return-Path", "Received-SPF", "Authentication-Results", "DKIM-Signature", "ARC-Seal",
        "ARC-Message-Signature", "ARC-Authentication-Results", "Delivered-To", "X-Original-To",
    ]

    /// The section with its empty line; what follows that in the octets stays. `nil` where there is no such form: an address
    /// whose local part is not ASCII has none, and neither has a Message-ID.
    package static func write(_ header: HeaderSection) -> [UInt8]? {
        var writer = HeaderWriter()
        for field in header.fields {
            let octets = header.octets[field.range]
            guard !octets.allSatisfy({ $0 < 0x80 }) else {
                writer.append(raw: Array(octets))
                continue
            }
            guard !field.isMalformed, (try? write(field, of: header, into: &writer)) == true else { return nil }
        }
        let rest = header.octets[header.parsedEnd..<header.bodyStart]
        guard rest.allSatisfy({ $0 < 0x80 }), writer.octets.allSatisfy({ $0 < 0x80 }) else { return nil }
        return writer.octets + rest + header.octets[header.bodyStart...]
    }

    private static func write(
        _ field: HeaderSection.Field, of header: HeaderSection, into writer: inout HeaderWriter
    ) throws(InvalidFieldValue) -> Bool {
        let name = header.name(of: field)
        func isOne(of names: [String]) -> Bool { names.contains { header.isNamed(field, $0) } }
        if isOne(of: identifierNames) { return false }
        if isOne(of: traceNames) {
            writer.append(raw: header.octets[field.range].map { $0 < 0x80 ? $0 : UInt8(ascii: "?") })
        } else if isOne(of: addressNames) {
            let hint = header.charsetHint
            let elements = AddressList(header.unfolded(field)).elements
            var addresses: [NamedAddress] = []
            for element in elements {
                // A group is opened: its name says less than the addresses in it.
                guard case .mailbox(let mailbox) = element else { continue }
                guard let address = mailbox.namedAddress(hint: hint), address.address.isASCII else { return false }
                addresses.append(address)
            }
            try writer.addresses(name, addresses)
        } else if isOne(of: ["Content-Type"]) {
            guard let type = header.contentType else { return false }
            let value = "\(String(decoding: type.type, as: UTF8.self))/\(String(decoding: type.subtype, as: UTF8.self))"
            return try write(name, value, type.parameters, into: &writer)
        } else if isOne(of: ["Content-Disposition"]) {
            guard let disposition = header.contentDisposition else { return false }
            return try write(
                name, String(decoding: disposition.kind, as: UTF8.self), disposition.parameters, into: &writer)
        } else {
            try writer.text(name, header.text(field))
        }
        return true
    }

    private static func write(
        _ name: String, _ value: String, _ parameters: [MIMEParameter], into writer: inout HeaderWriter
    ) throws(InvalidFieldValue) -> Bool {
        var written: [(name: String, value: String)] = []
        for parameter in parameters {
            let parameterName = String(decoding: parameter.name, as: UTF8.self)
            // `filename*` holds the decoded value of `filename`.
            let plain = parameterName.hasSuffix("*") ? String(parameterName.dropLast()) : parameterName
            guard !written.contains(where: { $0.name.lowercased() == plain.lowercased() }) else { continue }
            guard !plain.contains("*"), let text = MIMEParameters.text(plain, in: parameters) else { return false }
            written.append((plain, text))
        }
        try writer.parameterized(name, value, written)
        return true
    }
}
