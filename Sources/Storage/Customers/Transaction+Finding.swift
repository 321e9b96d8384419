package import Desk
import Gateway
import MailTypes
import Mailboxes

/// Looking for cases.
extension Transaction {
    /// Numbers of messages that the index is asked for at a time, the newest first, and how often.
    private static let windowSize: Int64 = 200_000
    private static let windows = 50

    package func customers(called key: String, limit: Int) throws -> [CustomerID] {
        try connection.all(
            """
            SELECT id FROM customer WHERE name_folded = \(key) AND joined_into IS NULL
            UNION SELECT id FROM customer WHERE firm_folded = \(key) AND joined_into IS NULL ORDER BY id LIMIT \(limit)
            """
        ) { CustomerID(rawValue: $0.integer(0)) }
    }

    package func eachTicket(
        ofPeopleHolding words: [String], in pools: Set<PoolID>, _ body: (Ticket) throws -> Bool
    ) throws {
        guard !words.isEmpty else { return }
        var (customers, addresses): (SQL, SQL) = ("joined_into IS NULL", "1 = 1")
        for word in words {
            let person = Self.people(holding: word)
            customers += " AND \(person)"
            addresses += " AND \(Self.address(holding: word))"
        }
        try connection.scan(
            """
            SELECT \(Ticket.columns) FROM ticket
             WHERE pool_id IN (\(list: pools.sorted()))
               AND (customer_id IN (SELECT id FROM customer WHERE \(customers))
                    OR id IN (SELECT ticket_id FROM participant
                               WHERE address_id IN (SELECT id FROM address WHERE \(addresses))))
             ORDER BY id DESC
            """
        ) { try body(Ticket(row: $0)) }
    }

    /// A condition on a row of `customer`.
    static func people(holding word: String) -> SQL {
        let folded = pattern(Customer.searchKey(word))
        return """
            (name_folded LIKE \(folded) ESCAPE '|' OR firm_folded LIKE \(folded) ESCAPE '|'
             OR phone LIKE \(pattern(word)) ESCAPE '|'
             OR id IN (SELECT customer_id FROM address WHERE \(address(holding: word))))
            """
    }

    /// A condition on a row of `address`. An identity is case-folded and keeps its marks.
    private static func address(holding word: String) -> SQL {
        """
        (identity LIKE \(pattern(word.lowercased())) ESCAPE '|' OR identity LIKE \(pattern(Customer.searchKey(word))) ESCAPE '|')
        """
    }

    /// For LIKE, with `|` as its escape.
    static func pattern(_ text: String) -> String {
        var result = "%"
        for character in text {
            if "%_|".contains(character) { result.append("|") }
            result.append(character)
        }
        return result + "%"
    }

    package func eachTicket(
        withRuns trigrams: [UInt32], in pools: Set<PoolID>, where fits: ([[UInt8]]) -> Bool,
        _ body: (Ticket) throws -> Bool
    ) throws -> Bool {
        let mark = try textMark().indexed
        var seen: Set<TicketNumber> = []
        var texts = FoundTexts()
        /// Looks at a message; `false` when there is enough.
        func look(_ id: Int64) throws -> Bool {
            guard let number = try ticket(ofMessage: id, &texts, where: fits), seen.insert(number).inserted,
                let ticket = try ticket(number), pools.contains(ticket.pool)
            else { return !texts.areMany }
            return try body(ticket) && !texts.areMany
        }
        // The tail behind the index is short but after an import, or while the index is made anew.
        var end = Int64.max
        while true {
            let fresh = try connection.all(
                "SELECT id FROM message WHERE id > \(mark) AND id < \(end) ORDER BY id DESC LIMIT 200"
            ) { $0.integer(0) }
            for id in fresh { guard try look(id) else { return !texts.areMany } }
            guard let last = fresh.last else { break }
            end = last
        }
        end = mark
        for _ in 0..<Self.windows where end > 0 {
            let start = max(0, end - Self.windowSize)
            // Mail that is too large for the index is looked through itself.
            var ids = try connection.all(
                """
                SELECT message_id FROM message_search WHERE is_cut = 1 AND message_id > \(start) AND message_id <= \(end)
                """
            ) { $0.integer(0) }
            try connection.trigrams.scan(trigrams, above: start) { id in
                guard id <= end else { return false }
                ids.append(id)
                return true
            }
            for id in ids.sorted(by: >) { guard try look(id) else { return !texts.areMany } }
            end = start
        }
        return end <= 0
    }

    /// The case of a message that fits. Cards and events tell of other cases, too.
    private func ticket(
        ofMessage id: Int64, _ texts: inout FoundTexts, where fits: ([[UInt8]]) -> Bool
    ) throws -> TicketNumber? {
        let kinds: [MessageKind] = [.card, .event, .personal]
        let found = try connection.first(
            """
            SELECT m.ticket_id, coalesce(s.is_cut, 1), s.head, s.body, m.size, m.header_size, m.content_id, m.body_offset
              FROM message m LEFT JOIN message_search s ON s.message_id = m.id AND m.id <= \(try textMark().indexed)
             WHERE m.id = \(id) AND m.ticket_id IS NOT NULL AND m.kind NOT IN (\(list: kinds))
            """
        ) { columns in
            var row = MessageRow()
            row.message = MessageKey(rawValue: id)
            (row.size, row.headerSize) = (columns.int(4), columns.int(5))
            (row.content, row.bodyOffset) = (ContentID(rawValue: columns.integer(6)), columns.int(7))
            let stored = columns.bool(1) ? nil : SearchTexts(head: columns.blob(2), body: columns.blob(3))
            return (ticket: TicketNumber(rawValue: columns.integer(0)), stored: stored, row: row)
        }
        guard let found else { return nil }
        let folded = try found.stored ?? read(found.row, &texts)
        texts.looked += 1
        return fits(folded.indexed) ? found.ticket : nil
    }

    private func read(_ row: MessageRow, _ texts: inout FoundTexts) throws -> SearchTexts {
        var row = row
        try connection.query(
            "SELECT structure, header FROM message_text WHERE message_id = \(row.message)"
        ) { (row.structure, row.header) = ($0.blob(0), $0.blob(1)) }
        texts.octets += row.size
        return try SearchTexts(reading: row, self)
    }
}

/// What one search looked through.
private struct FoundTexts {
    /// Texts, and octets of mail that was read itself.
    var looked = 0
    var octets = 0

    /// The search ends here, whatever there is.
    var areMany: Bool { looked >= 2_000 || octets >= 128_000_000 }
}
