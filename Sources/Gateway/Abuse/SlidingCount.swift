import MailTypes

/// How often something happened in the last stretch of time: two numbers for two fixed windows, of which the older one
/// counts for the part of it that the stretch still covers.
struct SlidingCount: Sendable, Equatable {
    private var window: Int64 = 0
    private var current: UInt32 = 0
    private var previous: UInt32 = 0

    /// How often, up to now.
    func level(at now: Timestamp, within period: Duration) -> Int {
        let length = Self.length(period)
        var moved = self
        moved.move(to: now.microseconds / length)
        // A clock that was put back stands within the window.
        let passed = min(max(0, now.microseconds - moved.window * length), length)
        // To the nearest: what was counted a moment before the window's end counts whole a moment after it.
        let share = (Int64(moved.previous) * (length - passed) + length / 2) / length
        return Int(moved.current) + Int(share)
    }

    /// Once more.
    mutating func add(at now: Timestamp, within period: Duration) {
        move(to: now.microseconds / Self.length(period))
        if current < 1_000_000 { current += 1 }
    }

    private mutating func move(to next: Int64) {
        guard next > window else { return }
        previous = next == window + 1 ? current : 0
        (current, window) = (0, next)
    }

    private static func length(_ period: Duration) -> Int64 {
        max(1, min(period.components.seconds, 86400)) * 1_000_000
    }
}
