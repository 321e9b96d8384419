/// One part of a message (RFC 2045 §2.4): where it stands and what its MIME fields say. Offsets count from the
/// beginning of the message's body, so that one structure serves every header section put before that body.
package struct BodyPart: Sendable, Equatable {
    /// Where the part's header section begins. The message's own part has none here.
    package var headerOffset = 0
    /// Up to and with the empty line.
    package var headerLength = 0
    /// Where the body begins.
    package var bodyOffset = 0
    /// Octets of the body, without the line end that belongs to the boundary after it.
    package var bodyLength = 0
    /// Line ends in the body.
    package var lineCount = 0

    /// Content-Type; `text/plain` where it is absent or makes no sense.
    package var mediaType = MediaType.textPlain
    /// Content-Transfer-Encoding as written; `nil` is 7bit.
    package var transferEncoding: [UInt8]?
    /// Content-ID with its angle brackets.
    package var contentID: [UInt8]?
    /// Content-Description, unfolded and raw.
    package var description: [UInt8]?
    /// Content-MD5.
    package var md5: [UInt8]?
    /// Content-Location without white space.
    package var location: [UInt8]?
    /// Content-Disposition.
    package var disposition: Disposition?
    /// The tags of Content-Language.
    package var languages: [[UInt8]] = []

    /// For a `message/rfc822` part: the ENVELOPE of the message in it, as IMAP shows it.
    package var envelope: [UInt8]?
    /// The parts of a multipart; of a `message/rfc822` part exactly one, the message in it.
    package var children: [BodyPart] = []

    package init() {}

    /// Made of parts (RFC 2046 §5.1).
    package var isMultipart: Bool { mediaType.isOfType("multipart") }
    /// Holds a message with a header section of its own (RFC 2046 §5.2.1, RFC 6532 §3.7).
    package var isMessage: Bool { mediaType.is("message", "rfc822") || mediaType.is("message", "global") }
    /// The first octet after the part's body.
    package var end: Int { bodyOffset + bodyLength }

    /// The file name from Content-Disposition, else the `name` of Content-Type, decoded.
    package var filename: String? { disposition?.filename ?? mediaType.parameter("name") }
}

/// What the scanner found in a whole message: the tree of its parts. Stored beside the message, so that nothing that
/// IMAP asks for needs the body read again.
package struct MIMEStructure: Sendable, Equatable {
    /// The message itself; `bodyLength` and `lineCount` are those of its whole body.
    package var root: BodyPart

    package init(root: BodyPart) { self.root = root }
}
