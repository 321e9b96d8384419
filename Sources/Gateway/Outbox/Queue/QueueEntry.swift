package import Desk
package import MailTypes

/// Which deliveries an operator means.
package struct QueueChoice: Sendable, Equatable, Codable {
    /// Numbers of mails; empty: any.
    package var submissions: [Int64]
    /// The recipients' domain.
    package var destination: String?
    /// A recipient, as text.
    package var recipient: String?

    package init(submissions: [Int64] = [], destination: String? = nil, recipient: String? = nil) {
        (self.submissions, self.destination, self.recipient) = (submissions, destination, recipient)
    }

    /// Nothing was named.
    package var isEmpty: Bool { submissions.isEmpty && destination == nil && recipient == nil }
}

/// A delivery of the outbox, as an operator sees it.
package struct QueueEntry: Sendable, Equatable {
    package var id: DeliveryID
    package var submission: SubmissionID
    package var ticket: TicketNumber?
    package var message: MessageKey?
    package var agent: AgentID?
    package var reversePath: EmailAddress?
    package var recipient: EmailAddress
    package var destination: String
    package var state: DeliveryState
    package var attempts: Int
    package var size: Int
    package var acceptedAt: Timestamp
    package var expiresAt: Timestamp
    package var lastAttemptAt: Timestamp?
    package var nextAttemptAt: Timestamp?
    package var diagnostic: String?

    package init(
        id: DeliveryID, submission: SubmissionID, ticket: TicketNumber?, message: MessageKey?, agent: AgentID?,
        reversePath: EmailAddress?, recipient: EmailAddress, destination: String, state: DeliveryState, attempts: Int,
        size: Int, acceptedAt: Timestamp, expiresAt: Timestamp, lastAttemptAt: Timestamp?, nextAttemptAt: Timestamp?,
        diagnostic: String?
    ) {
        (self.id, self.submission, self.ticket, self.message, self.agent) = (id, submission, ticket, message, agent)
        (self.reversePath, self.recipient, self.destination) = (reversePath, recipient, destination)
        (self.state, self.attempts, self.size) = (state, attempts, size)
        (self.acceptedAt, self.expiresAt) = (acceptedAt, expiresAt)
        (self.lastAttemptAt, self.nextAttemptAt, self.diagnostic) = (lastAttemptAt, nextAttemptAt, diagnostic)
    }
}
