package import Desk
import MailTypes

/// Deleting cases (DESIGN §3, FEATURES S49): to Trash first, where they can be had back, and removed only by policy.
extension CaseWork {
    /// Moves the whole case to the agent's Trash, and only there it is to be seen: with the right to do so, or else what the
    /// pool says deleting means. The status stays, so that any later decision brings it back.
    package func delete(_ number: TicketNumber, by agent: AgentID) throws {
        let person = try person(agent)
        guard let ticket = try transaction.ticket(number), person.readablePools.contains(ticket.pool) else {
            throw CaseRefusal(
                .noPermission, "You are not a member of this case's pool",
                "Nie należysz do puli tej sprawy")
        }
        guard person.definition.rights.contains(.delete) else {
            guard roster.pools[ticket.pool]?.definition.deleteMeans == .done else {
                throw CaseRefusal(
                    .noPermission, "You may not delete cases; close them, or mark them as spam",
                    "Nie wolno Ci usuwać spraw; zamknij je albo oznacz jako spam")
            }
            _ = try apply(.setStatus(.done), to: number, by: agent)
            return
        }
        guard let trash = roster.mailbox(.trash(agent)), ticket.mergedInto == nil else {
            throw CaseRefusal(.impossible, "There is no mailbox for that", "Nie ma na to folderu")
        }
        guard !isTrashed(ticket) else { return }
        var changed = ticket
        changed.mailbox = trash
        changed.clock = clock(of: changed, isReopened: false)
        try transaction.update(changed)
        try transaction.record(
            TicketEvent(
                ticket: number, at: now, kind: .trashed, agent: agent, reason: try transaction.subject(of: number)))
        try withdrawOffer(of: ticket, now: changed)
        _ = try relocate(ticket, changed)
        try settleTime(of: changed, from: ticket)
        try settleClosing(of: changed, from: ticket, by: agent)
        try transaction.setTimer(
            DeskTimer(kind: .trashPurge, ticket: number, dueAt: now + roster.definition.purgeTrashAfter))
    }

    /// Whether the case was deleted and can be had back.
    package func isTrashed(_ ticket: Ticket) -> Bool { roster.kinds[ticket.mailbox]?.class == .trash }

    /// What a timer of `TimerKind.trashPurge` does: removes the case if it still lies in Trash and its time is over. Large
    /// cases go piece by piece: the timer is set again until nothing is left.
    package func purgeTrashed(_ number: TicketNumber) throws {
        guard let ticket = try transaction.ticket(number), isTrashed(ticket) else { return }
        if try !purge(number) {
            try transaction.setTimer(DeskTimer(kind: .trashPurge, ticket: number, dueAt: now))
        }
    }

    /// Removes some of what a case holds for good: its mails with their octets and index entries, in the end its subject,
    /// tags and participants. Its number and its events stay. `false`: there is more; call it again.
    /// `erasing`: the case was no mistake and goes on to count in reports.
    package func purge(_ number: TicketNumber, erasing: Bool = false) throws -> Bool {
        let messages = try transaction.messages(of: number)
        let piece = Array(messages.prefix(Self.messagesPerPurge))
        let sequence = try modSequence()
        let places = try transaction.mailboxes(of: number)
        for mailbox in places.sorted() { _ = try transaction.leave(piece, from: mailbox, at: sequence, now: now) }
        transaction.note(Change(mailboxes: places))
        if piece.count == messages.count { try transaction.removeSubmissions(of: number) }
        for message in piece { try transaction.remove(message) }
        guard piece.count == messages.count else { return false }
        try transaction.record(
            TicketEvent(
                ticket: number, at: now, kind: .purged, from: erasing ? "erased" : nil,
                reason: erasing ? nil : try transaction.subject(of: number)))
        try transaction.forget(number)
        return true
    }

    private static let messagesPerPurge = 50
}
