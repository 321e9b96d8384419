package import Desk
package import MailTypes

/// Tells the people of a case that a mail did not arrive, or is late.
package protocol FailureNotices: Sendable {
    /// Files the notice; runs in the transaction that settles the deliveries, which also records the event of a failure.
    func file(_ notice: FailureNotice, in transaction: any DeskTransaction) throws
}

/// Recipients of one mail who will never get it, or who have not got it yet after some hours.
package struct FailureNotice: Sendable {
    /// One of them, and why.
    package struct Recipient: Sendable {
        package var address: EmailAddress
        /// `failed` or `expired`; `deferred`: it is late; `relayed`: nobody will tell of it.
        package var attempt: DeliveryAttempt
        package var attempts: Int
        package init(address: EmailAddress, attempt: DeliveryAttempt, attempts: Int) {
            (self.address, self.attempt, self.attempts) = (address, attempt, attempts)
        }
    }

    package var submission: SubmissionID
    package var ticket: TicketNumber?
    /// The mail that did not arrive.
    package var message: MessageKey?
    package var agent: AgentID?
    package var acceptedAt: Timestamp
    /// Until then it is tried.
    package var expiresAt: Timestamp
    package var at: Timestamp
    package var recipients: [Recipient]
    /// What was asked beside delivery (RFC 3461).
    package var wishes = DeliveryWishes()

    package init(
        submission: SubmissionID, ticket: TicketNumber?, message: MessageKey?, agent: AgentID?, acceptedAt: Timestamp,
        expiresAt: Timestamp, at: Timestamp, recipients: [Recipient]
    ) {
        (self.submission, self.ticket, self.message, self.agent) = (submission, ticket, message, agent)
        (self.acceptedAt, self.expiresAt, self.at, self.recipients) = (acceptedAt, expiresAt, at, recipients)
    }

    /// It was passed on to a system that does not tell more, and the sender asked to be told.
    package var isRelay: Bool { recipients.allSatisfy { if case .relayed = $0.attempt { true } else { false } } }

    /// It is tried further on.
    package var isDelay: Bool { recipients.allSatisfy { $0.attempt.outcome == .deferred } }
}
