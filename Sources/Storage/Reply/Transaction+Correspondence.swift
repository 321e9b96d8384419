package import Desk
package import Gateway
import MailTypes

/// Mails of a case that are passed on.
extension Transaction {
    package func filedMail(_ message: MessageKey) throws -> FiledMail? {
        try connection.first(
            """
            SELECT m.kind, m.agent_id, m.internal_date, t.header, m.content_id, m.body_offset, c.size, t.structure
              FROM message m JOIN message_text t ON t.message_id = m.id JOIN content c ON c.id = m.content_id
             WHERE m.id = \(message) AND m.ticket_id IS NOT NULL
            """
        ) { row in
            FiledMail(
                kind: try row.value(0), agent: row.optionalInteger(1).map(AgentID.init(rawValue:)), at: row.timestamp(2),
                header: row.blob(3),
                body: StoredBody(
                    content: ContentID(rawValue: row.integer(4)), bodyOffset: row.int(5), size: row.int(6),
                    structure: row.blob(7)))
        }
    }

    package func messages(of ticket: TicketNumber, _ kinds: [MessageKind]) throws -> [MessageKey] {
        try connection.all("SELECT id FROM message WHERE ticket_id = \(ticket) AND kind IN (\(list: kinds)) ORDER BY id") {
            MessageKey(rawValue: $0.integer(0))
        }
    }
}
