import MailTypes
import NIOCore

/// Content on its way as chunks (RFC 3030 §2): which went out, and which were answered. Chunks follow each other without
/// waiting (§4.2); one that is refused ends it, but the replies to those that were sent already are still to come.
///
///     encode … encode → BDAT 131000, BDAT 130500, …
///     end → BDAT 812 LAST
///     receivedReply(250), receivedReply(250), receivedReply(250) → .settled
struct ChunkedContent {
    /// What a reply asks for.
    enum Next: Equatable {
        case awaitReply
        /// All chunks that went out were answered; this reply counts for the mail.
        case settled(Reply)
        /// The server does not know the command that it offered.
        case unknownCommand
        /// A reply to nothing.
        case outOfStep
    }

    private var framing = DotStuffer(doublesDots: false)
    private var waiting = ByteBuffer()
    private let size: Int
    private var sent = 0
    private var answered = 0
    private var refusal: Reply?
    /// The last chunk went out.
    private(set) var isEnded = false
    /// Nothing more is to be sent.
    var isOver: Bool { isEnded || refusal != nil }
    /// Why the mail is not taken, as soon as that is known.
    var reasonAgainst: Reply? { refusal }

    /// - Parameter size: octets that a chunk has, unless a piece of content has more.
    init(size: Int = 131_072) { self.size = size }

    /// Takes the next piece; a chunk, as soon as there is enough for one beside the last.
    mutating func encode(_ content: ByteBuffer) -> ByteBuffer {
        var octets = framing.encode(content)
        guard waiting.readableBytes > 0, waiting.readableBytes + octets.readableBytes > size else {
            if waiting.readableBytes == 0 { waiting = octets } else { waiting.writeBuffer(&octets) }
            return ByteBuffer()
        }
        defer { waiting = octets }
        return chunk(waiting, "")
    }

    /// The last chunk.
    mutating func end() -> ByteBuffer {
        var rest = framing.end()
        waiting.writeBuffer(&rest)
        isEnded = true
        defer { waiting = ByteBuffer() }
        return chunk(waiting, " LAST")
    }

    private mutating func chunk(_ octets: ByteBuffer, _ mark: String) -> ByteBuffer {
        sent += 1
        var (octets, output) = (octets, ByteBuffer())
        output.reserveCapacity(octets.readableBytes + 24)
        output.writeString("BDAT \(octets.readableBytes)\(mark)\r\n")
        output.writeBuffer(&octets)
        return output
    }

    mutating func receivedReply(_ reply: Reply) -> Next {
        guard answered < sent, reply.code.severity != 3 else { return .outOfStep }
        answered += 1
        if reply.code.severity != 2, refusal == nil {
            // RFC 5321 §4.2.4: a proxy on the way may have promised what it does not know.
            if answered == 1, [500, 502, 504].contains(reply.code.number) { return .unknownCommand }
            refusal = reply
        }
        guard answered == sent, isOver else { return .awaitReply }
        return .settled(refusal ?? reply)
    }

}
