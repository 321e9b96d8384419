package import Desk
package import Gateway
package import MailTypes

/// Questions to departments.
extension Transaction {
    private static let consultationColumns: SQL =
        "id, ticket_id, department_id, agent_id, state, question, asked_at, due_at, message_id, lapses"

    package func insert(_ consultation: Consultation) throws -> ConsultationID {
        let id = try connection.integer(
            """
            INSERT INTO consultation (ticket_id, department_id, agent_id, state, question, asked_at, lapses)
            VALUES (\(consultation.ticket), \(consultation.department), \(consultation.agent), \(consultation.state),
                    \(consultation.question), \(consultation.askedAt), 0) RETURNING id
            """)
        return ConsultationID(rawValue: try required(id))
    }

    package func consultation(_ id: ConsultationID) throws -> Consultation? {
        try connection.first(
            "SELECT \(Self.consultationColumns) FROM consultation WHERE id = \(id)", Consultation.init(row:))
    }

    package func consultations(of ticket: TicketNumber) throws -> [Consultation] {
        try connection.all(
            "SELECT \(Self.consultationColumns) FROM consultation WHERE ticket_id = \(ticket) ORDER BY id LIMIT 100",
            Consultation.init(row:))
    }

    package func consultation(askedIn message: MessageKey) throws -> Consultation? {
        try connection.first(
            "SELECT \(Self.consultationColumns) FROM consultation WHERE message_id = \(message)",
            Consultation.init(row:))
    }

    package func update(_ consultation: Consultation, at now: Timestamp) throws {
        let isOver = consultation.state != .open && consultation.state != .asked
        let ended: Timestamp? = isOver ? now : nil
        try connection.run(
            """
            UPDATE consultation
               SET ticket_id = \(consultation.ticket), state = \(consultation.state), asked_at = \(consultation.askedAt),
                   due_at = \(consultation.dueAt), message_id = \(consultation.message), lapses = \(consultation.lapses),
                   ended_at = \(ended)
             WHERE id = \(consultation.id)
            """)
    }

    package func correspondence(of ticket: TicketNumber, limit: Int) throws -> [CorrespondenceRow] {
        let kinds: [MessageKind] = [.inbound, .outbound]
        return try connection.all(
            """
            SELECT m.content_id, m.body_offset, c.size, t.structure, t.header, m.internal_date
              FROM message m JOIN message_text t ON t.message_id = m.id JOIN content c ON c.id = m.content_id
             WHERE m.ticket_id = \(ticket) AND m.kind IN (\(list: kinds)) ORDER BY m.id DESC LIMIT \(limit)
            """
        ) { row in
            CorrespondenceRow(
                body: StoredBody(
                    content: ContentID(rawValue: row.integer(0)), bodyOffset: row.int(1), size: row.int(2),
                    structure: row.blob(3)),
                header: row.blob(4), at: row.timestamp(5))
        }
    }
}

extension Consultation {
    fileprivate init(row: any SQLRow) throws {
        self.init(
            id: ConsultationID(rawValue: row.integer(0)), ticket: TicketNumber(rawValue: row.integer(1)),
            department: DepartmentID(rawValue: row.integer(2)), agent: AgentID(rawValue: row.integer(3)),
            state: try row.value(4), question: row.text(5), askedAt: row.timestamp(6),
            dueAt: row.optionalTimestamp(7), message: row.optionalInteger(8).map(MessageKey.init(rawValue:)),
            lapses: row.int(9))
    }
}
