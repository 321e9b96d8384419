package import Desk
package import Gateway
package import MailTypes

extension Transaction {
    @discardableResult
    package func enqueue(_ submission: NewSubmission) throws -> SubmissionID {
        let id = try required(
            try connection.integer(
                """
                INSERT INTO submission (ticket_id, message_id, content_id, body_offset, header, reverse_path, is_8bit,
                       needs_smtputf8, client_message_id, client_message_id_digest, agent_id, accepted_at, expires_at)
                VALUES (\(submission.ticket), \(submission.message), \(submission.content), \(submission.bodyOffset),
                       \(submission.header), \(submission.reversePath?.description), \(submission.isEightBit),
                       \(submission.needsSMTPUTF8), \(submission.clientMessageID?.text),
                       \(submission.clientMessageID?.digest), \(submission.agent), \(submission.acceptedAt),
                       \(submission.expiresAt))
                RETURNING id
                """))
        for recipient in submission.recipients {
            try connection.run(
                """
                INSERT INTO delivery (submission_id, recipient, state, attempts, next_attempt_at)
                VALUES (\(id), \(recipient.description), \(DeliveryState.queued), 0, \(submission.acceptedAt))
                """)
        }
        return SubmissionID(rawValue: id)
    }

    package func sentByItself(since: Timestamp, sender: AddressID?) throws -> (all: Int, ofSender: Int) {
        try connection.first(
            """
            SELECT count(*), coalesce(sum(CASE WHEN m.address_id = \(sender) THEN 1 ELSE 0 END), 0)
              FROM (SELECT message_id, agent_id, accepted_at FROM submission ORDER BY id DESC LIMIT 1000) AS s
              LEFT JOIN message m ON m.id = s.message_id
             WHERE s.agent_id IS NULL AND s.accepted_at > \(since)
            """
        ) { ($0.int(0), $0.int(1)) } ?? (0, 0)
    }

    package func dueSubmissions(at now: Timestamp, limit: Int) throws -> [DueSubmission] {
        var ids: [Int64] = []
        var seen: Set<Int64> = []
        // Along the index, as far as needed: however many deliveries wait, the page is as cheap.
        try connection.scan(
            "SELECT submission_id FROM delivery WHERE next_attempt_at <= \(now) ORDER BY next_attempt_at, id"
        ) { row in
            let id = row.integer(0)
            if seen.insert(id).inserted { ids.append(id) }
            return ids.count < limit
        }
        return try ids.prefix(max(limit, 0)).compactMap { try dueSubmission($0, at: now) }
    }

    private func dueSubmission(_ id: Int64, at now: Timestamp) throws -> DueSubmission? {
        let deliveries = try connection.all(
            """
            SELECT id, recipient, attempts FROM delivery
             WHERE submission_id = \(id) AND next_attempt_at <= \(now) ORDER BY id
            """
        ) { row in
            DueSubmission.Delivery(
                id: DeliveryID(rawValue: row.integer(0)), recipient: try address(row.text(1)), attempts: row.int(2))
        }
        return try connection.first(
            """
            SELECT s.ticket_id, s.message_id, s.agent_id, s.reverse_path, s.is_8bit, s.needs_smtputf8,
                   length(s.header) + c.size - s.body_offset, s.accepted_at, s.expires_at
              FROM submission s JOIN content c ON c.id = s.content_id
             WHERE s.id = \(id)
            """
        ) { row in
            DueSubmission(
                id: SubmissionID(rawValue: id), ticket: row.optionalInteger(0).map(TicketNumber.init(rawValue:)),
                message: row.optionalInteger(1).map(MessageKey.init(rawValue:)),
                agent: row.optionalInteger(2).map(AgentID.init(rawValue:)),
                reversePath: try row.optionalText(3).map(address), isEightBit: row.bool(4), needsSMTPUTF8: row.bool(5),
                size: row.int(6), acceptedAt: row.timestamp(7), expiresAt: row.timestamp(8), deliveries: deliveries)
        }
    }

    private func address(_ text: String) throws -> EmailAddress {
        guard let address = EmailAddress(text) else {
            throw StorageFailure(code: .corrupt, message: "the outbox holds an address that is none")
        }
        return address
    }

    package func nextDueTime(after now: Timestamp) throws -> Timestamp? {
        try connection.integer("SELECT min(next_attempt_at) FROM delivery WHERE next_attempt_at > \(now)")
            .map(Timestamp.init(microseconds:))
    }

    package func settle(_ settlement: DeliverySettlement) throws {
        try connection.run(
            """
            UPDATE delivery
               SET state = \(settlement.state), attempts = attempts + 1, last_attempt_at = \(settlement.attemptedAt),
                   next_attempt_at = \(settlement.nextAttemptAt), diagnostic = \(settlement.diagnostic)
             WHERE id = \(settlement.delivery)
            """)
    }

    package func outgoingHeader(of submission: SubmissionID) throws -> [UInt8] {
        try known(try connection.first("SELECT header FROM submission WHERE id = \(submission)") { $0.blob(0) })
    }

    /// Content in its row is one piece; else the stored pieces, of which the first ones may be header section only.
    package func outgoingBody(of submission: SubmissionID, piece: Int) throws -> [UInt8]? {
        guard (0..<65536).contains(piece) else { return nil }
        let content = try known(
            try connection.first(
                """
                SELECT s.content_id, s.body_offset, c.octets
                  FROM submission s JOIN content c ON c.id = s.content_id WHERE s.id = \(submission)
                """
            ) { (id: $0.integer(0), offset: $0.int(1), octets: $0.optionalBlob(2)) })
        if let octets = content.octets { return piece == 0 ? Array(octets.dropFirst(content.offset)) : nil }
        let stored = try connection.first(
            "SELECT octets FROM content_chunk WHERE id = \(content.id * 65536 + Int64(piece))"
        ) { $0.blob(0) }
        let skipped = content.offset - piece * IncomingContent.chunkSize
        return stored.map { skipped > 0 ? Array($0.dropFirst(skipped)) : $0 }
    }

    private func known<Row>(_ row: Row?) throws -> Row {
        guard let row else { throw StorageFailure(code: .corrupt, message: "the outbox does not hold that mail") }
        return row
    }
}
