/// What stands in the way of writing a part as it is. The caller's choice of part or way is at fault, never a recipient's
/// mail.
package enum MIMEWritingFailure: Error, Equatable {
    /// A line of an embedded message is a boundary; other entropy helps.
    case boundaryInContent
    /// An embedded message has octets above ASCII, and the way takes none; a message part cannot be encoded (RFC 2046
    /// §5.2.1).
    case eightBitMessage
}

/// Writes a MIME message piece by piece (RFC 2045 to 2049): multiparts within each other, texts, attachments and messages,
/// of which only a line is ever held. Same input and same entropy give the same octets.
///
///     var writer = MIMEWriter(header, entropy: random)
///     writer.openMultipart(.mixed)
///     writer.openMultipart(.alternative)
///     writer.text("Hello")
///     writer.html(HTMLAlternative.write("Hello"))
///     writer.closeMultipart()
///     writer.beginFile(named: "Żółw.pdf", MediaType("application", "pdf"))
///     try writer.consume(chunk)
///     writer.endFile()
///     writer.closeMultipart()
///     let octets = writer.takeOutput()  // at any time: what is written so far
package struct MIMEWriter: Sendable {
    /// RFC 2046 §5.1.3, §5.1.4; RFC 2387.
    package enum Multipart: String, Sendable { case mixed, alternative, related }

    private enum Leaf: Sendable {
        case base64(Base64Encoder)
        case message(MessageWatch)
    }

    private let entropy: String
    private let allowsEightBit: Bool
    private var boundaries: [[UInt8]] = []
    private var boundaryCount = 0
    private var leaf: Leaf?
    private var output: [UInt8]

    /// `header`: the fields of the message but for those of MIME. `entropy`: what no content can foresee, 10 octets or more.
    /// `allowsEightBit`: the way takes text above ASCII as it is (RFC 6152).
    package init(_ header: HeaderWriter, entropy: [UInt8], allowsEightBit: Bool = false) {
        output = header.octets + Array("MIME-Version: 1.0\r\n".utf8)
        self.entropy = Self.hexadecimal(entropy)
        self.allowsEightBit = allowsEightBit
    }

    /// Entropy as a boundary holds it.
    static func hexadecimal(_ entropy: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: entropy.prefix(24).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// What was written since the last time.
    package mutating func takeOutput() -> [UInt8] {
        defer { output = [] }
        return output
    }

    // MARK: Multiparts

    /// Begins a multipart; its parts follow. `type`: of the first part of a `related` (RFC 2387 §3.1).
    package mutating func openMultipart(_ kind: Multipart, type: String? = nil) {
        beginPart()
        boundaryCount += 1
        // `=_` is in no quoted-printable text and in no base64 (RFC 2045 §6.7).
        let boundary = "=_\(entropy)_\(boundaryCount)"
        var parameters = [(name: "boundary", value: boundary)]
        if let type { parameters.append((name: "type", value: type)) }
        field("Content-Type", "multipart/\(kind.rawValue)", parameters)
        boundaries.append(Array(boundary.utf8))
        line("")
        // Read by programs that know nothing of MIME.
        line("This is a multi-part message in MIME format.")
    }

    /// Ends the innermost multipart.
    package mutating func closeMultipart() {
        precondition(leaf == nil, "a part is still open")
        guard let boundary = boundaries.popLast() else { preconditionFailure("no multipart is open") }
        output += [.carriageReturn, .lineFeed] + Array("--".utf8) + boundary + Array("--".utf8) + [.carriageReturn, .lineFeed]
    }

    private mutating func beginPart() {
        precondition(leaf == nil, "a part is still open")
        guard let boundary = boundaries.last else { return }
        output += [.carriageReturn, .lineFeed] + Array("--".utf8) + boundary + [.carriageReturn, .lineFeed]
    }

    // MARK: Texts

    /// Plain text as people type it, sent as `format=flowed`: each line is a paragraph, `>` quotes, `-- ` is the mark
    /// before a signature.
    package mutating func text(_ text: String) {
        textPart("plain", [(name: "format", value: "flowed")], FlowedText.write(text))
    }

    /// HTML in UTF-8 with CRLF line ends.
    package mutating func html(_ html: [UInt8]) { textPart("html", [], html) }

    /// Text in UTF-8 with CRLF line ends, in whatever encoding is good for it.
    private mutating func textPart(_ subtype: String, _ parameters: [(name: String, value: String)], _ text: [UInt8]) {
        beginPart()
        field("Content-Type", "text/\(subtype)", [(name: "charset", value: "utf-8")] + parameters)
        let encoding = encoding(of: text)
        field("Content-Transfer-Encoding", encoding)
        line("")
        switch encoding {
        case "quoted-printable": output += QuotedPrintableEncoder.encode(text)
        case "base64":
            var encoder = Base64Encoder()
            encoder.encode(text, into: &output)
            encoder.finish(into: &output)
        default: output += text
        }
    }

    /// The shortest that is safe: as it is if it may be, else what costs less.
    private func encoding(of text: [UInt8]) -> String {
        var high = 0
        var odd = 0
        var column = 0
        var longest = 0
        var isPlain = true
        var last: UInt8 = 0
        for octet in text {
            if octet >= 0x80 { high += 1 }
            if octet == UInt8(ascii: "=") { odd += 1 }
            if octet == 0 || (octet == .lineFeed) != (last == .carriageReturn) { isPlain = false }
            column = octet == .lineFeed ? 0 : column + 1
            longest = max(longest, column)
            last = octet
        }
        // 998 octets without the line end (RFC 5322 §2.1.1). What begins with two hyphens could be a boundary; ours cannot
        // stand in text by chance, but by malice it may.
        isPlain = isPlain && longest <= 998 && last != .carriageReturn && !Octets.contains(text, Array("=_\(entropy)".utf8))
        if isPlain, high == 0 { return "7bit" }
        if isPlain, allowsEightBit { return "8bit" }
        return (high + odd) * 2 > text.count / 3 ? "base64" : "quoted-printable"
    }

    // MARK: Files

    /// Begins a file, whose octets `consume` takes. With `contentID` it is one that an HTML part of the same `related`
    /// shows.
    package mutating func beginFile(named name: String, _ type: MediaType, contentID: String? = nil) {
        beginPart()
        output += Self.fileHeader(named: name, type, contentID: contentID)
        leaf = .base64(Base64Encoder())
    }

    /// The header section of a file in base64, with its empty line.
    static func fileHeader(named name: String, _ type: MediaType, contentID: String?) -> [UInt8] {
        var output: [UInt8] = []
        let name = String(name.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }.map(Character.init))
        let isPlain = name.utf8.allSatisfy { $0 < 0x80 } && !name.contains("=?")
        let parameters = type.parameters.map {
            (name: String(decoding: $0.name, as: UTF8.self), value: String(decoding: $0.value, as: UTF8.self))
        }
        // The name twice: by RFC 2231 for those who read it, and as encoded-words in `name`, where RFC 2047 §5 forbids them
        // and old Outlook and many web mailers look for them. So does Thunderbird. A plain ASCII name beside the real one
        // is not written: some readers would prefer it.
        let named = isPlain ? [(name: "name", value: name)] : [(name: "name", value: encodedWords(name))]
        output += field("Content-Type", type.essence, parameters + (name.isEmpty ? [] : named))
        output += field("Content-Transfer-Encoding", "base64")
        if let contentID { output += field("Content-ID", "<\(contentID)>") }
        output += field(
            "Content-Disposition", contentID == nil ? "attachment" : "inline",
            name.isEmpty ? [] : [(name: "filename", value: name)])
        return output + [.carriageReturn, .lineFeed]
    }

    private static func encodedWords(_ name: String) -> String {
        EncodedWordWriter.encode(name).map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
    }

    /// Begins a `message/rfc822` part, whose octets `consume` takes as they are, CRLF line ends included. `isEightBit`: it
    /// has octets above ASCII.
    package mutating func beginMessage(isEightBit: Bool) throws(MIMEWritingFailure) {
        guard allowsEightBit || !isEightBit else { throw .eightBitMessage }
        beginPart()
        field("Content-Type", "message/rfc822")
        field("Content-Transfer-Encoding", isEightBit ? "8bit" : "7bit")
        field("Content-Disposition", "attachment")
        line("")
        leaf = .message(MessageWatch(boundaryStart: Array("--=_\(entropy)".utf8), allowsEightBit: isEightBit))
    }

    /// The next piece of the file or message.
    package mutating func consume(_ octets: [UInt8]) throws(MIMEWritingFailure) {
        switch leaf {
        case .base64(var encoder):
            leaf = nil
            encoder.encode(octets, into: &output)
            leaf = .base64(encoder)
        case .message(var watch):
            leaf = nil
            defer { leaf = .message(watch) }
            try watch.look(at: octets)
            output += octets
        case nil: preconditionFailure("no file and no message is open")
        }
    }

    /// The file or message ended.
    package mutating func endFile() {
        if case .base64(var encoder) = leaf { encoder.finish(into: &output) }
        leaf = nil
    }

    // MARK: Fields

    private mutating func field(_ name: String, _ value: String, _ parameters: [(name: String, value: String)] = []) {
        output += Self.field(name, value, parameters)
    }

    /// A MIME field of ours, whose values hold no line ends.
    static func field(_ name: String, _ value: String, _ parameters: [(name: String, value: String)] = []) -> [UInt8] {
        var writer = HeaderWriter()
        do {
            try writer.parameterized(name, value, parameters)
        } catch {
            preconditionFailure("a MIME field of ours holds a line end")
        }
        return writer.octets
    }

    private mutating func line(_ text: String) { output += Array(text.utf8) + [.carriageReturn, .lineFeed] }
}

/// Looks at a message on its way: no line may begin as our boundaries do, and nothing be above ASCII where that is not
/// allowed.
private struct MessageWatch: Sendable {
    let boundaryStart: [UInt8]
    let allowsEightBit: Bool
    /// How much of a boundary the current line has begun with; `nil`: it is no boundary.
    private var matched: Int? = 0

    init(boundaryStart: [UInt8], allowsEightBit: Bool) {
        (self.boundaryStart, self.allowsEightBit) = (boundaryStart, allowsEightBit)
    }

    mutating func look(at octets: [UInt8]) throws(MIMEWritingFailure) {
        for octet in octets {
            if octet >= 0x80, !allowsEightBit { throw .eightBitMessage }
            if octet == .lineFeed {
                matched = 0
            } else if let count = matched {
                matched = octet == boundaryStart[count] ? count + 1 : nil
                if matched == boundaryStart.count { throw .boundaryInContent }
            }
        }
    }
}
