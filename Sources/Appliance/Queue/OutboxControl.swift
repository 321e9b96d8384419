package import Gateway
import MailTypes
import Synchronization

/// The way from a command to the running outbox; where none runs, nothing is to be told.
package final class OutboxControl: Sendable {
    private let runner = Mutex<OutboxRunner?>(nil)

    package init() {}

    /// The outbox begins to run.
    package func attach(_ new: OutboxRunner) { runner.withLock { $0 = new } }

    /// Everything that waits may be tried, whatever was out of reach before.
    func forgetPauses() { runner.withLock { $0 }?.forgetPauses() }

    /// Destinations that are left alone for now.
    var pauses: [(destination: String, until: Timestamp, because: DeliveryFailure)] {
        runner.withLock { $0 }?.pauses ?? []
    }
}
