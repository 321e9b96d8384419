package import Desk
package import MailTypes

/// What the caps of automatic answers need of the database.
package protocol AutoReplyTransaction {
    /// When a sender, by the address's identity, last got an automatic answer in a case.
    func lastAutoReply(in ticket: TicketNumber, to sender: String) throws -> Timestamp?
    func setLastAutoReply(in ticket: TicketNumber, to sender: String, at now: Timestamp) throws
    /// How many went out in a stretch of time.
    func autoReplies(_ scope: AutoReplyScope, in stretch: AutoReplyStretch) throws -> Int
    /// One more. Of a scope only the latest stretch of each length is kept.
    func countAutoReply(_ scope: AutoReplyScope, in stretch: AutoReplyStretch) throws
}

/// What automatic answers are counted by.
package enum AutoReplyScope: Hashable, Sendable {
    case all
    case pool(PoolID)
    /// The identity of an address.
    case sender(String)
}

/// A stretch of time that automatic answers are counted in: aligned to its own length since 1970, UTC.
package struct AutoReplyStretch: Hashable, Sendable {
    /// In seconds.
    package let length: Int64
    package let start: Timestamp

    package init(ofSeconds length: Int64, at now: Timestamp) {
        self.length = length
        start = Timestamp(seconds: now.seconds - (now.seconds % length + length) % length)
    }
}
