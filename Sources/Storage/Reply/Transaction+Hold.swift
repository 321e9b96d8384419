package import Desk
package import Gateway
package import MailTypes

/// Mail that waits to leave.
extension Transaction {
    package func insert(
        _ mail: HeldMail, _ state: HeldMail.State, doubts: [String], message: MessageKey, uid: UID?
    ) throws -> HeldMailID {
        let releaseAt = state == .waiting ? mail.releaseAt : nil
        let id = try required(
            try connection.integer(
                """
                INSERT INTO held_mail (agent_id, ticket_id, state, release_at, doubts, message_id, uid, accepted_at)
                VALUES (\(mail.agent), \(mail.ticket), \(state), \(releaseAt), \(doubts.joined(separator: " ")),
                        \(message), \(uid), \(mail.acceptedAt))
                RETURNING id
                """))
        try connection.run(
            """
            INSERT INTO held_mail_text (held_mail_id, pool_id, address, departure, subject, rfc_message_id, header,
                   content_id, body_offset, size, structure, digest, is_8bit, original_id, original_offset,
                   original_size, original_structure, original_digest, original_is_8bit, recipients, answered,
                   forwarded, followers, baseline_id, client_message_id, release_at, is_scheduled, commands,
                   wishes, needs_approval, approver_id, consultation_id)
            VALUES (\(id), \(mail.pool), \(mail.address.description), \(mail.departure), \(mail.subject),
                    \(mail.messageID.text), \(mail.header),
                    \(mail.leaving.id), \(mail.leaving.bodyOffset), \(mail.leaving.size), \(mail.leaving.structure),
                    \(mail.leaving.digest), \(mail.leaving.isEightBit),
                    \(mail.original.id), \(mail.original.bodyOffset), \(mail.original.size), \(mail.original.structure),
                    \(mail.original.digest), \(mail.original.isEightBit),
                    \(lines(mail.recipients)), \(mail.answered?.text), \(lines(mail.forwarded.map(\.text))),
                    \(lines(mail.followers)), \(mail.baseline), \(mail.clientMessageID?.text), \(mail.releaseAt),
                    \(mail.isScheduled), \(lines(mail.commands)), \(mail.wishes.isEmpty ? nil : mail.wishes.text),
                    \(mail.approval != .none), \(mail.approval.judge), \(mail.consultation))
            """)
        return HeldMailID(rawValue: id)
    }

    private func lines(_ items: [some CustomStringConvertible]) -> String {
        items.map(\.description).joined(separator: "\n")
    }

    package func heldMail(_ id: HeldMailID) throws -> HeldMail? {
        try connection.first(
            """
            SELECT h.agent_id, h.ticket_id, h.accepted_at, t.pool_id, t.address, t.departure, t.subject,
                   t.rfc_message_id, t.header, t.content_id, t.body_offset, t.size, t.structure, t.digest, t.is_8bit,
                   t.original_id, t.original_offset, t.original_size, t.original_structure, t.original_digest,
                   t.original_is_8bit, t.recipients, t.answered, t.forwarded, t.followers, t.baseline_id,
                   t.client_message_id, t.release_at, t.is_scheduled, t.commands, t.wishes, t.needs_approval, t.approver_id,
                   t.consultation_id
              FROM held_mail h JOIN held_mail_text t ON t.held_mail_id = h.id WHERE h.id = \(id)
            """, HeldMail.init(row:))
    }

    private static let statusColumns: SQL = "id, agent_id, state, message_id, uid, doubts, ended_at"

    package func heldMailStatus(uid: UID, of agent: AgentID) throws -> HeldMailStatus? {
        try connection.first(
            "SELECT \(Self.statusColumns) FROM held_mail WHERE agent_id = \(agent) AND uid = \(uid)",
            HeldMailStatus.init(row:))
    }

    package func heldMailStatus(_ id: HeldMailID) throws -> HeldMailStatus? {
        try connection.first("SELECT \(Self.statusColumns) FROM held_mail WHERE id = \(id)", HeldMailStatus.init(row:))
    }

    package func heldMail(of ticket: TicketNumber) throws -> [HeldMailStatus] {
        try connection.all(
            """
            SELECT \(Self.statusColumns) FROM held_mail
             WHERE ticket_id = \(ticket) AND state IN (\(HeldMail.State.waiting), \(HeldMail.State.doubted), \(HeldMail.State.approval))
             ORDER BY id
            """, HeldMailStatus.init(row:))
    }

    package func hold(
        _ id: HeldMailID, _ state: HeldMail.State, doubts: [String], releaseAt: Timestamp?, message: MessageKey, uid: UID?
    ) throws {
        try connection.run(
            """
            UPDATE held_mail SET state = \(state), release_at = \(releaseAt),
                   doubts = \(doubts.joined(separator: " ")), message_id = \(message), uid = \(uid)
             WHERE id = \(id)
            """)
    }

    package func end(_ id: HeldMailID, _ state: HeldMail.State, at now: Timestamp) throws {
        try connection.run(
            "UPDATE held_mail SET state = \(state), release_at = NULL, ended_at = \(now) WHERE id = \(id)")
        let contents = try connection.first(
            "DELETE FROM held_mail_text WHERE held_mail_id = \(id) RETURNING content_id, original_id"
        ) { [$0.integer(0), $0.integer(1)] }
        for content in Set(contents ?? []) { try release(content) }
    }

    package func dueHeldMail(at now: Timestamp, limit: Int) throws -> [HeldMailID] {
        try connection.all(
            "SELECT id FROM held_mail WHERE release_at <= \(now) ORDER BY release_at, id LIMIT \(limit)"
        ) { HeldMailID(rawValue: $0.integer(0)) }
    }

    package func nextRelease() throws -> Timestamp? {
        try connection.integer("SELECT min(release_at) FROM held_mail WHERE release_at IS NOT NULL")
            .map(Timestamp.init(microseconds:))
    }

    package func messageID(of message: MessageKey) throws -> MessageID? {
        try connection.first("SELECT rfc_message_id FROM message_text WHERE message_id = \(message)") {
            $0.optionalText(0).flatMap { MessageID($0) }
        } ?? nil
    }

    package func personalFlags(of message: MessageKey, for agent: AgentID) throws -> Flags {
        Flags(
            rawValue: try connection.integer(
                "SELECT flags FROM agent_message WHERE agent_id = \(agent) AND message_id = \(message)") ?? 0)
    }

    package func releaseContent(_ content: ContentID) throws { try release(content.rawValue) }

    // MARK: - What a mail is judged by

    package func participantAddresses(of ticket: TicketNumber) throws -> Set<EmailAddress> {
        Set(
            try connection.all(
                """
                SELECT a.spelling FROM participant p JOIN address a ON a.id = p.address_id WHERE p.ticket_id = \(ticket)
                """
            ) { EmailAddress($0.text(0)) }.compactMap { $0 })
    }

    package func standing(
        of address: EmailAddress, outside ticket: TicketNumber?
    ) throws -> (customer: CustomerID, isElsewhere: Bool)? {
        try connection.first(
            """
            SELECT a.customer_id, EXISTS (SELECT 1 FROM participant p
                                           WHERE p.address_id = a.id AND p.ticket_id <> \(ticket?.rawValue ?? 0))
              FROM address a WHERE a.identity = \(address.identity)
            """
        ) { (CustomerID(rawValue: $0.integer(0)), $0.bool(1)) }
    }

    package func newestMessage(in ticket: TicketNumber) throws -> MessageKey? {
        try connection.integer("SELECT max(id) FROM message WHERE ticket_id = \(ticket)").map(MessageKey.init(rawValue:))
    }

    package func messages(
        in ticket: TicketNumber, after message: MessageKey, limit: Int
    ) throws -> [LaterMessage] {
        let kinds: [MessageKind] = [.inbound, .unconfirmed, .outbound, .note, .consultationIn]
        return try connection.all(
            """
            SELECT m.id, m.kind, m.agent_id, m.internal_date, CASE WHEN m.agent_id IS NULL THEN t.header END
              FROM message m JOIN message_text t ON t.message_id = m.id
             WHERE m.ticket_id = \(ticket) AND m.id > \(message) AND m.kind IN (\(list: kinds))
             ORDER BY m.id LIMIT \(limit)
            """
        ) { row in
            LaterMessage(
                MessageKey(rawValue: row.integer(0)), kind: try row.value(1),
                agent: row.optionalInteger(2).map(AgentID.init(rawValue:)), at: row.timestamp(3), header: row.optionalBlob(4) ?? [])
        }
    }

    package func decisions(in ticket: TicketNumber, after message: MessageKey) throws -> [LaterDecision] {
        try connection.all(
            """
            SELECT kind, agent_id, at, to_value FROM event
             WHERE ticket_id = \(ticket) AND agent_id IS NOT NULL
               AND id > coalesce((SELECT max(id) FROM event
                                   WHERE ticket_id = \(ticket) AND message_id <= \(message)), 0)
             ORDER BY id LIMIT 200
            """
        ) { row in
            LaterDecision(
                kind: try row.value(0), agent: AgentID(rawValue: row.integer(1)), at: row.timestamp(2),
                to: row.optionalText(3))
        }
    }

    package func contents(of ticket: TicketNumber, _ kinds: [MessageKind], limit: Int) throws -> [StoredBody] {
        try connection.all(
            """
            SELECT m.content_id, m.body_offset, c.size, t.structure
              FROM message m JOIN message_text t ON t.message_id = m.id JOIN content c ON c.id = m.content_id
             WHERE m.ticket_id = \(ticket) AND m.kind IN (\(list: kinds)) ORDER BY m.id DESC LIMIT \(limit)
            """
        ) { row in
            StoredBody(
                content: ContentID(rawValue: row.integer(0)), bodyOffset: row.int(1), size: row.int(2),
                structure: row.blob(3))
        }
    }

    // MARK: - Copies of clients

    package func insert(_ copy: ClientCopy) throws {
        try connection.run(
            """
            INSERT INTO client_copy (message_id_digest, rfc_message_id, agent_id, ticket_id, message_id, content_digest,
                                     recipients, accepted_at)
            VALUES (\(copy.messageID.digest), \(copy.messageID.text), \(copy.agent), \(copy.ticket), \(copy.message),
                    \(copy.digest), \(copy.recipients), \(copy.at))
            """)
    }

    package func clientCopies(_ messageID: MessageID) throws -> [ClientCopy] {
        try connection.all(
            """
            SELECT agent_id, ticket_id, message_id, content_digest, recipients, accepted_at FROM client_copy
             WHERE message_id_digest = \(messageID.digest) AND rfc_message_id = \(messageID.text)
             ORDER BY id DESC LIMIT 20
            """
        ) { row in
            ClientCopy(
                messageID: messageID, agent: AgentID(rawValue: row.integer(0)),
                ticket: TicketNumber(rawValue: row.integer(1)),
                message: row.optionalInteger(2).map(MessageKey.init(rawValue:)), digest: row.integer(3),
                recipients: row.text(4), at: row.timestamp(5))
        }
    }

    package func setMessage(_ message: MessageKey, ofClientCopy messageID: MessageID, by agent: AgentID) throws {
        try connection.run(
            """
            UPDATE client_copy SET message_id = \(message)
             WHERE message_id_digest = \(messageID.digest) AND rfc_message_id = \(messageID.text)
               AND agent_id = \(agent) AND message_id IS NULL
            """)
    }

    package func removeClientCopy(_ messageID: MessageID, by agent: AgentID) throws {
        try connection.run(
            """
            DELETE FROM client_copy
             WHERE message_id_digest = \(messageID.digest) AND rfc_message_id = \(messageID.text)
               AND agent_id = \(agent) AND message_id IS NULL
            """)
    }
}

extension HeldMailStatus {
    init(row: any SQLRow) throws {
        self.init(
            id: HeldMailID(rawValue: row.integer(0)), agent: AgentID(rawValue: row.integer(1)),
            state: try row.value(2), message: MessageKey(rawValue: row.integer(3)),
            uid: row.optionalInteger(4).map { UID(UInt32(truncatingIfNeeded: $0)) },
            doubts: row.text(5).split(separator: " ").map(String.init), endedAt: row.optionalTimestamp(6))
    }
}

extension HeldMail {
    init(row: any SQLRow) throws {
        func lines(_ column: Int) -> [Substring] { row.text(column).split(separator: "\n") }
        guard let address = EmailAddress(row.text(4)), let messageID = MessageID(row.text(7)) else {
            throw StorageFailure(code: .corrupt, message: "a held mail has an address or an id that is none")
        }
        self.init(
            agent: AgentID(rawValue: row.integer(0)), ticket: TicketNumber(rawValue: row.integer(1)),
            pool: PoolID(rawValue: row.integer(3)), address: address, departure: try row.value(5),
            subject: row.text(6), messageID: messageID, header: row.blob(8),
            leaving: Content(row: row, from: 9), original: Content(row: row, from: 15),
            recipients: lines(21).compactMap { EmailAddress($0) },
            answered: row.optionalText(22).flatMap { MessageID($0) },
            forwarded: lines(23).compactMap { MessageID($0) },
            followers: lines(24).compactMap { Int64($0).map(AgentID.init(rawValue:)) },
            baseline: MessageKey(rawValue: row.integer(25)), clientMessageID: row.optionalText(26).flatMap { MessageID($0) },
            acceptedAt: row.timestamp(2), releaseAt: row.timestamp(27), isScheduled: row.bool(28),
            commands: lines(29).map(String.init))
        if let text = row.optionalText(30) { wishes = DeliveryWishes(text: text) }
        if row.bool(31) {
            approval = row.optionalInteger(32).map { .given(by: AgentID(rawValue: $0)) } ?? .needed
        }
        consultation = row.optionalInteger(33).map(ConsultationID.init(rawValue:))
    }
}

extension HeldMail.Approval {
    /// Who approved it.
    var judge: AgentID? {
        if case .given(let judge) = self { return judge }
        return nil
    }
}

extension HeldMail.Content {
    fileprivate init(row: any SQLRow, from column: Int) {
        self.init(
            id: ContentID(rawValue: row.integer(column)), bodyOffset: row.int(column + 1), size: row.int(column + 2),
            structure: row.blob(column + 3), digest: row.integer(column + 4), isEightBit: row.bool(column + 5))
    }
}
