package import Desk
package import MailTypes

/// Erasing a person, as the law asks for it (DESIGN §10): every mail of theirs with its index entries, the copies that agents
/// made, what is known of them, and the texts of events. Numbers, statuses and times stay, so that reports stay true.
///
/// It goes in transactions of bounded size, since a person can have any number of mails, and each can be done twice: what was
/// interrupted is begun again. First the copies that agents made, found by what the mails are, in a snapshot of the database;
/// then the cases and mails step by step; then copies once more, and last what is known of the person.
package struct Erasure: Sendable {
    /// Who decided it: an admin and a supervisor.
    package struct Deciders: Sendable, Equatable {
        package var admin: AgentID?
        package var supervisor: AgentID?
        package init(admin: AgentID?, supervisor: AgentID?) { (self.admin, self.supervisor) = (admin, supervisor) }
    }

    private let roster: Roster
    private let now: Timestamp
    private let deciders: Deciders
    /// What the audit and the ledger call this erasure.
    private let name: String

    package init(_ name: String, roster: Roster, deciders: Deciders, now: Timestamp) {
        (self.name, self.roster, self.deciders, self.now) = (name, roster, deciders, now)
    }

    /// Mail of agents' own that is a copy of theirs, answers it or is addressed to them. It looks at all mail of agents' own,
    /// so not within a write.
    package func copies(
        _ addresses: [CustomerAddress], _ customers: [CustomerID], in transaction: any DeskTransaction
    ) throws -> [MessageKey] {
        try transaction.copies(
            ofCasesOf: customers, by: addresses.map(\.id), naming: addresses.map(\.identity))
    }

    /// Removes copies.
    package func drop(_ copies: some Sequence<MessageKey>, in transaction: any DeskTransaction) throws {
        let work = CaseWork(transaction, roster: roster, now: now)
        for copy in copies { try drop(copy, work) }
    }

    private func drop(_ message: MessageKey, _ work: CaseWork) throws {
        let places = try work.transaction.dropOwn(message, at: work.modSequence(), now: now)
        work.transaction.note(Change(mailboxes: places))
    }

    /// Erases a case, or some mails in cases of others; `false` while there is more to do.
    package func step(
        _ addresses: [CustomerAddress], _ customers: [CustomerID], in transaction: any DeskTransaction
    ) throws -> Bool {
        let work = CaseWork(transaction, roster: roster, now: now)
        for customer in customers {
            for ticket in try transaction.tickets(of: customer) {
                guard try !isErased(ticket, transaction) else { continue }
                try erase(ticket, work)
                return false
            }
        }
        for address in addresses {
            let messages = try transaction.messages(by: address.id)
            if !messages.isEmpty {
                try erase(messages.prefix(Self.messagesPerStep), work)
                return false
            }
        }
        return true
    }

    private static let messagesPerStep = 50

    /// Cards that were made since hold nothing of anybody.
    private func isErased(_ ticket: Ticket, _ transaction: any DeskTransaction) throws -> Bool {
        guard try transaction.subject(of: ticket.number).isEmpty else { return false }
        return try transaction.messages(of: ticket.number).allSatisfy {
            try transaction.caseMessage($0)?.kind == .card
        }
    }

    /// A case of theirs: all that it holds goes, and if it was open it is closed.
    private func erase(_ ticket: Ticket, _ work: CaseWork) throws {
        let transaction = work.transaction
        for held in try transaction.heldMail(of: ticket.number) {
            try transaction.end(held.id, .recalled, at: now)
            try transaction.endApproval(of: held.id, .recalled, by: held.agent, at: now)
            try drop(held.message, work)
        }
        try transaction.dropMailRecords(of: ticket.number)
        while try !work.purge(ticket.number, erasing: true) {}
        try transaction.blankEvents(of: ticket.number, keepingAnswersTo: choices)
        try remakeCards(thatShow: ticket.number, work)
        guard ticket.status != .closed, ticket.status != .spam, ticket.mergedInto == nil else { return }
        var closed = ticket
        (closed.status, closed.group, closed.folder) = (.closed, nil, nil)
        // Where the table of transitions does not allow it, the case stays what it was, and empty.
        do { _ = try work.move(ticket, to: closed, by: deciders.admin, reason: nil) } catch is CaseRefusal {}
    }

    /// Questions whose answers are chosen from what the desk offers, and tell nothing of a person.
    private var choices: Set<String> {
        let questions = roster.pools.values.flatMap { pool in
            pool.definition.questions + pool.definition.addresses.flatMap(\.questions)
        }
        let free = questions.filter { question in
            switch question.kind {
            case .text, .number, .date: true
            case .yesNo, .choice: false
            }
        }
        return Set(questions.map(\.id)).subtracting(free.map(\.id))
    }

    /// Cards of other cases name the subject of this one: they go at once, and are made again.
    private func remakeCards(thatShow ticket: TicketNumber, _ work: CaseWork) throws {
        let transaction = work.transaction
        for other in try transaction.casesThatShow(ticket) {
            for card in try transaction.cards(of: other) {
                try transaction.removeCard(of: other, in: card.language)
                let places = try transaction.mailboxes(of: other)
                for mailbox in places.sorted() {
                    _ = try transaction.leave([card.message], from: mailbox, at: work.modSequence(), now: now)
                }
                transaction.note(Change(mailboxes: places))
                try transaction.discardCard(card.message)
            }
            try transaction.markCards(of: other, at: now)
        }
    }

    /// Mails of theirs in cases of others.
    private func erase(_ messages: some Sequence<MessageKey>, _ work: CaseWork) throws {
        let transaction = work.transaction
        for message in messages {
            guard let ticket = try transaction.caseMessage(message)?.ticket else { continue }
            let places = try transaction.mailboxes(of: ticket)
            for mailbox in places.sorted() {
                _ = try transaction.leave([message], from: mailbox, at: work.modSequence(), now: now)
            }
            transaction.note(Change(mailboxes: places))
            try transaction.remove(message)
        }
    }

    /// The last step: what is known of the person, and the audit.
    package func finish(
        _ addresses: [CustomerAddress], _ customers: [CustomerID], in transaction: any DeskTransaction
    ) throws {
        for address in addresses {
            try transaction.dropTraces(of: address)
            for ticket in try transaction.tickets(with: address.id) {
                try transaction.removeParticipant(address.id, from: ticket)
                try transaction.markCards(of: ticket, at: now)
            }
            try transaction.blank(address.id)
        }
        for customer in customers {
            guard var known = try transaction.customer(customer) else { continue }
            (known.name, known.firm, known.phone, known.note, known.erasedAt) = (nil, nil, nil, nil, now)
            try transaction.update(known)
            for field in try transaction.fields(of: customer).keys {
                try transaction.setField(field, of: customer, to: nil)
            }
            try transaction.record(CustomerEvent(customer: customer, at: now, agent: deciders.admin, what: "erased"))
        }
        try transaction.record(
            AuditEntry(
                at: now, action: .erase, agent: deciders.admin, second: deciders.supervisor, subject: name))
    }
}
