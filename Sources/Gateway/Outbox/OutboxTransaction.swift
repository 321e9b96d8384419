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

    /// Hands over deliveries that are due and newer than a number, in the order of their numbers, until `visit` has enough.
    func newDeliveries(after last: DeliveryID, at now: Timestamp, _ visit: (DueDelivery) -> Bool) throws
    /// Hands over deliveries that have become due after a moment, those that wait longest first, until `visit` has enough.
    func dueDeliveries(after last: Timestamp, at now: Timestamp, _ visit: (DueDelivery) -> Bool) throws
    /// The same for one destination; empty: for all.
    func dueDeliveries(to destination: String, at now: Timestamp, _ visit: (DueDelivery) -> Bool) throws
    /// The number of the latest delivery.
    func latestDelivery() throws -> DeliveryID
    /// A mail with its deliveries to one destination that are due now; empty: to all. `nil`: there are none any more.
    func dueSubmission(_ id: SubmissionID, to destination: String, at now: Timestamp) throws -> DueSubmission?
    /// When the next delivery will be due that is not due yet.
    func nextDueTime(after now: Timestamp) throws -> Timestamp?
    /// Writes what an attempt brought to one recipient. What an operator held or cancelled meanwhile stays so, unless it was
    /// delivered or has failed.
    func settle(_ settlement: DeliverySettlement) throws

    /// Removes a mail of which no delivery waits, with its content where nobody else refers to it.
    func dropSettled(_ submission: SubmissionID) throws

    /// Deliveries that wait, the oldest first: queued, deferred and held.
    func waitingDeliveries(_ choice: QueueChoice, limit: Int) throws -> [QueueEntry]
    /// All deliveries of a mail.
    func deliveries(of submission: SubmissionID) throws -> [QueueEntry]
    /// How many deliveries wait, by state.
    func waitingCounts() throws -> [DeliveryState: Int]
    /// Lets deliveries that wait be tried at once; held ones only if `releasing`. How many.
    func makeDue(_ deliveries: [DeliveryID], releasing: Bool, at now: Timestamp) throws -> Int
    /// Lets all deferred deliveries be tried at once. How many.
    func makeAllDue(at now: Timestamp) throws -> Int
    /// Keeps deliveries that wait back. How many.
    func hold(_ deliveries: [DeliveryID]) throws -> Int
    /// Gives a delivery that waits up; whether it waited.
    func cancelDelivery(_ delivery: DeliveryID, at now: Timestamp) throws -> Bool

    /// Whom a message of a case was sent to.
    func recipients(of message: MessageKey) throws -> [EmailAddress]
    /// Marks a customer's address as one that takes no mail.
    func markBounced(_ address: EmailAddress, status: EnhancedStatus, at now: Timestamp) throws
    /// Mail came from an address: it is of use again.
    func clearBounce(of address: AddressID) throws

    /// The policy for TLS that is known of a domain.
    func policy(of domain: DomainName) throws -> StoredPolicy?
    /// Keeps a policy in the place of the one before.
    func keep(_ policy: StoredPolicy) throws
    /// Adds to what TLS came to on a day.
    func count(_ results: [TLSResult: Int], on day: Int64) throws
    /// What TLS came to since a day.
    func tlsResults(since day: Int64) throws -> [TLSResultCount]

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
    /// What its sender asked beside delivery.
    package var wishes = DeliveryWishes()
    /// It is somebody else's mail that goes on as it came.
    package var isPassedOn = false

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

/// A delivery that is due, as far as the order of work needs it.
package struct DueDelivery: Sendable, Equatable {
    package var id: DeliveryID
    package var submission: SubmissionID
    /// The recipient's domain.
    package var destination: String
    package var dueAt: Timestamp
    package init(id: DeliveryID, submission: SubmissionID, destination: String, dueAt: Timestamp) {
        (self.id, self.submission, self.destination, self.dueAt) = (id, submission, destination, dueAt)
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
        /// The people of its case were told that it is late.
        package var isDelayTold: Bool
        package init(id: DeliveryID, recipient: EmailAddress, attempts: Int, isDelayTold: Bool = false) {
            (self.id, self.recipient, self.attempts, self.isDelayTold) = (id, recipient, attempts, isDelayTold)
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
    /// What its sender asked beside delivery.
    package var wishes = DeliveryWishes()
    /// It is somebody else's mail that goes on as it came.
    package var isPassedOn = false

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
    /// An operator keeps it back.
    case held
    /// An operator gave it up.
    case cancelled
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
    /// `false`: it was put off without an attempt, since its destination is out of reach.
    package var isAttempt: Bool
    /// The people of its case are told now that it is late.
    package var tellsDelay: Bool

    package init(
        delivery: DeliveryID, state: DeliveryState, attemptedAt: Timestamp, nextAttemptAt: Timestamp?,
        diagnostic: String, isAttempt: Bool = true, tellsDelay: Bool = false
    ) {
        (self.delivery, self.state, self.attemptedAt) = (delivery, state, attemptedAt)
        (self.nextAttemptAt, self.diagnostic) = (nextAttemptAt, diagnostic)
        (self.isAttempt, self.tellsDelay) = (isAttempt, tellsDelay)
    }
}
