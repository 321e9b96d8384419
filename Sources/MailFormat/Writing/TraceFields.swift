package import MailTypes

/// The fields that every hop puts on top (RFC 5321 §4.4).
package enum TraceFields {
    /// How the session ran, for the `with` and TLS remarks.
    package struct TLSDetails: Sendable, Equatable {
        /// `TLSv1.3`
        package var version: String
        /// `TLS_AES_256_GCM_SHA384`
        package var cipher: String

        package init(version: String, cipher: String) { (self.version, self.cipher) = (version, cipher) }
    }

    /// `Return-Path: <reverse-path>`, `<>` for the null reverse-path.
    package static func returnPath(_ reversePath: EmailAddress?) -> [UInt8] {
        var output = Array("Return-Path: <".utf8)
        if let reversePath { append(reversePath.description, limit: 400, to: &output) }
        output += ">\r\n".utf8
        return output
    }

    /// The Received field of one acceptance. `helo` is the client's own word and is cleaned of everything that could
    /// pretend to be another clause; `protocolName` is `SMTP`, `ESMTP`, `ESMTPS`, `ESMTPSA`, `UTF8SMTPS` (RFC 3848,
    /// 6531).
    ///
    ///     Received: from mail.example.org (unverified [192.0.2.1]) by mx.acme.pl
    ///      with ESMTPS (TLSv1.3 TLS_AES_256_GCM_SHA384) id 4F2A for <help@acme.pl>;
    ///      Sun, 22 Nov 2026 17:00:00 +0000
    package static func received(
        helo: String, clientName: String? = nil, clientAddress: String, by host: String, protocolName: String,
        tls: TLSDetails? = nil, id: String, recipient: EmailAddress? = nil, at moment: Timestamp, offset: Int = 0
    ) -> [UInt8] {
        var field = FoldedField("Received:")
        field.append("from")
        field.append(helo.isEmpty ? "unknown" : helo, limit: 255)
        // RFC 5321 §4.1.3.
        let literal = clientAddress.utf8.contains(UInt8(ascii: ":")) ? "[IPv6:" : "["
        if let clientName {
            field.append("(", clientName, "", limit: 255)
            field.append(literal, clientAddress, "])", limit: 60)
        } else {
            field.append("(" + literal, clientAddress, "])", limit: 60)
        }
        field.append("by")
        field.append(host, limit: 255)
        field.append("with")
        field.append(protocolName, limit: 30)
        if let tls {
            field.append("(", tls.version, "", limit: 30)
            field.append("", tls.cipher, ")", limit: 60)
        }
        field.append("id")
        field.append("", id, recipient == nil ? ";" : "", limit: 100)
        if let recipient {
            field.append("for")
            field.append("<", recipient.description, ">;", limit: 400)
        }
        field.append(MailDate.text(moment, offset: offset))
        return field.finish()
    }

    /// Words in lines of preferred length.
    private struct FoldedField {
        private var output: [UInt8] = []
        private var lineStart = 0

        init(_ name: String) {
            output.reserveCapacity(300)
            output += name.utf8
        }

        /// A word of ours.
        mutating func append(_ word: String) { append(word, "", "", limit: 0) }

        mutating func append(_ foreign: String, limit: Int) { append("", foreign, "", limit: limit) }

        /// A word with something from outside in it.
        mutating func append(_ before: String, _ foreign: String, _ after: String, limit: Int) {
            let start = output.count
            output.append(.space)
            output += before.utf8
            TraceFields.append(foreign, limit: limit, to: &output)
            output += after.utf8
            if output.count - lineStart > HeaderWriter.preferredLineLength {
                output.insert(contentsOf: [.carriageReturn, .lineFeed], at: start)
                lineStart = start + 2
            }
        }

        func finish() -> [UInt8] { output + [.carriageReturn, .lineFeed] }
    }

    /// At most `limit` characters, printable and without what has a meaning in the field: white space, parentheses,
    /// quotes, semicolons, angle brackets.
    private static func append(_ text: String, limit: Int, to output: inout [UInt8]) {
        for scalar in text.unicodeScalars.prefix(limit) {
            switch scalar.value {
            case UInt32(ascii: "("), UInt32(ascii: ")"), UInt32(ascii: "<"), UInt32(ascii: ">"), UInt32(ascii: ";"),
                UInt32(ascii: "\""), UInt32(ascii: "\\"), UInt32(ascii: ","), 0...0x20, 0x7F..<0xA0:
                output.append(UInt8(ascii: "?"))
            case 0x21..<0x7F: output.append(UInt8(truncatingIfNeeded: scalar.value))
            default: output += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
            }
        }
    }
}

extension UInt32 {
    fileprivate init(ascii scalar: Unicode.Scalar) { self = scalar.value }
}
