import Desk
import Gateway
import IMAPProtocol
import MailTypes

/// The sequence map of the selected mailbox: what a command means is read before it is carried out.
extension IMAPSession {
    /// Blocks that one transaction reads.
    private static let blocksPerTransaction = 32
    /// Loaded blocks that a session keeps for itself between commands.
    private static let blocksAtRest = 64

    /// Reads what the map lacks for the messages that a command names.
    func loadMap(for command: Command) async throws {
        guard selected?.view != nil else { return }
        switch command {
        case .fetch(let fetch): try await loadMap(for: fetch.messages)
        case .store(let store): try await loadMap(for: store.messages)
        case .copy(let messages, _), .move(let messages, _): try await loadMap(for: messages)
        case .expunge(let uids?): try await loadMap(for: MessageSet(.uids, uids))
        // These look at every message anyway.
        case .search, .sort, .thread: try await load { $0.unloaded(for: NumberSet(0...UInt32.max)) }
        default: break
        }
    }

    /// Reads what the map lacks for these messages.
    func loadMap(for messages: MessageSet) async throws {
        guard let selected, selected.view != nil else { return }
        // For `*`.
        try await load { $0.unloadedLast }
        let saved = selected.searchResult
        switch messages.numbers {
        case .uids:
            try await load { $0.unloaded(for: messages.set.resolved(largest: $0.lastUID) ?? saved) }
        case .sequenceNumbers:
            try await load { map in
                messages.set.resolved(largest: UInt32(clamping: map.count)).map(map.unloaded(forSequenceNumbers:))
                    ?? map.unloaded(for: saved)
            }
        }
    }

    private func load(_ missing: (UIDMap) -> [UInt32]) async throws {
        guard let selected, let view = selected.view, !missing(selected.map).isEmpty else { return }
        if selected.gone.isEmpty, let (shared, _) = services.maps.find(view), shared.isSame(as: selected.map) {
            _ = self.selected?.map.loadMore(from: shared)
        }
        let reader = MapReader(view: view, asOf: selected.known, untold: selected.gone)
        var map = self.selected?.map ?? selected.map
        var rest = missing(map)[...]
        while !rest.isEmpty {
            let (page, before) = (rest.prefix(Self.blocksPerTransaction), map)
            do {
                map = try await services.store.read { transaction in
                    var map = before
                    try reader.load(page, of: &map, transaction)
                    return map
                }
            } catch {
                throw noted(error, view)
            }
            rest = rest.dropFirst(Self.blocksPerTransaction)
        }
        self.selected?.map = map
        shareMap()
    }

    /// A map that cannot be completed ends the session: the client's picture is not known any more.
    func noted(_ failure: StoreFailure, _ view: MailboxView) -> StoreFailure {
        if failure.cause is StaleMap {
            services.maps.forget(view)
            bye("The mailbox has to be opened again", .unavailable)
        }
        return failure
    }

    /// Shares the map with the other sessions, unless it holds what they were told to be gone.
    func shareMap() {
        guard let selected, let view = selected.view, selected.gone.isEmpty else { return }
        self.selected?.map = services.maps.share(selected.map, asOf: selected.known, of: view)
    }

    /// A session at rest keeps no more than it must.
    func restMap() {
        // What is still to be told of must stay loaded.
        guard let selected, let view = selected.view, selected.gone.isEmpty, pendingFlags.isEmpty,
            selected.map.loadedCount > Self.blocksAtRest
        else { return }
        self.selected?.map = services.maps.bare(selected.map, of: view)
    }
}
