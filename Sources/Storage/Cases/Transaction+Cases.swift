package import Desk
package import Gateway
package import MailTypes
import Mailboxes

extension Transaction {
    package func ticket(_ number: TicketNumber) throws -> Ticket? {
        try connection.first(
            """
            SELECT \(Ticket.columns) FROM ticket WHERE id = \(number)
            """, Ticket.init(row:))
    }

    package func update(_ ticket: Ticket) throws {
        try connection.run(
            """
            UPDATE ticket SET pool_id = \(ticket.pool), status = \(ticket.status), assignee_id = \(ticket.assignee),
                   substitute_id = \(ticket.substitute),
                   group_id = \(ticket.group), mailbox_id = \(ticket.mailbox), customer_id = \(ticket.customer),
                   status_since = \(ticket.statusSince), folder_id = \(ticket.folder),
                   priority = \(ticket.priority), category = \(ticket.category), source = \(ticket.source),
                   merged_into = \(ticket.mergedInto), (\(TicketClock.columns)) = (\(ticket.clock.values))
             WHERE id = \(ticket.number)
            """)
    }

    package func record(_ event: TicketEvent) throws {
        let id = try connection.integer(
            """
            INSERT INTO event (ticket_id, at, kind, agent_id, message_id, from_value, to_value, reason)
            VALUES (\(event.ticket), \(event.at), \(event.kind), \(event.agent), \(event.message), \(event.from),
                    \(event.to), \(event.reason))
            RETURNING id
            """)
        try markCards(of: event.ticket, at: event.at, event: required(id))
    }

    package func takeModSequence() throws -> ModSequence {
        ModSequence(try take("mod_sequence"))
    }

    /// The next value of a counter.
    func take(_ counter: String) throws -> Int64 {
        let value = try connection.integer(
            "UPDATE counter SET value = value + 1 WHERE name = \(counter) RETURNING value")
        guard let value else { throw StorageFailure(code: .corrupt, message: "a counter is missing") }
        return value
    }

    package func messages(of ticket: TicketNumber) throws -> [MessageKey] {
        try connection.all("SELECT id FROM message WHERE ticket_id = \(ticket) ORDER BY id") {
            MessageKey(rawValue: $0.integer(0))
        }
    }

    package func enter(
        _ messages: [MessageKey], into mailbox: MailboxID, pool: PoolID, at modSequence: ModSequence, now: Timestamp
    ) throws -> [UID] {
        guard !messages.isEmpty else { return [] }
        let next = try connection.integer(
            """
            UPDATE mailbox SET uid_next = uid_next + \(messages.count) WHERE id = \(mailbox)
            RETURNING uid_next - \(messages.count)
            """)
        guard let first = next.flatMap({ UInt32(exactly: $0) }), UInt32.max - first > UInt32(clamping: messages.count)
        else { throw StorageFailure(code: .other, message: "a mailbox is missing or has no UIDs left") }
        var uids: [UID] = []
        var byPool: [PoolID: [UID]] = [:]
        for (offset, message) in messages.enumerated() {
            let uid = UID(first + UInt32(offset))
            // A card counts for a number of its own, by its language. A message that only passes through may be gone already.
            let counted = try connection.integer(
                """
                INSERT INTO entry (mailbox_id, uid, message_id, pool_id, modseq, saved_at)
                VALUES (\(mailbox), \(Int64(uid.number)), \(message),
                        \(pool) + coalesce((SELECT card_offset FROM message WHERE id = \(message)), 0),
                        \(modSequence.number), \(now))
                RETURNING pool_id
                """)
            uids.append(uid)
            byPool[PoolID(rawValue: try required(counted)), default: []].append(uid)
        }
        for (pool, uids) in byPool.sorted(by: { $0.key < $1.key }) {
            try count(uids, in: mailbox, pool, at: modSequence)
        }
        return uids
    }

    /// Adds fresh UIDs, which ascend, to the counts of their pool and blocks.
    private func count(_ uids: [UID], in mailbox: MailboxID, _ pool: PoolID, at modSequence: ModSequence) throws {
        guard let last = uids.last else { return }
        try connection.run(
            """
            INSERT INTO mailbox_pool (mailbox_id, pool_id, messages, uid_highest, modseq_highest)
            VALUES (\(mailbox), \(pool), \(uids.count), \(Int64(last.number)), \(modSequence.number))
            ON CONFLICT (mailbox_id, pool_id) DO UPDATE
               SET messages = mailbox_pool.messages + excluded.messages, uid_highest = excluded.uid_highest,
                   modseq_highest = excluded.modseq_highest
            """)
        var rest = uids[...]
        while let first = rest.first {
            let block = first.number / UIDMap.blockSize
            let part = rest.prefix { $0.number / UIDMap.blockSize == block }
            try connection.run(
                """
                INSERT INTO entry_block (mailbox_id, block, pool_id, messages)
                VALUES (\(mailbox), \(Int64(block)), \(pool), \(part.count))
                ON CONFLICT (mailbox_id, block, pool_id) DO UPDATE SET messages = entry_block.messages + excluded.messages
                """)
            rest = rest.dropFirst(part.count)
        }
    }

    /// Takes so many messages off the count of a block, and the row of an empty one away.
    private func discount(_ messages: Int64, in mailbox: MailboxID, _ block: Int64, _ pool: Int64) throws {
        let left = try connection.integer(
            """
            UPDATE entry_block SET messages = messages - \(messages)
             WHERE mailbox_id = \(mailbox) AND block = \(block) AND pool_id = \(pool) RETURNING messages
            """)
        guard left == 0 else { return }
        try connection.run(
            "DELETE FROM entry_block WHERE mailbox_id = \(mailbox) AND block = \(block) AND pool_id = \(pool)")
    }

    package func leave(
        _ messages: [MessageKey], from mailbox: MailboxID, at modSequence: ModSequence, now: Timestamp
    ) throws -> [UID] {
        var gone: [UID] = []
        var perPool: [Int64: Int64] = [:]
        var perBlock: [Int64: [Int64: Int64]] = [:]
        for message in messages {
            // A message can lie in a personal mailbox twice; every entry of it goes.
            let entries = try connection.all(
                """
                DELETE FROM entry WHERE mailbox_id = \(mailbox)
                   AND uid IN (SELECT uid FROM entry WHERE message_id = \(message) AND mailbox_id = \(mailbox))
                RETURNING uid, pool_id
                """
            ) { (uid: $0.integer(0), pool: $0.integer(1)) }
            for entry in entries {
                try connection.run(
                    """
                    INSERT INTO tombstone (mailbox_id, uid, pool_id, modseq, expunged_at, message_id)
                    VALUES (\(mailbox), \(entry.uid), \(entry.pool), \(modSequence.number), \(now), \(message))
                    """)
                perPool[entry.pool, default: 0] += 1
                perBlock[entry.uid / Int64(UIDMap.blockSize), default: [:]][entry.pool, default: 0] += 1
                gone.append(UID(UInt32(truncatingIfNeeded: entry.uid)))
            }
        }
        for (pool, count) in perPool {
            try connection.run(
                """
                UPDATE mailbox_pool SET messages = messages - \(count), modseq_highest = \(modSequence.number)
                 WHERE mailbox_id = \(mailbox) AND pool_id = \(pool)
                """)
        }
        for (block, pools) in perBlock {
            for (pool, count) in pools { try discount(count, in: mailbox, block, pool) }
        }
        return gone
    }

    package func setPool(_ pool: PoolID, of messages: [MessageKey]) throws {
        for message in messages {
            try connection.run("UPDATE message SET pool_id = \(pool) WHERE id = \(message)")
        }
    }

    package func tags(of ticket: TicketNumber) throws -> [String] {
        let tags = try connection.first("SELECT tags FROM ticket WHERE id = \(ticket)") { $0.text(0) } ?? ""
        return tags.split(separator: " ").map(String.init)
    }

    package func setTags(_ tags: [String], of ticket: TicketNumber, at modSequence: ModSequence) throws {
        let text = tags.isEmpty ? nil : tags.joined(separator: " ")
        try connection.run("UPDATE ticket SET tags = \(text) WHERE id = \(ticket)")
        try connection.run("UPDATE message SET keywords = \(text) WHERE ticket_id = \(ticket)")
        try noteKeywords(tags)
        for message in try messages(of: ticket) { try touch(message, at: modSequence) }
    }

    package func addSharedFlags(_ flags: Flags, to message: MessageKey, at modSequence: ModSequence) throws {
        let changed = try connection.run(
            """
            UPDATE message SET flags = flags | \(flags.rawValue)
             WHERE id = \(message) AND flags & \(flags.rawValue) <> \(flags.rawValue)
            """)
        if changed > 0 { try touch(message, at: modSequence) }
    }

    /// Raises the mod-sequence of a message wherever it lies, for everybody.
    func touch(_ message: MessageKey, at modSequence: ModSequence) throws {
        try connection.run("UPDATE message SET modseq = \(modSequence.number) WHERE id = \(message)")
        let places = try connection.all(
            """
            UPDATE entry SET modseq = \(modSequence.number) WHERE message_id = \(message) RETURNING mailbox_id, pool_id
            """
        ) { (mailbox: $0.integer(0), pool: $0.integer(1)) }
        for place in places {
            try connection.run(
                """
                UPDATE mailbox_pool SET modseq_highest = \(modSequence.number)
                 WHERE mailbox_id = \(place.mailbox) AND pool_id = \(place.pool)
                """)
        }
        note(Change(mailboxes: Set(places.map { MailboxID(rawValue: $0.mailbox) })))
    }

    // MARK: - Followers

    package func followers(of ticket: TicketNumber) throws -> Set<AgentID> {
        Set(
            try connection.all("SELECT agent_id FROM follower WHERE ticket_id = \(ticket)") {
                AgentID(rawValue: $0.integer(0))
            })
    }

    package func setFollowing(_ follows: Bool, _ ticket: TicketNumber, by agent: AgentID) throws -> Bool {
        let changed =
            follows
            ? try connection.run(
                "INSERT INTO follower (ticket_id, agent_id) VALUES (\(ticket), \(agent)) ON CONFLICT DO NOTHING")
            : try connection.run("DELETE FROM follower WHERE ticket_id = \(ticket) AND agent_id = \(agent)")
        return changed > 0
    }

    package func mailboxes(of ticket: TicketNumber) throws -> Set<MailboxID> {
        Set(
            try connection.all(
                """
                SELECT DISTINCT e.mailbox_id FROM message m JOIN entry e ON e.message_id = m.id WHERE m.ticket_id = \(ticket)
                """
            ) { MailboxID(rawValue: $0.integer(0)) })
    }

    // MARK: - Offers

    package func offer(to agent: AgentID) throws -> Offer? {
        try connection.first(
            "SELECT agent_id, ticket_id, expires_at FROM offer WHERE agent_id = \(agent)", Offer.init(row:))
    }

    package func offer(of ticket: TicketNumber) throws -> Offer? {
        try connection.first(
            "SELECT agent_id, ticket_id, expires_at FROM offer WHERE ticket_id = \(ticket)", Offer.init(row:))
    }

    package func setOffer(_ offer: Offer) throws {
        try connection.run(
            """
            INSERT INTO offer (agent_id, ticket_id, expires_at) VALUES (\(offer.agent), \(offer.ticket), \(offer.expiresAt))
            ON CONFLICT (agent_id) DO UPDATE SET ticket_id = excluded.ticket_id, expires_at = excluded.expires_at
            """)
    }

    package func removeOffer(to agent: AgentID) throws {
        try connection.run("DELETE FROM offer WHERE agent_id = \(agent)")
    }

    package func expiredOffers(at now: Timestamp) throws -> [Offer] {
        try connection.all(
            "SELECT agent_id, ticket_id, expires_at FROM offer WHERE expires_at <= \(now) ORDER BY agent_id",
            Offer.init(row:))
    }

    package func oldestUnoffered(in mailbox: MailboxID, pool: PoolID) throws -> TicketNumber? {
        try connection.first(
            """
            SELECT id FROM ticket
             WHERE mailbox_id = \(mailbox) AND pool_id = \(pool) AND merged_into IS NULL
               AND NOT EXISTS (SELECT 1 FROM offer WHERE offer.ticket_id = ticket.id)
             ORDER BY customer_wrote_at, id LIMIT 1
            """
        ) { TicketNumber(rawValue: $0.integer(0)) }
    }
}

extension Ticket {
    /// The columns that `init(row:)` reads.
    static let columns: SQL = """
        id, pool_id, status, assignee_id, group_id, mailbox_id, customer_id, supervised_address, root_token, opened_at,
        status_since, folder_id, priority, category, source, merged_into, substitute_id, \(TicketClock.columns)
        """

    /// From a row of `columns`.
    init(row: any SQLRow) throws {
        self.init(
            number: TicketNumber(rawValue: row.integer(0)), pool: PoolID(rawValue: row.integer(1)),
            status: try row.value(2), assignee: row.optionalInteger(3).map(AgentID.init(rawValue:)),
            group: row.optionalInteger(4).map(GroupID.init(rawValue:)), mailbox: MailboxID(rawValue: row.integer(5)),
            customer: row.optionalInteger(6).map(CustomerID.init(rawValue:)),
            address: row.optionalText(7).flatMap { EmailAddress($0) }, rootToken: row.text(8),
            openedAt: row.timestamp(9), statusSince: row.timestamp(10),
            folder: row.optionalInteger(11).map(FolderID.init(rawValue:)), priority: try row.value(12),
            category: row.optionalText(13), source: try row.value(14),
            mergedInto: row.optionalInteger(15).map(TicketNumber.init(rawValue:)),
            clock: TicketClock(row: row, from: 17))
        substitute = row.optionalInteger(16).map(AgentID.init(rawValue:))
    }
}

extension Offer {
    init(row: any SQLRow) {
        self.init(
            agent: AgentID(rawValue: row.integer(0)), ticket: TicketNumber(rawValue: row.integer(1)),
            expiresAt: row.timestamp(2))
    }
}
