package import Desk
package import Gateway
package import MailTypes

extension Transaction {
    // MARK: - Content

    package func insertContent(_ octets: [UInt8], headerSize: Int) throws -> ContentID {
        let id = try connection.integer(
            """
            INSERT INTO content (size, header_size, octets) VALUES (\(octets.count), \(headerSize), \(octets)) RETURNING id
            """)
        return ContentID(rawValue: try required(id))
    }

    package func beginStaging(at now: Timestamp) throws -> ContentID {
        let id = try connection.integer(
            "INSERT INTO content (size, header_size, staged_at) VALUES (0, 0, \(now)) RETURNING id")
        return ContentID(rawValue: try required(id))
    }

    package func stage(_ octets: [UInt8], ordinal: Int, of content: ContentID) throws {
        guard (0..<65536).contains(ordinal) else {
            throw StorageFailure(code: .other, message: "a content has too many pieces")
        }
        try connection.run(
            "INSERT INTO content_chunk (id, octets) VALUES (\(content.rawValue * 65536 + Int64(ordinal)), \(octets))")
    }

    package func commitStaged(_ content: ContentID, size: Int, headerSize: Int) throws {
        try connection.run(
            "UPDATE content SET size = \(size), header_size = \(headerSize), staged_at = NULL WHERE id = \(content)")
    }

    package func dropStaged(_ content: ContentID) throws {
        try connection.run(
            """
            DELETE FROM content_chunk WHERE id >= \(content.rawValue * 65536) AND id < \(content.rawValue * 65536 + 65536)
               AND EXISTS (SELECT 1 FROM content WHERE id = \(content) AND staged_at IS NOT NULL)
            """)
        try connection.run("DELETE FROM content WHERE id = \(content) AND staged_at IS NOT NULL")
    }

    // MARK: - People

    package func correspondent(_ named: NamedAddress, at now: Timestamp) throws -> Correspondent {
        let identity = named.address.identity
        let name = named.displayName.flatMap { $0.isEmpty ? nil : String($0.prefix(200)) }
        let known = try connection.first(
            "SELECT id, customer_id, display_name IS NULL FROM address WHERE identity = \(identity)"
        ) { (address: $0.integer(0), customer: $0.integer(1), isNameless: $0.bool(2)) }
        if let known {
            if known.isNameless, let name {
                try connection.run("UPDATE address SET display_name = \(name) WHERE id = \(known.address)")
                try connection.run(
                    """
                    UPDATE customer SET name = \(name), name_folded = \(Customer.searchKey(name))
                     WHERE id = \(known.customer) AND name IS NULL
                    """)
            }
            return Correspondent(
                address: AddressID(rawValue: known.address), customer: CustomerID(rawValue: known.customer))
        }
        let customer = try insertCustomer(name: name, at: now)
        let address = try required(
            try connection.integer(
                """
                INSERT INTO address (identity, spelling, display_name, customer_id)
                VALUES (\(identity), \(named.address.description), \(name), \(customer)) RETURNING id
                """))
        return Correspondent(address: AddressID(rawValue: address), customer: customer)
    }

    package func knownAddress(_ address: EmailAddress) throws -> AddressID? {
        try connection.integer("SELECT id FROM address WHERE identity = \(address.identity)")
            .map(AddressID.init(rawValue:))
    }

    package func isParticipant(_ address: AddressID, in ticket: TicketNumber) throws -> Bool {
        try connection.exists("SELECT 1 FROM participant WHERE ticket_id = \(ticket) AND address_id = \(address)")
    }

    package func addParticipant(_ address: AddressID, to ticket: TicketNumber) throws {
        try connection.run(
            "INSERT INTO participant (ticket_id, address_id) VALUES (\(ticket), \(address)) ON CONFLICT DO NOTHING")
    }

    // MARK: - Matching

    package func filedMessages(_ messageID: MessageID) throws -> [FiledMessage] {
        try connection.all(
            """
            SELECT m.id, m.ticket_id, m.kind, m.pool_id, m.internal_date, m.content_digest, m.address_id
              FROM message m JOIN message_text t ON t.message_id = m.id
             WHERE m.message_id_digest = \(messageID.digest) AND t.rfc_message_id = \(messageID.text)
               AND m.ticket_id IS NOT NULL
             ORDER BY m.id DESC LIMIT 20
            """
        ) { row in
            FiledMessage(
                key: MessageKey(rawValue: row.integer(0)), ticket: TicketNumber(rawValue: row.integer(1)),
                kind: try row.value(2), pool: PoolID(rawValue: row.integer(3)), internalDate: row.timestamp(4),
                contentDigest: row.optionalInteger(5), author: row.optionalInteger(6).map(AddressID.init(rawValue:)))
        }
    }

    package func isAnswered(_ ticket: TicketNumber) throws -> Bool {
        try connection.exists(
            "SELECT 1 FROM message WHERE ticket_id = \(ticket) AND kind = \(MessageKind.outbound) LIMIT 1")
    }

    // MARK: - Filing

    package func takeTicketNumber() throws -> TicketNumber { TicketNumber(rawValue: try take("ticket_number")) }

    package func insert(_ ticket: Ticket, subject: String) throws {
        try connection.run(
            """
            INSERT INTO ticket (id, pool_id, status, assignee_id, group_id, mailbox_id, customer_id, supervised_address,
                                root_token, subject, opened_at, status_since, customer_wrote_at, folder_id, priority,
                                category, source, merged_into, substitute_id, \(TicketClock.columns))
            VALUES (\(ticket.number), \(ticket.pool), \(ticket.status), \(ticket.assignee), \(ticket.group),
                    \(ticket.mailbox), \(ticket.customer), \(ticket.address?.description), \(ticket.rootToken), \(subject),
                    \(ticket.openedAt), \(ticket.statusSince), \(ticket.openedAt), \(ticket.folder),
                    \(ticket.priority), \(ticket.category), \(ticket.source), \(ticket.mergedInto), \(ticket.substitute),
                    \(ticket.clock.values))
            """)
    }

    package func customerWrote(in ticket: TicketNumber, at now: Timestamp) throws {
        try connection.run("UPDATE ticket SET customer_wrote_at = \(now) WHERE id = \(ticket)")
    }

    package func link(_ ticket: TicketNumber, with other: TicketNumber) throws {
        for (left, right) in [(ticket, other), (other, ticket)] {
            try connection.run(
                "INSERT INTO ticket_link (ticket_id, other_id) VALUES (\(left), \(right)) ON CONFLICT DO NOTHING")
        }
    }

    package func insert(_ message: NewMessage) throws -> MessageKey {
        let keywords = message.keywords.isEmpty ? nil : message.keywords.joined(separator: " ")
        let id = try required(
            try connection.integer(
                """
                INSERT INTO message (ticket_id, kind, pool_id, content_id, body_offset, size, header_size, internal_date,
                                     sent_at, modseq, flags, keywords, email_id, thread_id, message_id_digest,
                                     content_digest, address_id, agent_id, card_offset)
                VALUES (\(message.ticket), \(message.kind), \(message.pool), \(message.content), \(message.bodyOffset),
                        \(message.size), \(message.header.count), \(message.internalDate), \(message.sentAt),
                        \(message.modSequence.number),
                        \(message.flags.rawValue) | coalesce(
                            (SELECT shown_marks FROM ticket WHERE id = \(message.ticket)), 0), \(keywords),
                        \(message.original?.rawValue ?? 0),
                        coalesce((SELECT thread_id FROM message WHERE id = \(message.original)), \(message.ticket)),
                        \(message.messageID?.digest), \(message.contentDigest), \(message.address), \(message.agent),
                        \(message.cardLanguage?.offset ?? 0))
                RETURNING id
                """))
        // No mail is ever matched by a card's Message-ID: it names the case by itself, to those who may.
        try connection.run(
            """
            INSERT INTO message_text (message_id, format, envelope, structure, rfc_message_id, header)
            VALUES (\(id), \(Self.derivedFormat), \(message.envelope), \(message.structure), \(message.kind == .card ? nil : message.messageID?.text),
                    \(message.header))
            """)
        if message.ticket == nil { try noteKeywords(message.keywords, ofOwn: MessageKey(rawValue: id)) }
        try insertKeys(of: id, message)
        if message.kind == .personal, let agent = message.agent {
            try countOwnMail(of: agent, messages: 1, octets: Int64(message.size))
        }
        return MessageKey(rawValue: id)
    }

    /// The version of envelope and structure as this build writes them.
    static let derivedFormat: Int64 = 1

    func required(_ id: Int64?) throws -> Int64 {
        guard let id else { throw StorageFailure(code: .corrupt, message: "an insert gave no row number") }
        return id
    }
}
