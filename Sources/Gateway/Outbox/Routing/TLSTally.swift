package import Logging
import MailTypes
import Synchronization

/// Counts what TLS came to, in memory until it is written down.
package final class TLSTally: Sendable {
    /// Kinds of results that are counted between two writings; more are not told apart from nothing.
    private static let limit = 50_000

    private let counts = Mutex<[TLSResult: Int]>([:])
    private let store: any DeskStore
    private let clock: any WallClock
    private let logger: Logger

    package init(store: any DeskStore, clock: any WallClock, logger: Logger) {
        (self.store, self.clock, self.logger) = (store, clock, logger)
    }

    /// One session.
    package func note(_ result: TLSResult) {
        counts.withLock { counts in
            if counts[result] != nil || counts.count < Self.limit { counts[result, default: 0] += 1 }
        }
    }

    /// Writes down what came since the last time.
    package func write() async {
        let taken = counts.withLock { counts in
            defer { counts = [:] }
            return counts
        }
        guard !taken.isEmpty else { return }
        let day = clock.now.seconds / 86_400
        do {
            try await store.write { try $0.count(taken, on: day) }
        } catch {
            logger.warning("results of TLS not counted", metadata: [OutboxLogKey.failure: "\(error)"])
        }
    }

    /// Writes every minute until the task is cancelled.
    package func run() async {
        while (try? await Task.sleep(for: .seconds(60))) != nil { await write() }
        await Task { await self.write() }.value
    }
}
