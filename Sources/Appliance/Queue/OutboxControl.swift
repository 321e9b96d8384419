package import Gateway
import MailTypes
import Synchronization

/// The way from a command to the running outbox; where none runs, nothing is to be told.
package final class OutboxControl: Sendable {
    private let runner = Mutex<OutboxRunner?>(nil)

    package init() {}

    /// The outbox begins to run.
    package func attach(_ new: OutboxRunner) { runner.withLock { $0 = new } }

    /// What becomes due for these destinations, `nil`: for any, may be tried, whatever was out of reach before. To be called
    /// before it becomes due: the commit wakes the outbox.
    func forgetPauses(of destinations: Set<String>?) { runner.withLock { $0 }?.forgetPauses(of: destinations) }

    /// Whether a delivery is on the wire just now: it can be stopped no more.
    func isOnTheWire(_ entry: QueueEntry) -> Bool { runner.withLock { $0 }?.isOnTheWire(entry) ?? false }

    /// Keeps deliveries from going on the wire until `release`; those that are there already are not among the result.
    func withhold(_ entries: [QueueEntry]) -> [QueueEntry] { runner.withLock { $0 }?.withhold(entries) ?? entries }

    func release(_ entries: [QueueEntry]) { runner.withLock { $0 }?.release(entries) }

    /// Destinations that are left alone for now.
    var pauses: [(destination: String, until: Timestamp, because: DeliveryFailure)] {
        runner.withLock { $0 }?.pauses ?? []
    }
}
