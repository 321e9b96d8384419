package import Desk
package import MailTypes

/// Erasing a person, as the law asks for it (DESIGN §10): every mail of theirs with its index entries, the copies that agents
/// made, what is known of them, and the texts of events. Numbers, statuses and times stay, so that reports stay true.
///
/// It goes in steps of one transaction each, since a person can have any number of mails, and each step can be done twice:
/// what was interrupted is begun again.
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

    /// Carries out a step; `false` while there is more to do.
    package func step(
        _ addresses: [CustomerAddress], _ customers: [CustomerID], in transaction: any DeskTransaction
    ) throws -> Bool {
        let work = CaseWork(transaction, roster: roster, now: now)
        let identities = addresses.map(\.identity)
        for customer in customers {
            for ticket in try transaction.tickets(of: customer) {
                guard try !isErased(ticket, transaction) else { continue }
                try erase(ticket, work, naming: identities)
                return false
            }
        }
        for address in addresses {
            let messages = try transaction.messages(by: address.id)
            if !messages.isEmpty {
                try erase(Array(messages.prefix(Self.messagesPerStep)), work, naming: identities)
                return false
            }
        }
        try finish(addresses.map(\.id), customers, work, identities)
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
    private func erase(_ ticket: Ticket, _ work: CaseWork, naming identities: [String]) throws {
        let transaction = work.transaction
        try dropCopies(of: try transaction.messages(of: ticket.number), identities, work)
        for held in try transaction.heldMail(of: ticket.number) {
            try transaction.end(held.id, .recalled, at: now)
            let places = try transaction.dropOwn(held.message, at: work.modSequence(), now: now)
            transaction.note(Change(mailboxes: places))
        }
        try transaction.dropMailRecords(of: ticket.number)
        while try !work.purge(ticket.number) {}
        try transaction.blankEvents(of: ticket.number)
        guard ticket.status != .closed, ticket.status != .spam, ticket.mergedInto == nil else { return }
        var closed = ticket
        (closed.status, closed.group, closed.folder) = (.closed, nil, nil)
        // Where the table of transitions does not allow it, the case stays what it was, and empty.
        do { _ = try work.move(ticket, to: closed, by: deciders.admin, reason: nil) } catch is CaseRefusal {}
    }

    /// Mails of theirs in cases of others.
    private func erase(_ messages: [MessageKey], _ work: CaseWork, naming identities: [String]) throws {
        let transaction = work.transaction
        try dropCopies(of: messages, identities, work)
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

    private func dropCopies(of messages: [MessageKey], _ identities: [String], _ work: CaseWork) throws {
        for copy in try work.transaction.copies(of: messages, naming: identities) {
            let places = try work.transaction.dropOwn(copy, at: work.modSequence(), now: now)
            work.transaction.note(Change(mailboxes: places))
        }
    }

    private func finish(
        _ addresses: [AddressID], _ customers: [CustomerID], _ work: CaseWork, _ identities: [String]
    ) throws {
        let transaction = work.transaction
        try dropCopies(of: [], identities, work)
        for identity in identities { try transaction.dropTraces(of: identity) }
        for address in addresses {
            for ticket in try transaction.tickets(with: address) {
                try transaction.removeParticipant(address, from: ticket)
            }
            try transaction.blank(address)
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
