package import Desk
package import Gateway
package import MailTypes

/// Taking cases apart, joining them, removing them.
extension Transaction {
    package func caseMessage(_ message: MessageKey) throws -> CaseMessage? {
        try connection.first(
            """
            SELECT m.ticket_id, m.kind, t.header, m.internal_date, m.address_id, a.customer_id
              FROM message m JOIN message_text t ON t.message_id = m.id LEFT JOIN address a ON a.id = m.address_id
             WHERE m.id = \(message) AND m.ticket_id IS NOT NULL
            """
        ) { row in
            CaseMessage(
                key: message, ticket: TicketNumber(rawValue: row.integer(0)), kind: try row.value(1),
                header: row.blob(2), internalDate: row.timestamp(3),
                author: row.optionalInteger(4).map(AddressID.init(rawValue:)),
                customer: row.optionalInteger(5).map(CustomerID.init(rawValue:)))
        }
    }

    package func refile(_ message: RefiledMessage) throws -> MessageKey {
        let keywords = message.keywords.isEmpty ? nil : message.keywords.joined(separator: " ")
        let original = message.original
        let id = try required(
            try connection.integer(
                """
                INSERT INTO message (ticket_id, kind, pool_id, content_id, body_offset, size, header_size, internal_date,
                                     sent_at, modseq, flags, keywords, email_id, thread_id, message_id_digest,
                                     content_digest, address_id, agent_id, origin_id)
                SELECT \(message.ticket), kind, \(message.pool), content_id, body_offset,
                       size - header_size + \(message.header.count), \(message.header.count), internal_date, sent_at,
                       \(message.modSequence),
                       (flags & \(Self.flagBits)) | (SELECT shown_marks FROM ticket WHERE id = \(message.ticket)),
                       \(keywords), 0, \(message.ticket), message_id_digest,
                       content_digest, address_id, agent_id, \(message.isUndoable ? original.rawValue : nil)
                  FROM message WHERE id = \(original)
                RETURNING id
                """))
        try connection.run(
            """
            INSERT INTO message_text (message_id, format, envelope, structure, rfc_message_id, header)
            SELECT \(id), \(Self.derivedFormat), \(message.envelope), structure, rfc_message_id, \(message.header)
              FROM message_text WHERE message_id = \(original)
            """)
        try insertKeys(of: id, message)
        // All but \Deleted; mail from before an agent joined is read (DESIGN §3), and stays so.
        try connection.run(
            """
            INSERT INTO agent_message (agent_id, message_id, flags, modseq)
            SELECT a.id, \(id), coalesce(f.flags & ~8, 1), \(message.modSequence)
              FROM agent a LEFT JOIN agent_message f ON f.agent_id = a.id AND f.message_id = \(original)
             WHERE f.agent_id IS NOT NULL OR a.joined_after >= \(original)
            """)
        return MessageKey(rawValue: id)
    }

    package func carryFlags(from copy: MessageKey, to original: MessageKey, at modSequence: ModSequence) throws {
        try connection.run(
            """
            INSERT INTO agent_message (agent_id, message_id, flags, modseq)
            SELECT a.id, \(original), f.flags & ~8, \(modSequence)
              FROM agent a CROSS JOIN agent_message f ON f.agent_id = a.id AND f.message_id = \(copy)
             WHERE true
            ON CONFLICT (agent_id, message_id) DO UPDATE SET flags = excluded.flags, modseq = excluded.modseq
            """)
        try connection.run(
            """
            UPDATE message SET modseq = \(modSequence),
                   flags = (flags & \(CaseMarks.all.rawValue))
                         | ((SELECT c.flags FROM message c WHERE c.id = \(copy)) & \(Self.flagBits))
             WHERE id = \(original)
            """)
    }

    package func remove(_ message: MessageKey) throws {
        let content = try connection.integer(
            """
            SELECT content_id FROM message
             WHERE id = \(message) AND NOT EXISTS (SELECT 1 FROM entry WHERE message_id = \(message))
            """)
        guard let content else { return }
        try forgetFlags(of: message)
        try removeRows(of: message)
        try release(content)
    }

    /// The message itself with everything that was made of it.
    func removeRows(of message: MessageKey) throws {
        try connection.run("DELETE FROM message_text WHERE message_id = \(message)")
        try connection.run("DELETE FROM message_key WHERE message_id = \(message)")
        try connection.run("DELETE FROM card WHERE message_id = \(message)")
        try stopWriting(message)
        try discardText(of: message)
        try connection.run("DELETE FROM message WHERE id = \(message)")
    }

    /// Removes octets that nobody refers to any more.
    func release(_ content: Int64) throws {
        guard
            try !connection.exists("SELECT 1 FROM message WHERE content_id = \(content) LIMIT 1"),
            try !connection.exists("SELECT 1 FROM submission WHERE content_id = \(content) LIMIT 1"),
            try !connection.exists(
                "SELECT 1 FROM held_mail_text WHERE content_id = \(content) OR original_id = \(content) LIMIT 1")
        else { return }
        try connection.run(
            "DELETE FROM content_chunk WHERE id BETWEEN \(content * 65536) AND \(content * 65536 + 65535)")
        // The number of the newest is given again.
        try connection.run("DELETE FROM acceptance WHERE content_id = \(content)")
        try connection.run("DELETE FROM lesson WHERE content_id = \(content)")
        try connection.run("DELETE FROM content WHERE id = \(content)")
    }

    package func hand(_ old: MessageKey, of ticket: TicketNumber, to other: TicketNumber, as new: MessageKey) throws {
        try connection.run(
            """
            UPDATE submission SET ticket_id = \(other), message_id = \(new)
             WHERE ticket_id = \(ticket) AND message_id = \(old)
            """)
    }

    package func removeSubmissions(of ticket: TicketNumber) throws {
        let settled = try connection.all(
            """
            SELECT id, content_id FROM submission
             WHERE ticket_id = \(ticket)
               AND NOT EXISTS (SELECT 1 FROM delivery d
                                WHERE d.submission_id = submission.id AND d.next_attempt_at IS NOT NULL)
            """
        ) { (id: $0.integer(0), content: $0.integer(1)) }
        for submission in settled {
            try connection.run("DELETE FROM delivery WHERE submission_id = \(submission.id)")
            try connection.run("DELETE FROM submission WHERE id = \(submission.id)")
            try release(submission.content)
        }
    }

    package func holdsOwnWords(_ ticket: TicketNumber) throws -> Bool {
        let kinds: [MessageKind] = [.outbound, .note, .consultationOut, .consultationIn]
        return try connection.exists(
            "SELECT 1 FROM message WHERE ticket_id = \(ticket) AND kind IN (\(list: kinds)) LIMIT 1")
    }

    package func subject(of ticket: TicketNumber) throws -> String {
        try connection.first("SELECT subject FROM ticket WHERE id = \(ticket)") { $0.text(0) } ?? ""
    }

    package func forget(_ ticket: TicketNumber) throws {
        try connection.run("UPDATE ticket SET subject = '', tags = NULL WHERE id = \(ticket)")
        try connection.run("DELETE FROM participant WHERE ticket_id = \(ticket)")
        try connection.run("DELETE FROM ticket_answer WHERE ticket_id = \(ticket)")
        try connection.run("DELETE FROM rating WHERE ticket_id = \(ticket)")
    }

    package func participants(of ticket: TicketNumber) throws -> [AddressID] {
        try connection.all("SELECT address_id FROM participant WHERE ticket_id = \(ticket) ORDER BY address_id") {
            AddressID(rawValue: $0.integer(0))
        }
    }

    package func removeParticipant(_ address: AddressID, from ticket: TicketNumber) throws {
        try connection.run("DELETE FROM participant WHERE ticket_id = \(ticket) AND address_id = \(address)")
    }

    // MARK: - Merges

    package func insert(_ merge: CaseMerge) throws {
        let (before, into) = (merge.before, merge.intoBefore)
        try connection.run(
            """
            INSERT INTO ticket_merge (ticket_id, into_id, status, assignee_id, group_id, folder_id, into_status,
                                      into_assignee_id, into_group_id, into_folder_id, added_tags, added_addresses)
            VALUES (\(merge.ticket), \(merge.into), \(before.status), \(before.assignee), \(before.group),
                    \(before.folder), \(into.status), \(into.assignee), \(into.group), \(into.folder),
                    \(merge.addedTags.joined(separator: " ")),
                    \(merge.addedParticipants.map(\.description).joined(separator: " ")))
            """)
    }

    package func merge(of ticket: TicketNumber) throws -> CaseMerge? {
        try connection.first(
            """
            SELECT into_id, status, assignee_id, group_id, folder_id, into_status, into_assignee_id, into_group_id,
                   into_folder_id, added_tags, added_addresses
              FROM ticket_merge WHERE ticket_id = \(ticket)
            """
        ) { row in
            func state(_ column: Int) throws -> CaseMerge.State {
                CaseMerge.State(
                    status: try row.value(column), assignee: row.optionalInteger(column + 1).map(AgentID.init(rawValue:)),
                    group: row.optionalInteger(column + 2).map(GroupID.init(rawValue:)),
                    folder: row.optionalInteger(column + 3).map(FolderID.init(rawValue:)))
            }
            return CaseMerge(
                ticket: ticket, into: TicketNumber(rawValue: row.integer(0)), before: try state(1),
                intoBefore: try state(5), addedTags: row.text(9).split(separator: " ").map(String.init),
                addedParticipants: row.text(10).split(separator: " ").compactMap { Int64($0) }
                    .map(AddressID.init(rawValue:)))
        }
    }

    package func removeMerge(of ticket: TicketNumber) throws {
        try connection.run("DELETE FROM ticket_merge WHERE ticket_id = \(ticket)")
    }

    package func refiled(
        in ticket: TicketNumber, from other: TicketNumber
    ) throws -> [(copy: MessageKey, original: MessageKey)] {
        try connection.all(
            """
            SELECT c.id, o.id FROM message c JOIN message o ON o.id = c.origin_id
             WHERE c.ticket_id = \(ticket) AND o.ticket_id = \(other) ORDER BY c.id
            """
        ) { (MessageKey(rawValue: $0.integer(0)), MessageKey(rawValue: $0.integer(1))) }
    }
}
