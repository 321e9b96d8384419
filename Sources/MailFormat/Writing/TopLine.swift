/// A line put on top of the text that a mail shows, in every alternative, each in its own encoding; the rest of the
/// mail stays as it is. Where no text can be found, or none may be touched, the mail goes into a multipart behind the
/// line.
package struct TopLine: Sendable {
    /// The header section of the result, with its empty line.
    package let header: [UInt8]
    /// The body of the result.
    package let pieces: [BodyPiece]

    /// - Parameters:
    ///   - bodySize: octets of the mail's body.
    ///   - isSealed: signed or encrypted; it is not touched.
    ///   - entropy: for a boundary that nothing in the mail can foresee.
    package init(
        _ line: String, header: HeaderSection, structure: MIMEStructure?, bodySize: Int, isSealed: Bool,
        entropy: [UInt8]
    ) {
        var edits: [(range: Range<Int>, octets: [UInt8])] = []
        if let root = structure?.root, !isSealed {
            for part in Self.shown(root) {
                guard part.bodyOffset <= bodySize, let octets = Self.encoded(line, for: part) else { continue }
                edits.append((part.bodyOffset..<part.bodyOffset, octets))
            }
        }
        if edits.isEmpty {
            (self.header, pieces) = Self.wrapped(line, header, bodySize, entropy)
        } else {
            self.header = header.octets
            pieces = BodyPiece.edited(bodySize, edits)
        }
    }

    /// The texts that a mail shows first: all alternatives of one.
    private static func shown(_ part: BodyPart, depth: Int = 0) -> [BodyPart] {
        guard depth < 20 else { return [] }
        if part.isMultipart {
            let children = part.mediaType.is("multipart", "alternative") ? part.children[...] : part.children.prefix(1)
            return children.flatMap { shown($0, depth: depth + 1) }
        }
        guard part.mediaType.is("text", "plain") || part.mediaType.is("text", "html"), part.filename == nil else {
            return []
        }
        return [part]
    }

    /// The line in the encoding and charset of a part; `nil` where that cannot be.
    private static func encoded(_ line: String, for part: BodyPart) -> [UInt8]? {
        let charset = part.mediaType.charset ?? "us-ascii"
        guard !charset.hasPrefix("utf-16"), !charset.hasPrefix("utf-32"), !charset.hasPrefix("utf-7") else {
            return nil
        }
        let isHTML = part.mediaType.is("text", "html")
        let encoding = String(decoding: part.transferEncoding ?? [], as: UTF8.self).lowercased()
        let takesUTF8 =
            charset == "utf-8" && (encoding == "base64" || encoding == "quoted-printable" || encoding == "8bit")
        let text = isHTML ? html(line) : wrappedLines(takesUTF8 ? line : PlainASCII.text(line)) + "\r\n\r\n"
        var octets = Array(text.utf8)
        switch encoding {
        case "base64":
            // Whole groups of three, so that what follows can stay as it is.
            while octets.count % 3 != 0 { octets.insert(.space, at: octets.startIndex + max(0, octets.count - 4)) }
            var output: [UInt8] = []
            var encoder = Base64Encoder()
            encoder.encode(octets, into: &output)
            encoder.finish(into: &output)
            return output
        case "quoted-printable": return QuotedPrintableEncoder.encode(octets)
        default: return octets
        }
    }

    private static func html(_ line: String) -> String {
        var text = ""
        for scalar in HTMLAlternative.escaped(line).unicodeScalars {
            text += scalar.isASCII ? String(scalar) : "&#\(scalar.value);"
        }
        return "<p><strong>\(wrappedLines(text))</strong></p>\r\n"
    }

    /// Lines of at most 76 characters where there are spaces to break at.
    private static func wrappedLines(_ text: String) -> String {
        var lines: [String] = [""]
        for word in text.split(separator: " ") {
            let last = lines.count - 1
            if lines[last].isEmpty {
                lines[last] = String(word)
            } else if lines[last].count + 1 + word.count <= 76 {
                lines[last] += " \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines.joined(separator: "\r\n")
    }

    private static func wrapped(
        _ line: String, _ header: HeaderSection, _ bodySize: Int, _ entropy: [UInt8]
    ) -> ([UInt8], [BodyPiece]) {
        let boundary = "=_top_" + entropy.prefix(16).map { String($0, radix: 16) }.joined(separator: "_")
        let fields = header.fields.filter { header.name(of: $0).lowercased().hasPrefix("content-") }
        let names = fields.map { header.name(of: $0) }
        let added =
            "Content-Type: multipart/mixed; boundary=\"\(boundary)\"\r\n"
            + (header.contains("MIME-Version") ? "" : "MIME-Version: 1.0\r\n")
        let outer = HeaderRewriter(added: Array(added.utf8), removedNames: names).rewrite(header)
        var top = Array("--\(boundary)\r\nContent-Type: text/plain; charset=utf-8\r\n".utf8)
        top += Array("Content-Transfer-Encoding: quoted-printable\r\n\r\n".utf8)
        top += QuotedPrintableEncoder.encode(Array((wrappedLines(line) + "\r\n").utf8))
        top += Array("\r\n--\(boundary)\r\n".utf8)
        for field in fields { top += header.octets[field.range] }
        top += [.carriageReturn, .lineFeed]
        let end = Array("\r\n--\(boundary)--\r\n".utf8)
        return (outer, [.octets(top), .range(0..<bodySize), .octets(end)])
    }
}

/// Text in ASCII only, for where nothing else may stand: letters lose their marks, quotes and dashes become plain.
package enum PlainASCII {
    package static func text(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            if character.isASCII {
                result.unicodeScalars.append(character)
            } else {
                result += replacements[character] ?? "?"
            }
        }
        return result
    }

    private static let replacements: [Unicode.Scalar: String] = {
        var table: [Unicode.Scalar: String] = [
            "„": "\"", "”": "\"", "“": "\"", "’": "'", "‘": "'", "–": "-", "—": "-", "…": "...", "\u{A0}": " ",
            "ß": "ss", "æ": "ae", "Æ": "Ae", "ø": "o", "Ø": "O",
        ]
        for (plain, marked) in [
            ("a", "ąáàâäãå"), ("c", "ćčç"), ("d", "ďđ"), ("e", "ęéèêëě"), ("i", "íìîï"), ("l", "łľĺ"), ("n", "ńňñ"),
            ("o", "óòôöõő"), ("r", "řŕ"), ("s", "śšș"), ("t", "ťț"), ("u", "úùûüůű"), ("y", "ýÿ"), ("z", "źżž"),
        ] {
            for letter in marked.unicodeScalars { table[letter] = plain }
            for letter in marked.uppercased().unicodeScalars { table[letter] = plain.uppercased() }
        }
        return table
    }()
}
