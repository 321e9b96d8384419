import Desk
import Gateway
import IMAPProtocol
import MailTypes

/// EXPUNGE and UID EXPUNGE (RFC 3501 §6.4.3, RFC 4315 §2.1).
extension IMAPSession {
    func expunge(_ uids: SequenceSet?, tag: String) async throws {
        let selected = try writableSelection()
        if let view = selected.view {
            let named = uids.map { self.uids(of: MessageSet(.uids, $0), selected) }
            let isRefused = try await removeDeleted(view, among: named)
            releaseCopiedAway(among: named)
            notices.markDirty()
            tellsOwnRemovals = true
            if isRefused {
                throw CommandRefusal.no("You may not delete cases; close them, or mark them as spam", .noPermission)
            }
        }
        try await end(tag, .ok("EXPUNGE completed"), tellsHighest: true)
    }

    /// Removes what is marked `\Deleted`, page by page; says whether something had to stay.
    func removeDeleted(_ view: MailboxView, among named: NumberSet?) async throws -> Bool {
        let roster = currentRoster
        guard let person = roster.agents[view.agent] else { return false }
        let removal = Removal(view: view, roster: roster, person: person, now: services.clock.now, held: services.held)
        var deleted = NumberSet(try await services.store.read { try $0.deletedUIDs(in: view) })
        if let named { deleted = deleted.intersection(named) }
        let known = known(deleted)
        var pages = UIDPages(known, pageSize: configuration.pageSize)
        var (done, isRefused) = (0, false)
        while let page = pages.next() {
            if try await services.store.write({ try removal.remove(page, $0) }) { isRefused = true }
            done += page.count
            try await progressed(done, of: known.count)
        }
        return isRefused
    }

    /// Those that the client knows: what came meanwhile is not for it to remove.
    private func known(_ uids: NumberSet) -> NumberSet {
        guard let top = selected?.map.top, top > 0 else { return NumberSet() }
        return uids.intersection(NumberSet(1...top))
    }

    /// Messages copied away and marked deleted are told gone; those not named wait on.
    private func releaseCopiedAway(among named: NumberSet?) {
        guard let selected, !selected.copiedAway.isEmpty else { return }
        guard let named else { return releaseCopiedAway() }
        var kept = NumberSet()
        selected.copiedAway.forEach { if !named.contains($0) { kept.insert($0) } }
        self.selected?.copiedAway = kept
    }
}

/// Removing messages marked `\Deleted` from a mailbox, as a value that goes into transactions.
private struct Removal: Sendable {
    let view: MailboxView
    let roster: Roster
    let person: Roster.Agent
    let now: Timestamp
    let held: HeldMails?

    func deleted(_ uids: [UInt32], _ transaction: any MailboxTransaction) throws -> [MessageRow] {
        var rows: [MessageRow] = []
        try transaction.eachMessage(uids, in: view, []) { row in
            if row.flags.contains(.deleted) { rows.append(row) }
            return true
        }
        return rows
    }

    /// What is deleted in To send or Approval does not leave. Of a mail of somebody else only its approval is taken back, and
    /// what waits for one stays.
    private func recall(
        _ rows: [MessageRow], _ held: HeldMails, _ work: CaseWork, _ transaction: any MailboxTransaction
    ) throws -> Bool {
        var isRefused = false
        for row in rows {
            guard let status = try held.status(UID(row.uid), in: view.kind, roster, transaction) else { continue }
            if status.agent == person.id {
                _ = try held.recall(status, work)
            } else if status.state == .waiting {
                _ = try Approvals(held: held).withdraw(status, by: person.id, work)
            } else {
                isRefused = true
            }
        }
        return isRefused
    }

    /// Says whether a case had to stay because the right to delete it is missing.
    func remove(_ uids: [UInt32], _ transaction: any MailboxTransaction) throws -> Bool {
        let rows = try deleted(uids, transaction)
        guard !rows.isEmpty else { return false }
        let work = CaseWork(transaction, roster: roster, now: now)
        if view.kind.class == .toSend || view.kind.class == .approval, let held {
            return try recall(rows, held, work, transaction)
        }
        var isRefused = false
        let own = rows.filter { $0.ticket == nil || view.kind.class == .trash }
        if view.kind.class == .sharedTemplates, !person.keepsSharedTemplates { return true }
        if !own.isEmpty {
            let sequence = try work.modSequence()
            _ = try transaction.leave(own.map(\.message), from: view.mailbox, at: sequence, now: now)
            for row in own where row.ticket == nil { try transaction.discard(row.message) }
            transaction.note(Change(mailboxes: [view.mailbox]))
        }
        guard view.kind.class != .trash else { return false }
        for ticket in Set(rows.compactMap(\.ticket)).sorted() {
            do {
                if view.kind.class == .followed {
                    try work.setFollowing(false, ticket, by: person.id)
                } else {
                    try work.delete(ticket, by: person.id)
                }
                // The mark has done its work; in Trash the case is not deleted yet.
                for row in rows where row.ticket == ticket {
                    try transaction.setPersonalFlags(
                        row.ownFlags.intersection(.personal).subtracting(.deleted), of: row.message, for: person.id,
                        at: work.modSequence())
                }
            } catch is CaseRefusal {
                isRefused = true
            }
        }
        return isRefused
    }
}
