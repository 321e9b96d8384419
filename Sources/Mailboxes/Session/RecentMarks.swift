package import Desk
import Synchronization

/// Which messages no session of an agent was told of before: `\Recent` (RFC 3501 §2.3.2). Kept while the server runs: what
/// came before its start is not recent, whoever was told of it.
package final class RecentMarks: Sendable {
    private struct Key: Hashable {
        var agent: AgentID
        var mailbox: MailboxID
    }
    private let marks = Mutex<[Key: UInt32]>([:])
    private let atStart: [MailboxID: UInt32]?

    /// `atStart` says the next UID of every mailbox when the server started; one that is missing was made later. Without
    /// it nothing is recent that lies in a mailbox when an agent opens it first.
    package init(atStart: [MailboxID: UInt32]? = nil) { self.atStart = atStart }

    /// The first UID that is recent; those from there up to `uidNext` are recent no more for others.
    func claim(_ mailbox: MailboxID, _ agent: AgentID, uidNext: UInt32) -> UInt32 {
        marks.withLock { marks in
            let key = Key(agent: agent, mailbox: mailbox)
            let first = marks[key] ?? unclaimed(mailbox, uidNext)
            marks[key] = max(first, uidNext)
            return first
        }
    }

    /// The first UID that would be recent, for STATUS and EXAMINE.
    func peek(_ mailbox: MailboxID, _ agent: AgentID, uidNext: UInt32) -> UInt32 {
        marks.withLock { $0[Key(agent: agent, mailbox: mailbox)] } ?? unclaimed(mailbox, uidNext)
    }

    private func unclaimed(_ mailbox: MailboxID, _ uidNext: UInt32) -> UInt32 {
        guard let atStart else { return uidNext }
        return atStart[mailbox] ?? 1
    }
}
