package import Desk
import Gateway
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
}
