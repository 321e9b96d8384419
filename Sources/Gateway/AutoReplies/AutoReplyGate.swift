import Desk
import MailTypes

/// Whether one more automatic answer may go out (FEATURES S17, RFC 3834 §2): at most one for a case and sender within 24
/// hours, and never more to a sender, from a pool and in all than the desk's caps allow.
struct AutoReplyGate {
    private static let pause = Duration.seconds(86400)

    let transaction: any DeskTransaction
    let limits: AutoReplyLimits
    let now: Timestamp

    /// Counts the answer, if it may go.
    func takes(_ recipient: EmailAddress, _ ticket: Ticket) throws -> Bool {
        let sender = recipient.identity
        // A clock that was set back silences nobody for longer than a day.
        if let last = try transaction.lastAutoReply(in: ticket.number, to: sender), last <= now, now - last < Self.pause {
            return false
        }
        guard try counts(recipient, in: ticket.pool) else { return false }
        try transaction.setLastAutoReply(in: ticket.number, to: sender, at: now)
        return true
    }

    /// Counts a mail that a machine sends, if the caps allow one more.
    func counts(_ recipient: EmailAddress, in pool: PoolID) throws -> Bool {
        let stretches = [AutoReplyStretch(ofSeconds: 600, at: now), AutoReplyStretch(ofSeconds: 86400, at: now)]
        let scopes: [(AutoReplyScope, AutoReplyLimits.Cap)] = [
            (.sender(recipient.identity), limits.perSender), (.pool(pool), limits.perPool), (.all, limits.inAll),
        ]
        for (scope, cap) in scopes {
            for (stretch, most) in zip(stretches, [cap.tenMinutes, cap.day])
            where try transaction.autoReplies(scope, in: stretch) >= most { return false }
        }
        for (scope, _) in scopes {
            for stretch in stretches { try transaction.countAutoReply(scope, in: stretch) }
        }
        return true
    }
}
