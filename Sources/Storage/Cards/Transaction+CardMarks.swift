package import Desk
package import Gateway
package import MailTypes

/// Marks of cases whose cards are to be looked at.
extension Transaction {
    /// Says that the cards of a case may show something else now, once a transaction. `event`: what happened.
    func markCards(of ticket: TicketNumber, at now: Timestamp, event: Int64) throws {
        guard markedCards.insert(ticket).inserted else { return }
        // What waits for a reader of the card to look away is looked at again: the change may be one that does not wait.
        let soon = now + CardMark.pause
        try connection.run(
            """
            INSERT INTO card_mark (ticket_id, due_at, changes, first_event) VALUES (\(ticket), \(now), 1, \(event))
            ON CONFLICT (ticket_id) DO UPDATE
               SET changes = card_mark.changes + 1,
                   due_at = CASE WHEN card_mark.due_at > \(soon) THEN \(soon) ELSE card_mark.due_at END
            """)
    }

    package func cardMarks(dueAt now: Timestamp, limit: Int) throws -> [CardMark] {
        try connection.all(
            """
            SELECT ticket_id, due_at, changes, first_event FROM card_mark WHERE due_at <= \(now)
             ORDER BY due_at, ticket_id LIMIT \(limit)
            """, CardMark.init(row:))
    }

    package func cardMark(of ticket: TicketNumber) throws -> CardMark? {
        try connection.first(
            "SELECT ticket_id, due_at, changes, first_event FROM card_mark WHERE ticket_id = \(ticket)",
            CardMark.init(row:))
    }

    package func nextCardMark() throws -> Timestamp? {
        try connection.integer("SELECT min(due_at) FROM card_mark").map(Timestamp.init(microseconds:))
    }

    package func removeCardMark(_ mark: CardMark) throws -> Bool {
        try connection.run("DELETE FROM card_mark WHERE ticket_id = \(mark.ticket) AND changes = \(mark.changes)") > 0
    }

    package func putOff(_ mark: CardMark, until moment: Timestamp, toldUpTo event: Int64) throws {
        try connection.run(
            """
            UPDATE card_mark SET due_at = \(moment), first_event = \(max(mark.firstEvent, event + 1))
             WHERE ticket_id = \(mark.ticket)
            """)
    }

    package func events(of ticket: TicketNumber, from event: Int64, limit: Int) throws -> [(
        id: Int64, event: TicketEvent
    )] {
        try connection.all(
            """
            SELECT id, at, kind, agent_id, message_id, from_value, to_value, reason FROM event
             WHERE ticket_id = \(ticket) AND id >= \(event) ORDER BY id LIMIT \(limit)
            """
        ) { row in
            (
                row.integer(0),
                TicketEvent(
                    ticket: ticket, at: row.timestamp(1), kind: try row.value(2),
                    agent: row.optionalInteger(3).map(AgentID.init(rawValue:)),
                    message: row.optionalInteger(4).map(MessageKey.init(rawValue:)), from: row.optionalText(5),
                    to: row.optionalText(6), reason: row.optionalText(7))
            )
        }
    }

    // MARK: - Languages

    package func cardLanguages() throws -> [Language: TicketNumber?] {
        let rows = try connection.all("SELECT language, marked_up_to FROM card_language") {
            (Language(rawValue: $0.text(0)), $0.optionalInteger(1).map(TicketNumber.init(rawValue:)))
        }
        return Dictionary(
            rows.compactMap { language, mark in language.map { ($0, mark) } }, uniquingKeysWith: { first, _ in first })
    }

    package func setCardLanguages(_ languages: Set<Language>) throws {
        let known = Set(try cardLanguages().keys)
        for language in known.subtracting(languages) {
            try connection.run("DELETE FROM card_language WHERE language = \(language)")
        }
        for language in languages.subtracting(known) {
            try connection.run("INSERT INTO card_language (language, marked_up_to) VALUES (\(language), 0)")
        }
    }

    package func markOpenCases(for language: Language, limit: Int, at now: Timestamp) throws -> Int {
        guard case .some(.some(let mark)) = try cardLanguages()[language] else { return 0 }
        let tickets = try connection.all(
            """
            SELECT id FROM ticket WHERE id > \(mark) AND status NOT IN (\(list: [TicketStatus.closed, .spam]))
             ORDER BY id LIMIT \(limit)
            """
        ) { TicketNumber(rawValue: $0.integer(0)) }
        // What happened before is told by nobody any more.
        let next = (try connection.integer("SELECT max(id) FROM event") ?? 0) + 1
        for ticket in tickets { try markCards(of: ticket, at: now, event: next) }
        try connection.run(
            "UPDATE card_language SET marked_up_to = \(tickets.count < limit ? nil : tickets.last) WHERE language = \(language)"
        )
        return tickets.count
    }
}

extension CardMark {
    init(row: any SQLRow) {
        self.init(
            ticket: TicketNumber(rawValue: row.integer(0)), dueAt: row.timestamp(1), changes: row.integer(2),
            firstEvent: row.integer(3))
    }
}
