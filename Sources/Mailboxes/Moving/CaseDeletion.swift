import Desk
import Gateway
import MailTypes

/// Deleting a case (DESIGN §3): to Trash with the right to do so, or what the pool says deleting means.
struct CaseDeletion: Sendable {
    let roster: Roster
    let person: Roster.Agent
    let now: Timestamp

    /// Moves the whole case to the agent's Trash. Its status stays, so that any later decision brings it back.
    func delete(_ number: TicketNumber, _ work: CaseWork, _ transaction: any MailboxTransaction) throws {
        guard let ticket = try transaction.ticket(number), person.readablePools.contains(ticket.pool) else {
            throw CaseRefusal(.noPermission, "You are not a member of this case's pool")
        }
        guard person.definition.rights.contains(.delete) else {
            guard roster.pools[ticket.pool]?.definition.deleteMeans == .done else {
                throw CaseRefusal(.noPermission, "You may not delete cases; close them, or mark them as spam")
            }
            _ = try work.apply(.setStatus(.done), to: number, by: person.id)
            return
        }
        guard let trash = roster.mailbox(.trash(person.id)) else {
            throw CaseRefusal(.impossible, "There is no mailbox for that")
        }
        guard ticket.mailbox != trash else { return }
        try withdrawOffer(of: number, work, transaction)
        let sequence = try work.modSequence()
        let messages = try transaction.messages(of: number)
        var changed = ticket
        changed.mailbox = trash
        try transaction.update(changed)
        for mailbox in [ticket.mailbox, trash].sorted() {
            if mailbox == trash {
                _ = try transaction.enter(messages, into: trash, pool: ticket.pool, at: sequence, now: now)
            } else {
                _ = try transaction.leave(messages, from: mailbox, at: sequence, now: now)
            }
        }
        try transaction.record(TicketEvent(ticket: number, at: now, kind: .trashed, agent: person.id))
        transaction.note(Change(mailboxes: [ticket.mailbox, trash]))
    }

    private func withdrawOffer(
        of number: TicketNumber, _ work: CaseWork, _ transaction: any MailboxTransaction
    ) throws {
        guard let offer = try transaction.offer(of: number) else { return }
        try transaction.removeOffer(to: offer.agent)
        guard let next = roster.mailbox(.next(offer.agent)) else { return }
        let messages = try transaction.messages(of: number)
        _ = try transaction.leave(messages, from: next, at: work.modSequence(), now: now)
        transaction.note(Change(mailboxes: [next], agents: [offer.agent]))
    }
}
