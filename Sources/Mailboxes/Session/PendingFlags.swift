import IMAPProtocol
import MailTypes

/// Messages whose flags the client is to be told: a few with their flags, many by UID, to be read page by page when they
/// are told.
struct PendingFlags: Sendable {
    /// Read already, ascending.
    private(set) var ready: [FlagNews] = []
    private(set) var unread = NumberSet()
    /// What the session did itself since `since`, and told.
    private(set) var own = OwnChanges()
    private(set) var since = ModSequence(0)

    var isEmpty: Bool { ready.isEmpty && unread.isEmpty }

    /// Changes that were read.
    mutating func note(_ news: [FlagNews]) {
        let uids = NumberSet(news.map(\.uid))
        remove(uids)
        ready += news
    }

    /// Messages that changed since a mod-sequence, but for what the session did itself.
    mutating func note(_ uids: NumberSet, since known: ModSequence, own changes: OwnChanges) {
        guard !uids.isEmpty else { return }
        since = unread.isEmpty ? known : min(since, known)
        own.add(changes)
        for range in uids.ranges { unread.insert(range) }
        ready.removeAll { uids.contains($0.uid) }
    }

    /// They are told, or gone.
    mutating func remove(_ uids: NumberSet) {
        guard !isEmpty else { return }
        ready.removeAll { uids.contains($0.uid) }
        unread = unread.subtracting(uids)
    }

    /// Takes what was read; then what was not.
    mutating func takeReady() -> [FlagNews] {
        defer { ready = [] }
        return ready
    }

    mutating func takeUnread() -> (uids: NumberSet, own: OwnChanges, since: ModSequence) {
        defer { (unread, own) = (NumberSet(), OwnChanges()) }
        return (unread, own, since)
    }
}
