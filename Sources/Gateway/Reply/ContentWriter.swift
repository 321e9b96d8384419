import Desk
import MailFormat
import MailTypes

/// Writes new content piece by piece within a transaction, from octets of our own and from stretches of stored content:
/// however large it gets, one piece of it is in memory.
struct ContentWriter {
    private let transaction: any DeskTransaction
    private let now: Timestamp
    private var scanner = MIMEScanner()
    private var chunk: [UInt8] = []
    private var staged: ContentID?
    private var ordinal = 0
    private(set) var size = 0
    private(set) var isEightBit = false

    init(_ transaction: any DeskTransaction, now: Timestamp) { (self.transaction, self.now) = (transaction, now) }

    mutating func append(_ octets: [UInt8]) throws {
        scanner.consume(octets)
        if !isEightBit { isEightBit = octets.contains { $0 >= 0x80 } }
        size += octets.count
        chunk += octets
        while chunk.count > IncomingContent.chunkSize {
            try stage(Array(chunk.prefix(IncomingContent.chunkSize)))
            chunk.removeFirst(IncomingContent.chunkSize)
        }
    }

    mutating func append(_ segment: LargeCopies.Segment) throws {
        switch segment {
        case .octets(let octets): try append(octets)
        case .stored(let range, let content): try copy(range, of: content)
        }
    }

    /// Octets that are stored already.
    mutating func copy(_ range: Range<Int>, of content: ContentID) throws {
        var start = range.lowerBound
        while start < range.upperBound {
            let end = min(start + IncomingContent.chunkSize, range.upperBound)
            try append(transaction.octets(start..<end, of: content))
            start = end
        }
    }

    /// Ends the content and stores it, with the header section that stands at its beginning.
    mutating func finish(digest: Int64) throws -> (content: HeldMail.Content, header: HeaderSection) {
        let structure = scanner.finish()
        let header = scanner.header ?? HeaderSection([UInt8]())
        let id: ContentID
        if let staged {
            if !chunk.isEmpty { try stage(chunk) }
            try transaction.commitStaged(staged, size: size, headerSize: header.octets.count)
            id = staged
        } else {
            id = try transaction.insertContent(chunk, headerSize: header.octets.count)
        }
        let content = HeldMail.Content(
            id: id, bodyOffset: header.octets.count, size: size, structure: structure.encoded(), digest: digest,
            isEightBit: isEightBit)
        return (content, header)
    }

    private mutating func stage(_ octets: [UInt8]) throws {
        let content = try staged ?? transaction.beginStaging(at: now)
        staged = content
        try transaction.stage(octets, ordinal: ordinal, of: content)
        ordinal += 1
    }
}
