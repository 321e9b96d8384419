package import Desk
package import MailTypes
package import Mailboxes

/// Mailboxes, their counters and subscriptions.
extension Transaction {
    /// The next UID of every mailbox.
    package func nextUIDs() throws -> [MailboxID: UInt32] {
        var result: [MailboxID: UInt32] = [:]
        try connection.query("SELECT id, uid_next FROM mailbox") { row in
            result[MailboxID(rawValue: row.integer(0))] = UInt32(clamping: row.integer(1))
        }
        return result
    }

    package func counters(of mailbox: MailboxID, pools: [PoolID]) throws -> MailboxCounters? {
        guard
            let validity = try connection.integer(
                "SELECT uid_validity FROM mailbox WHERE id = \(mailbox) AND is_active = 1")
        else { return nil }
        var counters = MailboxCounters(
            uidValidity: UInt32(truncatingIfNeeded: validity), messages: 0, uidHighest: 0,
            modSequenceHighest: ModSequence(0))
        // A mailbox has few rows here, so they are all read rather than picked by a list of pools.
        let visible = Set(pools.map(\.rawValue))
        try connection.query(
            "SELECT pool_id, messages, uid_highest, modseq_highest FROM mailbox_pool WHERE mailbox_id = \(mailbox)"
        ) { row in
            guard visible.contains(row.integer(0)) else { return }
            counters.messages += row.int(1)
            counters.uidHighest = max(counters.uidHighest, UInt32(truncatingIfNeeded: row.integer(2)))
            counters.modSequenceHighest = max(counters.modSequenceHighest, ModSequence(row.integer(3)))
        }
        return counters
    }

    package func currentModSequence() throws -> ModSequence {
        ModSequence(try required(try connection.integer("SELECT value FROM counter WHERE name = 'mod_sequence'")))
    }

    package func highestModSequence(of agent: AgentID) throws -> ModSequence {
        max(
            ModSequence(
                try connection.integer("SELECT max(modseq) FROM agent_message WHERE agent_id = \(agent)") ?? 0),
            ModSequence(try connection.integer("SELECT discarded_modseq FROM agent WHERE id = \(agent)") ?? 0))
    }

    // MARK: - Mailboxes of an agent's own making

    package func ownMailboxes(of agent: AgentID) throws -> [OwnMailbox] {
        try connection.all(
            """
            SELECT id, name FROM mailbox WHERE agent_id = \(agent) AND name_folded IS NOT NULL ORDER BY name_folded
            """, Self.ownMailbox
        ).compactMap { $0 }
    }

    package func ownMailbox(_ path: OwnPath, of agent: AgentID) throws -> OwnMailbox? {
        try connection.first(
            """
            SELECT id, name FROM mailbox WHERE agent_id = \(agent) AND name_folded = \(path.folded)
            """, Self.ownMailbox) ?? nil
    }

    private static func ownMailbox(_ row: any SQLRow) -> OwnMailbox? {
        OwnPath(stored: row.text(1)).map { OwnMailbox(id: MailboxID(rawValue: row.integer(0)), path: $0) }
    }

    package func createOwnMailbox(_ path: OwnPath, of agent: AgentID, now: Timestamp) throws -> MailboxID {
        let validity = try takeUIDValidity(at: now)
        let id = try connection.integer(
            """
            INSERT INTO mailbox (class, agent_id, name, name_folded, uid_validity, uid_next, is_active)
            VALUES (\(MailboxClass.personal), \(agent), \(path.stored), \(path.folded), \(Int64(validity)), 1, 1)
            RETURNING id
            """)
        return MailboxID(rawValue: try required(id))
    }

    package func rename(_ mailbox: MailboxID, to path: OwnPath) throws {
        try connection.run(
            "UPDATE mailbox SET name = \(path.stored), name_folded = \(path.folded) WHERE id = \(mailbox)")
    }

    package func removeOwnMailbox(_ mailbox: MailboxID) throws {
        try connection.run("DELETE FROM subscription WHERE mailbox_id = \(mailbox)")
        try connection.run(
            """
            DELETE FROM annotation WHERE object_id = \(mailbox)
               AND agent_id = (SELECT agent_id FROM mailbox WHERE id = \(mailbox))
            """)
        // The row stays for the tombstones; without a name it is nobody's.
        try connection.run(
            "UPDATE mailbox SET name = NULL, name_folded = NULL, is_active = 0 WHERE id = \(mailbox)")
    }

    package func contents(of mailbox: MailboxID, limit: Int) throws -> [MessageKey] {
        try connection.all(
            "SELECT message_id FROM entry WHERE mailbox_id = \(mailbox) ORDER BY uid LIMIT \(limit)"
        ) { MessageKey(rawValue: $0.integer(0)) }
    }

    // MARK: - Subscriptions

    package func subscriptions(of agent: AgentID) throws -> [MailboxID: Bool] {
        let rows = try connection.all(
            "SELECT mailbox_id, is_subscribed FROM subscription WHERE agent_id = \(agent)"
        ) { (MailboxID(rawValue: $0.integer(0)), $0.bool(1)) }
        return Dictionary(rows, uniquingKeysWith: { first, _ in first })
    }

    package func setSubscribed(_ isSubscribed: Bool, _ mailbox: MailboxID, by agent: AgentID) throws {
        try connection.run(
            """
            INSERT INTO subscription (agent_id, mailbox_id, is_subscribed) VALUES (\(agent), \(mailbox), \(isSubscribed))
            ON CONFLICT (agent_id, mailbox_id) DO UPDATE SET is_subscribed = excluded.is_subscribed
            """)
    }
}
