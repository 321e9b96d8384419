package import Desk
package import MailTypes

/// A mail that leaves, with all its recipients.
package struct SubmissionID: DeskIdentifier {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// What is due to one recipient of a submission.
package struct DeliveryID: DeskIdentifier {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// What the outbox needs of the database.
package protocol OutboxTransaction {
    /// Puts a mail into the outbox, with one delivery for every recipient, due at once: part of the transaction that
    /// accepted it. The caller notes the change for the feed.
    @discardableResult func enqueue(_ submission: NewSubmission) throws -> SubmissionID

    /// How many mails no agent sent since a moment, of the latest 1,000; in all, and because of mails of one sender.
    func sentByItself(since: Timestamp, sender: AddressID?) throws -> (all: Int, ofSender: Int)

    /// Submissions with deliveries that are due, those that have waited longest first; each with its due deliveries.
    func dueSubmissions(at now: Timestamp, limit: Int) throws -> [DueSubmission]
    /// When the next delivery will be due that is not due yet.
    func nextDueTime(after now: Timestamp) throws -> Timestamp?
    /// Writes what an attempt brought to one recipient.
    func settle(_ settlement: DeliverySettlement) throws

    /// The header section of a mail as it leaves, with its empty line.
    func outgoingHeader(of submission: SubmissionID) throws -> [UInt8]
    /// The stored pieces of the body, counted from 0; a piece may be empty, `nil` follows the last.
    func outgoingBody(of submission: SubmissionID, piece: Int) throws -> [UInt8]?
}

/// A mail as it goes into the outbox.
package struct NewSubmission: Sendable {
    package var ticket: TicketNumber?
    package var message: MessageKey?
    package var agent: AgentID?
    /// The stored content whose body leaves, and the octets of it that the header section replaces.
    package var content: ContentID
    package var bodyOffset: Int
    /// The header section as it leaves, with its empty line.
    package var header: [UInt8]
    package var reversePath: EmailAddress?
    package var recipients: [EmailAddress]
    package var isEightBit: Bool
    package var needsSMTPUTF8: Bool
    /// The Message-ID that the agent's client gave its copy.
    package var clientMessageID: MessageID?
    package var acceptedAt: Timestamp
    /// After this moment a delivery that is deferred once more has failed.
    package var expiresAt: Timestamp

    package init(
        ticket: TicketNumber?, message: MessageKey?, agent: AgentID?, content: ContentID, bodyOffset: Int,
        header: [UInt8], reversePath: EmailAddress?, recipients: [EmailAddress], isEightBit: Bool, needsSMTPUTF8: Bool,
        clientMessageID: MessageID? = nil, acceptedAt: Timestamp, expiresAt: Timestamp
    ) {
        (self.ticket, self.message, self.agent) = (ticket, message, agent)
        (self.content, self.bodyOffset, self.header) = (content, bodyOffset, header)
        (self.reversePath, self.recipients) = (reversePath, recipients)
        (self.isEightBit, self.needsSMTPUTF8) = (isEightBit, needsSMTPUTF8)
        (self.clientMessageID, self.acceptedAt, self.expiresAt) = (clientMessageID, acceptedAt, expiresAt)
    }
}

/// A mail of the outbox that should be tried now.
package struct DueSubmission: Sendable, Equatable {
    /// One recipient who has not got it yet.
    package struct Delivery: Sendable, Equatable {
        package var id: DeliveryID
        package var recipient: EmailAddress
        /// Attempts already made.
        package var attempts: Int
        package init(id: DeliveryID, recipient: EmailAddress, attempts: Int) {
            (self.id, self.recipient, self.attempts) = (id, recipient, attempts)
        }
    }

    package var id: SubmissionID
    package var ticket: TicketNumber?
    package var message: MessageKey?
    package var agent: AgentID?
    package var reversePath: EmailAddress?
    package var isEightBit: Bool
    package var needsSMTPUTF8: Bool
    /// Octets of header section and body.
    package var size: Int
    package var acceptedAt: Timestamp
    package var expiresAt: Timestamp
    package var deliveries: [Delivery]

    package init(
        id: SubmissionID, ticket: TicketNumber?, message: MessageKey?, agent: AgentID?, reversePath: EmailAddress?,
        isEightBit: Bool, needsSMTPUTF8: Bool, size: Int, acceptedAt: Timestamp, expiresAt: Timestamp,
        deliveries: [Delivery]
    ) {
        (self.id, self.ticket, self.message, self.agent) = (id, ticket, message, agent)
        (self.reversePath, self.isEightBit, self.needsSMTPUTF8) = (reversePath, isEightBit, needsSMTPUTF8)
        (self.size, self.acceptedAt, self.expiresAt) = (size, acceptedAt, expiresAt)
        self.deliveries = deliveries
    }
}

/// The state of a delivery. The word is what the database stores.
package enum DeliveryState: String, Sendable {
    case queued, deferred, delivered, failed, expired
}

/// What the database keeps of an attempt.
package struct DeliverySettlement: Sendable, Equatable {
    package var delivery: DeliveryID
    package var state: DeliveryState
    package var attemptedAt: Timestamp
    /// Set for `deferred` only.
    package var nextAttemptAt: Timestamp?
    /// The remote's own words.
    package var diagnostic: String

    package init(
        delivery: DeliveryID, state: DeliveryState, attemptedAt: Timestamp, nextAttemptAt: Timestamp?,
        diagnostic: String
    ) {
        (self.delivery, self.state, self.attemptedAt) = (delivery, state, attemptedAt)
        (self.nextAttemptAt, self.diagnostic) = (nextAttemptAt, diagnostic)
    }
}
