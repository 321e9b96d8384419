package import Desk
package import Gateway
package import MailTypes

extension Transaction {
    package func ticket(_ number: TicketNumber, rootToken: String) throws -> Ticket? {
        guard let ticket = try ticket(number), ticket.rootToken == rootToken.lowercased() else { return nil }
        return ticket
    }

    package func messages(withID messageID: MessageID, in ticket: TicketNumber) throws -> [MessageKey] {
        try filedMessages(messageID).filter { $0.ticket == ticket }.map(\.key)
    }

    package func markSeen(_ message: MessageKey, by agent: AgentID, at modSequence: ModSequence) throws {
        try connection.run(
            """
            INSERT INTO agent_message (agent_id, message_id, flags, modseq)
            VALUES (\(agent), \(message), \(Flags.seen.rawValue), \(modSequence.number))
            ON CONFLICT (agent_id, message_id) DO UPDATE
               SET flags = agent_message.flags | excluded.flags, modseq = excluded.modseq
            """)
        note(Change(agents: [agent]))
    }

    package func ownMails(
        of agent: AgentID, in mailbox: MailboxID, limit: Int
    ) throws -> [(message: MessageKey, header: [UInt8])] {
        try connection.all(
            """
            SELECT m.id, t.header FROM entry e JOIN message m ON m.id = e.message_id
              JOIN message_text t ON t.message_id = m.id
              LEFT JOIN agent_message a ON a.agent_id = \(agent) AND a.message_id = m.id
             WHERE e.mailbox_id = \(mailbox) AND coalesce(a.flags, 0) & \(Flags.deleted.rawValue) = 0
             ORDER BY e.uid DESC LIMIT \(limit)
            """
        ) { (MessageKey(rawValue: $0.integer(0)), $0.blob(1)) }
    }

    package func ownBody(of message: MessageKey) throws -> StoredBody? {
        try connection.first(
            """
            SELECT m.content_id, m.body_offset, c.size, t.structure
              FROM message m JOIN message_text t ON t.message_id = m.id JOIN content c ON c.id = m.content_id
             WHERE m.id = \(message) AND m.ticket_id IS NULL
            """
        ) { row in
            StoredBody(
                content: ContentID(rawValue: row.integer(0)), bodyOffset: row.int(1), size: row.int(2),
                structure: row.blob(3))
        }
    }
}
