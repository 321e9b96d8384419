package import Desk
package import MailTypes

/// Tells the people of a case that a mail did not arrive.
package protocol FailureNotices: Sendable {
    /// Files the notice; runs in the transaction that settles the deliveries as failed, which also records the event.
    func file(_ notice: FailureNotice, in transaction: any DeskTransaction) throws
}

/// Recipients of one mail who will never get it.
package struct FailureNotice: Sendable {
    /// One of them, and why.
    package struct Recipient: Sendable {
        package var address: EmailAddress
        /// `failed` or `expired`.
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
    package var at: Timestamp
    package var recipients: [Recipient]

    package init(
        submission: SubmissionID, ticket: TicketNumber?, message: MessageKey?, agent: AgentID?, acceptedAt: Timestamp,
        at: Timestamp, recipients: [Recipient]
    ) {
        (self.submission, self.ticket, self.message, self.agent) = (submission, ticket, message, agent)
        (self.acceptedAt, self.at, self.recipients) = (acceptedAt, at, recipients)
    }
}
