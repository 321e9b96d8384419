/// The text of a body part as it arrives in pieces: transfer encoding undone, charset converted, up to a limit.
///
///     var decoder = TextDecoder(part, limit: 1_000_000)
///     for chunk in chunks { decoder.consume(chunk) }
///     let text = decoder.finish()
package struct TextDecoder: Sendable {
    private var transfer: TransferDecoder
    private let charset: String?
    private let hint: String?
    private let limit: Int
    private var octets: [UInt8] = []
    /// Whether more of the body came than was kept.
    package private(set) var isCut = false

    /// `limit`: decoded octets that are kept. `hint`: the charset of text that names none, if it is none of UTF-8.
    package init(_ part: BodyPart, limit: Int = 1_000_000, hint: String? = nil) {
        self.hint = hint
        transfer = TransferDecoder(part)
        charset = part.mediaType.charset
        self.limit = limit
    }

    /// Takes the next piece of the part's body.
    package mutating func consume(_ bytes: UnsafeRawBufferPointer) {
        guard octets.count < limit else {
            isCut = isCut || !bytes.isEmpty
            return
        }
        transfer.decode(bytes, into: &octets)
        cut()
    }

    /// Takes the next piece of the part's body.
    package mutating func consume(_ bytes: [UInt8]) { bytes.withUnsafeBytes { consume($0) } }

    private mutating func cut() {
        guard octets.count > limit else { return }
        octets.removeLast(octets.count - limit)
        isCut = true
    }

    /// The body ended, or enough of it was seen.
    package mutating func finish() -> String {
        transfer.finish(into: &octets)
        cut()
        defer { octets = [] }
        return Charset.decode(octets, as: charset, hint: hint)
    }

    /// The text of a whole body at once.
    package static func decodedText(_ part: BodyPart, _ body: [UInt8], limit: Int = 1_000_000) -> String {
        var decoder = TextDecoder(part, limit: limit)
        decoder.consume(body)
        return decoder.finish()
    }
}
