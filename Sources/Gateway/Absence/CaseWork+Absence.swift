import Desk
import MailTypes

/// Who works on a case while its assignee is away (FEATURES S22): the case stays the assignee's, and lies with whoever stands
/// in as long as it needs work.
extension CaseWork {
    /// A case as it is when somebody must work on it now: with the substitute of who is away, with nobody where nobody stands
    /// in or the assignee left.
    func withWorker(_ ticket: Ticket) -> Ticket {
        guard let owner = ticket.assignee else { return ticket }
        var changed = ticket
        let worker = roster.worker(for: owner, in: ticket.pool, at: now)
        if worker == nil { changed.assignee = nil }
        changed.substitute = worker == owner ? nil : worker
        return changed
    }

    /// Who works on a changed case instead of its assignee. An explicit choice stays; else a change of status or assignee asks
    /// anew. Who is away and works all the same has the case again.
    func substitute(of new: Ticket, from old: Ticket, by agent: AgentID?) -> AgentID? {
        guard let owner = new.assignee, new.status.needsWork, roster.isAway(owner, at: now) else { return nil }
        guard new.substitute == old.substitute else { return new.substitute }
        guard new.status != old.status || new.assignee != old.assignee else { return old.substitute }
        guard owner != agent else { return nil }
        let worker = roster.worker(for: owner, in: new.pool, at: now)
        return worker == owner ? nil : worker
    }

    /// Whether somebody works on a case for its assignee.
    func standsIn(_ person: Roster.Agent, for ticket: Ticket) -> Bool {
        guard let owner = ticket.assignee, owner != person.id, roster.isAway(owner, at: now) else { return false }
        return ticket.substitute == person.id || roster.worker(for: owner, in: ticket.pool, at: now) == person.id
    }
}
