package import Desk
package import Gateway
import MailTypes

/// Cards, and what they show.
extension Transaction {
    /// How many of the customer's cases are looked at.
    private static let recentLimit = 12
    private static let countLimit = 100

    package func cards(of ticket: TicketNumber) throws -> [CardRow] {
        try connection.all(
            """
            SELECT ticket_id, language, message_id, digest, urgent_digest, made_at FROM card WHERE ticket_id = \(ticket)
            """
        ) { row in
            CardRow(
                ticket: ticket, language: try row.value(1), message: MessageKey(rawValue: row.integer(2)),
                digest: row.integer(3), urgentDigest: row.integer(4), madeAt: row.timestamp(5))
        }
    }

    package func setCard(_ card: CardRow) throws {
        try connection.run(
            """
            INSERT INTO card (ticket_id, language, message_id, digest, urgent_digest, made_at)
            VALUES (\(card.ticket), \(card.language), \(card.message), \(card.digest), \(card.urgentDigest), \(card.madeAt))
            ON CONFLICT (ticket_id, language) DO UPDATE
               SET message_id = excluded.message_id, digest = excluded.digest, urgent_digest = excluded.urgent_digest,
                   made_at = excluded.made_at
            """)
    }

    package func removeCard(of ticket: TicketNumber, in language: Language) throws {
        try connection.run("DELETE FROM card WHERE ticket_id = \(ticket) AND language = \(language)")
    }

    package func discardCard(_ message: MessageKey) throws {
        let content = try connection.integer(
            """
            SELECT content_id FROM message WHERE id = \(message) AND kind = \(MessageKind.card)
               AND NOT EXISTS (SELECT 1 FROM entry WHERE message_id = \(message))
            """)
        guard let content else { return }
        // HIGHESTMODSEQ must not fall with the flags that agents had of it.
        try connection.run(
            """
            UPDATE agent
               SET discarded_modseq = (SELECT modseq FROM agent_message WHERE agent_id = agent.id AND message_id = \(message))
             WHERE discarded_modseq < (SELECT modseq FROM agent_message WHERE agent_id = agent.id AND message_id = \(message))
            """)
        try connection.run(
            """
            DELETE FROM agent_message WHERE message_id = \(message)
               AND agent_id IN (SELECT id FROM agent)
            """)
        try removeRows(of: message)
        try release(content)
    }

    package func mailboxesOfMail(of ticket: TicketNumber) throws -> Set<MailboxID> {
        Set(
            try connection.all(
                """
                SELECT DISTINCT e.mailbox_id FROM message m JOIN entry e ON e.message_id = m.id
                 WHERE m.ticket_id = \(ticket) AND m.kind <> \(MessageKind.card)
                """
            ) { MailboxID(rawValue: $0.integer(0)) })
    }

    // MARK: - What a card shows

    package func cardFacts(of number: TicketNumber) throws -> CardFacts? {
        guard let ticket = try ticket(number) else { return nil }
        let subject = try connection.first("SELECT subject FROM ticket WHERE id = \(number)") { $0.text(0) } ?? ""
        var facts = CardFacts(
            ticket: ticket, subject: subject, tags: try tags(of: number), followers: try followers(of: number))
        if let customer = ticket.customer { try read(customer, into: &facts) }
        let linked = try connection.all(
            """
            SELECT t.id, t.subject, t.status, t.opened_at, t.pool_id FROM ticket_link l JOIN ticket t ON t.id = l.other_id
             WHERE l.ticket_id = \(number) ORDER BY t.id DESC LIMIT 20
            """
        ) { (case: try CardCase(row: $0), pool: PoolID(rawValue: $0.integer(4))) }
        facts.linked = linked.filter { $0.pool == ticket.pool }.map(\.case)
        facts.linkedNumbers = Set(linked.map(\.case.number))
        facts.merged = try connection.all("SELECT id FROM ticket WHERE merged_into = \(number) ORDER BY id LIMIT 20") {
            TicketNumber(rawValue: $0.integer(0))
        }
        facts.unconfirmed = try connection.all(
            """
            SELECT DISTINCT a.spelling FROM message m JOIN address a ON a.id = m.address_id
             WHERE m.ticket_id = \(number) AND m.kind = \(MessageKind.unconfirmed)
               AND NOT EXISTS (SELECT 1 FROM participant WHERE ticket_id = \(number) AND address_id = m.address_id)
             LIMIT 5
            """
        ) { $0.text(0) }
        facts.isAnswered = try isAnswered(number)
        facts.answers = try answers(of: number)
        facts.writers = try writers(of: number)
        facts.consultations = try consultations(of: number).filter { $0.state == .open }
        facts.firstHeader = try inboundHeader(of: number, isFirst: true)
        facts.lastHeader = try inboundHeader(of: number, isFirst: false)
        facts.lastEvent = try connection.integer("SELECT max(id) FROM event WHERE ticket_id = \(number)") ?? 0
        return facts
    }

    private func read(_ customer: CustomerID, into facts: inout CardFacts) throws {
        let (pool, number) = (facts.ticket.pool, facts.ticket.number)
        guard let known = try self.customer(customer), known.erasedAt == nil else { return }
        facts.customer = known
        facts.customerFields = try fields(of: customer).sorted { $0.key < $1.key }.map {
            CardCustomer.Field(name: $0.key, value: $0.value)
        }
        facts.addresses = try connection.all(
            "SELECT spelling FROM address WHERE customer_id = \(customer) ORDER BY id LIMIT 20"
        ) { $0.text(0) }
        facts.undeliverable = try connection.all(
            """
            SELECT spelling FROM address WHERE customer_id = \(customer) AND bounced_at IS NOT NULL ORDER BY id LIMIT 5
            """
        ) { $0.text(0) }
        facts.recent = try connection.all(
            """
            SELECT id, subject, status, opened_at FROM ticket
             WHERE customer_id = \(customer) AND pool_id = \(pool) AND id <> \(number) ORDER BY id DESC LIMIT \(Self.recentLimit)
            """, CardCase.init(row:))
        // Two ranges of the index; `<>` would read all the customer's cases.
        let others: [SQL] = ["pool_id < \(pool)", "pool_id > \(pool)"]
        for condition in others {
            facts.elsewhere += Int(
                try connection.integer(
                    """
                    SELECT count(*) FROM (SELECT 1 FROM ticket WHERE customer_id = \(customer) AND \(condition)
                     LIMIT \(Self.countLimit)) AS others
                    """) ?? 0)
        }
        facts.elsewhere = min(facts.elsewhere, Self.countLimit)
    }

    private func inboundHeader(of ticket: TicketNumber, isFirst: Bool) throws -> [UInt8]? {
        let order: SQL = isFirst ? "ASC" : "DESC"
        return try connection.first(
            """
            SELECT t.header FROM message m JOIN message_text t ON t.message_id = m.id
             WHERE m.id = (SELECT id FROM message WHERE ticket_id = \(ticket) AND kind = \(MessageKind.inbound)
                            ORDER BY id \(order) LIMIT 1)
            """
        ) { $0.blob(0) }
    }
}

extension CardCase {
    fileprivate init(row: any SQLRow) throws {
        self.init(
            number: TicketNumber(rawValue: row.integer(0)), subject: row.text(1), status: try row.value(2),
            openedAt: row.timestamp(3))
    }
}
