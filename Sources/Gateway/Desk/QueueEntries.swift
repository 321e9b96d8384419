package import Desk
package import MailTypes

/// What lies in New of a pool that only Next gives out counts for a number of its own there, which nobody but the pool's
/// supervisors sees. When a pool becomes such a one, or is one no more, its entries in New leave tombstones behind and
/// come back under new UIDs: what an agent may see never changes under a UID (DESIGN §3).
package enum QueueEntries {
    /// Makes New count as the desk now says; `false`: it did already.
    @discardableResult
    package static func renew(_ roster: Roster, in transaction: any DeskTransaction, now: Timestamp) throws -> Bool {
        guard let new = roster.mailbox(.new) else { return false }
        var sequence: ModSequence?
        for pool in roster.pools.keys.sorted() {
            let right = roster.entryPool(pool, in: new)
            let wrong = right == pool ? pool.inQueue : pool
            let messages = try transaction.messages(in: new, of: [wrong] + Language.allCases.map { wrong.ofCards(in: $0) })
            guard !messages.isEmpty else { continue }
            let taken = try sequence ?? transaction.takeModSequence()
            sequence = taken
            _ = try transaction.leave(messages, from: new, at: taken, now: now)
            _ = try transaction.enter(messages, into: new, pool: right, at: taken, now: now)
        }
        guard sequence != nil else { return false }
        transaction.note(Change(mailboxes: [new]))
        return true
    }
}
