package import MailTypes

/// What the ticket card of a case shows (DESIGN §3): facts alone, before any language or layout is put on them. Two cards
/// with equal contents are the same card, so a case whose content did not change keeps its message.
///
/// Names, subjects, notes and addresses come from customers: whoever renders a card escapes them.
package struct CardContent: Hashable, Sendable {
    package var number: TicketNumber
    /// The case number as subjects carry it: what a button's mail names its case by.
    package var stamp: String
    package var subject: String
    package var pool: String
    package var status: TicketStatus
    package var statusSince: Timestamp
    package var openedAt: Timestamp
    /// The name of who works on the case.
    package var assignee: String?
    /// The group that a member of has to take the case.
    package var group: String?
    package var priority: Priority
    package var category: String?
    package var source: TicketSource
    package var deadlines: [CardDeadline] = []
    package var customer: CardCustomer?
    /// The customer's latest other cases in the same pool, newest first.
    package var earlier: [CardCase] = []
    /// How many cases the customer has in other pools, of which a card says nothing else; a hundred stands for more, too.
    package var casesElsewhere = 0
    package var orders: [CardOrder] = []
    package var consultations: [CardConsultation] = []
    /// The questions of the case, answered or open.
    package var questions: [CardQuestion] = []
    package var writers: [CardWriter] = []
    package var heldMail: [CardHeldMail] = []
    package var warnings: [CardWarning] = []
    /// What the last mail from outside proved about its sender.
    package var authentication: [CardAuthentication] = []
    package var tags: [String] = []
    package var followers: [String] = []
    /// Cases that this one forwards to (one), or that were merged into it.
    package var mergedInto: TicketNumber?
    package var merged: [TicketNumber] = []
    package var linked: [CardCase] = []
    /// Something of ours went to the customer: such a case cannot become spam (DESIGN §2).
    package var isAnswered = false

    package init(
        number: TicketNumber, stamp: String, subject: String, pool: String, status: TicketStatus,
        statusSince: Timestamp,
        openedAt: Timestamp, assignee: String? = nil, group: String? = nil, priority: Priority = .normal,
        category: String? = nil, source: TicketSource = .mail
    ) {
        (self.number, self.stamp, self.subject, self.pool) = (number, stamp, subject, pool)
        (self.status, self.statusSince, self.openedAt) = (status, statusSince, openedAt)
        (self.assignee, self.group, self.priority) = (assignee, group, priority)
        (self.category, self.source) = (category, source)
    }

    /// The content without what changes by itself as time goes by: what two cards are compared by.
    package var lasting: CardContent {
        var result = self
        for index in result.deadlines.indices { result.deadlines[index].left = nil }
        return result
    }

    /// Whether a deadline has passed.
    package var isOverdue: Bool { deadlines.contains { $0.state == .overdue } }
}
