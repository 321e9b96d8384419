import Desk
import MailTypes

/// Carries out what an agent tells the desk about a case in a mail (DESIGN §4): each command is the decision that a move, a
/// tag or the command line makes, too. Part of the caller's transaction, so that a command that cannot be carried out
/// undoes the ones before it.
struct CaseCommands {
    let work: CaseWork
    let agent: Roster.Agent
    let opening: CaseOpening
    let held: HeldMails
    /// The message that the agent's mail answers, if it does.
    let answered: [MessageKey]

    private var roster: Roster { work.roster }
    private var transaction: any DeskTransaction { work.transaction }

    /// Carries out one command, or throws a `CaseRefusal` or a `CommandProblem` that says why not.
    func carryOut(_ typed: TypedCommand, on number: TicketNumber) throws {
        switch typed.command {
        case .take: try decide(.take, number)
        case .new: try decide(.giveBack, number)
        case .waiting: try decide(.setStatus(.waiting), number)
        case .done: try decide(.setStatus(.done), number)
        case .close: try decide(.setStatus(.closed), number)
        case .spam: try decide(.setStatus(.spam), number)
        case .assign(let name):
            let colleague = try self.colleague(name, typed)
            try decide(colleague == agent.id ? .take : .handOver(colleague), number)
        case .group(let name): try decide(.handToGroup(try group(name, typed)), number)
        case .pool(let name): try decide(.changePool(try pool(name, typed)), number)
        case .category(let name): try change(number) { $0.category = name }
        case .priority(let priority): try change(number) { $0.priority = priority }
        case .source(let source):
            guard let source = TicketSource(rawValue: source.rawValue) else { return }
            try change(number) { $0.source = source }
        case .due(let moment):
            let due = moment.map { roster.clock(of: agent.id).moment(of: $0, endOfDay: true) }
            try change(number) { $0.clock.agreedDue = due }
        case .tag(let names): try tag(number, adding: names)
        case .untag(let names): try tag(number, removing: names)
        case .follow: try work.setFollowing(true, number, by: agent.id)
        case .unfollow: try work.setFollowing(false, number, by: agent.id)
        case .cc(let addresses): try addParticipants(addresses, number)
        case .merge(let merge):
            try self.merge(merge, into: number, typed)
        case .split:
            guard !answered.isEmpty else {
                throw CaseRefusal(
                    .impossible, "Answer the message that becomes a case of its own, with #split on top",
                    "Odpowiedz na wiadomość, która ma być osobną sprawą, z #split u góry")
            }
            _ = try work.split(answered, from: number, by: agent.id, with: opening)
        case .recall: try recall(number)
        case .answer(let name, let value): try answer(name, value, number, typed)
        case .customer(let change): try self.change(change, number, typed)
        // What makes a mail of the command's own, or needs people who are not asked yet, is refused by the caller.
        case .send, .replace, .note, .consult, .forward, .approve, .reject, .template, .find, .away,
            .from, .each:
            throw CaseRefusal(
                .impossible, "“\(typed.line)” cannot be done here",
                "„\(typed.line)” nie da się tu wykonać")
        }
    }

    /// Whether everybody and everything that a command names is there, for one that is carried out later.
    func check(_ typed: TypedCommand) throws {
        switch typed.command {
        case .assign(let name): _ = try colleague(name, typed)
        case .group(let name): _ = try group(name, typed)
        case .pool(let name): _ = try pool(name, typed)
        case .customer(.attach(let reference, withEarlier: _)): _ = try customer(reference, typed)
        case .customer(.set(let field, value: _)): _ = try self.field(field, typed)
        default: break
        }
    }

    // MARK: - What is decided

    private func decide(_ decision: CaseWork.Decision, _ number: TicketNumber) throws {
        _ = try work.apply(decision, to: number, by: agent.id)
    }

    private func change(_ number: TicketNumber, _ change: (inout Ticket) -> Void) throws {
        guard let ticket = try transaction.ticket(number), agent.readablePools.contains(ticket.pool) else {
            throw CaseRefusal(
                .noPermission, "You are not a member of this case's pool",
                "Nie należysz do puli tej sprawy")
        }
        var changed = ticket
        change(&changed)
        _ = try work.move(ticket, to: changed, by: agent.id, reason: nil)
    }

    private func tag(_ number: TicketNumber, adding added: [String] = [], removing removed: [String] = []) throws {
        let known = try transaction.tags(of: number)
        let gone = Set(removed.map { TagKeyword.keyword(of: $0).lowercased() })
        var tags = known.filter { !gone.contains($0.lowercased()) }
        var seen = Set(tags.map { $0.lowercased() })
        let fresh = added.map(TagKeyword.keyword).filter { seen.insert($0.lowercased()).inserted }
        tags = Rating.keeping(known, in: tags + fresh)
        guard tags != known else { return }
        try transaction.setTags(tags, of: number, at: work.modSequence())
        for tag in fresh where tags.contains(tag) { try record(.tagged, number, tag) }
        for tag in known where !tags.contains(tag) { try record(.untagged, number, tag) }
    }

    /// All of them, or none; the customer is told by a mail that waits for the undo time.
    private func merge(_ merge: DeskCommand.Merge, into number: TicketNumber, _ typed: TypedCommand) throws {
        for other in merge.others where try transaction.ticket(other) == nil {
            throw CommandProblem(line: typed.line, fault: .noSuch(.ticket, other.description, suggestion: nil))
        }
        guard !merge.undo else {
            for other in merge.others { try unmerge(other, from: number) }
            return
        }
        let told = try merge.notify ? notice(in: number)?.recipients(merge.others) : nil
        for other in merge.others {
            _ = try work.merge(other, into: number, by: agent.id, anyway: merge.anyway, host: opening.host)
        }
        if let told { try notice(in: number)?.hold(merge.others, to: told) }
    }

    private func unmerge(_ other: TicketNumber, from number: TicketNumber) throws {
        guard try transaction.ticket(other)?.mergedInto == number else {
            throw CaseRefusal(
                .impossible, "Case \(other) did not go into this one",
                "Sprawa \(other) nie weszła w tę sprawę")
        }
        _ = try work.unmerge(other, by: agent.id)
    }

    private func notice(in number: TicketNumber) throws -> MergeNotice? {
        try transaction.ticket(number).map {
            MergeNotice(letter: DeskLetter(held: held, work: work, agent: agent, ticket: $0))
        }
    }

    private func addParticipants(_ addresses: [EmailAddress], _ number: TicketNumber) throws {
        for address in addresses {
            if let colleague = roster.agent(address: address) {
                try work.setFollowing(true, number, by: colleague.id)
                continue
            }
            guard !MailFacts.isInternal(address, roster) else { continue }
            let correspondent = try transaction.correspondent(NamedAddress(address: address), at: work.now)
            guard try !transaction.isParticipant(correspondent.address, in: number) else { continue }
            try transaction.addParticipant(correspondent.address, to: number)
            try record(.participantAdded, number, address.description)
        }
    }

    private func record(_ kind: EventKind, _ number: TicketNumber, _ to: String) throws {
        try transaction.record(
            TicketEvent(ticket: number, at: work.now, kind: kind, agent: agent.id, to: to))
    }

    private func answer(_ name: String, _ value: String, _ number: TicketNumber, _ typed: TypedCommand) throws {
        do {
            try work.answer(name, with: value, in: number, by: agent.id)
        } catch let unknown as NoSuchQuestion {
            throw self.unknown(.question, unknown.name, among: unknown.known, typed)
        }
    }

    // MARK: - Customers

    private func change(_ change: DeskCommand.CustomerChange, _ number: TicketNumber, _ typed: TypedCommand) throws {
        guard let ticket = try transaction.ticket(number), agent.readablePools.contains(ticket.pool) else {
            throw CaseRefusal(
                .noPermission, "You are not a member of this case's pool",
                "Nie należysz do puli tej sprawy")
        }
        let customers = CustomerWork(transaction, by: agent.id, now: work.now)
        switch change {
        case .attach(let reference, let withEarlier):
            try customers.attach(number, to: try customer(reference, typed), withEarlier: withEarlier)
        case .detach(let withEarlier): _ = try customers.detach(number, withEarlier: withEarlier)
        case .set(let name, let value):
            guard let customer = ticket.customer else {
                throw CaseRefusal(.impossible, "That case has no customer", "Ta sprawa nie ma klienta")
            }
            try customers.set([(field: try field(name, typed), value: value)], of: customer)
        }
    }

    /// By address, by number, or by a name or firm that only one has.
    private func customer(_ reference: String, _ typed: TypedCommand) throws -> CustomerID {
        func missing() -> CommandProblem {
            CommandProblem(line: typed.line, fault: .noSuch(.customer, reference, suggestion: nil))
        }
        if let address = EmailAddress(reference) {
            guard let found = try transaction.address(identity: address.identity) else { throw missing() }
            return found.customer
        }
        let named = try transaction.customers(called: Customer.searchKey(reference), limit: 2)
        if let first = named.first {
            guard named.count == 1 else {
                throw CommandProblem(line: typed.line, fault: .severalSuch(.customer, reference))
            }
            return first
        }
        guard let number = CommandWords.ticketNumber(reference),
            let found = try transaction.customer(CustomerID(rawValue: number.rawValue))
        else { throw missing() }
        return found.joinedInto ?? found.id
    }

    /// A name of one of the facts, or one of a field of the desk's own that is not nearly one of them.
    private func field(_ name: String, _ typed: TypedCommand) throws -> CustomerField {
        let field = CustomerField(name)
        guard case .own(let own)? = field else {
            if let field { return field }
            throw CommandProblem(line: typed.line, fault: .noOption(.customer, name, suggestion: nil))
        }
        if let near = CustomerField.standardName(near: own) {
            throw CommandProblem(line: typed.line, fault: .noOption(.customer, name, suggestion: near))
        }
        return .own(own)
    }

    private func recall(_ number: TicketNumber) throws {
        guard try held.recallLatest(of: agent.id, in: number, work) else {
            throw CaseRefusal(
                .impossible, "No mail of yours waits to leave in this case",
                "W tej sprawie nie czeka żadna Twoja wiadomość")
        }
    }

    // MARK: - Who is meant

    private func colleague(_ name: String, _ typed: TypedCommand) throws -> AgentID {
        if let found = roster.colleague(named: name) { return found }
        let names = roster.agents.values.filter(\.isActive).map(\.definition.name)
        throw unknown(.agent, name, among: names, typed)
    }

    private func group(_ name: String, _ typed: TypedCommand) throws -> GroupID {
        if let found = roster.group(named: name) { return found.id }
        throw unknown(.group, name, among: roster.groups.values.map(\.name), typed)
    }

    private func pool(_ name: String, _ typed: TypedCommand) throws -> PoolID {
        if let found = roster.pool(named: name) { return found }
        throw unknown(.pool, name, among: roster.pools.values.filter(\.isActive).map(\.definition.name), typed)
    }

    private func unknown(
        _ thing: CommandProblem.Thing, _ name: String, among names: [String], _ typed: TypedCommand
    ) -> CommandProblem {
        CommandProblem(
            line: typed.line, fault: .noSuch(thing, name, suggestion: Spelling.nearest(to: name, among: names.sorted())))
    }
}
