import Desk
package import Gateway
package import MailTypes

/// The outbox as an operator sees and changes it.
extension Transaction {
    package func waitingDeliveries(_ choice: QueueChoice, limit: Int) throws -> [QueueEntry] {
        var found: [QueueEntry] = []
        let wanted = Set(choice.submissions)
        // Along the index of what waits, as far as needed.
        try connection.scan(
            """
            SELECT \(queueColumns) FROM delivery d
              JOIN submission s ON s.id = d.submission_id JOIN content c ON c.id = s.content_id
             WHERE d.state IN ('queued', 'deferred', 'held') ORDER BY d.id
            """
        ) { row in
            let entry = try queueEntry(row)
            let isMeant =
                (wanted.isEmpty || wanted.contains(entry.submission.rawValue))
                && (choice.destination.map { $0 == entry.destination } ?? true)
                && (choice.recipient.map { $0 == entry.recipient.identity } ?? true)
            if isMeant { found.append(entry) }
            return found.count < limit
        }
        return found
    }

    package func deliveries(of submission: SubmissionID) throws -> [QueueEntry] {
        try connection.all(
            """
            SELECT \(queueColumns) FROM delivery d
              JOIN submission s ON s.id = d.submission_id JOIN content c ON c.id = s.content_id
             WHERE d.submission_id = \(submission) ORDER BY d.id
            """, queueEntry)
    }

    package func waitingCounts() throws -> [DeliveryState: Int] {
        var counts: [DeliveryState: Int] = [:]
        try connection.query(
            "SELECT state, count(*) FROM delivery WHERE state IN ('queued', 'deferred', 'held') GROUP BY state"
        ) { row in counts[try row.value(0)] = row.int(1) }
        return counts
    }

    package func makeDue(_ deliveries: [DeliveryID], releasing: Bool, at now: Timestamp) throws -> Int {
        try deliveries.reduce(0) { count, id in
            count
                + (try connection.run(
                    """
                    UPDATE delivery SET state = CASE WHEN attempts = 0 THEN 'queued' ELSE 'deferred' END,
                           next_attempt_at = \(now)
                     WHERE id = \(id) AND (state IN ('queued', 'deferred') OR state = 'held' AND \(releasing) = 1)
                    """))
        }
    }

    package func makeAllDue(at now: Timestamp) throws -> Int {
        try connection.run("UPDATE delivery SET next_attempt_at = \(now) WHERE state IN ('queued', 'deferred')")
    }

    package func hold(_ deliveries: [DeliveryID]) throws -> Int {
        try deliveries.reduce(0) { count, id in
            count
                + (try connection.run(
                    """
                    UPDATE delivery SET state = 'held', next_attempt_at = NULL
                     WHERE id = \(id) AND state IN ('queued', 'deferred')
                    """))
        }
    }

    package func cancelDelivery(_ delivery: DeliveryID, at now: Timestamp) throws -> Bool {
        try connection.run(
            """
            UPDATE delivery SET state = 'cancelled', next_attempt_at = NULL, last_attempt_at = \(now)
             WHERE id = \(delivery) AND state IN ('queued', 'deferred', 'held')
            """) > 0
    }

    private var queueColumns: SQL {
        """
        d.id, d.submission_id, s.ticket_id, s.message_id, s.agent_id, s.reverse_path, d.recipient,
        coalesce(d.destination, d.recipient), d.state, d.attempts, length(s.header) + c.size - s.body_offset,
        s.accepted_at, s.expires_at, d.last_attempt_at, d.next_attempt_at, d.diagnostic
        """
    }

    private func queueEntry(_ row: any SQLRow) throws -> QueueEntry {
        QueueEntry(
            id: DeliveryID(rawValue: row.integer(0)), submission: SubmissionID(rawValue: row.integer(1)),
            ticket: row.optionalInteger(2).map(TicketNumber.init(rawValue:)),
            message: row.optionalInteger(3).map(MessageKey.init(rawValue:)),
            agent: row.optionalInteger(4).map(AgentID.init(rawValue:)), reversePath: try row.optionalText(5).map(address),
            recipient: try address(row.text(6)), destination: Self.destination(row.text(7)), state: try row.value(8),
            attempts: row.int(9), size: row.int(10), acceptedAt: row.timestamp(11), expiresAt: row.timestamp(12),
            lastAttemptAt: row.optionalTimestamp(13), nextAttemptAt: row.optionalTimestamp(14),
            diagnostic: row.optionalText(15))
    }
}
