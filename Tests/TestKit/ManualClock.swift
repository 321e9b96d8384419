internal import Gateway
package import MailTypes
internal import Synchronization

/// A clock that stands still until a test moves it.
package final class ManualClock: WallClock {
    private let time: Mutex<Timestamp>

    /// A clock that shows this time; without one, noon of 3 March 2026 UTC.
    package init(_ time: Timestamp = Timestamp(microseconds: 1_772_539_200_000_000)) { self.time = Mutex(time) }

    /// What it shows.
    package var now: Timestamp { time.withLock { $0 } }

    /// Moves it forward, or back.
    package func advance(by duration: Duration) {
        let (seconds, attoseconds) = duration.components
        time.withLock {
            $0 = Timestamp(microseconds: $0.microseconds + seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
        }
    }
}
