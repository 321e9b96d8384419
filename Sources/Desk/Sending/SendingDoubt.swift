package import MailTypes

/// Something that came into a case by others than the sender.
package struct CaseChange: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case customerWrote
        case answered
        case noted
        case consultationAnswered
        /// A colleague decided that it is over, or where it belongs.
        case decided(TicketStatus)
        case poolChanged
    }

    package var kind: Kind
    /// The name of who did it, as people know it; `nil` where nobody has one.
    package var name: String?
    package var at: Timestamp

    package init(_ kind: Kind, by name: String?, at moment: Timestamp) {
        (self.kind, self.name, self.at) = (kind, name, moment)
    }
}

/// Why a mail is held until its sender says that it shall leave all the same (DESIGN §4).
package enum SendingDoubt: Hashable, Sendable {
    /// The case changed since the mail that is answered: what came in between, the oldest first.
    case caseChanged([CaseChange])
    /// The customer wrote before a scheduled mail left.
    case customerWroteFirst(CaseChange)
    /// Written to customers and to these internal addresses at once.
    case mixedRecipients([EmailAddress])
    /// Text of a note, a card or a consultation stands in a mail to the outside.
    case quotesInternal
    /// Neither participants nor of a participant's firm.
    case strangers([EmailAddress])
    /// Customers of other cases.
    case otherCustomers([EmailAddress])
    /// The case cannot become what the answer makes of it; the sentence says why.
    case impossible(String)

    /// The word that the database and a header field have for it.
    package var word: String {
        switch self {
        case .caseChanged: "case-changed"
        case .customerWroteFirst: "customer-wrote"
        case .mixedRecipients: "mixed-recipients"
        case .quotesInternal: "quotes-internal"
        case .strangers: "stranger"
        case .otherCustomers: "other-customer"
        case .impossible: "impossible"
        }
    }
}

/// What the doubts about a mail follow from.
package struct SendingFacts: Sendable {
    package var meaning: SentMeaning
    package var recipients: [SentRecipient]
    /// What came into the case since the mail that is answered, by others, the oldest first.
    package var changes: [CaseChange]
    /// It was to leave at a time of the sender's choice, and was accepted then.
    package var scheduledAt: Timestamp?
    package var quotesInternal: Bool

    package init(
        meaning: SentMeaning, recipients: [SentRecipient], changes: [CaseChange] = [], scheduledAt: Timestamp? = nil,
        quotesInternal: Bool = false
    ) {
        (self.meaning, self.recipients, self.changes) = (meaning, recipients, changes)
        (self.scheduledAt, self.quotesInternal) = (scheduledAt, quotesInternal)
    }

    /// Every reason to hold the mail.
    package var doubts: [SendingDoubt] {
        let outside = recipients.filter(\.isOutside)
        guard !outside.isEmpty else { return [] }
        var doubts: [SendingDoubt] = []
        if meaning == .answer, !changes.isEmpty {
            let first = changes.first { $0.kind == .customerWrote && $0.at > (scheduledAt ?? $0.at) }
            doubts.append(first.map { .customerWroteFirst($0) } ?? .caseChanged(changes))
        }
        let internals = recipients.filter(\.isInternalByPurpose)
        if !internals.isEmpty, outside.contains(where: { $0.role != .department }) {
            doubts.append(.mixedRecipients(internals.map(\.address)))
        }
        if quotesInternal, outside.contains(where: { $0.role != .department }) { doubts.append(.quotesInternal) }
        // A mail to nobody who takes part is written to strangers with intent; among participants one is a slip.
        let strangers = outside.filter { $0.role == .stranger }
        if meaning == .answer, !strangers.isEmpty { doubts.append(.strangers(strangers.map(\.address))) }
        let others = outside.filter { $0.role == .otherCustomer }
        if !others.isEmpty { doubts.append(.otherCustomers(others.map(\.address))) }
        return doubts
    }
}
