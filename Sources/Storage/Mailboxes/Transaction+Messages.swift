package import Desk
import Gateway
package import MailTypes
package import Mailboxes

/// Messages as FETCH, STORE and SEARCH read them, their octets and their flags.
extension Transaction {
    package func eachMessage(
        _ uids: [UInt32], in view: MailboxView, _ columns: MessageColumns, _ body: (MessageRow) throws -> Bool
    ) throws {
        var start = 0
        while start < uids.count {
            // A range is one statement, however long; a list has as many parameters as members.
            let ahead = min(start + 2000, uids.count)
            let isRange = Int(uids[ahead - 1]) - Int(uids[start]) < 2 * (ahead - start) + 64
            let end = isRange ? ahead : min(start + 500, uids.count)
            if try !eachMessage(of: uids[start..<end], in: view, columns, body) { return }
            start = end
        }
    }

    /// Neighbouring UIDs are read as a range, scattered ones by name. Says whether to go on.
    private func eachMessage(
        of uids: ArraySlice<UInt32>, in view: MailboxView, _ columns: MessageColumns,
        _ body: (MessageRow) throws -> Bool
    ) throws -> Bool {
        guard let first = uids.first, let last = uids.last else { return true }
        let isDense = Int(last) - Int(first) < 2 * uids.count + 64
        if isDense, columns.isEmpty, let goesOn = try eachPlainMessage(of: uids, in: view, body) { return goesOn }
        let condition: SQL =
            isDense ? "e.uid BETWEEN \(first) AND \(last)" : "e.uid IN (\(list: uids))"
        var next = uids.startIndex
        var goesOn = true
        var row = MessageRow()
        let usesTexts = !columns.isDisjoint(with: [.folded, .foldedHead, .preview])
        let mark = usesTexts ? try textMark().indexed : 0
        try connection.scan(Self.select(columns, view, condition, indexedUpTo: mark)) { columnsOfRow in
            let uid = UInt32(truncatingIfNeeded: columnsOfRow.integer(0))
            while next < uids.endIndex, uids[next] < uid { next += 1 }
            guard next < uids.endIndex, uids[next] == uid else { return true }
            row.readFlags(columnsOfRow, uid: uid)
            var column = 9
            if columns.contains(.facts) { row.readFacts(columnsOfRow, &column) }
            if columns.contains(.envelope) { row.envelope = columnsOfRow.blob(column); column += 1 }
            if columns.contains(.structure) { row.structure = columnsOfRow.blob(column); column += 1 }
            if columns.contains(.header) { row.header = columnsOfRow.blob(column); column += 1 }
            if columns.contains(.saveDate) { row.savedAt = columnsOfRow.timestamp(column); column += 1 }
            if columns.contains(.folded) {
                let isWhole = !columnsOfRow.isNull(column) && !columnsOfRow.bool(column)
                row.folded =
                    isWhole ? SearchTexts(head: columnsOfRow.blob(column + 1), body: columnsOfRow.blob(column + 2)) : nil
                column += 3
            } else if columns.contains(.foldedHead) {
                let isWhole = !columnsOfRow.isNull(column) && !columnsOfRow.bool(column)
                row.folded = isWhole ? SearchTexts(head: columnsOfRow.blob(column + 1), body: []) : nil
                column += 2
            }
            if columns.contains(.preview) { row.preview = columnsOfRow.optionalText(column) }
            goesOn = try body(row)
            return goesOn
        }
        return goesOn
    }

    private static func select(
        _ columns: MessageColumns, _ view: MailboxView, _ condition: SQL, indexedUpTo: Int64
    ) -> SQL {
        var sql: SQL = """
            SELECT e.uid, e.message_id, e.modseq, m.flags, m.keywords, m.ticket_id, e.pool_id, \(view.personalFlags), a.modseq
            """
        if columns.contains(.facts) {
            sql += ", m.size, m.header_size, m.internal_date, m.sent_at, m.email_id, m.content_id, m.body_offset"
            sql += ", m.thread_id"
        }
        if columns.contains(.envelope) { sql += ", t.envelope" }
        if columns.contains(.structure) { sql += ", t.structure" }
        if columns.contains(.header) { sql += ", t.header" }
        if columns.contains(.saveDate) { sql += ", e.saved_at" }
        if columns.contains(.folded) {
            sql += ", s.is_cut, s.head, s.body"
        } else if columns.contains(.foldedHead) {
            sql += ", s.is_cut, s.head"
        }
        if columns.contains(.preview) { sql += ", s.preview" }
        sql += " FROM entry e JOIN message m ON m.id = e.message_id"
        if !columns.isDisjoint(with: [.folded, .foldedHead, .preview]) {
            // Above the mark may stand texts of another version.
            sql += " LEFT JOIN message_search s ON s.message_id = e.message_id AND s.message_id <= \(indexedUpTo)"
        }
        if !columns.isDisjoint(with: [.envelope, .structure, .header]) {
            sql += " JOIN message_text t ON t.message_id = e.message_id"
        }
        sql += """
             LEFT JOIN agent_message a ON a.agent_id = \(view.agent) AND a.message_id = e.message_id
             WHERE e.mailbox_id = \(view.mailbox) AND e.pool_id IN (\(list: view.pools)) AND \(condition) ORDER BY e.uid
            """
        return sql
    }

    // MARK: - Octets

    package func octets(_ range: Range<Int>, of content: ContentID) throws -> [UInt8] {
        guard !range.isEmpty else { return [] }
        let inline = try connection.first(
            """
            SELECT octets IS NULL, substr(octets, \(range.lowerBound + 1), \(range.count)) FROM content WHERE id = \(content)
            """
        ) { row in row.bool(0) ? nil : row.blob(1) }
        guard let inline else { throw StorageFailure(code: .corrupt, message: "a message has lost its content") }
        if let inline { return inline }
        let chunkSize = 65536
        let (first, last) = (range.lowerBound / chunkSize, (range.upperBound - 1) / chunkSize)
        var octets: [UInt8] = []
        octets.reserveCapacity(range.count)
        let base = content.rawValue * 65536
        var ordinal = first
        try connection.query(
            """
            SELECT octets FROM content_chunk WHERE id BETWEEN \(base + Int64(first)) AND \(base + Int64(last)) ORDER BY id
            """
        ) { row in
            row.withBytes(0) { chunk in
                let start = ordinal * chunkSize
                let lower = max(range.lowerBound, start) - start
                let upper = min(range.upperBound, start + chunk.count) - start
                if lower < upper { octets += chunk[lower..<upper] }
            }
            ordinal += 1
        }
        return octets
    }

    // MARK: - Flags

    package func setPersonalFlags(
        _ flags: Flags, of message: MessageKey, for agent: AgentID, at modSequence: ModSequence
    ) throws {
        try connection.run(
            """
            INSERT INTO agent_message (agent_id, message_id, flags, modseq)
            VALUES (\(agent), \(message), \(flags.rawValue), \(modSequence))
            ON CONFLICT (agent_id, message_id) DO UPDATE SET flags = excluded.flags, modseq = excluded.modseq
            """)
    }

    package func setSharedFlags(
        _ flags: Flags, of message: MessageKey, at modSequence: ModSequence
    ) throws -> [MailboxID] {
        try connection.run(
            """
            UPDATE message SET flags = (flags & \(CaseMarks.all.rawValue)) | \(flags.rawValue) WHERE id = \(message)
            """)
        try touch(message, at: modSequence)
        return try places(of: message)
    }

    package func setKeywords(
        _ keywords: [String], of message: MessageKey, at modSequence: ModSequence
    ) throws -> [MailboxID] {
        let text = keywords.isEmpty ? nil : keywords.joined(separator: " ")
        try connection.run("UPDATE message SET keywords = \(text) WHERE id = \(message)")
        try noteKeywords(keywords, ofOwn: message)
        try touch(message, at: modSequence)
        return try places(of: message)
    }

    // MARK: - An agent's own mail

    package func duplicate(
        _ message: MessageKey, for agent: AgentID, at modSequence: ModSequence
    ) throws -> MessageKey {
        let id = try required(
            try connection.integer(
                """
                INSERT INTO message (ticket_id, kind, pool_id, content_id, body_offset, size, header_size, internal_date,
                                     sent_at, modseq, flags, keywords, email_id, thread_id, message_id_digest,
                                     content_digest, address_id, agent_id)
                SELECT NULL, \(MessageKind.personal), 0, content_id, body_offset, size, header_size, internal_date,
                       sent_at, \(modSequence), flags & \(Self.flagBits), keywords, CASE WHEN email_id = 0 THEN id ELSE email_id END,
                       thread_id, message_id_digest, content_digest, NULL, \(agent)
                  FROM message WHERE id = \(message)
                RETURNING id
                """))
        try connection.run(
            """
            INSERT INTO message_text (message_id, format, envelope, structure, rfc_message_id, header)
            SELECT \(id), format, envelope, structure, rfc_message_id, header
              FROM message_text WHERE message_id = \(message)
            """)
        try duplicateKeys(of: message, as: id)
        let size = try connection.integer("SELECT size FROM message WHERE id = \(id)")
        try countOwnMail(of: agent, messages: 1, octets: try required(size))
        return MessageKey(rawValue: id)
    }

    package func discard(_ message: MessageKey) throws {
        let found = try connection.first(
            """
            SELECT content_id, agent_id, size FROM message
             WHERE id = \(message) AND ticket_id IS NULL AND kind = \(MessageKind.personal)
               AND NOT EXISTS (SELECT 1 FROM entry WHERE message_id = \(message))
            """
        ) { (content: $0.integer(0), agent: $0.integer(1), size: $0.integer(2)) }
        guard let found else { return }
        try countOwnMail(of: AgentID(rawValue: found.agent), messages: -1, octets: -found.size)
        try forgetFlags(of: message)
        try removeRows(of: message)
        try release(found.content)
    }

    package func adopt(_ message: MessageKey, by agent: AgentID) throws {
        let found = try connection.first(
            """
            SELECT agent_id, size FROM message
             WHERE id = \(message) AND ticket_id IS NULL AND kind = \(MessageKind.personal) AND agent_id <> \(agent)
            """
        ) { (agent: AgentID(rawValue: $0.integer(0)), size: $0.integer(1)) }
        guard let found else { return }
        try connection.run("UPDATE message SET agent_id = \(agent) WHERE id = \(message)")
        try countOwnMail(of: found.agent, messages: -1, octets: -found.size)
        try countOwnMail(of: agent, messages: 1, octets: found.size)
    }

    /// What everybody said about a message that goes; HIGHESTMODSEQ must not fall with it.
    func forgetFlags(of message: MessageKey) throws {
        let flags = try connection.all(
            """
            DELETE FROM agent_message WHERE message_id = \(message) AND agent_id IN (SELECT id FROM agent)
            RETURNING agent_id, modseq
            """
        ) { (agent: $0.integer(0), modSequence: $0.integer(1)) }
        for flag in flags {
            try connection.run(
                """
                UPDATE agent SET discarded_modseq = \(flag.modSequence)
                 WHERE id = \(flag.agent) AND discarded_modseq < \(flag.modSequence)
                """)
        }
    }

    package func forgetFlags(of message: MessageKey, by agent: AgentID) throws {
        let modSequence = try connection.integer(
            "DELETE FROM agent_message WHERE agent_id = \(agent) AND message_id = \(message) RETURNING modseq")
        guard let modSequence else { return }
        try connection.run(
            """
            UPDATE agent SET discarded_modseq = \(modSequence)
             WHERE id = \(agent) AND discarded_modseq < \(modSequence)
            """)
    }

    package func ownMessage(_ messageID: MessageID, in mailbox: MailboxID) throws -> (message: MessageKey, uid: UID)? {
        // The plus keeps from walking through the mailbox: the message is found by its Message-ID, and then its entry.
        try connection.first(
            """
            SELECT e.message_id, e.uid FROM entry e
             WHERE e.message_id IN (
                    SELECT m.id FROM message m JOIN message_text t ON t.message_id = m.id
                     WHERE m.message_id_digest = \(messageID.digest) AND t.rfc_message_id = \(messageID.text))
               AND +e.mailbox_id = \(mailbox)
             ORDER BY +e.uid DESC LIMIT 1
            """
        ) { (MessageKey(rawValue: $0.integer(0)), UID(UInt32(truncatingIfNeeded: $0.integer(1)))) }
    }
}

extension MessageRow {
    /// The columns that every statement of `eachMessage` begins with.
    fileprivate mutating func readFlags(_ row: any SQLRow, uid: UInt32) {
        self.uid = uid
        message = MessageKey(rawValue: row.integer(1))
        sharedModSequence = row.integer(2)
        ticket = row.optionalInteger(5).map(TicketNumber.init(rawValue:))
        setPool(row.integer(6))
        personalModSequence = row.integer(8)
        setFlags(row.integer(3), own: row.integer(7), keywords: row.optionalText(4))
    }

    /// The pool under which an entry is counted, which tells cards from mail.
    mutating func setPool(_ counted: Int64) {
        let counted = PoolID(rawValue: counted)
        (pool, isCard) = (counted.withoutLanguage, counted.isOfCards)
    }

    /// The flags of all, with the marks of the case among them, and the agent's own.
    mutating func setFlags(_ shared: Int64, own: Int64, keywords: String?) {
        show(
            Flags(rawValue: shared & Flags.shared.rawValue | own & Flags.personal.rawValue),
            keywords: keywords, marks: CaseMarks(rawValue: shared & CaseMarks.all.rawValue))
    }

    fileprivate mutating func readFacts(_ row: any SQLRow, _ column: inout Int) {
        size = row.int(column)
        headerSize = row.int(column + 1)
        internalDate = row.timestamp(column + 2)
        sentAt = row.optionalTimestamp(column + 3)
        emailID = row.integer(column + 4) == 0 ? message.rawValue : row.integer(column + 4)
        content = ContentID(rawValue: row.integer(column + 5))
        bodyOffset = row.int(column + 6)
        thread = row.optionalInteger(column + 7).map(TicketNumber.init(rawValue:))
        column += 8
    }
}
