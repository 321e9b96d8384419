package import Desk
package import Gateway
package import MailTypes

/// What supervisors hear of their pools.
extension Transaction {
    package func overdueCases(in pools: [PoolID], limit: Int) throws -> (tickets: [Ticket], count: Int) {
        let tickets = try connection.all(
            """
            SELECT \(Ticket.columns) FROM ticket WHERE is_overdue = 1 AND pool_id IN (\(list: pools))
             ORDER BY coalesce(first_answer_due, solution_due) DESC, id DESC LIMIT \(limit)
            """, Ticket.init(row:))
        guard tickets.count == limit else { return (tickets, tickets.count) }
        let count = try connection.integer(
            "SELECT count(*) FROM ticket WHERE is_overdue = 1 AND pool_id IN (\(list: pools))")
        return (tickets, Int(count ?? 0))
    }

    package func overdueNotice(of agent: AgentID) throws -> (messageID: MessageID, at: Timestamp)? {
        try connection.first("SELECT rfc_message_id, made_at FROM overdue_notice WHERE agent_id = \(agent)") { row in
            MessageID(row.text(0)).map { (messageID: $0, at: row.timestamp(1)) }
        } ?? nil
    }

    package func setOverdueNotice(_ messageID: MessageID?, of agent: AgentID, at now: Timestamp) throws {
        guard let messageID else {
            try connection.run("DELETE FROM overdue_notice WHERE agent_id = \(agent)")
            return
        }
        try connection.run(
            """
            INSERT INTO overdue_notice (agent_id, rfc_message_id, made_at) VALUES (\(agent), \(messageID.text), \(now))
            ON CONFLICT (agent_id) DO UPDATE SET rfc_message_id = excluded.rfc_message_id, made_at = excluded.made_at
            """)
    }

    package func handovers(of ticket: TicketNumber, after moment: Timestamp) throws -> [Handover] {
        try connection.all(
            """
            SELECT kind, from_value, to_value FROM event
             WHERE ticket_id = \(ticket) AND at > \(moment) AND agent_id IS NOT NULL AND to_value IS NOT NULL
               AND (kind = \(EventKind.groupAssigned) OR kind = \(EventKind.assigned) AND from_value IS NOT NULL)
             ORDER BY id LIMIT 100
            """
        ) { row in
            let kind: EventKind = try row.value(0)
            let to = Int64(row.text(2))
            return kind == .groupAssigned
                ? Handover(from: nil, to: nil, group: to.map(GroupID.init(rawValue:)))
                : Handover(
                    from: row.optionalText(1).flatMap(Int64.init).map(AgentID.init(rawValue:)),
                    to: to.map(AgentID.init(rawValue:)), group: nil)
        }
    }
}
