package import MailTypes

/// A case that something in a mail points to, with what the rules must know of it.
package struct Candidate: Sendable, Equatable {
    package var ticket: Ticket
    /// The mail's author takes part in the case.
    package var isParticipant: Bool

    package init(ticket: Ticket, isParticipant: Bool) { (self.ticket, self.isParticipant) = (ticket, isParticipant) }
}

/// What an arriving mail points to, in the order of DESIGN §5. Gathered by the intake, judged by `Matching`.
package struct MatchingFacts: Sendable {
    /// Cases of genuine signed reply addresses.
    package var signed: [Candidate]
    /// Cases that the mail answers beyond doubt: of signed reverse-paths that it came back to, then those that
    /// `In-Reply-To` or `References` name, the latest reference first.
    package var threaded: [Candidate]
    /// Cases whose number stands in the subject, in order.
    package var stamped: [Candidate]

    package init(signed: [Candidate] = [], threaded: [Candidate] = [], stamped: [Candidate] = []) {
        (self.signed, self.threaded, self.stamped) = (signed, threaded, stamped)
    }
}

/// Where a mail belongs and as what it speaks.
package enum Match: Sendable, Equatable {
    /// The author takes part: the mail speaks as the customer.
    case customer(TicketNumber)
    /// Reached by address or thread, but nobody knows the author here: filed and marked, moves nothing.
    case unconfirmed(TicketNumber)
    /// A case of its own; `linked` names the one it continues, `claimed` one whose stamp a stranger wrote.
    case newCase(linked: TicketNumber?, claimed: TicketNumber?)
}

/// The rules by which a mail finds its case (DESIGN §5): pure, total, no database.
package enum Matching {
    /// Judges a mail for one of the pools it was sent to. With several pools, each takes only cases of its own: a reply
    /// that copies in another pool opens a linked case there.
    package static func match(
        _ facts: MatchingFacts, pool: PoolID, isOnlyPool: Bool, now: Timestamp, reopenWithin: Duration
    ) -> Match {
        func chosen(_ candidates: [Candidate]) -> Candidate? {
            candidates.first { $0.ticket.pool == pool } ?? (isOnlyPool ? candidates.first : nil)
        }
        var found: Candidate?
        var isSignedAlone = false
        if let signed = chosen(facts.signed) {
            found = signed
            let number = signed.ticket.number
            isSignedAlone =
                !facts.threaded.contains { $0.ticket.number == number }
                && !facts.stamped.contains { $0.ticket.number == number && $0.isParticipant }
        } else if let threaded = chosen(facts.threaded) {
            found = threaded
        } else if let stamped = chosen(facts.stamped.filter(\.isParticipant)) {
            found = stamped
        }
        guard let found else {
            let elsewhere = (facts.signed + facts.threaded).first ?? facts.stamped.first(where: \.isParticipant)
            let claimed = facts.stamped.first { !$0.isParticipant }
            return .newCase(linked: elsewhere?.ticket.number, claimed: elsewhere == nil ? claimed?.ticket.number : nil)
        }
        let ticket = found.ticket
        if ticket.status == .closed {
            // An address that is known from an old mail is no thread: a new matter, linked (DESIGN §5).
            if isSignedAlone { return .newCase(linked: ticket.number, claimed: nil) }
            if now - ticket.statusSince > reopenWithin { return .newCase(linked: ticket.number, claimed: nil) }
        }
        return found.isParticipant ? .customer(ticket.number) : .unconfirmed(ticket.number)
    }

    /// What a customer's mail does to its case: back to the assignee, or to New where nobody is there (DESIGN §2).
    /// `nil`: the case stays as it is. `isAnswered`: a colleague ever answered in it.
    package static func afterCustomerMail(
        _ ticket: Ticket, hasActiveAssignee: Bool, isAnswered: Bool
    ) -> (status: TicketStatus, keepsAssignee: Bool)? {
        switch ticket.status {
        case .spam:
            guard isAnswered else { return nil }
            return hasActiveAssignee ? (.assigned, true) : (.new, false)
        case .new:
            return ticket.assignee != nil && !hasActiveAssignee ? (.new, false) : nil
        case .consultation:
            // The question stays open beside the new mail.
            return hasActiveAssignee ? (.assigned, true) : (.new, false)
        case .assigned, .inProgress, .approval:
            // A waiting approval stays open beside the new mail.
            return ticket.assignee == nil || hasActiveAssignee ? nil : (.new, false)
        case .waiting, .done, .closed:
            return hasActiveAssignee ? (.assigned, true) : (.new, false)
        }
    }
}
