package import Desk
import Gateway
package import MailTypes

/// Who is writing an answer to which case.
extension Transaction {
    package func startWriting(
        _ draft: MessageKey, in ticket: TicketNumber, by agent: AgentID, at now: Timestamp
    ) throws {
        let isKnown = try connection.exists(
            "SELECT 1 FROM writing WHERE ticket_id = \(ticket) AND agent_id = \(agent)")
        try connection.run(
            """
            INSERT INTO writing (ticket_id, agent_id, message_id, since) VALUES (\(ticket), \(agent), \(draft), \(now))
            ON CONFLICT (ticket_id, agent_id) DO UPDATE SET message_id = excluded.message_id
            """)
        if !isKnown { try markCards(of: ticket) }
    }

    package func stopWriting(_ draft: MessageKey) throws {
        let tickets = try connection.all("DELETE FROM writing WHERE message_id = \(draft) RETURNING ticket_id") {
            TicketNumber(rawValue: $0.integer(0))
        }
        for ticket in tickets { try markCards(of: ticket) }
    }

    package func stopWriting(in ticket: TicketNumber, by agent: AgentID) throws {
        let count = try connection.run("DELETE FROM writing WHERE ticket_id = \(ticket) AND agent_id = \(agent)")
        if count > 0 { try markCards(of: ticket) }
    }

    /// The longest at it first.
    func writers(of ticket: TicketNumber) throws -> [(agent: AgentID, since: Timestamp)] {
        try connection.all(
            "SELECT agent_id, since FROM writing WHERE ticket_id = \(ticket) ORDER BY since, agent_id"
        ) { (AgentID(rawValue: $0.integer(0)), $0.timestamp(1)) }
    }

    /// No event tells of it, so none that was told already is told again.
    private func markCards(of ticket: TicketNumber) throws {
        let next = (try connection.integer("SELECT max(id) FROM event") ?? 0) + 1
        try markCards(of: ticket, at: Timestamp(seconds: 0), event: next)
    }
}
