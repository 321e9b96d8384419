import Desk
import MailFormat
import MailTypes

/// A mail made from a stored one, piece by piece, as content of its own: however large it is, a piece of it is in
/// memory.
struct StoredPlan {
    let header: [UInt8]
    let pieces: [BodyPiece]

    /// Writes it within the transaction.
    func store(
        over source: HeldMail.Content, now: Timestamp, digest: Int64? = nil, _ transaction: any DeskTransaction
    ) throws -> HeldMail.Content {
        let size = header.count + pieces.reduce(0) { $0 + $1.count }
        var scanner = MIMEScanner()
        var chunk: [UInt8] = []
        var isEightBit = false
        let isSmall = size <= IncomingContent.chunkSize
        let staged = isSmall ? nil : try transaction.beginStaging(at: now)
        var ordinal = 0
        func append(_ octets: [UInt8]) throws {
            scanner.consume(octets)
            if !isEightBit { isEightBit = octets.contains { $0 >= 0x80 } }
            chunk += octets
            guard let staged else { return }
            while chunk.count >= IncomingContent.chunkSize {
                try transaction.stage(Array(chunk.prefix(IncomingContent.chunkSize)), ordinal: ordinal, of: staged)
                chunk.removeFirst(IncomingContent.chunkSize)
                ordinal += 1
            }
        }
        try append(header)
        for piece in pieces {
            switch piece {
            case .octets(let octets): try append(octets)
            case .range(let range):
                var start = range.lowerBound
                while start < range.upperBound {
                    let end = min(start + IncomingContent.chunkSize, range.upperBound)
                    try append(
                        transaction.octets(
                            source.bodyOffset + start..<source.bodyOffset + end, of: source.id))
                    start = end
                }
            }
        }
        let id: ContentID
        if let staged {
            if !chunk.isEmpty { try transaction.stage(chunk, ordinal: ordinal, of: staged) }
            try transaction.commitStaged(staged, size: size, headerSize: header.count)
            id = staged
        } else {
            id = try transaction.insertContent(chunk, headerSize: header.count)
        }
        try transaction.shareAcceptances(of: source.id, with: id)
        return HeldMail.Content(
            id: id, bodyOffset: header.count, size: size, structure: scanner.finish().encoded(),
            digest: digest ?? source.digest, isEightBit: isEightBit)
    }
}
