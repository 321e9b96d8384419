package import Desk
package import Gateway
package import MailTypes

/// Removing what is known of a person.
extension Transaction {
    package func eachAddress(_ body: (CustomerAddress) throws -> Void) throws {
        try connection.query("SELECT \(CustomerAddress.columns) FROM address ORDER BY id") { row in
            try body(CustomerAddress(row: row))
        }
    }

    package func messages(by address: AddressID) throws -> [MessageKey] {
        try connection.all(
            "SELECT id FROM message WHERE address_id = \(address) AND ticket_id IS NOT NULL ORDER BY id"
        ) { MessageKey(rawValue: $0.integer(0)) }
    }

    package func copies(
        ofCasesOf customers: [CustomerID], by addresses: [AddressID], naming identities: [String]
    ) throws -> [MessageKey] {
        guard !customers.isEmpty || !addresses.isEmpty else { return [] }
        // Standard SQL knows no empty list; nobody has the number 0.
        let (customers, addresses) = ([CustomerID(rawValue: 0)] + customers, [AddressID(rawValue: 0)] + addresses)
        let tickets: SQL = "SELECT id FROM ticket WHERE customer_id IN (\(list: customers))"
        var contents: Set<Int64> = []
        var digests: Set<Int64> = []
        try connection.query(
            """
            SELECT content_id, message_id_digest FROM message WHERE ticket_id IN (\(tickets)) AND kind <> \(MessageKind.card)
            UNION SELECT content_id, message_id_digest FROM message WHERE address_id IN (\(list: addresses))
            """
        ) { row in
            contents.insert(row.integer(0))
            if let digest = row.optionalInteger(1) { digests.insert(digest) }
        }
        // The client's own name for what it sent is that of its copy in Sent.
        try connection.query("SELECT message_id_digest FROM client_copy WHERE ticket_id IN (\(tickets))") {
            digests.insert($0.integer(0))
        }
        let listing = Array("message-id: <\(AgentNotice.listing)-".utf8)
        let needles = identities.map { Array($0.utf8) }
        return try connection.all(
            """
            SELECT DISTINCT m.id, m.content_id, m.message_id_digest, k.reference_digests, t.header
              FROM mailbox b JOIN entry e ON e.mailbox_id = b.id JOIN message m ON m.id = e.message_id
              JOIN message_text t ON t.message_id = m.id LEFT JOIN message_key k ON k.message_id = m.id
             WHERE b.class IN (\(list: Self.ownClasses)) AND m.kind = \(MessageKind.personal) AND m.ticket_id IS NULL
             ORDER BY m.id
            """
        ) { row -> MessageKey? in
            let isCopy =
                contents.contains(row.integer(1)) || row.optionalInteger(2).map(digests.contains) == true
                || row.withBytes(3) { Self.digests(in: $0).contains(where: digests.contains) }
                || row.withBytes(4) { header in
                    Self.holds(header, listing) || needles.contains { Self.holds(header, $0) }
                }
            return isCopy ? MessageKey(rawValue: row.integer(0)) : nil
        }.compactMap(\.self)
    }

    /// Where mail of agents' own lies, notices to them included.
    private static let ownClasses = MailboxClass.allCases.filter { $0.isPersonal || $0 == .inbox || $0 == .sharedTemplates }

    private static func digests(in octets: UnsafeRawBufferPointer) -> [Int64] {
        stride(from: 0, to: octets.count - octets.count % 8, by: 8).map { start in
            (0..<8).reduce(Int64(0)) { $0 | Int64(octets[start + $1]) << (8 * Int64($1)) }
        }
    }

    /// Whether ASCII text stands in octets, in any case of its letters.
    private static func holds(_ octets: UnsafeRawBufferPointer, _ text: [UInt8]) -> Bool {
        guard let first = text.first, octets.count >= text.count else { return false }
        func lower(_ octet: UInt8) -> UInt8 { (0x41...0x5A).contains(octet) ? octet | 0x20 : octet }
        for start in 0...(octets.count - text.count) where lower(octets[start]) == first {
            if text.indices.allSatisfy({ lower(octets[start + $0]) == text[$0] }) { return true }
        }
        return false
    }

    package func blankEvents(of ticket: TicketNumber, keepingAnswersTo questions: Set<String>) throws {
        let kept: [EventKind] = [
            .statusChanged, .assigned, .poolChanged, .groupAssigned, .filed, .priorityChanged, .sourceChanged, .linked,
            .merged, .unmerged, .split, .customerChanged, .tagged, .untagged, .categoryChanged, .dueChanged, .received,
            .firstAnswered, .solved, .questionAnswered, .purged,
            .rated, .consulted, .consultationAnswered, .consultationOverdue, .consultationCancelled, .reminded, .substituted,
        ]
        try connection.run("UPDATE consultation SET question = '' WHERE ticket_id = \(ticket)")
        try connection.run("UPDATE event SET reason = NULL WHERE ticket_id = \(ticket) AND reason IS NOT NULL")
        try connection.run(
            """
            UPDATE event SET from_value = NULL, to_value = NULL
             WHERE ticket_id = \(ticket) AND kind NOT IN (\(list: kept))
            """)
        // That it was answered counts; without a value it would say that the answer was taken back.
        try connection.run(
            """
            UPDATE event SET to_value = '?'
             WHERE ticket_id = \(ticket) AND kind = \(EventKind.questionAnswered) AND to_value IS NOT NULL
               AND from_value NOT IN (\(list: [""] + questions.sorted()))
            """)
    }

    package func dropMailRecords(of ticket: TicketNumber) throws {
        try connection.run(
            """
            DELETE FROM acceptance WHERE content_id IN (SELECT content_id FROM message WHERE ticket_id = \(ticket))
            """)
        try connection.run("DELETE FROM client_copy WHERE ticket_id = \(ticket)")
        try connection.run("DELETE FROM timer WHERE ticket_id = \(ticket)")
        try connection.run("DELETE FROM ticket_answer WHERE ticket_id = \(ticket)")
        try connection.run("DELETE FROM rating WHERE ticket_id = \(ticket)")
        let submissions = try connection.all(
            "SELECT id, content_id FROM submission WHERE ticket_id = \(ticket) ORDER BY id"
        ) { (id: $0.integer(0), content: $0.integer(1)) }
        for submission in submissions {
            try connection.run("DELETE FROM acceptance WHERE content_id = \(submission.content)")
            try connection.run("DELETE FROM delivery WHERE submission_id = \(submission.id)")
            try connection.run("DELETE FROM submission WHERE id = \(submission.id)")
            try release(submission.content)
        }
    }

    package func blank(_ address: AddressID) throws {
        try connection.run("DELETE FROM rating WHERE address_id = \(address)")
        try connection.run(
            """
            UPDATE address SET identity = 'erased:' || id, spelling = 'erased', display_name = NULL WHERE id = \(address)
            """)
    }

    package func casesThatShow(_ ticket: TicketNumber) throws -> [TicketNumber] {
        try connection.all(
            """
            SELECT other_id FROM ticket_link WHERE ticket_id = \(ticket)
            UNION SELECT id FROM ticket WHERE merged_into = \(ticket)
            UNION SELECT merged_into FROM ticket WHERE id = \(ticket) AND merged_into IS NOT NULL
            """
        ) { TicketNumber(rawValue: $0.integer(0)) }
    }

    package func markCards(of ticket: TicketNumber, at now: Timestamp) throws {
        try markCards(of: ticket, at: now, event: (try connection.integer("SELECT max(id) FROM event") ?? 0) + 1)
    }

    package func dropTraces(of address: CustomerAddress) throws {
        let (identity, spelling) = (address.identity, address.spelling)
        let ids = try connection.all("SELECT id, reverse_path FROM refusal WHERE reverse_path IS NOT NULL") { row -> Int64? in
            EmailAddress(row.text(1))?.identity == identity ? row.integer(0) : nil
        }.compactMap(\.self)
        for id in ids { try connection.run("DELETE FROM refusal WHERE id = \(id)") }
        try connection.run("DELETE FROM auto_reply WHERE sender = \(identity)")
        try connection.run("DELETE FROM auto_reply_count WHERE scope LIKE '%' || \(identity)")
        // Of mail in cases of others: that it went stays known, to whom does not.
        let settled: [DeliveryState] = [.delivered, .failed, .expired, .cancelled]
        try connection.run(
            """
            UPDATE delivery SET recipient = 'erased', diagnostic = NULL
             WHERE state IN (\(list: settled)) AND lower(recipient) IN (\(identity), lower(\(spelling)))
            """)
        try connection.run(
            "UPDATE client_copy SET recipients = '' WHERE recipients LIKE \(Self.pattern(identity)) ESCAPE '|'")
        try connection.run(
            """
            UPDATE event SET to_value = NULL
             WHERE ticket_id IN (SELECT ticket_id FROM participant WHERE address_id = \(address.id))
               AND lower(to_value) IN (\(identity), lower(\(spelling)))
            """)
    }

    package func dropOwn(_ message: MessageKey, at modSequence: ModSequence, now: Timestamp) throws -> Set<MailboxID> {
        let places = Set(
            try connection.all("SELECT mailbox_id FROM entry WHERE message_id = \(message)") {
                MailboxID(rawValue: $0.integer(0))
            })
        for mailbox in places.sorted() { _ = try leave([message], from: mailbox, at: modSequence, now: now) }
        try discard(message)
        return places
    }
}
