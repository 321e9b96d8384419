import Desk
import Gateway
import IMAPProtocol
import MailTypes

/// What a client missed that knows a mailbox as of a mod-sequence (RFC 7162 §3.2.5, §3.2.6).
extension IMAPSession {
    /// What happened since for `UID FETCH … (CHANGEDSINCE n VANISHED)`; without VANISHED only what changed.
    func missed(
        _ since: ModSequence, _ command: FetchCommand, _ view: MailboxView, _ selected: SelectedMailbox
    ) async throws -> MissedChanges {
        let includesVanished = command.includesVanished
        let reader = MapReader(view: view, asOf: selected.known, untold: selected.gone)
        return try await services.store.read { transaction in
            var missed = MissedChanges()
            missed.changed = NumberSet(try transaction.changedUIDs(in: view, since: since))
            guard includesVanished, let counters = try transaction.counters(of: view.mailbox, pools: view.pools) else {
                return missed
            }
            // `*` is the highest UID that ever was, not the highest that is left.
            let asked = command.messages.set.resolved(largest: counters.uidHighest) ?? selected.searchResult
            var map = selected.map
            missed.vanished = try MissedChanges.departed(
                since: since, among: asked, reader, &map, highest: counters.uidHighest, match: nil, transaction)
            return missed
        }
    }

    /// Tells it: first what went, so that the client is not confused about numbers (RFC 7162 §3.2.6).
    func tell(_ missed: MissedChanges, _ view: MailboxView, _ selected: SelectedMailbox) async throws {
        try await tellVanished(missed.vanished, isEarlier: true)
        guard !missed.changed.isEmpty else { return }
        let plan = FetchPlan([.uid, .flags, .modSequence], isUID: true, needsModSequence: true)
        _ = try await fetch(missed.changed, view, plan, selected)
    }
}

/// What happened in a view since a mod-sequence.
struct MissedChanges: Sendable {
    /// UIDs that went.
    var vanished = NumberSet()
    /// UIDs that came or changed.
    var changed = NumberSet()

    init() {}

    /// For a client that says what it knows with SELECT; of `map`, the view now, what changed will be loaded.
    init(
        since last: SelectCommand.Resynchronization, _ reader: MapReader, _ map: inout UIDMap, _ summary: ViewSummary,
        _ transaction: any MailboxTransaction
    ) throws {
        let highest = summary.uidHighest
        // Without a list the client knows all there ever was (RFC 7162 §3.2.5.1).
        let all = highest > 0 ? NumberSet(1...highest) : NumberSet()
        let known = last.knownUIDs?.resolved(largest: highest) ?? all
        changed = NumberSet(try transaction.changedUIDs(in: reader.view, since: last.modSequence)).intersection(known)
        try reader.load(for: changed, of: &map, transaction)
        vanished = try Self.departed(
            since: last.modSequence, among: known, reader, &map, highest: highest, match: last.match, transaction)
    }

    /// What went of `uids`. `map` is what the client knows to be there: of that nothing went earlier.
    static func departed(
        since: ModSequence, among uids: NumberSet, _ reader: MapReader, _ map: inout UIDMap, highest: UInt32,
        match: SelectCommand.Resynchronization.Match?, _ transaction: any MailboxTransaction
    ) throws -> NumberSet {
        guard since < (try transaction.tombstoneHorizon()) else {
            let gone = NumberSet(try transaction.goneUIDs(in: reader.view, since: since)).intersection(uids)
            // Nothing that went is in a map of now.
            guard reader.asOf < (try transaction.currentModSequence()) || !reader.untold.isEmpty else { return gone }
            try reader.load(for: gone, of: &map, transaction)
            return gone.subtracting(map.confined(gone))
        }
        // What was forgotten is among what is not there. Up to the last number that still fits, the client knows.
        try reader.load(for: match == nil ? uids : NumberSet(0...UInt32.max), of: &map, transaction)
        let first = match.map { $0.lastInStep(with: map) + 1 } ?? 1
        guard first <= highest else { return NumberSet() }
        let range = uids.intersection(NumberSet(first...highest))
        return range.subtracting(map.confined(range))
    }
}

extension SelectCommand.Resynchronization.Match {
    /// The highest UID that still has the sequence number that the client knows; 0 if none has. Messages only ever leave
    /// from among those before it, so once a number does not fit, no later one does.
    func lastInStep(with map: UIDMap) -> UInt32 {
        guard let numbers = sequenceNumbers.resolved(largest: 0), let uids = uids.resolved(largest: 0) else { return 0 }
        var (low, high) = (0, min(numbers.count, uids.count))
        var last: UInt32 = 0
        while low < high {
            let middle = low + (high - low) / 2
            if let uid = uids.number(at: middle), uid < .max, map.sequenceNumber(of: uid) == numbers.number(at: middle) {
                last = uid
                low = middle + 1
            } else {
                high = middle
            }
        }
        return last
    }
}
