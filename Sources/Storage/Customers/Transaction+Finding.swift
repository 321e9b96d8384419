package import Desk
package import Gateway
import MailTypes
import Mailboxes

/// Looking for cases.
extension Transaction {
    /// Numbers of messages that the index is asked for at a time, the newest first, and how often.
    private static let windowSize: Int64 = 200_000
    private static let windows = 50
    /// Texts that one search looks through.
    private static let textLimit = 2_000

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
        withRuns trigrams: [UInt32], in pools: Set<PoolID>, where fits: (StoredText) -> Bool,
        _ body: (Ticket) throws -> Bool
    ) throws {
        let mark = try textMark().indexed
        var seen: Set<TicketNumber> = []
        var looked = 0
        /// Looks at a message; `false` when there is enough.
        func look(_ id: Int64) throws -> Bool {
            looked += 1
            guard let number = try ticket(ofMessage: id, where: fits), seen.insert(number).inserted,
                let ticket = try ticket(number), pools.contains(ticket.pool)
            else { return looked < Self.textLimit }
            return try body(ticket) && looked < Self.textLimit
        }
        // What the index has not come to is little.
        let fresh = try connection.all("SELECT id FROM message WHERE id > \(mark) ORDER BY id DESC LIMIT 200") { $0.integer(0) }
        for id in fresh { guard try look(id) else { return } }
        var end = mark
        for _ in 0..<Self.windows where end > 0 {
            let start = max(0, end - Self.windowSize)
            var ids: [Int64] = []
            try connection.trigrams.scan(trigrams, above: start) { id in
                guard id <= end else { return false }
                ids.append(id)
                return true
            }
            for id in ids.reversed() { guard try look(id) else { return } }
            end = start
        }
    }

    /// The case of a message that fits. Cards and events tell of other cases, too.
    private func ticket(ofMessage id: Int64, where fits: (StoredText) -> Bool) throws -> TicketNumber? {
        let kinds: [MessageKind] = [.card, .event, .personal]
        let found = try connection.first(
            """
            SELECT m.ticket_id, s.head, s.body, t.header
              FROM message m JOIN message_text t ON t.message_id = m.id LEFT JOIN message_search s ON s.message_id = m.id
             WHERE m.id = \(id) AND m.ticket_id IS NOT NULL AND m.kind NOT IN (\(list: kinds))
            """
        ) { row -> TicketNumber? in
            let text: StoredText =
                row.isNull(1)
                ? .header(row.blob(3)) : .indexed(SearchTexts(head: row.blob(1), body: row.blob(2)).indexed)
            return fits(text) ? TicketNumber(rawValue: row.integer(0)) : nil
        }
        return found ?? nil
    }
}
