import Desk
import MailFormat
import MailTypes

/// A mail made from a stored one, piece by piece, as content of its own: however large it is, a piece of it is in
/// memory.
struct StoredPlan {
    let header: [UInt8]
    let pieces: [BodyPiece]

    /// What it is made of.
    func segments(over source: HeldMail.Content) -> [LargeCopies.Segment] {
        [.octets(header)]
            + pieces.map { piece in
                switch piece {
                case .octets(let octets): .octets(octets)
                case .range(let range):
                    .stored(source.bodyOffset + range.lowerBound..<source.bodyOffset + range.upperBound, of: source.id)
                }
            }
    }

    /// Writes it within the transaction.
    func store(
        over source: HeldMail.Content, now: Timestamp, digest: Int64? = nil, _ transaction: any DeskTransaction
    ) throws -> HeldMail.Content {
        var writer = ContentWriter(transaction, now: now)
        for segment in segments(over: source) { try writer.append(segment) }
        let content = try writer.finish(digest: digest ?? source.digest).content
        try transaction.shareAcceptances(of: source.id, with: content.id)
        return content
    }
}
