package import Desk
package import Gateway
package import MailTypes

extension Transaction {
    package func storedDefinition() throws -> String? {
        try connection.first("SELECT definition FROM desk WHERE id = 1") { $0.text(0) }
    }

    package func storeDefinition(_ text: String) throws {
        try connection.run(
            "INSERT INTO desk (id, definition) VALUES (1, \(text)) ON CONFLICT (id) DO UPDATE SET definition = excluded.definition"
        )
    }

    // MARK: - Accounts

    package func agents() throws -> [AgentRow] {
        try connection.all(
            """
            SELECT id, login, is_active, credential IS NOT NULL, joined_after, view_validity, memberships,
                   cards, card_validity
              FROM agent ORDER BY id
            """
        ) { row in
            AgentRow(
                id: AgentID(rawValue: row.integer(0)), login: row.text(1), isActive: row.bool(2),
                hasCredential: row.bool(3), joinedAfter: MessageKey(rawValue: row.integer(4)),
                viewValidity: UInt32(truncatingIfNeeded: row.integer(5)), memberships: row.text(6),
                cards: row.text(7), cardValidity: UInt32(truncatingIfNeeded: row.integer(8)))
        }
    }

    package func insertAgent(login: String) throws -> AgentID {
        let id = try connection.integer(
            """
            INSERT INTO agent (login, login_folded, is_active, joined_after, view_validity, memberships)
            VALUES (\(login), \(foldedName(login)), 1, (SELECT coalesce(max(id), 0) FROM message), 1, '')
            RETURNING id
            """)
        return AgentID(rawValue: try required(id))
    }

    package func update(_ agent: AgentRow) throws {
        try connection.run(
            """
            UPDATE agent SET login = \(agent.login), is_active = \(agent.isActive ? 1 : 0),
                   view_validity = \(Int64(agent.viewValidity)), memberships = \(agent.memberships),
                   cards = \(agent.cards), card_validity = \(Int64(agent.cardValidity))
             WHERE id = \(agent.id)
            """)
    }

    package func sightValidities() throws -> [AgentID: [PoolID: UInt32]] {
        var result: [AgentID: [PoolID: UInt32]] = [:]
        try connection.query("SELECT agent_id, pool_id, uid_validity FROM agent_sight") { row in
            result[AgentID(rawValue: row.integer(0)), default: [:]][PoolID(rawValue: row.integer(1))] =
                UInt32(truncatingIfNeeded: row.integer(2))
        }
        return result
    }

    package func setSightValidity(_ validity: UInt32, of pool: PoolID, for agent: AgentID) throws {
        try connection.run(
            """
            INSERT INTO agent_sight (agent_id, pool_id, uid_validity) VALUES (\(agent), \(pool), \(Int64(validity)))
            ON CONFLICT (agent_id, pool_id) DO UPDATE SET uid_validity = excluded.uid_validity
            """)
    }

    package func setCredential(_ verifier: String, of agent: AgentID) throws {
        try connection.run("UPDATE agent SET credential = \(verifier) WHERE id = \(agent)")
    }

    package func credential(foldedLogin: String) throws -> (agent: AgentID, isActive: Bool, verifier: String?)? {
        try connection.first("SELECT id, is_active, credential FROM agent WHERE login_folded = \(foldedLogin)") { row in
            (AgentID(rawValue: row.integer(0)), row.bool(1), row.optionalText(2))
        }
    }

    // MARK: - Named parts

    package func parts(_ kind: DeskPart) throws -> [PartRow] {
        try connection.all("SELECT id, name, is_active FROM \(table(kind)) ORDER BY id") { row in
            PartRow(id: row.integer(0), name: row.text(1), isActive: row.bool(2))
        }
    }

    package func insertPart(_ kind: DeskPart, name: String) throws -> Int64 {
        try required(
            try connection.integer(
                """
                INSERT INTO \(table(kind)) (name, name_folded, is_active) VALUES (\(name), \(foldedName(name)), 1)
                RETURNING id
                """))
    }

    package func update(_ part: PartRow, of kind: DeskPart) throws {
        try connection.run(
            """
            UPDATE \(table(kind)) SET name = \(part.name), name_folded = \(foldedName(part.name)),
                   is_active = \(part.isActive ? 1 : 0)
             WHERE id = \(part.id)
            """)
    }

    private func table(_ kind: DeskPart) -> SQL {
        switch kind {
        case .pool: "pool"
        case .group: "agent_group"
        case .department: "department"
        case .folder: "folder"
        }
    }

    // MARK: - Mailboxes

    package func systemMailboxes() throws -> [MailboxKind: MailboxID] {
        var result: [MailboxKind: MailboxID] = [:]
        try connection.query(
            """
            SELECT id, class, agent_id, reference_id FROM mailbox
             WHERE class <> \(MailboxClass.personal) AND name IS NULL AND is_active = 1
            """
        ) { row in
            guard
                let kind = MailboxKind(
                    class: try row.value(1), owner: row.optionalInteger(2), reference: row.optionalInteger(3))
            else { return }
            result[kind] = MailboxID(rawValue: row.integer(0))
        }
        return result
    }

    package func messages(in mailbox: MailboxID, of pools: [PoolID]) throws -> [MessageKey] {
        // By the counts that are kept: mostly there is none.
        let count = try connection.integer(
            "SELECT sum(messages) FROM mailbox_pool WHERE mailbox_id = \(mailbox) AND pool_id IN (\(list: pools))")
        guard let count, count > 0 else { return [] }
        return try connection.all(
            "SELECT message_id FROM entry WHERE mailbox_id = \(mailbox) AND pool_id IN (\(list: pools)) ORDER BY uid"
        ) { MessageKey(rawValue: $0.integer(0)) }
    }

    package func insertMailbox(_ kind: MailboxKind, uidValidity: UInt32) throws -> MailboxID {
        let id = try connection.integer(
            """
            INSERT INTO mailbox (class, agent_id, reference_id, uid_validity, uid_next, is_active)
            VALUES (\(kind.class), \(kind.owner), \(kind.reference), \(Int64(uidValidity)), 1, 1) RETURNING id
            """)
        return MailboxID(rawValue: try required(id))
    }

    package func retireMailbox(_ mailbox: MailboxID) throws {
        try connection.run("DELETE FROM subscription WHERE mailbox_id = \(mailbox)")
        try connection.run("DELETE FROM annotation WHERE object_id = \(mailbox)")
        // The row stays for the tombstones.
        try connection.run("UPDATE mailbox SET is_active = 0 WHERE id = \(mailbox)")
    }

    package func isEmpty(_ mailbox: MailboxID) throws -> Bool {
        try !connection.exists("SELECT 1 FROM entry WHERE mailbox_id = \(mailbox) LIMIT 1")
    }

    package func tickets(
        of pool: PoolID, in status: TicketStatus, above ticket: TicketNumber, limit: Int
    ) throws -> [TicketNumber] {
        try connection.all(
            """
            SELECT id FROM ticket WHERE pool_id = \(pool) AND status = \(status) AND id > \(ticket) ORDER BY id LIMIT \(limit)
            """
        ) { TicketNumber(rawValue: $0.integer(0)) }
    }

    package func closedTickets(
        of agent: AgentID, above ticket: TicketNumber, limit: Int
    ) throws -> [(ticket: TicketNumber, at: Timestamp)] {
        try connection.all(
            """
            SELECT id, status_since FROM ticket
             WHERE assignee_id = \(agent) AND status = \(TicketStatus.closed) AND id > \(ticket) ORDER BY id LIMIT \(limit)
            """
        ) { (TicketNumber(rawValue: $0.integer(0)), $0.timestamp(1)) }
    }

    package func afterCommit(_ action: @escaping @Sendable () -> Void) { connection.afterCommit(action) }

    package func takeUIDValidity(at now: Timestamp) throws -> UInt32 {
        let value = try connection.integer(
            """
            UPDATE counter SET value = CASE WHEN value + 1 > \(now.seconds) THEN value + 1 ELSE \(now.seconds) END
             WHERE name = 'uid_validity' RETURNING value
            """)
        guard let validity = UInt32(exactly: try required(value)) else {
            throw StorageFailure(code: .other, message: "no UIDVALIDITY is left")
        }
        return validity
    }

    package func tickets(of agent: AgentID, in statuses: [TicketStatus]) throws -> [Ticket] {
        try connection.all(
            """
            SELECT \(Ticket.columns)
              FROM ticket WHERE assignee_id = \(agent) AND status IN (\(list: statuses)) ORDER BY id
            """, Ticket.init(row:))
    }

    package func tickets(in mailbox: MailboxID) throws -> [Ticket] {
        try connection.all(
            """
            SELECT \(Ticket.columns)
              FROM ticket WHERE mailbox_id = \(mailbox) ORDER BY id
            """, Ticket.init(row:))
    }

    // MARK: - The database as a whole

    package func generation() throws -> Int64 {
        try connection.integer("SELECT value FROM counter WHERE name = 'generation'") ?? 0
    }

    package func setGeneration(_ generation: Int64) throws {
        try connection.run("UPDATE counter SET value = \(generation) WHERE name = 'generation'")
    }

    package func renewAfterRestore(uidValidity: UInt32, skippingNumbers: Int64) throws {
        try connection.run("UPDATE mailbox SET uid_validity = \(Int64(uidValidity))")
        try connection.run("UPDATE agent SET view_validity = \(Int64(uidValidity))")
        try connection.run("UPDATE counter SET value = value + \(skippingNumbers) WHERE name = 'ticket_number'")
    }

    package func sweep(stagedBefore: Timestamp, expungedBefore: Timestamp) throws -> Int {
        let orphans = try connection.all(
            "SELECT id FROM content WHERE staged_at IS NOT NULL AND staged_at < \(stagedBefore) LIMIT 100"
        ) { ContentID(rawValue: $0.integer(0)) }
        for orphan in orphans { try dropStaged(orphan) }
        return orphans.count + (try prune(expungedBefore))
    }

    /// Forgets some of the oldest tombstones, and remembers up to which mod-sequence some are forgotten.
    private func prune(_ expungedBefore: Timestamp) throws -> Int {
        let pruned = try connection.all(
            """
            DELETE FROM tombstone WHERE (mailbox_id, uid) IN (
                SELECT mailbox_id, uid FROM tombstone WHERE expunged_at < \(expungedBefore) ORDER BY expunged_at LIMIT 2000)
            RETURNING modseq
            """
        ) { $0.integer(0) }
        guard let horizon = pruned.max() else { return 0 }
        try connection.run(
            "UPDATE counter SET value = \(horizon) WHERE name = 'tombstone_horizon' AND value < \(horizon)")
        return pruned.count
    }
}

extension MailboxKind {
    /// From the columns of `mailbox`; `nil` where they do not fit together.
    package init?(class: MailboxClass, owner: Int64?, reference: Int64?) {
        let agent = owner.map(AgentID.init(rawValue:))
        switch (`class`, agent, reference) {
        case (.inbox, let agent?, _): self = .inbox(agent)
        case (.next, let agent?, _): self = .next(agent)
        case (.waiting, let agent?, _): self = .waiting(agent)
        case (.done, let agent?, _): self = .done(agent)
        case (.closed, let agent?, _): self = .closed(agent)
        case (.drafts, let agent?, _): self = .drafts(agent)
        case (.sent, let agent?, _): self = .sent(agent)
        case (.templates, let agent?, _): self = .templates(agent)
        case (.sharedTemplates, nil, _): self = .sharedTemplates
        case (.trash, let agent?, _): self = .trash(agent)
        case (.new, nil, _): self = .new
        case (.spam, nil, _): self = .spam
        case (.group, nil, let group?): self = .group(GroupID(rawValue: group))
        case (.pool, nil, let pool?): self = .pool(PoolID(rawValue: pool))
        case (.poolStatus, nil, let reference?):
            guard let status = TicketStatus(rawValue: reference & 0xF) else { return nil }
            self = .poolStatus(PoolID(rawValue: reference >> 4), status)
        case (.toSend, let agent?, _): self = .toSend(agent)
        case (.confirmed, let agent?, _): self = .confirmed(agent)
        case (.approval, let agent?, _): self = .approval(agent)
        case (.consultation, let agent?, _): self = .consultation(agent)
        case (.department, nil, let department?): self = .department(DepartmentID(rawValue: department))
        case (.overdue, nil, _): self = .overdue
        case (.followed, let agent?, _): self = .followed(agent)
        case (.folder, nil, let folder?): self = .folder(FolderID(rawValue: folder))
        case (.archive, let agent?, let year?): self = .archive(agent, year: Int(year))
        default: return nil
        }
    }
}
