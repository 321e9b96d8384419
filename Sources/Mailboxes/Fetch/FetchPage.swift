import Desk
import Gateway
import IMAPProtocol
import MailFormat
import MailTypes
import NIOCore

/// The responses for some messages, made within one read transaction.
struct FetchPage: Sendable {
    var output: ByteBuffer
    /// How many of the page's UIDs are dealt with.
    var done: Int
    /// The next message is too large for one transaction and has to be streamed.
    var large: MessageRow?
    /// A part was asked for whose transfer encoding is not known.
    var metUnknownEncoding = false
    /// What FLAGS must tell before the responses are sent; `nil`: nothing new.
    var keywords: AnnouncedKeywords?
    /// Cards of which the client reads the text.
    var cards: [MessageKey] = []

    /// Works through `uids` until they end, enough octets are together, or a message is too large.
    static func read(
        _ uids: [UInt32], _ view: MailboxView, _ plan: FetchPlan, map: UIDMap, recentFrom: UInt32, seen: [UInt32],
        keywords: AnnouncedKeywords, chunkSize: Int, usesUTF8: Bool, _ transaction: any MailboxTransaction
    ) throws -> FetchPage {
        var writer = ResponseWriter(usesUTF8: usesUTF8)
        writer.reserve(min(uids.count * 96, chunkSize))
        var page = FetchPage(output: ByteBuffer(), done: uids.count)
        var literals: [(FetchItem, FetchPlan.Octets)] = []
        var keywords = keywords
        try transaction.eachMessage(uids, in: view, plan.columns) { row in
            guard let number = map.sequenceNumber(of: row.uid) else { return true }
            if plan.isPlain {
                if plan.showsFlags, let list = row.keywords, keywords.meet(list) { page.keywords = keywords }
                plan.writePlain(row, number, isRecent: row.uid >= recentFrom, to: &writer)
                guard writer.count >= chunkSize else { return true }
                page.done = (uids.firstIndex(of: row.uid) ?? uids.count - 1) + 1
                return false
            }
            if row.isCard, plan.readsText { page.cards.append(row.message) }
            let row = try plan.withPreview(row, transaction)
            let structure = plan.structure(of: row)
            literals.removeAll(keepingCapacity: true)
            var literalSize = 0
            for item in plan.items {
                guard
                    let octets = try plan.octets(
                        of: item, row, structure, reading: { try row.servedBody($0, transaction) })
                else { continue }
                literals.append((item, octets))
                literalSize += octets.cost
                // Not one more is made: together they may be many times the message.
                if literalSize > chunkSize { break }
            }
            if literalSize > chunkSize {
                page.done = uids.firstIndex(of: row.uid) ?? uids.count
                page.large = row
                return false
            }
            if plan.showsFlags, let list = row.keywords, keywords.meet(list) { page.keywords = keywords }
            writer.beginFetch(number)
            var next = 0
            for item in plan.items {
                guard next < literals.count, literals[next].0 == item else {
                    plan.write(item, row, structure, isRecent: row.uid >= recentFrom, to: &writer)
                    continue
                }
                try page.write(item, literals[next].1, row, transaction, to: &writer)
                next += 1
            }
            if !plan.addedWhenSeen.isEmpty, seen.contains(row.uid) {
                for item in plan.addedWhenSeen {
                    plan.write(item, row, nil, isRecent: row.uid >= recentFrom, to: &writer)
                }
            }
            writer.endFetch()
            if writer.count >= chunkSize {
                page.done = (uids.firstIndex(of: row.uid) ?? uids.count - 1) + 1
                return false
            }
            return true
        }
        page.output = writer.take()
        if page.keywords != nil { page.keywords = keywords }
        return page
    }

    private mutating func write(
        _ item: FetchItem, _ octets: FetchPlan.Octets, _ row: MessageRow, _ transaction: any MailboxTransaction,
        to writer: inout ResponseWriter
    ) throws {
        switch octets {
        case .absent: writer.fetchAbsent(item)
        case .ready(let octets): writer.fetchOctets(item, octets.withoutNUL())
        case .range(let range): writer.fetchOctets(item, try row.servedBody(range, transaction).withoutNUL())
        case .encoded(let range, let decoder, let wanted):
            let octets = try Self.decoded(range, decoder, wanted, row, transaction)
            writer.fetchLiteral(item, octetCount: octets.count, isBinary: octets.contains(0))
            writer.raw(octets)
        case .sizeOfEncoded(let range, let decoder):
            writer.fetchBinarySize(item, try Self.decoded(range, decoder, 0..<Int.max, row, transaction).count)
        case .unknownEncoding:
            metUnknownEncoding = true
            writer.fetchUnknownEncoding(item, UID(row.uid))
        }
    }

    private static func decoded(
        _ range: Range<Int>, _ decoder: TransferDecoder, _ wanted: Range<Int>, _ row: MessageRow,
        _ transaction: any MailboxTransaction
    ) throws -> [UInt8] {
        var stretch = DecodedStretch(decoder, wanted)
        let octets = stretch.take(try row.servedBody(range, transaction))
        return octets + stretch.finish()
    }
}
