package import Desk
package import Gateway
package import MailTypes

extension Transaction {
    package func lastAutoReply(in ticket: TicketNumber, to sender: String) throws -> Timestamp? {
        try connection.integer("SELECT sent_at FROM auto_reply WHERE ticket_id = \(ticket) AND sender = \(sender)")
            .map(Timestamp.init(microseconds:))
    }

    package func setLastAutoReply(in ticket: TicketNumber, to sender: String, at now: Timestamp) throws {
        try connection.run(
            """
            INSERT INTO auto_reply (ticket_id, sender, sent_at) VALUES (\(ticket), \(sender), \(now))
            ON CONFLICT (ticket_id, sender) DO UPDATE SET sent_at = excluded.sent_at
            """)
    }

    package func autoReplies(_ scope: AutoReplyScope, in stretch: AutoReplyStretch) throws -> Int {
        Int(
            try connection.integer(
                """
                SELECT sent FROM auto_reply_count
                 WHERE scope = \(scope.name) AND length = \(stretch.length) AND start = \(stretch.start)
                """) ?? 0)
    }

    package func countAutoReply(_ scope: AutoReplyScope, in stretch: AutoReplyStretch) throws {
        try connection.run(
            """
            INSERT INTO auto_reply_count (scope, length, start, sent)
            VALUES (\(scope.name), \(stretch.length), \(stretch.start), 1)
            ON CONFLICT (scope, length) DO UPDATE SET
              sent = CASE WHEN auto_reply_count.start = excluded.start THEN auto_reply_count.sent + 1 ELSE 1 END,
              start = excluded.start
            """)
    }
}

extension AutoReplyScope {
    /// What the database calls it.
    fileprivate var name: String {
        switch self {
        case .all: "all"
        case .pool(let pool): "pool \(pool.rawValue)"
        case .sender(let identity): "sender \(identity)"
        }
    }
}
