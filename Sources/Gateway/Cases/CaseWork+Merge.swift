package import Desk
package import MailTypes

/// Joining cases, and parting them again (FEATURES S10, DESIGN §4).
extension CaseWork {
    /// Lets a case go into another: its messages are part of that one from now on, its number leads there, mail with its
    /// stamp, its addresses or its thread is filed there. Cases of one customer join; others only `anyway`, by a supervisor
    /// of both pools. Answers the case that took the other in; throws a `CaseRefusal` before anything changed.
    package func merge(
        _ number: TicketNumber, into other: TicketNumber, by agent: AgentID, anyway: Bool = false, host: DomainName
    ) throws -> Ticket {
        guard number != other else {
            throw CaseRefusal(
                .impossible, "A case cannot go into itself",
                "Sprawy nie można połączyć z nią samą")
        }
        let (ticket, target) = (try decidable(number, by: agent), try decidable(other, by: agent))
        try mayJoin(ticket, target, by: try person(agent), anyway: anyway)
        let messages = try transaction.messages(of: number).compactMap(transaction.caseMessage)
            .filter { CaseRefiling.moves($0.kind) }
        guard messages.count <= Self.refiledAtOnce else {
            throw CaseRefusal(
                .impossible, "A case of more than \(Self.refiledAtOnce) mails cannot go into another",
                "Sprawy, która ma więcej niż \(Self.refiledAtOnce) wiadomości, nie można dołączyć do innej")
        }
        var closed = ticket
        (closed.status, closed.group, closed.folder, closed.mergedInto) = (.closed, nil, nil, other)
        _ = try move(ticket, to: closed, by: agent, reason: nil)
        for follower in try transaction.followers(of: number).sorted() where mayFollow(follower, target) {
            try setFollowing(true, other, by: follower)
        }
        try transaction.insert(
            CaseMerge(
                ticket: number, into: other, before: CaseMerge.State(ticket), intoBefore: CaseMerge.State(target),
                addedTags: try addTags(of: number, to: other),
                addedParticipants: try addParticipants(of: number, to: other)))
        try transaction.link(number, with: other)
        try carryAnswers(from: number, to: other, by: agent)
        try settleRating(of: other)
        try transaction.record(
            TicketEvent(ticket: other, at: now, kind: .merged, agent: agent, from: number.description))
        let woken = try wake(target, for: ticket, by: agent)
        _ = try CaseRefiling(work: self, host: host).refile(messages, into: woken, isUndoable: true)
        return woken
    }

    /// Undoes a merge: the messages of the case lie where they lay, its status is what it was. What came since stays where it
    /// came. Answers the case that is by itself again.
    package func unmerge(_ number: TicketNumber, by agent: AgentID) throws -> Ticket {
        guard let ticket = try transaction.ticket(number), let merge = try transaction.merge(of: number) else {
            throw CaseRefusal(
                .impossible, "That case did not go into another one",
                "Ta sprawa nie została dołączona do innej")
        }
        let target = try decidable(merge.into, by: agent)
        guard try person(agent).readablePools.contains(ticket.pool) else {
            throw CaseRefusal(
                .noPermission, "You are not a member of this case's pool",
                "Nie należysz do puli tej sprawy")
        }
        try takeBack(from: merge)
        try transaction.removeMerge(of: number)
        var restored = ticket
        restored.mergedInto = nil
        merge.before.restore(&restored, roster)
        // The draft that made it so is not told of.
        if restored.status == .inProgress { restored.status = .assigned }
        let parted = try move(ticket, to: restored, by: agent, reason: nil).ticket
        try settleRatings(of: number, and: target.number)
        try transaction.record(
            TicketEvent(ticket: target.number, at: now, kind: .unmerged, agent: agent, from: number.description))
        // Only what the merge itself brought about is undone.
        if target.status == .assigned, merge.intoBefore.status != .assigned, isOver(merge.intoBefore.status) {
            var before = target
            merge.intoBefore.restore(&before, roster)
            _ = try move(target, to: before, by: agent, reason: nil)
        }
        return parted
    }

    // MARK: - Rules

    private func mayJoin(_ ticket: Ticket, _ target: Ticket, by person: Roster.Agent, anyway: Bool) throws {
        if let customer = ticket.customer, customer == target.customer { return }
        guard anyway else {
            throw CaseRefusal(
                .impossible, "The cases are of different customers; a supervisor can join them anyway",
                "To sprawy różnych klientów; kierownik może je mimo to połączyć")
        }
        guard isSupervisor(person, ticket), isSupervisor(person, target) else {
            throw CaseRefusal(
                .noPermission, "Joining cases of different customers needs a supervisor of both pools",
                "Sprawy różnych klientów łączy kierownik obu pul")
        }
    }

    private func mayFollow(_ follower: AgentID, _ ticket: Ticket) -> Bool {
        guard let person = roster.agents[follower], person.isActive else { return false }
        return person.readablePools.contains(ticket.pool)
    }

    private func isOver(_ status: TicketStatus) -> Bool {
        status == .waiting || status == .done || status == .closed
    }

    // MARK: - Steps

    /// A case that waited or was over and takes in one that needs somebody, needs somebody.
    private func wake(_ target: Ticket, for ticket: Ticket, by agent: AgentID) throws -> Ticket {
        guard isOver(target.status), !isOver(ticket.status), ticket.status != .spam else { return target }
        var woken = target
        woken.status = .assigned
        if target.assignee.flatMap({ roster.agents[$0] })?.isActive != true { woken.assignee = agent }
        return try move(target, to: woken, by: agent, reason: nil).ticket
    }

    private func addTags(of number: TicketNumber, to other: TicketNumber) throws -> [String] {
        let known = try transaction.tags(of: other)
        let seen = Set(known.map { $0.lowercased() })
        // Ratings follow what the customer said, which may change before the cases part.
        let added = try transaction.tags(of: number).filter { tag in
            !seen.contains(tag.lowercased()) && Rating(keyword: tag) == nil
        }
        if !added.isEmpty { try transaction.setTags(known + added, of: other, at: modSequence()) }
        return added
    }

    /// The case bears the newest rating of those that are one with it, if there is any.
    private func settleRating(of number: TicketNumber) throws {
        guard let rating = try transaction.newestRating(of: number) else { return }
        let tags = try transaction.tags(of: number)
        guard Rating.among(tags) != rating else { return }
        try transaction.setTags(Rating.tags(tags, ratedAs: rating), of: number, at: modSequence())
    }

    /// Each of two cases that parted bears its own: where only the one was rated, the other has no rating any more.
    private func settleRatings(of parted: TicketNumber, and other: TicketNumber) throws {
        try settleRating(of: parted)
        try settleRating(of: other)
        guard try transaction.newestRating(of: other) == nil, try transaction.newestRating(of: parted) != nil else { return }
        let tags = try transaction.tags(of: other)
        guard Rating.among(tags) != nil else { return }
        try transaction.setTags(tags.filter { Rating(keyword: $0) == nil }, of: other, at: modSequence())
    }

    private func addParticipants(of number: TicketNumber, to other: TicketNumber) throws -> [AddressID] {
        let known = Set(try transaction.participants(of: other))
        let added = try transaction.participants(of: number).filter { !known.contains($0) }
        for address in added { try transaction.addParticipant(address, to: other) }
        return added
    }

    /// Takes everything out of the case that the other brought into it.
    private func takeBack(from merge: CaseMerge) throws {
        let refiled = try transaction.refiled(in: merge.into, from: merge.ticket)
        let sequence = try modSequence()
        let places = try transaction.mailboxes(of: merge.into)
        for mailbox in places.sorted() {
            _ = try transaction.leave(refiled.map(\.copy), from: mailbox, at: sequence, now: now)
        }
        for (copy, original) in refiled {
            try transaction.carryFlags(from: copy, to: original, at: sequence)
            try transaction.remove(copy)
        }
        let added = Set(merge.addedTags.filter { Rating(keyword: $0) == nil }.map { $0.lowercased() })
        let tags = try transaction.tags(of: merge.into)
        let kept = tags.filter { !added.contains($0.lowercased()) }
        if kept != tags { try transaction.setTags(kept, of: merge.into, at: sequence) }
        for address in merge.addedParticipants { try transaction.removeParticipant(address, from: merge.into) }
        transaction.note(Change(mailboxes: places))
    }
}

extension CaseMerge.State {
    fileprivate init(_ ticket: Ticket) {
        self.init(status: ticket.status, assignee: ticket.assignee, group: ticket.group, folder: ticket.folder)
    }

    /// As it was, but that nobody and nothing is named that is not there any more.
    fileprivate func restore(_ ticket: inout Ticket, _ roster: Roster) {
        (ticket.status, ticket.assignee) = (status, assignee)
        ticket.group = group.flatMap { roster.groups[$0]?.id }
        ticket.folder = folder.flatMap { roster.folders[$0]?.id }
        guard let assignee, roster.agents[assignee]?.readablePools.contains(ticket.pool) != true else { return }
        (ticket.assignee, ticket.status) = (nil, .new)
    }
}
