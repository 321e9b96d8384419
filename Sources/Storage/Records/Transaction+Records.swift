package import Desk
package import Gateway
package import MailTypes

/// Which cases a list holds.
package struct TicketFilter: Sendable {
    package var pool: PoolID?
    package var statuses: [TicketStatus] = []
    package var assignee: AgentID?
    /// Of nobody.
    package var isUnassigned = false
    package var customer: CustomerID?
    package var tag: String?
    package var isOverdue = false
    /// The case after which the list goes on.
    package var after: TicketNumber?
    package var limit = 100

    package init() {}
}

/// A message of a case as lists show it.
package struct RecordedMessage: Sendable {
    package var key: MessageKey
    package var kind: MessageKind
    package var at: Timestamp
    package var size: Int
    package var agent: AgentID?
    package var header: [UInt8]
    package var content: ContentID
    package var ticket: TicketNumber?
}

/// A delivery of a mail that leaves or left.
package struct RecordedDelivery: Sendable {
    package var message: MessageKey?
    package var agent: AgentID?
    package var acceptedAt: Timestamp
    package var recipient: String
    package var state: DeliveryState
    package var attempts: Int
    package var lastAttempt: Timestamp?
    package var nextAttempt: Timestamp?
    package var diagnostic: String?
}

/// What commands tell of cases and mail.
extension Transaction {
    /// The cases of a filter, by number.
    package func tickets(_ filter: TicketFilter) throws -> [TicketNumber] {
        var conditions: SQL = "id > \(filter.after?.rawValue ?? 0)"
        if let pool = filter.pool { conditions += " AND pool_id = \(pool)" }
        if !filter.statuses.isEmpty { conditions += " AND status IN (\(list: filter.statuses))" }
        if let assignee = filter.assignee { conditions += " AND assignee_id = \(assignee)" }
        if filter.isUnassigned { conditions += " AND assignee_id IS NULL" }
        if let customer = filter.customer { conditions += " AND customer_id = \(customer)" }
        if filter.isOverdue { conditions += " AND is_overdue = 1" }
        var numbers: [TicketNumber] = []
        let tag = filter.tag?.lowercased()
        try connection.scan("SELECT id, tags FROM ticket WHERE \(conditions) ORDER BY id") { row in
            let tags = row.optionalText(1)?.lowercased().split(separator: " ") ?? []
            if tag.map({ tag in tags.contains { $0 == tag } }) ?? true {
                numbers.append(TicketNumber(rawValue: row.integer(0)))
            }
            return numbers.count < filter.limit
        }
        return numbers
    }

    /// Events of a case in their order.
    package func events(of ticket: TicketNumber) throws -> [TicketEvent] {
        try connection.all(
            """
            SELECT at, kind, agent_id, message_id, from_value, to_value, reason FROM event WHERE ticket_id = \(ticket)
             ORDER BY id
            """
        ) { row in
            TicketEvent(
                ticket: ticket, at: row.timestamp(0), kind: try row.value(1),
                agent: row.optionalInteger(2).map(AgentID.init(rawValue:)),
                message: row.optionalInteger(3).map(MessageKey.init(rawValue:)), from: row.optionalText(4),
                to: row.optionalText(5), reason: row.optionalText(6))
        }
    }

    /// The messages of a case.
    package func recordedMessages(of ticket: TicketNumber) throws -> [RecordedMessage] {
        try recordedMessages("m.ticket_id = \(ticket)")
    }

    /// Every message with a Message-ID, those of agents' own too.
    package func recordedMessages(_ id: MessageID) throws -> [RecordedMessage] {
        try recordedMessages("m.message_id_digest = \(id.digest) AND t.rfc_message_id = \(id.text)")
    }

    private func recordedMessages(_ condition: SQL) throws -> [RecordedMessage] {
        try connection.all(
            """
            SELECT m.id, m.kind, m.internal_date, m.size, m.agent_id, t.header, m.content_id, m.ticket_id
              FROM message m JOIN message_text t ON t.message_id = m.id WHERE \(condition) ORDER BY m.id
            """
        ) { row in
            RecordedMessage(
                key: MessageKey(rawValue: row.integer(0)), kind: try row.value(1), at: row.timestamp(2),
                size: row.int(3),
                agent: row.optionalInteger(4).map(AgentID.init(rawValue:)), header: row.blob(5),
                content: ContentID(rawValue: row.integer(6)),
                ticket: row.optionalInteger(7).map(TicketNumber.init(rawValue:)))
        }
    }

    /// Everything that left, or is to leave, in a case.
    package func deliveries(of ticket: TicketNumber) throws -> [RecordedDelivery] {
        try connection.all(
            """
            SELECT s.message_id, s.agent_id, s.accepted_at, d.recipient, d.state, d.attempts, d.last_attempt_at,
                   d.next_attempt_at, d.diagnostic
              FROM submission s JOIN delivery d ON d.submission_id = s.id
             WHERE s.ticket_id = \(ticket) ORDER BY d.id
            """
        ) { row in
            RecordedDelivery(
                message: row.optionalInteger(0).map(MessageKey.init(rawValue:)),
                agent: row.optionalInteger(1).map(AgentID.init(rawValue:)), acceptedAt: row.timestamp(2),
                recipient: row.text(3), state: try row.value(4), attempts: row.int(5),
                lastAttempt: row.optionalTimestamp(6), nextAttempt: row.optionalTimestamp(7),
                diagnostic: row.optionalText(8))
        }
    }

    /// The case of a mail that left, by the Message-ID that its agent's client gave it.
    package func ticket(sentAs id: MessageID) throws -> TicketNumber? {
        try connection.integer(
            """
            SELECT ticket_id FROM client_copy
             WHERE message_id_digest = \(id.digest) AND rfc_message_id = \(id.text) ORDER BY id LIMIT 1
            """
        ).map(TicketNumber.init(rawValue:))
    }

    /// How mail with this content came in.
    package func acceptances(of content: ContentID) throws -> [Acceptance] {
        try connection.all(
            """
            SELECT at, size, is_duplicate, rules, session, peer, helo, tls, agent_id, reverse_path, recipients
              FROM acceptance WHERE content_id = \(content) ORDER BY id
            """
        ) { row in
            Acceptance(
                at: row.timestamp(0), origin: MailOrigin(row: row, from: 4), size: row.int(1), isDuplicate: row.bool(2),
                rules: row.text(3).split(separator: "\n").map(String.init))
        }
    }

    /// Refusals of mail with a Message-ID.
    package func refusals(_ id: MessageID) throws -> [Refusal] {
        try connection.all(
            """
            \(Refusal.columns) WHERE message_id_digest = \(id.digest) AND rfc_message_id = \(id.text) ORDER BY id
            """
        ) { Refusal(row: $0, messageID: id) }
    }

    /// Refusals of a sender, or of mail for a recipient, the latest first.
    package func refusals(with address: EmailAddress, limit: Int) throws -> [Refusal] {
        var found: [Refusal] = []
        try connection.scan("\(Refusal.columns) ORDER BY id DESC") { row in
            let refusal = Refusal(row: row)
            let parties = refusal.origin.recipients + [refusal.origin.reversePath].compactMap(\.self)
            if parties.contains(where: { EmailAddress($0)?.identity == address.identity }) { found.append(refusal) }
            return found.count < limit
        }
        return found
    }

    /// Refusals of a host, the latest first.
    package func refusals(from host: IPAddress, limit: Int) throws -> [Refusal] {
        try connection.all(
            "\(Refusal.columns) WHERE peer = \(host.description) ORDER BY id DESC LIMIT \(limit)"
        ) { Refusal(row: $0) }
    }

    /// The mailboxes in which a message lies.
    package func shownPlaces(of message: MessageKey) throws -> [(mailbox: MailboxID, name: String?, owner: AgentID?)] {
        try connection.all(
            """
            SELECT b.id, b.name, b.agent_id FROM entry e JOIN mailbox b ON b.id = e.mailbox_id
             WHERE e.message_id = \(message) ORDER BY b.id
            """
        ) { row in
            (
                MailboxID(rawValue: row.integer(0)), row.optionalText(1),
                row.optionalInteger(2).map(AgentID.init(rawValue:))
            )
        }
    }

    /// Who has read a message.
    package func readers(of message: MessageKey) throws -> [AgentID] {
        try connection.all(
            """
            SELECT agent_id FROM agent_message
             WHERE agent_id IN (SELECT id FROM agent) AND message_id = \(message) AND flags & \(Flags.seen.rawValue) <> 0
             ORDER BY agent_id
            """
        ) { AgentID(rawValue: $0.integer(0)) }
    }

    /// Cases that a case is linked with.
    package func links(of ticket: TicketNumber) throws -> [TicketNumber] {
        try connection.all("SELECT other_id FROM ticket_link WHERE ticket_id = \(ticket) ORDER BY other_id") {
            TicketNumber(rawValue: $0.integer(0))
        }
    }

    /// Who takes part in a case, as they spell their addresses.
    package func participantSpellings(of ticket: TicketNumber) throws -> [String] {
        try connection.all(
            """
            SELECT a.spelling FROM participant p JOIN address a ON a.id = p.address_id WHERE p.ticket_id = \(ticket)
             ORDER BY a.id
            """
        ) { $0.text(0) }
    }

    /// Octets of a message as IMAP serves it; none beyond its end.
    package func servedOctets(of message: MessageKey, from offset: Int, count: Int) throws -> [UInt8] {
        let found = try connection.first(
            """
            SELECT t.header, m.content_id, m.body_offset, m.size FROM message m JOIN message_text t ON t.message_id = m.id
             WHERE m.id = \(message)
            """
        ) { (header: $0.blob(0), content: ContentID(rawValue: $0.integer(1)), bodyOffset: $0.int(2), size: $0.int(3)) }
        guard let found, offset >= 0, offset < found.size, count > 0 else { return [] }
        if offset < found.header.count { return Array(found.header[offset..<min(offset + count, found.header.count)]) }
        let start = offset - found.header.count + found.bodyOffset
        let end = min(start + count, found.size - found.header.count + found.bodyOffset)
        return start < end ? try octets(start..<end, of: found.content) : []
    }
}

extension Refusal {
    fileprivate static let columns: SQL = """
        SELECT at, reply, cause, session, peer, helo, tls, agent_id, reverse_path, recipients FROM refusal
        """

    fileprivate init(row: any SQLRow, messageID: MessageID? = nil) {
        var origin = MailOrigin(row: row, from: 3)
        origin.encryption =
            switch row.optionalText(6) {
            case nil: .unknown
            case ""?: .none
            case let details?: .tls(details)
            }
        self.init(
            at: row.timestamp(0), origin: origin, messageID: messageID, reply: row.text(1), cause: row.optionalText(2))
    }
}

extension MailOrigin {
    /// From session, peer, helo, tls, agent, reverse-path and recipients, in this order.
    fileprivate init(row: any SQLRow, from column: Int) {
        self.init(
            session: row.text(column), peer: row.text(column + 1), helo: row.text(column + 2),
            tls: row.optionalText(column + 3), agent: row.optionalInteger(column + 4).map(AgentID.init(rawValue:)),
            reversePath: row.optionalText(column + 5),
            recipients: row.text(column + 6).split(separator: " ").map(String.init))
    }
}
