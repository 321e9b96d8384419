import Desk
import Gateway
import IMAPProtocol
import MailTypes

/// Reads sequence maps from the database, as views were at a mod-sequence: what a session was told may lag behind.
struct MapReader: Sendable {
    /// Arrivals up to which a shared map is brought up to date rather than made anew.
    private static let arrivals: UInt32 = 5000

    let view: MailboxView
    /// The mod-sequence as of which the map is true, but for `untold`.
    var asOf: ModSequence
    /// What went before and is in the map still, because the client was not told.
    var untold = NumberSet()

    /// The map of the view now, with the UIDs of as few blocks as can be: from the shared one, or from the counts.
    func open(
        _ summary: ViewSummary, _ maps: SharedMaps, _ transaction: any MailboxTransaction
    ) throws -> UIDMap {
        if let (shared, known) = maps.find(view), known <= asOf, summary.uidHighest >= shared.top,
            summary.uidHighest - shared.top <= Self.arrivals
        {
            var map = shared
            if summary.entriesModSequence > known {
                map.withdraw(NumberSet(try transaction.goneUIDs(in: view, since: known).filter { $0 <= shared.top }))
                try transaction.eachUID(in: view, above: shared.top) { map.append($0) }
            }
            if map.count == summary.messages { return map }
        }
        return UIDMap(counts: try transaction.blockCounts(in: view), top: summary.uidHighest)
    }

    /// Reads the UIDs of blocks.
    func load(_ blocks: some Sequence<UInt32>, of map: inout UIDMap, _ transaction: any MailboxTransaction) throws {
        let top = map.top
        for block in blocks {
            let range = UIDMap.range(of: block)
            var uids: [UInt32] = []
            // What came later is higher than all there were; what went later is there no more, but leaves a tombstone.
            try transaction.eachUID(in: view, range, asOf: asOf) { if $0 <= top { uids.append($0) } }
            untold.intersection(NumberSet(range)).forEach { uids.append($0) }
            guard map.load(block, uids) else { throw StaleMap() }
        }
    }

    /// As above, for these UIDs.
    func load(for uids: NumberSet, of map: inout UIDMap, _ transaction: any MailboxTransaction) throws {
        try load(map.unloaded(for: uids), of: &map, transaction)
    }
}

/// A session's map cannot be completed any more: what it needs was pruned, or the counts are wrong. The mailbox has to be
/// opened again.
struct StaleMap: Error {}
