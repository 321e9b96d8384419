package import Gateway
package import MailTypes
package import Storage
import Synchronization

/// Refuses new mail while less space is free than the configuration keeps back. Looks at the disk at most once a second.
package final class FreeSpaceGauge: RoomGauge {
    private struct State {
        var lookedAt = Timestamp(microseconds: .min)
        var isShort = false
    }
    private let state = Mutex(State())
    private let database: any Database
    private let minimum: Int64
    private let clock: any WallClock

    package init(database: any Database, minimum: Int, clock: any WallClock) {
        (self.database, self.minimum, self.clock) = (database, Int64(minimum), clock)
    }

    package var refusal: Reply? {
        let now = clock.now
        let isShort = state.withLock { state in
            let age = now.microseconds.subtractingReportingOverflow(state.lookedAt.microseconds)
            if age.overflow || age.partialValue > 1_000_000 || age.partialValue < 0 {
                state.lookedAt = now
                state.isShort = database.freeSpace.map { $0 < minimum } ?? false
            }
            return state.isShort
        }
        return isShort ? .insufficientStorage : nil
    }
}
