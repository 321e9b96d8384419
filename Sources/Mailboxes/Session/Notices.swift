import Gateway
import Synchronization

/// What the feed left for a session: that it must look again. The session looks at the ends of commands; while it idles
/// it is woken.
final class Notices: Sendable {
    private let isDirty = Atomic<Bool>(false)
    private let isRosterDirty = Atomic<Bool>(false)
    private let isIdling = Atomic<Bool>(false)
    private let wake: @Sendable (Duration) -> Void

    init(wake: @escaping @Sendable (Duration) -> Void) { self.wake = wake }

    /// Runs on the committing thread.
    func note(_ change: Change) {
        isDirty.store(true, ordering: .releasing)
        if change.isRosterChange { isRosterDirty.store(true, ordering: .releasing) }
        if change.isRosterChange || isIdling.load(ordering: .acquiring) { wake(.zero) }
    }

    /// Whether to look again; asking clears it.
    func takeDirty() -> Bool { isDirty.exchange(false, ordering: .acquiringAndReleasing) }
    /// Something is known to be new, whatever the feed says.
    func markDirty() { isDirty.store(true, ordering: .releasing) }
    func takeRosterDirty() -> Bool { isRosterDirty.exchange(false, ordering: .acquiringAndReleasing) }
    func setIdling(_ value: Bool) { isIdling.store(value, ordering: .releasing) }
    func wakeLater(_ delay: Duration) { wake(delay) }
}
