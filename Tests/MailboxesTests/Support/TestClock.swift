import Gateway
import MailTypes
import Synchronization

/// A clock that stands still until a test moves it.
final class TestClock: WallClock {
    private let time = Mutex(Timestamp(seconds: 1_772_539_200))

    var now: Timestamp { time.withLock { $0 } }

    func advance(by duration: Duration) { time.withLock { $0 = $0 + duration } }
}
