package import MailTypes

/// A deadline of a case, as its card shows it.
package struct CardDeadline: Hashable, Sendable {
    package enum Kind: Hashable, Sendable { case firstAnswer, solution }
    package enum State: Hashable, Sendable {
        case running, overdue
        /// The clock stands still while the case waits for the customer.
        case paused
        /// The case is over, and was solved in time or late.
        case met, missed
    }

    package var kind: Kind
    /// When it was solved, where it is.
    package var due: Timestamp
    package var state: State
    /// Working time until then, as of the making of the card; `nil` where that is not counted.
    package var left: Duration?

    package init(kind: Kind, due: Timestamp, state: State, left: Duration? = nil) {
        (self.kind, self.due, self.state, self.left) = (kind, due, state, left)
    }
}

/// The customer of a case.
package struct CardCustomer: Hashable, Sendable {
    package var name: String?
    package var firm: String?
    package var phone: String?
    package var note: String?
    package var addresses: [String]
    /// Fields of the desk's own, in their order.
    package var fields: [Field]

    /// What the desk keeps of its customers beside what every desk does.
    package struct Field: Hashable, Sendable {
        package var name: String
        package var value: String
        package init(name: String, value: String) { (self.name, self.value) = (name, value) }
    }

    package init(
        name: String? = nil, firm: String? = nil, phone: String? = nil, note: String? = nil, addresses: [String] = [],
        fields: [Field] = []
    ) {
        (self.name, self.firm, self.phone, self.note, self.addresses) = (name, firm, phone, note, addresses)
        self.fields = fields
    }
}

/// Another case that a card names.
package struct CardCase: Hashable, Sendable {
    package var number: TicketNumber
    package var subject: String
    package var status: TicketStatus
    package var openedAt: Timestamp

    package init(number: TicketNumber, subject: String, status: TicketStatus, openedAt: Timestamp) {
        (self.number, self.subject, self.status, self.openedAt) = (number, subject, status, openedAt)
    }
}

/// An order of the customer, told by a shop.
package struct CardOrder: Hashable, Sendable {
    package var number: String
    package var state: String
    package var placedAt: Timestamp?
    package var total: String?

    package init(number: String, state: String, placedAt: Timestamp? = nil, total: String? = nil) {
        (self.number, self.state, self.placedAt, self.total) = (number, state, placedAt, total)
    }
}

/// A department that was asked and has not answered.
package struct CardConsultation: Hashable, Sendable {
    package var department: String
    package var askedAt: Timestamp
    package var due: Timestamp?
    package var isOverdue: Bool

    package init(department: String, askedAt: Timestamp, due: Timestamp? = nil, isOverdue: Bool = false) {
        (self.department, self.askedAt, self.due, self.isOverdue) = (department, askedAt, due, isOverdue)
    }
}

/// A question about the case that the agent fills in.
package struct CardQuestion: Hashable, Sendable {
    /// What `#answer NAME=` calls it.
    package var name: String
    package var text: String
    package var choices: [String]
    /// Without an answer the case cannot be done.
    package var isRequired: Bool
    /// `nil`: open.
    package var answer: String?

    package init(
        name: String, text: String, choices: [String] = [], isRequired: Bool = false, answer: String? = nil
    ) {
        (self.name, self.text, self.choices, self.isRequired, self.answer) = (name, text, choices, isRequired, answer)
    }
}

/// Who is writing an answer.
package struct CardWriter: Hashable, Sendable {
    package var name: String
    package var since: Timestamp
    package init(name: String, since: Timestamp) { (self.name, self.since) = (name, since) }
}

/// A mail of the case that has not left.
package struct CardHeldMail: Hashable, Sendable {
    /// What makes somebody look before the mail leaves (DESIGN §4, "Held with a doubt").
    ///
    /// The raw values are the words of `SendingDoubt`.
    package enum Doubt: String, Hashable, Sendable, CaseIterable {
        case collision = "case-changed"
        case customerWrote = "customer-wrote"
        case mixedRecipients = "mixed-recipients"
        case internalText = "quotes-internal"
        case stranger = "stranger"
        case otherCustomer = "other-customer"
        case impossible = "impossible"
    }

    package enum Wait: Hashable, Sendable {
        /// It leaves then.
        case until(Timestamp)
        /// A supervisor approves it first.
        case approval
        /// Somebody confirms or recalls it.
        case confirmation
    }

    package var author: String
    package var wait: Wait
    package var doubts: [Doubt]

    package init(author: String, wait: Wait, doubts: [Doubt] = []) {
        (self.author, self.wait, self.doubts) = (author, wait, doubts)
    }
}

/// Something about the customer's mail that the agent should know before answering.
package enum CardWarning: Hashable, Sendable {
    /// The sender has another open case: perhaps it is the same matter.
    case openCase(CardCase)
    /// The subject named a case that the sender takes no part in (DESIGN §5).
    case claims(TicketNumber)
    /// Answers were asked for at an address of another domain.
    case replyTo(String)
    /// Somebody who takes no part wrote into the case.
    case unconfirmed(String)
    /// Mail to an address of the customer came back for good.
    case undeliverable(String)
}

/// One check of a sender's authenticity and what came of it.
package struct CardAuthentication: Hashable, Sendable {
    package var method: AuthenticationMethod
    package var verdict: AuthenticationVerdict

    package init(method: AuthenticationMethod, verdict: AuthenticationVerdict) {
        (self.method, self.verdict) = (method, verdict)
    }
}
