package import Desk
package import MailTypes

/// Why a decision about a case is refused; the sentence is for the person who made it.
package struct CaseRefusal: Error, Sendable, Equatable {
    package enum Reason: Sendable, Equatable {
        /// No right to do this, or no sight of the case.
        case noPermission
        /// A colleague has it.
        case taken(by: AgentID)
        /// The case is gone, or its status does not allow it.
        case impossible
    }
    package var reason: Reason
    package var sentence: Sentence
    package init(_ reason: Reason, _ sentence: Sentence) { (self.reason, self.sentence) = (reason, sentence) }

    package init(_ reason: Reason, _ english: String, _ polish: String) {
        self.init(reason, Sentence(english, polish))
    }
}

/// Decisions about cases, carried out within one transaction: status, assignee, the place of every message, the event.
/// All changes of one transaction share a mod-sequence, so make one `CaseWork` a transaction.
package final class CaseWork {
    /// What an agent decided about a case.
    package enum Decision: Sendable, Equatable {
        case take
        case handOver(AgentID)
        case handToGroup(GroupID)
        /// Waiting, done, closed or spam.
        case setStatus(TicketStatus)
        case giveBack
        case changePool(PoolID)
        /// Into a custom folder.
        case file(FolderID)
    }

    /// What came of a decision: where the messages were and are, and their new UIDs there.
    package struct Outcome: Sendable {
        package var ticket: Ticket
        package var from: MailboxID
        package var to: MailboxID
        package var uids: [MessageKey: UID]
    }

    package let transaction: any DeskTransaction
    package let roster: Roster
    package let now: Timestamp
    private var taken: ModSequence?

    package init(_ transaction: any DeskTransaction, roster: Roster, now: Timestamp) {
        (self.transaction, self.roster, self.now) = (transaction, roster, now)
    }

    /// The transaction's one mod-sequence.
    package func modSequence() throws -> ModSequence {
        if let taken { return taken }
        let fresh = try transaction.takeModSequence()
        taken = fresh
        return fresh
    }

    /// Carries out a decision, or throws a `CaseRefusal` before anything changed.
    package func apply(_ decision: Decision, to number: TicketNumber, by agent: AgentID) throws -> Outcome {
        guard let ticket = try transaction.ticket(number) else {
            throw CaseRefusal(.impossible, "There is no such case", "Nie ma takiej sprawy")
        }
        try isByItself(ticket)
        let changed = try decided(decision, ticket, by: try person(agent))
        try checkQuestions(before: changed, of: ticket)
        return try move(ticket, to: changed, by: agent, reason: nil)
    }

    /// Writes a changed ticket, with its events, and moves its messages to where it now belongs; throws a `CaseRefusal`
    /// for a change of status that the table does not allow. Without an agent it is a customer's mail or Stempel itself.
    package func move(
        _ old: Ticket, to changed: Ticket, by agent: AgentID?, reason: String?, isCustomersMail: Bool = false
    ) throws -> Outcome {
        guard isAllowed(old, to: changed.status, by: agent) else {
            throw CaseRefusal(
                .impossible, "A case that is \(old.status.word) cannot become \(changed.status.word)",
                "Sprawa w stanie „\(old.status.words(in: .polish))” nie może przejść do „\(changed.status.words(in: .polish))”")
        }
        var new = changed
        if let folder = new.folder, roster.folders[folder] == nil { new.folder = nil }
        new.substitute = substitute(of: new, from: old, by: agent)
        let place = CasePlace.mailbox(
            status: new.status, assignee: new.worker, group: new.group, folder: new.folder)
        guard let destination = roster.mailbox(place) else {
            throw CaseRefusal(.impossible, "There is no mailbox for that", "Nie ma na to folderu")
        }
        new.mailbox = destination
        if new.status != old.status { new.statusSince = now }
        new.clock = clock(of: new, isReopened: isCustomersMail && (old.status == .done || old.status == .closed))
        if new == old {
            return Outcome(ticket: old, from: old.mailbox, to: old.mailbox, uids: [:])
        }
        try transaction.update(new)
        try recordEvents(from: old, to: new, by: agent, reason: reason)
        try withdrawOffer(of: old, now: new)
        if new.status != old.status, [.done, .closed, .spam].contains(new.status) {
            try cancelConsultations(of: new, by: agent)
        }
        let uids = try relocate(old, new)
        try settleTime(of: new, from: old)
        try settleClosing(of: new, from: old, by: agent)
        return Outcome(ticket: new, from: old.mailbox, to: destination, uids: uids)
    }

    /// Puts a new message of a case wherever the case is to be seen: where it lies, in the view of its pool, and in Next of
    /// whom it is offered to.
    package func place(_ message: MessageKey, of ticket: Ticket, isFirst: Bool = false) throws {
        try place([message], of: ticket, isFirst: isFirst)
    }

    /// As `place` of one message, for several.
    func place(_ messages: [MessageKey], of ticket: Ticket, isFirst: Bool = false) throws {
        var mailboxes = try places(of: ticket)
        // A case that was opened just now is offered to nobody.
        if !isFirst, let offer = try transaction.offer(of: ticket.number), let next = roster.mailbox(.next(offer.agent))
        {
            mailboxes.insert(next)
        }
        for mailbox in mailboxes.sorted() {
            let pool = roster.entryPool(ticket.pool, in: mailbox)
            _ = try transaction.enter(messages, into: mailbox, pool: pool, at: modSequence(), now: now)
        }
        transaction.note(Change(mailboxes: mailboxes))
        try restartIdleTime(of: ticket)
    }

    /// An agent follows a case, or does so no more.
    package func setFollowing(_ follows: Bool, _ number: TicketNumber, by agent: AgentID) throws {
        let person = try person(agent)
        guard let ticket = try transaction.ticket(number), person.readablePools.contains(ticket.pool) else {
            throw CaseRefusal(
                .noPermission, "\(person.definition.name) is not a member of this case's pool",
                "\(person.definition.name) nie należy do puli tej sprawy")
        }
        try isByItself(ticket)
        guard try transaction.setFollowing(follows, number, by: agent) else { return }
        try transaction.record(
            TicketEvent(ticket: number, at: now, kind: follows ? .followed : .unfollowed, agent: agent))
        guard let mailbox = roster.mailbox(.followed(agent)), !isTrashed(ticket) else { return }
        let messages = try transaction.messages(of: number)
        if follows {
            _ = try transaction.enter(messages, into: mailbox, pool: ticket.pool, at: modSequence(), now: now)
        } else {
            _ = try transaction.leave(messages, from: mailbox, at: modSequence(), now: now)
        }
        transaction.note(Change(mailboxes: [mailbox], agents: [agent]))
    }

    /// Every mailbox that shows a case: its one primary place and the views (DESIGN §3), but for Next, which goes by its
    /// offer. A deleted case is in Trash alone, one that went into another case nowhere.
    private func places(of ticket: Ticket) throws -> Set<MailboxID> {
        guard ticket.mergedInto == nil else { return [] }
        guard !isTrashed(ticket) else { return [ticket.mailbox] }
        var kinds: [MailboxKind] = [.pool(ticket.pool), .poolStatus(ticket.pool, ticket.status)]
        if ticket.clock.isOverdue { kinds.append(.overdue) }
        if ticket.status == .closed, let assignee = ticket.assignee {
            kinds.append(.archive(assignee, year: CivilTime(ticket.statusSince).year))
        }
        kinds += try transaction.followers(of: ticket.number).map { .followed($0) }
        // Who is away sees there what the substitute does.
        if ticket.substitute != nil, let owner = ticket.assignee { kinds.append(.followed(owner)) }
        return Set(kinds.compactMap(roster.mailbox)).union([ticket.mailbox])
    }

    // MARK: - Rules

    /// A case that the agent may decide about.
    func decidable(_ number: TicketNumber, by agent: AgentID) throws -> Ticket {
        guard let ticket = try transaction.ticket(number) else {
            throw CaseRefusal(.impossible, "There is no such case", "Nie ma takiej sprawy")
        }
        let person = try person(agent)
        guard person.readablePools.contains(ticket.pool) else {
            throw CaseRefusal(
                .noPermission, "You are not a member of this case's pool",
                "Nie należysz do puli tej sprawy")
        }
        try isByItself(ticket)
        guard !isTrashed(ticket) else {
            throw CaseRefusal(
                .impossible, "#\(number) was deleted",
                "Sprawa #\(number) została usunięta")
        }
        try mayDecide(ticket, person)
        return ticket
    }

    func isByItself(_ ticket: Ticket) throws {
        guard let other = ticket.mergedInto else { return }
        throw CaseRefusal(
            .impossible, "#\(ticket.number) went into #\(other)",
            "Sprawa #\(ticket.number) została dołączona do #\(other)")
    }

    func person(_ agent: AgentID) throws -> Roster.Agent {
        guard let person = roster.agents[agent], person.isActive else {
            throw CaseRefusal(.noPermission, "This account is not active", "To konto nie jest aktywne")
        }
        return person
    }

    private func decided(_ decision: Decision, _ ticket: Ticket, by person: Roster.Agent) throws -> Ticket {
        guard person.readablePools.contains(ticket.pool) else {
            throw CaseRefusal(
                .noPermission, "You are not a member of this case's pool",
                "Nie należysz do puli tej sprawy")
        }
        var new = ticket
        switch decision {
        case .take:
            try mayTake(ticket, person)
            // Who stands in works on it, and it stays the other's.
            let owner = standsIn(person, for: ticket) ? ticket.assignee : person.id
            (new.assignee, new.group, new.folder) = (owner, nil, nil)
            new.substitute = owner == person.id ? nil : person.id
            if new.status != .inProgress || ticket.worker != person.id { new.status = .assigned }
        case .handOver(let colleague):
            guard let other = roster.agents[colleague], other.isActive else {
                throw CaseRefusal(
                    .impossible, "That colleague has no active account",
                    "Ta osoba nie ma aktywnego konta")
            }
            guard other.readablePools.contains(ticket.pool) else {
                throw CaseRefusal(
                    .noPermission, "\(other.definition.name) is not a member of this case's pool",
                    "\(other.definition.name) nie należy do puli tej sprawy")
            }
            try mayDecide(ticket, person)
            guard roster.worker(for: colleague, in: ticket.pool, at: now) != nil else {
                throw CaseRefusal(
                    .impossible, "\(other.definition.name) is away, and nobody stands in",
                    "\(other.definition.name): nieobecność, i nikt nie zastępuje")
            }
            (new.assignee, new.group, new.status, new.folder) = (colleague, nil, .assigned, nil)
        case .handToGroup(let group):
            guard let members = roster.groups[group]?.members,
                members.contains(where: { roster.agents[$0]?.readablePools.contains(ticket.pool) == true })
            else {
                throw CaseRefusal(
                    .noPermission, "Nobody in that group is a member of this case's pool",
                    "Nikt z tej grupy nie należy do puli sprawy")
            }
            try mayDecide(ticket, person)
            (new.assignee, new.group, new.status, new.folder) = (nil, group, .new, nil)
        case .setStatus(let status):
            try mayDecide(ticket, person)
            if status == .consultation, try !waitsForDepartment(ticket.number) {
                throw CaseRefusal(
                    .impossible, "No department is asked; move the case to Departments/name",
                    "Żaden dział nie jest pytany; przenieś sprawę do Działy/nazwa")
            }
            if status == .spam {
                // What we answered is no spam; purging would take our own words with it (DESIGN §2).
                if ticket.status != .spam, try transaction.isAnswered(ticket.number) {
                    throw CaseRefusal(
                        .impossible, "A case with an answer of ours cannot become spam; close it instead",
                        "Sprawa z naszą odpowiedzią nie może być spamem; zamknij ją")
                }
                new.group = nil
            } else if ticket.assignee == nil {
                (new.assignee, new.group) = (person.id, nil)
            }
            (new.status, new.folder) = (status, nil)
        case .giveBack:
            try mayDecide(ticket, person)
            (new.assignee, new.group, new.status, new.folder) = (nil, nil, .new, nil)
        case .changePool(let pool):
            guard roster.pools[pool]?.isActive == true else {
                throw CaseRefusal(.impossible, "There is no such pool", "Nie ma takiej puli")
            }
            try mayDecide(ticket, person)
            if pool != ticket.pool {
                (new.pool, new.assignee, new.group, new.status, new.folder) = (pool, nil, nil, .new, nil)
            }
        case .file(let folder):
            guard roster.folders[folder] != nil else {
                throw CaseRefusal(
                    .impossible, "There is no such folder",
                    "Nie ma takiego folderu")
            }
            try mayDecide(ticket, person)
            new.folder = folder
        }
        return new
    }

    private func isAllowed(_ ticket: Ticket, to status: TicketStatus, by agent: AgentID?) -> Bool {
        let actors: [TransitionActor] =
            switch agent.flatMap({ roster.agents[$0] }) {
            case let person? where isSupervisor(person, ticket): [.supervisor]
            case .some: [.agent]
            case nil: [.customer, .system]
            }
        return actors.contains { Transition.isAllowed(from: ticket.status, to: status, by: $0) }
    }

    func isSupervisor(_ person: Roster.Agent, _ ticket: Ticket) -> Bool {
        person.definition.role == .admin || person.supervisedPools.contains(ticket.pool)
    }

    /// Taking a colleague's case needs the pool's `mayTakeOver`, or a supervisor; a group's case one of its members; a
    /// case that only Next gives out must have been offered to this agent.
    private func mayTake(_ ticket: Ticket, _ person: Roster.Agent) throws {
        if isSupervisor(person, ticket) { return }
        guard let pool = roster.pools[ticket.pool]?.definition else {
            throw CaseRefusal(.impossible, "There is no such pool", "Nie ma takiej puli")
        }
        if let assignee = ticket.assignee, assignee != person.id, roster.agents[assignee]?.isActive == true,
            !pool.mayTakeOver, !standsIn(person, for: ticket)
        {
            throw CaseRefusal(
                .taken(by: assignee), "\(name(of: assignee)) has this case",
                "Sprawę prowadzi \(name(of: assignee))")
        }
        if let group = ticket.group, roster.groups[group]?.members.contains(person.id) != true {
            throw CaseRefusal(
                .noPermission, "This case waits for a member of \(roster.groups[group]?.name ?? "a group")",
                "Sprawa czeka na kogoś z grupy \(roster.groups[group]?.name ?? "?")")
        }
        if ticket.assignee == nil, ticket.group == nil, ticket.status == .new {
            // An offer keeps the case out of other agents' Next, but not from a hand that takes it out of New.
            if pool.takeNextOnly, try transaction.offer(of: ticket.number)?.agent != person.id {
                throw CaseRefusal(
                    .noPermission, "Cases of \(pool.name) are taken from Next, first come, first served",
                    "Sprawy z puli \(pool.name) bierze się po kolei, z folderu „Następne”")
            }
        }
    }

    /// Deciding about a colleague's case is for the pool's supervisors, or for all where cases may be taken over.
    private func mayDecide(_ ticket: Ticket, _ person: Roster.Agent) throws {
        if ticket.assignee == person.id { return }
        try mayTake(ticket, person)
    }

    private func name(of agent: AgentID) -> String { roster.agents[agent]?.definition.name ?? "a colleague" }

    // MARK: - Effects

    private func recordEvents(from old: Ticket, to new: Ticket, by agent: AgentID?, reason: String?) throws {
        func event(_ kind: EventKind, _ from: String?, _ to: String?) -> TicketEvent {
            TicketEvent(
                ticket: new.number, at: now, kind: kind, agent: agent, from: from, to: to, reason: reason)
        }
        if old.pool != new.pool {
            try transaction.record(event(.poolChanged, old.pool.description, new.pool.description))
        }
        if old.assignee != new.assignee {
            try transaction.record(event(.assigned, old.assignee?.description, new.assignee?.description))
        }
        if old.substitute != new.substitute {
            try transaction.record(event(.substituted, old.substitute?.description, new.substitute?.description))
            if let owner = new.assignee, let worker = new.substitute {
                try transaction.noteAbsentWork(on: new.number, of: owner, by: worker)
            }
        }
        if old.group != new.group {
            try transaction.record(event(.groupAssigned, old.group?.description, new.group?.description))
        }
        if agent != nil, new.assignee != old.assignee && new.assignee != nil || new.group != old.group && new.group != nil {
            try noteHandover(of: new.number)
        }
        if old.folder != new.folder {
            try transaction.record(event(.filed, old.folder?.description, new.folder?.description))
        }
        if old.priority != new.priority {
            try transaction.record(event(.priorityChanged, old.priority.rawValue, new.priority.rawValue))
        }
        if old.category != new.category {
            try transaction.record(event(.categoryChanged, old.category, new.category))
        }
        if old.source != new.source {
            try transaction.record(event(.sourceChanged, old.source.rawValue, new.source.rawValue))
        }
        if old.clock.agreedDue != new.clock.agreedDue {
            func seconds(_ due: Timestamp?) -> String? { due.map { "\($0.seconds)" } }
            try transaction.record(event(.dueChanged, seconds(old.clock.agreedDue), seconds(new.clock.agreedDue)))
        }
        if old.status != new.status {
            try transaction.record(event(.statusChanged, old.status.word, new.status.word))
        }
        try recordJudgements(from: old.clock, to: new, by: agent)
        if let other = new.mergedInto, old.mergedInto == nil {
            try transaction.record(event(.merged, nil, other.description))
        }
        if let other = old.mergedInto, new.mergedInto == nil {
            try transaction.record(event(.unmerged, other.description, nil))
        }
        if isTrashed(old), !isTrashed(new) {
            try transaction.removeTimer(.trashPurge, of: new.number, subject: 0)
            var restored = event(.restored, nil, nil)
            restored.reason = try transaction.subject(of: new.number)
            try transaction.record(restored)
        }
    }

    /// A case that left the queue of its pool is offered to nobody any more.
    func withdrawOffer(of old: Ticket, now new: Ticket) throws {
        guard new.mailbox != old.mailbox || new.pool != old.pool,
            let offer = try transaction.offer(of: new.number)
        else { return }
        try end(offer)
    }

    /// The case is in nobody's Next any more.
    func end(_ offer: Offer) throws {
        try transaction.removeOffer(to: offer.agent)
        if let next = roster.mailbox(.next(offer.agent)) {
            let messages = try transaction.messages(of: offer.ticket)
            _ = try transaction.leave(messages, from: next, at: modSequence(), now: now)
            transaction.note(Change(mailboxes: [next], agents: [offer.agent]))
        }
    }

    /// Out of where it was and into where it is to be, in ascending order of the mailboxes; a changed pool renews the entries
    /// everywhere, since what a pool's readers see never changes under a UID (DESIGN §3).
    func relocate(_ old: Ticket, _ new: Ticket) throws -> [MessageKey: UID] {
        let isPoolChange = old.pool != new.pool
        let (from, to) = (try places(of: old), try places(of: new))
        guard from != to || isPoolChange else { return [:] }
        let messages = try transaction.messages(of: new.number)
        let sequence = try modSequence()
        let leaving = isPoolChange ? from : from.subtracting(to)
        let entering = isPoolChange ? to : to.subtracting(from)
        if isPoolChange { try transaction.setPool(new.pool, of: messages) }
        var uids: [UID] = []
        for mailbox in leaving.union(entering).sorted() {
            if leaving.contains(mailbox) { _ = try transaction.leave(messages, from: mailbox, at: sequence, now: now) }
            if entering.contains(mailbox) {
                let pool = roster.entryPool(new.pool, in: mailbox)
                let given = try transaction.enter(messages, into: mailbox, pool: pool, at: sequence, now: now)
                if mailbox == new.mailbox { uids = given }
            }
        }
        transaction.note(Change(mailboxes: leaving.union(entering)))
        return Dictionary(zip(messages, uids), uniquingKeysWith: { first, _ in first })
    }
}
