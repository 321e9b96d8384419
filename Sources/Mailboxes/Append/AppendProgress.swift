import Desk
import Gateway
import IMAPProtocol
import MailFormat
import MailTypes
import NIOCore

/// An APPEND or REPLACE under way: where it goes, and what of the message came.
struct AppendProgress {
    let tag: String
    let view: MailboxView
    let uidValidity: UInt32
    var message: AppendMessage
    /// The message whose place the new one takes.
    var replaced: ReplacedMessage?
    var content = StagedContent()
    /// The content instead, of a mail that goes through the intake.
    var filed: FiledContent?
    /// Messages of a MULTIAPPEND that are complete.
    var finished: [FinishedAppend] = []
    /// The command failed; what still comes is thrown away.
    var refusal: StatusResponse?

    /// What the complete messages hold in memory, of which their octets can be staged instead.
    var heldOctets: Int { finished.reduce(0) { $0 + $1.octetsInMemory + $1.factOctets } }
    var contentOctets: Int { finished.reduce(0) { $0 + $1.octetsInMemory } }
    /// Commands that would hold more are refused: the header section and the structure of every message stay in memory
    /// until all are filed at once (RFC 3502 §1).
    static let longestHeld = 16_777_216
    /// From here on the octets of further messages are staged, however few they are.
    static let contentInMemory = 1_048_576
}

/// A message of the agent's own, in the mailbox that is selected.
struct ReplacedMessage: Sendable {
    var view: MailboxView
    var uid: UInt32
}

/// A message that came whole, ready to be filed.
enum FinishedAppend: Sendable {
    case own(OwnAppend)
    /// Through the intake; INBOX takes the case.
    case filed(AgentFiling, Flags, isTaken: Bool)
}

extension FinishedAppend {
    /// Octets of content held in memory: what the writer's queue counts.
    var octetsInMemory: Int {
        switch self {
        case .own(let own): if case .memory(let octets) = own.octets { octets.count } else { 0 }
        case .filed(let filing, _, _): filing.octetsInMemory
        }
    }

    /// Octets of what is known of the message.
    var factOctets: Int {
        switch self {
        case .own(let own):
            own.flags.keywords.reduce(own.header.octets.count + own.structure.count + 1024) { $0 + $1.utf8.count + 32 }
        case .filed: 65_536
        }
    }
}

/// A message that came whole for a mailbox of the agent's own.
struct OwnAppend: Sendable {
    var octets: StagedContent.Octets
    var size: Int
    var header: HeaderSection
    /// The encoded structure.
    var structure: [UInt8]
    var flags: FlagList
    var internalDate: Timestamp?
}

/// The octets of a message on their way in: in memory up to a piece, then staged in the database under a content that
/// nobody refers to yet.
struct StagedContent {
    enum Octets: Sendable {
        case memory([UInt8])
        case staged(ContentID)
    }

    private var scanner = MIMEScanner()
    private var memory: [UInt8] = []
    private var content: ContentID?
    private var pieces = 0
    private(set) var size = 0

    /// Takes octets; returns when there is room for more.
    mutating func append(_ octets: ByteBuffer, to store: any MailboxStore, at now: Timestamp) async throws(StoreFailure)
    {
        var octets = octets
        let pieceSize = IncomingContent.chunkSize
        octets.withUnsafeReadableBytes { scanner.consume($0) }
        size += octets.readableBytes
        while octets.readableBytes > 0 {
            // A full piece goes only when more comes: what fits into one stays in memory.
            if memory.count == pieceSize { try await stage(to: store, at: now) }
            let count = min(pieceSize - memory.count, octets.readableBytes)
            if let piece = octets.readSlice(length: count) {
                piece.withUnsafeReadableBytes { memory.append(contentsOf: $0) }
            }
        }
    }

    /// Ends the message; `staysInMemory`: it may, if it is small.
    mutating func finish(
        to store: any MailboxStore, at now: Timestamp, staysInMemory: Bool
    ) async throws(StoreFailure) -> (Octets, HeaderSection, MIMEStructure) {
        let structure = scanner.finish()
        let header = scanner.header ?? HeaderSection([UInt8]())
        guard content != nil || !staysInMemory else { return (.memory(memory), header, structure) }
        if !memory.isEmpty { try await stage(to: store, at: now) }
        guard let content else { throw StoreFailure(.unavailable) }
        return (.staged(content), header, structure)
    }

    /// What is staged so far, to be dropped.
    var stagedContent: ContentID? { content }

    private mutating func stage(to store: any MailboxStore, at now: Timestamp) async throws(StoreFailure) {
        let (piece, ordinal, known) = (memory, pieces, content)
        memory = []
        pieces += 1
        content = try await store.write(octets: piece.count) { transaction in
            let content = try known ?? transaction.beginStaging(at: now)
            try transaction.stage(piece, ordinal: ordinal, of: content)
            return content
        }
    }
}
