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
                       needs_smtputf8, client_message_id, client_message_id_digest, agent_id, accepted_at, expires_at,
                       wishes, is_passed_on)
                VALUES (\(submission.ticket), \(submission.message), \(submission.content), \(submission.bodyOffset),
                       \(submission.header), \(submission.reversePath?.description), \(submission.isEightBit),
                       \(submission.needsSMTPUTF8), \(submission.clientMessageID?.text),
                       \(submission.clientMessageID?.digest), \(submission.agent), \(submission.acceptedAt),
                       \(submission.expiresAt), \(submission.wishes.isEmpty ? nil : submission.wishes.text),
                       \(submission.isPassedOn))
                RETURNING id
                """))
        for recipient in submission.recipients {
            try connection.run(
                """
                INSERT INTO delivery (submission_id, recipient, destination, state, attempts, next_attempt_at)
                VALUES (\(id), \(recipient.description), \(recipient.domain.ascii), \(DeliveryState.queued), 0,
                       \(submission.acceptedAt))
                """)
        }
        return SubmissionID(rawValue: id)
    }

    package func dropSettled(_ submission: SubmissionID) throws {
        // Numbers of the newest rows would be given again, and taken for what they were: such rows are emptied, and go when the
        // next ones do.
        let left = try connection.integer("SELECT value FROM counter WHERE name = 'settled_submission'") ?? 0
        if left != 0, left != submission.rawValue { try drop(SubmissionID(rawValue: left)) }
        try drop(submission)
        let kept = try connection.exists("SELECT 1 FROM submission WHERE id = \(submission)") ? submission.rawValue : 0
        try connection.run(
            """
            INSERT INTO counter (name, value) VALUES ('settled_submission', \(kept))
            ON CONFLICT (name) DO UPDATE SET value = excluded.value
            """)
    }

    private func drop(_ submission: SubmissionID) throws {
        let waiting: [DeliveryState] = [.queued, .deferred, .held]
        guard
            try !connection.exists(
                "SELECT 1 FROM delivery WHERE submission_id = \(submission) AND state IN (\(list: waiting)) LIMIT 1"),
            let content = try connection.integer("SELECT content_id FROM submission WHERE id = \(submission)")
        else { return }
        let isOld =
            try connection.exists("SELECT 1 FROM submission WHERE id > \(submission) LIMIT 1")
            && connection.exists(
                """
                SELECT 1 FROM delivery
                 WHERE id > (SELECT MAX(id) FROM delivery WHERE submission_id = \(submission)) LIMIT 1
                """)
        guard isOld else {
            let nothing: [UInt8] = []
            try connection.run(
                "UPDATE submission SET header = \(nothing), reverse_path = NULL WHERE id = \(submission)")
            try connection.run(
                "UPDATE delivery SET recipient = 'nobody@invalid', destination = NULL WHERE submission_id = \(submission)")
            try connection.run("UPDATE content SET octets = \(nothing), size = 0 WHERE id = \(content)")
            return
        }
        try connection.run("DELETE FROM delivery WHERE submission_id = \(submission)")
        try connection.run("DELETE FROM submission WHERE id = \(submission)")
        try release(content)
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

    package func newDeliveries(after last: DeliveryID, at now: Timestamp, _ visit: (DueDelivery) -> Bool) throws {
        try connection.scan(
            """
            SELECT id, submission_id, coalesce(destination, recipient), next_attempt_at FROM delivery
             WHERE id > \(last) AND next_attempt_at <= \(now) ORDER BY id
            """
        ) { visit(due($0)) }
    }

    package func dueDeliveries(after last: Timestamp, at now: Timestamp, _ visit: (DueDelivery) -> Bool) throws {
        try connection.scan(
            """
            SELECT id, submission_id, coalesce(destination, recipient), next_attempt_at FROM delivery
             WHERE next_attempt_at > \(last) AND next_attempt_at <= \(now) ORDER BY next_attempt_at, id
            """
        ) { visit(due($0)) }
    }

    package func dueDeliveries(to destination: String, at now: Timestamp, _ visit: (DueDelivery) -> Bool) throws {
        guard !destination.isEmpty else {
            return try dueDeliveries(after: Timestamp(microseconds: .min), at: now, visit)
        }
        try connection.scan(
            """
            SELECT id, submission_id, destination, next_attempt_at FROM delivery
             WHERE destination = \(destination) AND next_attempt_at <= \(now) ORDER BY next_attempt_at, id
            """
        ) { visit(due($0)) }
    }

    private func due(_ row: any SQLRow) -> DueDelivery {
        DueDelivery(
            id: DeliveryID(rawValue: row.integer(0)), submission: SubmissionID(rawValue: row.integer(1)),
            destination: Self.destination(row.text(2)), dueAt: row.timestamp(3))
    }

    /// Rows of before name the recipient only.
    static func destination(_ text: String) -> String {
        text.utf8.lastIndex(of: UInt8(ascii: "@")).map { String(text[text.utf8.index(after: $0)...]) } ?? text
    }

    package func latestDelivery() throws -> DeliveryID {
        DeliveryID(rawValue: try connection.integer("SELECT max(id) FROM delivery") ?? 0)
    }

    package func dueSubmission(_ id: SubmissionID, to destination: String, at now: Timestamp) throws -> DueSubmission? {
        let rows = try connection.all(
            """
            SELECT id, recipient, attempts, delay_told_at, coalesce(destination, recipient) FROM delivery
             WHERE submission_id = \(id) AND next_attempt_at <= \(now) ORDER BY id
            """
        ) { row in
            (
                delivery: DueSubmission.Delivery(
                    id: DeliveryID(rawValue: row.integer(0)), recipient: try address(row.text(1)), attempts: row.int(2),
                    isDelayTold: !row.isNull(3)),
                destination: Self.destination(row.text(4))
            )
        }
        let deliveries = rows.filter { destination.isEmpty || $0.destination == destination }.map(\.delivery)
        guard !deliveries.isEmpty else { return nil }
        return try connection.first(
            """
            SELECT s.ticket_id, s.message_id, s.agent_id, s.reverse_path, s.is_8bit, s.needs_smtputf8,
                   length(s.header) + c.size - s.body_offset, s.accepted_at, s.expires_at, s.wishes,
                   s.is_passed_on
              FROM submission s JOIN content c ON c.id = s.content_id
             WHERE s.id = \(id)
            """
        ) { row in
            var submission = DueSubmission(
                id: id, ticket: row.optionalInteger(0).map(TicketNumber.init(rawValue:)),
                message: row.optionalInteger(1).map(MessageKey.init(rawValue:)),
                agent: row.optionalInteger(2).map(AgentID.init(rawValue:)),
                reversePath: try row.optionalText(3).map(address), isEightBit: row.bool(4), needsSMTPUTF8: row.bool(5),
                size: row.int(6), acceptedAt: row.timestamp(7), expiresAt: row.timestamp(8), deliveries: deliveries)
            if let text = row.optionalText(9) { submission.wishes = DeliveryWishes(text: text) }
            submission.isPassedOn = row.bool(10)
            return submission
        }
    }

    func address(_ text: String) throws -> EmailAddress {
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
        let isFinal = settlement.nextAttemptAt == nil
        try connection.run(
            """
            UPDATE delivery
               SET state = CASE WHEN state IN ('held', 'cancelled') AND \(isFinal) = 0 THEN state
                                ELSE \(settlement.state) END,
                   next_attempt_at = CASE WHEN state IN ('held', 'cancelled') THEN NULL
                                          ELSE \(settlement.nextAttemptAt) END,
                   attempts = attempts + \(settlement.isAttempt ? 1 : 0),
                   last_attempt_at = CASE WHEN \(settlement.isAttempt) = 1 THEN \(settlement.attemptedAt)
                                          ELSE last_attempt_at END,
                   delay_told_at = CASE WHEN \(settlement.tellsDelay) = 1 THEN \(settlement.attemptedAt)
                                        ELSE delay_told_at END,
                   diagnostic = \(settlement.diagnostic)
             WHERE id = \(settlement.delivery)
            """)
    }

    package func recipients(of message: MessageKey) throws -> [EmailAddress] {
        try connection.all(
            """
            SELECT d.recipient FROM submission s JOIN delivery d ON d.submission_id = s.id
             WHERE s.message_id = \(message) ORDER BY d.id LIMIT 1000
            """
        ) { try address($0.text(0)) }
    }

    package func markBounced(_ address: EmailAddress, status: EnhancedStatus, at now: Timestamp) throws {
        let known = try self.address(identity: address.identity)
        try connection.run(
            """
            UPDATE address SET bounced_at = \(now), bounce_status = \(status.description)
             WHERE identity = \(address.identity)
            """)
        guard let known, known.bouncedAt == nil else { return }
        // Which address it is stands with the address: what was done outlives it.
        try record(
            CustomerEvent(
                customer: known.customer, at: now, agent: nil, what: "mail to an address of theirs does not arrive: \(status)"))
    }

    package func clearBounce(of address: AddressID) throws {
        try connection.run(
            "UPDATE address SET bounced_at = NULL, bounce_status = NULL WHERE id = \(address) AND bounced_at IS NOT NULL")
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
