import Desk
import Gateway
import MailTypes
import Synchronization

/// What the feed left for a session: that it must look again. The session looks at the ends of commands; while it idles
/// it is woken.
final class Notices: Sendable {
    private let isDirty = Atomic<Bool>(false)
    private let isRosterDirty = Atomic<Bool>(false)
    private let isIdling = Atomic<Bool>(false)
    private let isNotified = Atomic<Bool>(false)
    private let others = Mutex(Others())
    private let wake: @Sendable (Duration) -> Void

    init(wake: @escaping @Sendable (Duration) -> Void) { self.wake = wake }

    /// Runs on the committing thread.
    func note(_ change: Change) {
        isDirty.store(true, ordering: .releasing)
        if change.isRosterChange { isRosterDirty.store(true, ordering: .releasing) }
        if isNotified.load(ordering: .acquiring) {
            others.withLock { others in
                if change.isRosterChange || !change.mailboxLists.isEmpty { others.isListDirty = true }
                if !change.agents.isEmpty { others.isAgentDirty = true }
                if !change.annotations.isEmpty { others.areAnnotationsDirty = true }
            }
        }
        if change.isRosterChange || isListening { wake(.zero) }
    }

    /// What changed outside of the selected mailbox (RFC 5465).
    struct Others {
        /// Watched mailboxes: never more than are watched.
        var mailboxes: Set<MailboxID> = []
        /// Mailboxes came, went, were renamed or (un)subscribed.
        var isListDirty = false
        /// Flags of the agent's own changed somewhere.
        var isAgentDirty = false
        /// Annotations of the agent's changed.
        var areAnnotationsDirty = false

        var isAny: Bool { isListDirty || isAgentDirty || areAnnotationsDirty || !mailboxes.isEmpty }
    }

    /// A watched mailbox changed. Runs on the committing thread.
    func noteOther(_ mailbox: MailboxID) {
        let isNew = others.withLock { $0.mailboxes.insert(mailbox).inserted }
        if isNew, isListening { wake(.zero) }
    }

    func takeOthers() -> Others {
        others.withLock { others in
            defer { others = Others() }
            return others
        }
    }

    /// They could not be looked at.
    func putBack(_ old: Others) {
        others.withLock { others in
            others.mailboxes.formUnion(old.mailboxes)
            others.isListDirty = others.isListDirty || old.isListDirty
            others.isAgentDirty = others.isAgentDirty || old.isAgentDirty
            others.areAnnotationsDirty = others.areAnnotationsDirty || old.areAnnotationsDirty
        }
    }

    /// The client listens between commands.
    func setNotified(_ value: Bool) {
        isNotified.store(value, ordering: .releasing)
        if !value { _ = takeOthers() }
    }
    private var isListening: Bool {
        isIdling.load(ordering: .acquiring) || isNotified.load(ordering: .acquiring)
    }

    /// Whether to look again; asking clears it.
    func takeDirty() -> Bool { isDirty.exchange(false, ordering: .acquiringAndReleasing) }
    /// Whether there is something to look for.
    var isMarked: Bool { isDirty.load(ordering: .acquiring) }
    /// Something is known to be new, whatever the feed says.
    func markDirty() { isDirty.store(true, ordering: .releasing) }
    func takeRosterDirty() -> Bool { isRosterDirty.exchange(false, ordering: .acquiringAndReleasing) }
    func setIdling(_ value: Bool) { isIdling.store(value, ordering: .releasing) }
    func wakeLater(_ delay: Duration) { wake(delay) }
}
