import Desk
import MailTypes
import Synchronization

/// How many messages of a view lack `\Seen`, for STATUS: which they are is read once and kept; later only what changed
/// since is looked at, so that the work does not grow with the mailbox. Bounded in octets: what nobody asked for the
/// longest goes first, and is read anew when somebody asks again.
package final class UnseenCounts: Sendable {
    /// Changes up to which a picture is brought up to date rather than made anew.
    private static let changes = 5000

    fileprivate struct Key: Hashable {
        var mailbox: MailboxID
        var agent: AgentID
        var pools: [PoolID]
        var joinedAfter: MessageKey
    }
    fileprivate struct Picture {
        var unseen: UIDBits
        /// True as of this mod-sequence.
        var known: ModSequence
        var lastUse: UInt64
        var octets: Int { 256 + unseen.octets }
    }
    fileprivate struct State {
        var pictures: [Key: Picture] = [:]
        var octets = 0
        var clock: UInt64 = 0
    }

    private let limit: Int
    private let state = Mutex(State())

    /// `octets`: how much memory all of them may take, roughly.
    package init(octets limit: Int = 16 << 20) { self.limit = limit }

    /// The number as the transaction sees the view.
    func count(of view: MailboxView, in transaction: any MailboxTransaction) throws -> Int {
        let key = Key(mailbox: view.mailbox, agent: view.agent, pools: view.pools, joinedAfter: view.joinedAfter)
        let now = try transaction.currentModSequence()
        let found = state.withLock { state in
            state.clock += 1
            state.pictures[key]?.lastUse = state.clock
            return state.pictures[key]
        }
        if let found, found.known == now { return found.unseen.count }
        var unseen: UIDBits
        if let found, let current = try Self.bring(found.unseen, from: found.known, to: now, view, transaction) {
            unseen = current
        } else {
            unseen = UIDBits()
            try transaction.eachUnseenUID(in: view) { unseen.insert($0) }
        }
        state.withLock { $0.keep(unseen, asOf: now, key, limit) }
        return unseen.count
    }

    /// What the picture has become; `nil` where it is not known, or is too much to go through.
    private static func bring(
        _ old: UIDBits, from known: ModSequence, to now: ModSequence, _ view: MailboxView,
        _ transaction: any MailboxTransaction
    ) throws -> UIDBits? {
        // A reader may see less than one that was quicker; what was pruned leaves no trace.
        guard known < now, known >= (try transaction.tombstoneHorizon()) else { return nil }
        let changed = try transaction.changedUIDs(in: view, since: known)
        let gone = try transaction.goneUIDs(in: view, since: known)
        guard changed.count + gone.count <= changes else { return nil }
        var unseen = old
        for uid in gone { unseen.remove(uid) }
        try transaction.eachMessage(changed, in: view, []) { row in
            if row.flags.contains(.seen) { unseen.remove(row.uid) } else { unseen.insert(row.uid) }
            return true
        }
        return unseen
    }

    /// Memory in use, roughly.
    var octets: Int { state.withLock { $0.octets } }
}

extension UnseenCounts.State {
    fileprivate mutating func keep(_ unseen: UIDBits, asOf known: ModSequence, _ key: UnseenCounts.Key, _ limit: Int) {
        if let old = pictures[key] {
            guard old.known < known else { return }
            octets -= old.octets
        }
        let picture = UnseenCounts.Picture(unseen: unseen, known: known, lastUse: clock)
        pictures[key] = picture
        octets += picture.octets
        while octets > limit, let oldest = pictures.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            pictures[oldest.key] = nil
            octets -= oldest.value.octets
        }
    }
}
