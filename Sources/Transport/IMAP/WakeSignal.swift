import NIOCore
import Synchronization

/// How a session is woken from any thread: at most one wake is under way at a time, so that a thousand commits within a
/// moment cost an idling connection one look at the database.
final class WakeSignal: Sendable {
    private let eventLoop: any EventLoop
    private let connection: NIOLoopBound<IMAPConnection>
    private let isUnderWay = Atomic<Bool>(false)

    init(_ connection: IMAPConnection, _ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        self.connection = NIOLoopBound(connection, eventLoop: eventLoop)
    }

    /// Brings `woken` to the connection after the delay, unless it is to come anyway.
    func wake(after delay: Duration) {
        guard !isUnderWay.exchange(true, ordering: .acquiringAndReleasing) else { return }
        if delay > .zero {
            eventLoop.scheduleTask(in: TimeAmount(delay)) { self.connection.value.woken() }
        } else {
            eventLoop.execute { self.connection.value.woken() }
        }
    }

    /// The session is about to look: what happens from now on must wake it again.
    func taken() { isUnderWay.store(false, ordering: .releasing) }
}
