/// BODY and BODYSTRUCTURE of a message (RFC 3501 §7.4.2) as the octets that a FETCH response shows.
package enum BodyStructure {
    /// `extended`: BODYSTRUCTURE; else BODY, without the extension data.
    package static func render(_ structure: MIMEStructure, extended: Bool) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(200)
        append(structure.root, extended, to: &output)
        return output
    }

    private static func append(_ part: BodyPart, _ extended: Bool, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "("))
        if part.isMultipart {
            appendMultipart(part, extended, to: &output)
        } else {
            appendSinglePart(part, extended, to: &output)
        }
        output.append(UInt8(ascii: ")"))
    }

    private static func appendMultipart(_ part: BodyPart, _ extended: Bool, to output: inout [UInt8]) {
        if part.children.isEmpty {
            // The grammar wants a part where there is none.
            append(BodyPart(), extended, to: &output)
        }
        for child in part.children { append(child, extended, to: &output) }
        output.append(.space)
        IMAPString.append(part.mediaType.subtype, to: &output)
        guard extended else { return }
        output.append(.space)
        append(part.mediaType.parameters, to: &output)
        appendDispositionLanguageLocation(part, to: &output)
    }

    private static func appendSinglePart(_ part: BodyPart, _ extended: Bool, to output: inout [UInt8]) {
        let isText = part.mediaType.isOfType("text")
        let isMessage = part.mediaType.is("message", "rfc822") || (part.isMessage && !part.children.isEmpty)
        if isMessage {
            // The grammar's media-message, which clients compare as it is written there.
            output += (part.mediaType.is("message", "rfc822") ? #""message" "rfc822""# : #""message" "global""#).utf8
        } else {
            IMAPString.append(part.mediaType.type, to: &output)
            output.append(.space)
            IMAPString.append(part.mediaType.subtype, to: &output)
        }
        output.append(.space)
        var parameters = part.mediaType.parameters
        if isText, !parameters.contains(where: { Octets.hasPrefixIgnoringCase($0.name, "charset") }) {
            parameters.append(MIMEParameter(name: Array("charset".utf8), value: Array("us-ascii".utf8)))
        }
        append(parameters, to: &output)
        for value in [part.contentID, part.description] {
            output.append(.space)
            IMAPString.append(nstring: value, to: &output)
        }
        output.append(.space)
        IMAPString.append(part.transferEncoding ?? Array("7bit".utf8), to: &output)
        output += " \(part.bodyLength)".utf8
        if isMessage {
            appendMessage(part, extended, to: &output)
            output += " \(part.lineCount)".utf8
        } else if isText {
            output += " \(part.lineCount)".utf8
        }
        guard extended else { return }
        output.append(.space)
        IMAPString.append(nstring: part.md5, to: &output)
        appendDispositionLanguageLocation(part, to: &output)
    }

    private static func appendMessage(_ part: BodyPart, _ extended: Bool, to output: inout [UInt8]) {
        output.append(.space)
        output += part.envelope ?? Array("(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)".utf8)
        output.append(.space)
        append(part.children.first ?? BodyPart(), extended, to: &output)
    }

    private static func appendDispositionLanguageLocation(_ part: BodyPart, to output: inout [UInt8]) {
        output.append(.space)
        if let disposition = part.disposition {
            output.append(UInt8(ascii: "("))
            IMAPString.append(disposition.kind, to: &output)
            output.append(.space)
            append(disposition.parameters, to: &output)
            output.append(UInt8(ascii: ")"))
        } else {
            output += "NIL".utf8
        }
        output.append(.space)
        if part.languages.isEmpty {
            output += "NIL".utf8
        } else {
            output.append(UInt8(ascii: "("))
            for (index, language) in part.languages.enumerated() {
                if index > 0 { output.append(.space) }
                IMAPString.append(language, to: &output)
            }
            output.append(UInt8(ascii: ")"))
        }
        output.append(.space)
        IMAPString.append(nstring: part.location, to: &output)
    }

    private static func append(_ parameters: [MIMEParameter], to output: inout [UInt8]) {
        guard !parameters.isEmpty else {
            output += "NIL".utf8
            return
        }
        output.append(UInt8(ascii: "("))
        for (index, parameter) in parameters.enumerated() {
            if index > 0 { output.append(.space) }
            IMAPString.append(parameter.name, to: &output)
            output.append(.space)
            IMAPString.append(parameter.value, to: &output)
        }
        output.append(UInt8(ascii: ")"))
    }
}
