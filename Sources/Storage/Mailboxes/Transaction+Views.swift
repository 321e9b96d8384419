package import Desk
package import MailTypes
package import Mailboxes

/// What a view holds: entries of the pools that an agent sees.
extension Transaction {
    package func eachUID(in view: MailboxView, above uid: UInt32, _ body: (UInt32) -> Void) throws {
        try connection.query(
            """
            SELECT uid FROM entry
             WHERE mailbox_id = \(view.mailbox) AND uid > \(uid) AND pool_id IN (\(list: view.pools)) ORDER BY uid
            """
        ) { body(UInt32(truncatingIfNeeded: $0.integer(0))) }
    }

    package func eachUID(
        in view: MailboxView, _ range: ClosedRange<UInt32>, asOf modSequence: ModSequence, _ body: (UInt32) -> Void
    ) throws {
        try connection.query(
            """
            SELECT uid FROM entry
             WHERE mailbox_id = \(view.mailbox) AND uid BETWEEN \(range.lowerBound) AND \(range.upperBound)
               AND pool_id IN (\(list: view.pools))
            """
        ) { body(UInt32(truncatingIfNeeded: $0.integer(0))) }
        try connection.query(
            """
            SELECT uid FROM tombstone
             WHERE mailbox_id = \(view.mailbox) AND uid BETWEEN \(range.lowerBound) AND \(range.upperBound)
               AND modseq > \(modSequence) AND pool_id IN (\(list: view.pools))
            """
        ) { body(UInt32(truncatingIfNeeded: $0.integer(0))) }
    }

    package func blockCounts(in view: MailboxView) throws -> [(block: UInt32, messages: Int)] {
        // Blocks of the pools that are seen are summed here: they are few, and a list of pools would be a sort.
        let visible = Set(view.pools.map(\.rawValue))
        var counts: [(block: UInt32, messages: Int)] = []
        try connection.query(
            """
            SELECT block, pool_id, messages FROM entry_block WHERE mailbox_id = \(view.mailbox) ORDER BY block
            """
        ) { row in
            guard visible.contains(row.integer(1)), let block = UInt32(exactly: row.integer(0)),
                block <= UInt32.max / UIDMap.blockSize
            else { return }
            if counts.last?.block == block {
                counts[counts.count - 1].messages += row.int(2)
            } else {
                counts.append((block, row.int(2)))
            }
        }
        return counts
    }

    package func deletedUIDs(in view: MailboxView) throws -> [UInt32] {
        // The plus keeps from walking through the mailbox: little is marked.
        try uids(
            """
            SELECT e.uid FROM agent_message a JOIN entry e ON e.message_id = a.message_id
             WHERE a.agent_id = \(view.agent) AND a.flags & 8 <> 0
               AND +e.mailbox_id = \(view.mailbox) AND e.pool_id IN (\(list: view.pools))
            """
        ).sorted()
    }

    package func firstUnseen(in view: MailboxView, among count: Int) throws -> UInt32? {
        var found: UInt32?
        // Row by row in the order of the key: nothing is sorted, and the first that is wanted is the last that is read.
        try connection.scan(
            """
            SELECT e.uid, \(view.personalFlags) & 1
              FROM entry e
              LEFT JOIN agent_message a ON a.agent_id = \(view.agent) AND a.message_id = e.message_id
             WHERE e.mailbox_id = \(view.mailbox) AND e.pool_id IN (\(list: view.pools))
             ORDER BY e.uid LIMIT \(count)
            """
        ) { row in
            if row.integer(1) == 0 { found = UInt32(truncatingIfNeeded: row.integer(0)) }
            return found == nil
        }
        return found
    }

    package func eachUnseenUID(in view: MailboxView, _ body: (UInt32) -> Void) throws {
        try connection.query(
            """
            SELECT e.uid
              FROM entry e
              LEFT JOIN agent_message a ON a.agent_id = \(view.agent) AND a.message_id = e.message_id
             WHERE e.mailbox_id = \(view.mailbox) AND e.pool_id IN (\(list: view.pools))
               AND \(view.personalFlags) & 1 = 0
            """
        ) { body(UInt32(truncatingIfNeeded: $0.integer(0))) }
    }

    package func counts(in view: MailboxView, _ wanted: CountsWanted, recentFrom: UInt32) throws -> FlagCounts {
        var counts = FlagCounts()
        if wanted.contains(.deleted) {
            // By the index of what is marked, which is little.
            let row = try connection.first(
                """
                SELECT count(*), coalesce(sum(m.size), 0)
                  FROM agent_message a
                  JOIN entry e ON e.message_id = a.message_id
                  JOIN message m ON m.id = a.message_id
                 WHERE a.agent_id = \(view.agent) AND a.flags & 8 <> 0 AND +e.mailbox_id = \(view.mailbox)
                   AND e.pool_id IN (\(list: view.pools))
                """
            ) { (count: $0.int(0), size: $0.integer(1)) }
            (counts.deleted, counts.deletedSize) = (row?.count ?? 0, row?.size ?? 0)
        }
        if wanted.contains(.size) {
            counts.size =
                try connection.integer(
                    """
                    SELECT coalesce(sum(m.size), 0) FROM entry e JOIN message m ON m.id = e.message_id
                     WHERE e.mailbox_id = \(view.mailbox) AND e.pool_id IN (\(list: view.pools))
                    """) ?? 0
        }
        if wanted.contains(.recent) {
            counts.recent = Int(
                try connection.integer(
                    """
                    SELECT count(*) FROM entry
                     WHERE mailbox_id = \(view.mailbox) AND uid >= \(recentFrom) AND pool_id IN (\(list: view.pools))
                    """) ?? 0)
        }
        return counts
    }

    // MARK: - Changes

    package func changedUIDs(in view: MailboxView, since modSequence: ModSequence) throws -> [UInt32] {
        var uids = try uids(
            """
            SELECT uid FROM entry
             WHERE mailbox_id = \(view.mailbox) AND modseq > \(modSequence) AND pool_id IN (\(list: view.pools))
            """)
        uids += try self.uids(
            """
            SELECT e.uid FROM agent_message a JOIN entry e ON e.message_id = a.message_id
             WHERE a.agent_id = \(view.agent) AND a.modseq > \(modSequence)
               AND e.mailbox_id = \(view.mailbox) AND e.pool_id IN (\(list: view.pools))
            """)
        uids.sort()
        var last: UInt32 = 0
        uids.removeAll { uid in
            defer { last = uid }
            return uid == last
        }
        return uids
    }

    package func goneUIDs(in view: MailboxView, since modSequence: ModSequence) throws -> [UInt32] {
        try uids(
            """
            SELECT uid FROM tombstone
             WHERE mailbox_id = \(view.mailbox) AND modseq > \(modSequence) AND pool_id IN (\(list: view.pools))
            """
        ).sorted()
    }

    package func tombstoneHorizon() throws -> ModSequence {
        ModSequence(try connection.integer("SELECT value FROM counter WHERE name = 'tombstone_horizon'") ?? 0)
    }

    private func uids(_ sql: SQL) throws -> [UInt32] {
        try connection.all(sql) { UInt32(truncatingIfNeeded: $0.integer(0)) }
    }

    package func departed(_ uids: [UInt32], in view: MailboxView) throws -> [UInt32: MessageKey] {
        var result: [UInt32: MessageKey] = [:]
        for start in stride(from: 0, to: uids.count, by: 500) {
            try connection.query(
                """
                SELECT uid, message_id FROM tombstone
                 WHERE mailbox_id = \(view.mailbox) AND uid IN (\(list: uids[start..<min(start + 500, uids.count)]))
                   AND pool_id IN (\(list: view.pools))
                """
            ) { result[UInt32(truncatingIfNeeded: $0.integer(0))] = MessageKey(rawValue: $0.integer(1)) }
        }
        return result
    }

    package func uids(of messages: [MessageKey], in mailbox: MailboxID) throws -> [MessageKey: UID] {
        var result: [MessageKey: UID] = [:]
        for message in messages {
            let uid = try connection.integer(
                "SELECT max(uid) FROM entry WHERE message_id = \(message) AND mailbox_id = \(mailbox)")
            if let uid { result[message] = UID(UInt32(truncatingIfNeeded: uid)) }
        }
        return result
    }

    package func ticket(of message: MessageKey) throws -> TicketNumber? {
        try connection.integer("SELECT ticket_id FROM message WHERE id = \(message)").map(TicketNumber.init(rawValue:))
    }

    package func latestActor(in ticket: TicketNumber) throws -> AgentID? {
        try connection.integer(
            """
            SELECT agent_id FROM event WHERE ticket_id = \(ticket) AND agent_id IS NOT NULL ORDER BY id DESC LIMIT 1
            """
        ).map(AgentID.init(rawValue:))
    }
}

extension MailboxView {
    /// The agent's own flags of a message `e` with the agent's row `a` of it: without a row `\\Seen` counts for mail from
    /// before the agent joined, and for cards.
    var personalFlags: SQL {
        """
        coalesce(a.flags, CASE WHEN e.message_id <= \(joinedAfter) OR e.pool_id >= \(PoolID.leastOfCards) THEN 1 ELSE 0 END)
        """
    }
}
