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
        /// Messages whose flags changed; of a few the flags themselves.
        var changed = NumberSet()
        var flags: [FlagNews]?
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
        if expunges { newsSince = nil }
        if notices.takeDirty() {
            do {
                try await look(view)
            } catch {
                notices.markDirty()
                throw noted(error, view)
            }
        }
        var hasTold = try await tellGone(ifAllowed: expunges)
        if let asked, !asked.contains(.flagChange) { pendingFlags = PendingFlags() }
        if asked?.isEmpty != true {
            if tellArrivals() { hasTold = true }
            if try await tellFlags(view) { hasTold = true }
        }
        if usesVanished, tellHowFar() { hasTold = true }
        try await fetchArrivals(view)
        // What may not be told yet is told as soon as no command is in progress (RFC 5465 §6.1.1).
        if !expunges, let selected = notify?.plan.selected, !selected.isDelayed, self.selected?.gone.isEmpty == false {
            notices.wakeLater(.zero)
        }
        return hasTold
    }

    /// Commands of which Thunderbird passes over the EXISTS and EXPUNGE that come with them, and goes on to show what is gone.
    static func mayNewsWait(in command: Command) -> Bool {
        switch command {
        case .fetch(let fetch): fetch.messages.numbers == .uids
        case .store(let store): store.messages.numbers == .uids
        case .quota, .acl: true
        default: false
        }
    }

    /// Whether what is new waits still: a client that looks for it idles or says NOOP a moment later. One that only fetches
    /// by UID hears of it with the next command behind `newsDelay`. Who knows mod-sequences is told at once: nothing may
    /// be overtaken there by a later change (RFC 7162 §3.2).
    func letNewsWait() -> Bool {
        guard configuration.newsDelay > .zero, !usesModSequences, !usesVanished, notify == nil, !tellsOwnRemovals,
            notices.isMarked || selected?.gone.isEmpty == false
        else { return false }
        let now = services.clock.now
        guard let since = newsSince else {
            newsSince = now
            return true
        }
        return since <= now && now < since + configuration.newsDelay
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
        let readAtOnce = configuration.pageSize
        let news = try await services.store.read { transaction -> News in
            var news = News(modSequence: try transaction.currentModSequence(), map: map)
            guard news.modSequence > known else { return news }
            if asksForHighest { news.highest = try ViewSummary.highestModSequence(of: view, in: transaction) }
            news.gone = try transaction.goneUIDs(in: view, since: known)
            let changed = try transaction.changedUIDs(in: view, since: known)
            news.arrived = changed.filter { $0 > map.top }
            let old = changed.prefix { $0 <= map.top }
            news.changed = NumberSet(old)
            for uids in [news.changed, NumberSet(news.gone), recent] {
                try reader.load(for: uids, of: &news.map, transaction)
            }
            if !news.arrived.isEmpty { try reader.load(news.map.unloadedLast, of: &news.map, transaction) }
            if old.count <= readAtOnce { news.flags = try Self.flags(of: Array(old), view, transaction) }
            return news
        }
        self.selected?.known = max(known, news.modSequence)
        self.selected?.map = news.map
        if let highest = news.highest { self.selected?.highest = max(highest, selected.highest) }
        for uid in news.gone where news.map.contains(uid) { self.selected?.gone.insert(uid) }
        for uid in news.arrived { arrived(uid, view) }
        // What the session did itself is told already, unless somebody else changed it as well.
        let own = selected.ownChanges
        if let flags = news.flags {
            pendingFlags.note(flags.filter { !own.explain($0, since: known) })
        } else {
            pendingFlags.note(news.changed, since: known, own: own)
        }
        self.selected?.ownChanges = OwnChanges()
        shareMap()
    }

    private static func flags(
        of uids: [UInt32], _ view: MailboxView, _ transaction: any MailboxTransaction
    ) throws -> [FlagNews] {
        var flags: [FlagNews] = []
        try transaction.eachMessage(uids, in: view, []) {
            flags.append(FlagNews($0))
            return true
        }
        return flags
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

    /// Says whether anything was told; so do the others.
    private func tellGone(ifAllowed isAllowed: Bool) async throws -> Bool {
        guard isAllowed, let selected, !selected.gone.isEmpty else { return false }
        var (now, later) = (NumberSet(), NumberSet())
        selected.gone.forEach { uid in
            if selected.copiedAway.contains(uid) { later.insert(uid) } else { now.insert(uid) }
        }
        guard !now.isEmpty else { return false }
        self.selected?.gone = later
        pendingFlags.remove(now)
        let numbers = self.selected?.map.remove(now) ?? []
        shareMap()
        if usesVanished {
            try await tellVanished(now)
        } else {
            for number in numbers {
                writer.expunge(number)
                try await flushIfLarge()
            }
        }
        return true
    }

    /// After what was told: the mod-sequence that the client may go on from. While something that went waits to be told,
    /// it must not be that of a later change (RFC 7162 §3.2).
    private func tellHowFar() -> Bool {
        guard let selected else { return false }
        guard selected.gone.isEmpty else {
            writer.status(.ok("Something is to be told yet", .highestModSequence(selected.toldHighest)))
            isHeldBack = true
            return true
        }
        self.selected?.toldHighest = selected.highest
        guard isHeldBack else { return false }
        isHeldBack = false
        writer.status(.ok("Everything is told", .highestModSequence(selected.highest)))
        return true
    }

    private func tellArrivals() -> Bool {
        guard let selected, hasArrivals else { return false }
        hasArrivals = false
        writer.exists(selected.map.count)
        writer.recent(recentCount)
        return true
    }

    /// Flags of many messages are read, told and sent page by page.
    private func tellFlags(_ view: MailboxView) async throws -> Bool {
        var hasTold = tell(pendingFlags.takeReady())
        let (unread, own, since) = pendingFlags.takeUnread()
        var pages = UIDPages(unread, pageSize: configuration.pageSize)
        while let page = pages.next() {
            do {
                let news = try await services.store.read { try Self.flags(of: page, view, $0) }
                if tell(news.filter { !own.explain($0, since: since) }) { hasTold = true }
            } catch {
                pendingFlags.note(NumberSet(page), since: since, own: own)
                pendingFlags.note(pages.rest, since: since, own: own)
                throw error
            }
            try await flushIfLarge()
        }
        return hasTold
    }

    private func tell(_ news: [FlagNews]) -> Bool {
        guard let selected else { return false }
        for change in news {
            guard let number = selected.map.sequenceNumber(of: change.uid) else { continue }
            write(change, number)
        }
        return !news.isEmpty
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
}
