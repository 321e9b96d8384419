import Desk
import Gateway
import IMAPProtocol
import MailTypes

/// Telling the client what changed in the selected mailbox (RFC 3501 §7.4.1, RFC 7162 §3).
extension IMAPSession {
    /// What a look at the database brought.
    private struct News: Sendable {
        var modSequence: ModSequence
        var highest: ModSequence?
        var arrived: [UInt32] = []
        var changed: [FlagNews] = []
        var gone: [UInt32] = []
        /// The client's picture, with what is to be told of it loaded.
        var map: UIDMap
    }

    /// Writes what the client does not know. `expunges`: whether sequence numbers may shift now. Says whether anything
    /// was written.
    @discardableResult
    func announce(expunges: Bool) async throws -> Bool {
        guard let view = selected?.view else { return false }
        let asked = notify?.plan.selected.events
        guard asked?.isEmpty != true || tellsOwnRemovals else { return false }
        tellsOwnRemovals = false
        if notices.takeDirty() {
            do {
                try await look(view)
            } catch {
                notices.markDirty()
                throw noted(error, view)
            }
        }
        let before = writer.count
        tellGone(ifAllowed: expunges)
        if let asked, !asked.contains(.flagChange) { pendingFlags = [:] }
        if asked?.isEmpty != true { tellNews() }
        if usesVanished { tellHowFar() }
        let hasTold = writer.count > before
        try await fetchArrivals(view)
        // What may not be told yet is told as soon as no command is in progress (RFC 5465 §6.1.1).
        if !expunges, let selected = notify?.plan.selected, !selected.isDelayed, self.selected?.gone.isEmpty == false {
            notices.wakeLater(.zero)
        }
        return hasTold
    }

    /// Messages that this session copied away count as gone from now on.
    func releaseCopiedAway() {
        guard selected?.copiedAway.isEmpty == false else { return }
        selected?.copiedAway = NumberSet()
        selected?.deletedAfterCopy = NumberSet()
    }

    /// Reads what changed since the last look and keeps it until it can be told.
    private func look(_ view: MailboxView) async throws(StoreFailure) {
        guard let selected else { return }
        let (known, map, asksForHighest) = (selected.known, selected.map, usesVanished)
        let recent = selected.recentFrom == .max ? NumberSet() : NumberSet([selected.recentFrom])
        let reader = MapReader(view: view, asOf: known, untold: selected.gone)
        let news = try await services.store.read { transaction -> News in
            var news = News(modSequence: try transaction.currentModSequence(), map: map)
            guard news.modSequence > known else { return news }
            if asksForHighest { news.highest = try ViewSummary.highestModSequence(of: view, in: transaction) }
            news.gone = try transaction.goneUIDs(in: view, since: known)
            let changed = try transaction.changedUIDs(in: view, since: known)
            news.arrived = changed.filter { $0 > map.top }
            let old = changed.filter { $0 <= map.top }
            for uids in [NumberSet(old), NumberSet(news.gone), recent] {
                try reader.load(for: uids, of: &news.map, transaction)
            }
            if !news.arrived.isEmpty { try reader.load(news.map.unloadedLast, of: &news.map, transaction) }
            guard !old.isEmpty else { return news }
            try transaction.eachMessage(old, in: view, []) {
                news.changed.append(FlagNews($0))
                return true
            }
            return news
        }
        self.selected?.known = max(known, news.modSequence)
        self.selected?.map = news.map
        if let highest = news.highest { self.selected?.highest = max(highest, selected.highest) }
        for uid in news.gone where news.map.contains(uid) { self.selected?.gone.insert(uid) }
        for uid in news.arrived { arrived(uid, view) }
        for change in news.changed where news.map.contains(change.uid) {
            let own = selected.ownChanges[change.uid]
            // Told already, unless somebody else changed it as well.
            if let own, change.isFrom(own, since: known) { continue }
            pendingFlags[change.uid] = change
        }
        self.selected?.ownChanges = [:]
        shareMap()
    }

    private func arrived(_ uid: UInt32, _ view: MailboxView) {
        guard let selected, uid > selected.map.top else { return }
        if !selected.isReadOnly, !isRev2 {
            let first = services.recents.claim(view.mailbox, view.agent, uidNext: uid < .max ? uid + 1 : uid)
            if first <= uid, selected.recentFrom == .max { self.selected?.recentFrom = uid }
        }
        self.selected?.map.append(uid)
        hasArrivals = true
    }

    private func tellGone(ifAllowed isAllowed: Bool) {
        guard isAllowed, let selected, !selected.gone.isEmpty else { return }
        var (now, later) = (NumberSet(), NumberSet())
        selected.gone.forEach { uid in
            if selected.copiedAway.contains(uid) { later.insert(uid) } else { now.insert(uid) }
        }
        guard !now.isEmpty else { return }
        self.selected?.gone = later
        now.forEach { pendingFlags[$0] = nil }
        let numbers = self.selected?.map.remove(now) ?? []
        shareMap()
        if usesVanished {
            tellVanished(now)
        } else {
            for number in numbers { writer.expunge(number) }
        }
    }

    /// After what was told: the mod-sequence that the client may go on from. While something that went waits to be told,
    /// it must not be that of a later change (RFC 7162 §3.2).
    private func tellHowFar() {
        guard let selected else { return }
        guard selected.gone.isEmpty else {
            writer.status(.ok("Something is to be told yet", .highestModSequence(selected.toldHighest)))
            isHeldBack = true
            return
        }
        self.selected?.toldHighest = selected.highest
        guard isHeldBack else { return }
        isHeldBack = false
        writer.status(.ok("Everything is told", .highestModSequence(selected.highest)))
    }

    /// `* VANISHED`, in lines of bounded length.
    func tellVanished(_ uids: NumberSet, isEarlier: Bool = false) {
        for piece in uids.pieces(ofRanges: 1000) { writer.vanished(piece, isEarlier: isEarlier) }
    }

    private func tellNews() {
        guard let selected else { return }
        if hasArrivals {
            hasArrivals = false
            writer.exists(selected.map.count)
            writer.recent(recentCount)
        }
        guard !pendingFlags.isEmpty else { return }
        for change in pendingFlags.values.sorted(by: { $0.uid < $1.uid }) {
            guard let number = selected.map.sequenceNumber(of: change.uid) else { continue }
            write(change, number)
        }
        pendingFlags = [:]
    }

    /// `* n FETCH (UID … FLAGS (…))`, with the mod-sequence for clients that know of it.
    func write(_ change: FlagNews, _ number: UInt32) {
        announceKeywords(change.keywords)
        writer.beginFetch(number)
        writer.fetchUID(UID(change.uid))
        if usesModSequences { writer.fetchModSequence(change.modSequence) }
        writer.fetchFlags(
            change.flags, keywords: change.keywords, isRecent: selected?.isRecent(change.uid) ?? false)
        writer.endFetch()
    }

    /// How many messages are recent in this session.
    var recentCount: Int {
        guard let selected, selected.recentFrom != .max else { return 0 }
        return selected.map.count(from: selected.recentFrom)
    }
}

/// The flags of a message as they are to be told.
struct FlagNews: Sendable {
    var uid: UInt32
    var flags: Flags
    var keywords: [String]
    var shared: Int64
    var personal: Int64

    init(_ row: MessageRow) {
        (uid, flags, keywords) = (row.uid, row.flags, row.keywordList)
        (shared, personal) = (row.sharedModSequence, row.personalModSequence)
    }

    var modSequence: ModSequence { ModSequence(max(shared, personal)) }

    /// Whether all that happened since `known` is one change of our own.
    func isFrom(_ own: Int64, since known: ModSequence) -> Bool {
        (shared <= known.number || shared == own) && (personal <= known.number || personal == own)
    }
}
