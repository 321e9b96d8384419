import Desk
import Synchronization

/// Which messages no session of an agent was told of before: `\Recent` (RFC 3501 §2.3.2). Kept while the server runs;
/// after a start nothing that is there is recent, as the RFC allows.
package final class RecentMarks: Sendable {
    private struct Key: Hashable {
        var agent: AgentID
        var mailbox: MailboxID
    }
    private let marks = Mutex<[Key: UInt32]>([:])

    package init() {}

    /// The first UID that is recent; those from there up to `uidNext` are recent no more for others.
    func claim(_ mailbox: MailboxID, _ agent: AgentID, uidNext: UInt32) -> UInt32 {
        marks.withLock { marks in
            let key = Key(agent: agent, mailbox: mailbox)
            let first = marks[key] ?? uidNext
            marks[key] = max(first, uidNext)
            return first
        }
    }

    /// The first UID that would be recent, for STATUS and EXAMINE.
    func peek(_ mailbox: MailboxID, _ agent: AgentID, uidNext: UInt32) -> UInt32 {
        marks.withLock { $0[Key(agent: agent, mailbox: mailbox)] ?? uidNext }
    }
}
