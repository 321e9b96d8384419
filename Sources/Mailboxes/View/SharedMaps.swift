import Desk
import MailTypes
import Synchronization

/// The sequence maps of views, shared by the sessions that have them selected, and kept for the next one. Bounded in
/// octets: what nobody asked for the longest goes first.
///
/// Of a view, top and count of a map say which messages are in it: what lies below the top only ever becomes less.
package final class SharedMaps: Sendable {
    fileprivate struct Key: Hashable {
        var mailbox: MailboxID
        var pools: [PoolID]
    }
    fileprivate struct Entry {
        var map: UIDMap
        /// The map is true as of this mod-sequence.
        var known: ModSequence
        /// Without what can be loaded again: for sessions at rest.
        var bare: UIDMap?
        var octets: Int
        var lastUse: UInt64
    }
    fileprivate struct State {
        var entries: [Key: Entry] = [:]
        var octets = 0
        var clock: UInt64 = 0
    }

    private let limit: Int
    private let state = Mutex(State())

    /// `octets`: how much memory all of them may take, roughly.
    package init(octets limit: Int = 16 << 20) { self.limit = limit }

    /// The newest map of a view, and as of when it is true.
    func find(_ view: MailboxView) -> (UIDMap, ModSequence)? {
        state.withLock { state in
            state.clock += 1
            let key = Key(view)
            guard let entry = state.entries[key] else { return nil }
            state.entries[key]?.lastUse = state.clock
            return (entry.map, entry.known)
        }
    }

    /// Gives a session's map away and takes the one of equal content that is shared.
    func share(_ map: UIDMap, asOf known: ModSequence, of view: MailboxView) -> UIDMap {
        state.withLock { state in
            state.clock += 1
            let key = Key(view)
            var (result, asOf) = (map, known)
            if let entry = state.entries[key] {
                if entry.map.isSame(as: map) {
                    (result, asOf) = (entry.map, max(entry.known, known))
                    state.entries[key]?.known = asOf
                    state.entries[key]?.lastUse = state.clock
                    guard result.loadMore(from: map) else { return entry.map }
                } else if known <= entry.known {
                    return map
                }
            }
            state.store(Entry(map: result, known: asOf, octets: 256 + result.octets, lastUse: state.clock), key)
            state.evict(limit)
            return result
        }
    }

    /// The map of equal content without what can be loaded again, one for all sessions at rest.
    func bare(_ map: UIDMap, of view: MailboxView) -> UIDMap {
        state.withLock { state in
            let key = Key(view)
            guard let entry = state.entries[key], entry.map.isSame(as: map) else { return map.withoutLoaded }
            if let bare = entry.bare { return bare }
            let bare = map.withoutLoaded
            state.entries[key]?.bare = bare
            state.entries[key]?.octets += bare.octets
            state.octets += bare.octets
            return bare
        }
    }

    /// Drops what turned out to be wrong.
    func forget(_ view: MailboxView) { state.withLock { $0.remove(Key(view)) } }

    /// Memory in use, roughly.
    var octets: Int { state.withLock { $0.octets } }
}

extension SharedMaps.Key {
    fileprivate init(_ view: MailboxView) { self.init(mailbox: view.mailbox, pools: view.pools) }
}

extension SharedMaps.State {
    fileprivate mutating func store(_ entry: SharedMaps.Entry, _ key: SharedMaps.Key) {
        remove(key)
        entries[key] = entry
        octets += entry.octets
    }

    fileprivate mutating func remove(_ key: SharedMaps.Key) {
        if let old = entries.removeValue(forKey: key) { octets -= old.octets }
    }

    fileprivate mutating func evict(_ limit: Int) {
        while octets > limit, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            remove(oldest.key)
        }
    }
}
