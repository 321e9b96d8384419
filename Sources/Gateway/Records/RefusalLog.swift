package import MailTypes
import Synchronization

/// Writes down who was refused, so that `stempel why` can tell it. Whoever is refused costs little: what comes while a
/// transaction is under way waits for the next one, and what does not fit then is forgotten.
package final class RefusalLog: Sendable {
    private struct State {
        var waiting: [Refusal] = []
        var isWriting = false
    }
    private let state = Mutex(State())
    private let store: any DeskStore
    private let clock: any WallClock

    /// Refusals that wait for one transaction.
    private static let maximumWaiting = 200

    package init(store: any DeskStore, clock: any WallClock) { (self.store, self.clock) = (store, clock) }

    /// Notes that a peer was refused. `nil`: it was told nothing.
    package func note(_ origin: MailOrigin, messageID: MessageID? = nil, reply: Reply?, cause: String? = nil) {
        let refusal = Refusal(
            at: clock.now, origin: origin, messageID: messageID,
            reply: reply.map(\.description) ?? "closed without a reply", cause: cause)
        let mustWrite = state.withLock { state in
            if state.waiting.count < Self.maximumWaiting { state.waiting.append(refusal) }
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if mustWrite { write() }
    }

    private func write() {
        let batch = state.withLock { state -> [Refusal] in
            defer { state.waiting = [] }
            if state.waiting.isEmpty { state.isWriting = false }
            return state.waiting
        }
        guard !batch.isEmpty else { return }
        store.write(octets: batch.count * 512) { transaction in
            try transaction.record(batch)
        } completion: { _ in
            self.write()
        }
    }
}
