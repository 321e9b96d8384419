import Desk
import Gateway
import IMAPProtocol
import MailTypes

/// One MOVE or COPY as a value that goes into transactions (DESIGN §3: one moved message moves its whole case).
struct MoveWork: Sendable {
    /// What came of it.
    struct Outcome: Sendable {
        /// The UIDs that the command named and what became of them, in the order of the source.
        var copied: [(source: UInt32, destination: UID)] = []
        /// Why some were not moved.
        var refusals: [CaseRefusal] = []
        /// What the client is told beside that it worked.
        var remarks: [String] = []
        /// UIDs that left the view with this command.
        var left: [UInt32] = []
    }

    let source: MailboxView
    let destination: MailboxKind
    let destinationID: MailboxID
    let isCopy: Bool
    let roster: Roster
    let person: Roster.Agent
    let now: Timestamp
    let casesPerCommand: Int
    /// Mail that waits to leave; `nil`: nothing is recalled or released.
    var held: HeldMails?
    /// For messages that become a case of their own; `nil`: none can.
    var opening: CaseOpening?

    /// Carries the command out for `uids`; `told` are UIDs that this session itself made go. `progress` hears how many
    /// messages are done.
    func carryOut(
        _ uids: [UInt32], told: NumberSet, in transaction: any MailboxTransaction,
        progress: (_ done: Int) -> Void = { _ in }
    ) throws -> Outcome {
        var rows: [MessageRow] = []
        try transaction.eachMessage(uids, in: source, []) {
            rows.append($0)
            return true
        }
        var outcome = Outcome()
        let present = Set(rows.map(\.uid))
        let missing = uids.filter { !present.contains($0) && !told.contains($0) }
        outcome.refusals +=
            source.kind.class == .toSend || source.kind.class == .approval
            ? try departed(missing, transaction) : try takenByColleagues(missing, transaction)
        try check(numberOfCases: Set(rows.compactMap(\.ticket)).count)
        let work = CaseWork(transaction, roster: roster, now: now)
        let before = try transaction.ownMail(of: person.id)
        var decided: [MessageRow] = []
        var done = 0
        for group in grouped(rows) {
            done += group.count
            progress(done)
            do {
                let rows = try carryOut(group, work, transaction, &outcome)
                try recallQuestions(rows, work)
                decided += rows
            } catch let refusal as CaseRefusal {
                outcome.refusals.append(refusal)
            }
        }
        // COPY is all or nothing.
        if isCopy, let refusal = outcome.refusals.first { throw CommandRefusal(refusal, others: 0, person.language) }
        if isCopy || source.kind.class == .sharedTemplates { try OwnMailQuota(person, roster).check(try transaction.ownMail(of: person.id), since: before) }
        try finish(decided, work, transaction, &outcome)
        outcome.copied.sort { $0.source < $1.source }
        return outcome
    }

    // MARK: - Steps

    /// Messages that left unseen: somebody else may have taken the case, which the client must hear with a name.
    private func takenByColleagues(
        _ uids: [UInt32], _ transaction: any MailboxTransaction
    ) throws -> [CaseRefusal] {
        guard !uids.isEmpty else { return [] }
        var seen: Set<TicketNumber> = []
        var refusals: [CaseRefusal] = []
        for message in try transaction.departed(uids, in: source).values.sorted() {
            guard let number = try transaction.ticket(of: message), seen.insert(number).inserted,
                let actor = try transaction.latestActor(in: number), actor != person.id
            else { continue }
            let assignee = try transaction.ticket(number)?.worker
            guard assignee != person.id else { continue }
            let holder = assignee ?? actor
            let name = roster.agents[holder]?.definition.name ?? "?"
            let sentence =
                assignee == nil
                ? Sentence("\(name) has moved this case away", "\(name): sprawa została stąd zabrana")
                : Sentence("\(name) has taken this case", "\(name): sprawa jest już w tych rękach")
            refusals.append(CaseRefusal(.taken(by: holder), sentence))
        }
        return refusals
    }

    /// Whether it matters how many cases one command names: a plain copy decides nothing, so of it there may be any
    /// number, and supervisors may decide about any.
    var countsCases: Bool {
        guard case .decide = meaning(.ofCase) else { return false }
        return switch person.definition.role {
        case .supervisor, .admin: false
        case .agent, .trainee: true
        }
    }

    /// Mails that left before they could be recalled: the client hears when.
    private func departed(_ uids: [UInt32], _ transaction: any MailboxTransaction) throws -> [CaseRefusal] {
        guard let held else { return [] }
        return try uids.compactMap { uid in
            try held.departure(UID(uid), in: source.kind, person, roster, transaction)
        }
    }

    /// Refuses more cases than one command may decide about.
    func check(numberOfCases count: Int) throws {
        guard count > casesPerCommand, countsCases else { return }
        throw CommandRefusal.no("More than \(casesPerCommand) cases at once need a supervisor", .limit)
    }

    /// The cases that messages are of.
    func cases(of uids: [UInt32], in transaction: any MailboxTransaction) throws -> Set<TicketNumber> {
        var cases: Set<TicketNumber> = []
        try transaction.eachMessage(uids, in: source, []) { row in
            if let ticket = row.ticket { cases.insert(ticket) }
            return true
        }
        return cases
    }

    /// Messages of one case together, in the order of their first message; other messages each by itself.
    private func grouped(_ rows: [MessageRow]) -> [[MessageRow]] {
        var groups: [[MessageRow]] = []
        var places: [TicketNumber: Int] = [:]
        for row in rows {
            if let ticket = row.ticket, let place = places[ticket] {
                groups[place].append(row)
            } else {
                if let ticket = row.ticket { places[ticket] = groups.count }
                groups.append([row])
            }
        }
        return groups
    }

    /// The messages about whose case something was decided, as they are now.
    private func carryOut(
        _ rows: [MessageRow], _ work: CaseWork, _ transaction: any MailboxTransaction, _ outcome: inout Outcome
    ) throws -> [MessageRow] {
        guard let first = rows.first else { return [] }
        switch meaning(try role(of: first, transaction)) {
        case .judge(let judgement):
            try judge(judgement, rows, work, transaction, &outcome)
            return []
        case .refuse(let refusal): throw CaseRefusal(.impossible, refusal.sentence)
        case .recall:
            try recall(rows, work, transaction, &outcome)
            return []
        case .release:
            try release(rows, work, transaction, &outcome)
            return []
        case .file:
            try file(rows, work, transaction, &outcome)
            return []
        case .duplicate:
            try duplicate(rows, work, transaction, &outcome)
            return []
        case .decide(let decision):
            guard let ticket = first.ticket else { return [] }
            switch decision {
            case .consult: try consult(ticket, work)
            case .delete: try work.delete(ticket, by: person.id)
            case .follow: try work.setFollowing(true, ticket, by: person.id)
            case .followForOthers: try follow(ticket, work)
            case .unfollow: try work.setFollowing(false, ticket, by: person.id)
            case .take where opening != nil:
                if let opening { _ = try work.take(ticket, by: person.id, with: opening) }
            case .setStatus(.spam):
                guard let opening else {
                    _ = try work.apply(.setStatus(.spam), to: ticket, by: person.id)
                    break
                }
                let moved = try work.moveToSpam(rows.map(\.message), of: ticket, by: person.id, with: opening)
                return rows.map { $0.renamed(moved) }
            default:
                let moved = try work.apply(try self.decision(decision, ticket, transaction), to: ticket, by: person.id)
                if decision == .handOver, let remark = remark(on: moved.ticket), !outcome.remarks.contains(remark) {
                    outcome.remarks.append(remark)
                }
            }
            return rows
        }
    }

    /// What lies in To send or Approval waits to leave; else mail of a case moves the case.
    private func role(of row: MessageRow, _ transaction: any MailboxTransaction) throws -> MoveRules.Role {
        if source.kind.class == .toSend || source.kind.class == .approval {
            let status = try held?.status(UID(row.uid), in: source.kind, roster, transaction)
            return status.map { $0.agent == person.id } ?? true ? .held : .othersHeld
        }
        return row.ticket == nil ? .own : .ofCase
    }

    private func meaning(_ role: MoveRules.Role) -> MoveRules.Meaning {
        let (from, to) = (MovePlace(source.kind, for: person.id), MovePlace(destination, for: person.id))
        return isCopy ? MoveRules.copy(from: from, to: to, role) : MoveRules.move(from: from, to: to, role)
    }

    /// A case that is moved back from Consultation takes back what was asked by moving it there and has not left.
    private func recallQuestions(_ rows: [MessageRow], _ work: CaseWork) throws {
        guard source.kind.class == .consultation, !isCopy, let held, let ticket = rows.first?.ticket else { return }
        guard destination.class != .department, destination.class != .followed else { return }
        try Consultations(held: held).recallMoved(ticket, by: person.id, work)
    }

    /// The department is asked, and the case waits for it.
    private func consult(_ ticket: TicketNumber, _ work: CaseWork) throws {
        guard case .department(let department) = destination else {
            preconditionFailure("a decision does not fit the mailbox that it was made by")
        }
        guard let held else { throw CaseRefusal(.impossible, MoveRules.Refusal.heldMail.sentence) }
        try Consultations(held: held).ask(ticket, department, by: person.id, work)
    }

    /// Who gets what was given to somebody who is away (DESIGN §3).
    private func remark(on ticket: Ticket) -> String? {
        guard let owner = ticket.assignee.flatMap({ roster.agents[$0] }),
            let substitute = ticket.substitute.flatMap({ roster.agents[$0] })
        else { return nil }
        return "\(owner.definition.name) is away, \(substitute.definition.name) stands in"
    }

    /// The colleague, or the members of the group, whose mailbox the case was copied to follow it from now on.
    private func follow(_ ticket: TicketNumber, _ work: CaseWork) throws {
        switch destination {
        case .inbox(let colleague): try work.setFollowing(true, ticket, by: colleague)
        case .group(let group):
            let members = (roster.groups[group]?.members ?? []).filter { member in
                roster.agents[member]?.isActive == true
            }
            guard !members.isEmpty else {
                throw CaseRefusal(
                    .impossible, "Nobody is in that group",
                    "W tej grupie nikogo nie ma")
            }
            for member in members.sorted() { try work.setFollowing(true, ticket, by: member) }
        default: preconditionFailure("a decision does not fit the mailbox that it was made by")
        }
    }

    /// The decision with whom it concerns.
    private func decision(
        _ decision: MoveRules.Decision, _ ticket: TicketNumber, _ transaction: any MailboxTransaction
    ) throws -> CaseWork.Decision {
        switch (decision, destination) {
        case (.take, _): return .take
        case (.handOver, .inbox(let colleague)): return .handOver(colleague)
        case (.handToGroup, .group(let group)): return .handToGroup(group)
        case (.setStatus(let status), _): return .setStatus(status)
        case (.giveBack, _): return .giveBack
        case (.fileInFolder, .folder(let folder)): return .file(folder)
        case (.changePool, .pool(let pool)):
            // Into its own pool, a case goes back to the queue: that undoes a take from Pools/p.
            return try transaction.ticket(ticket)?.pool == pool ? .giveBack : .changePool(pool)
        default: preconditionFailure("a decision does not fit the mailbox that it was made by")
        }
    }

    /// The mail does not leave; it is a draft again, wherever it was dropped: Trash gets a UID for a moment, and so do Drafts
    /// for a closing mail, which becomes nobody's draft.
    private func recall(
        _ rows: [MessageRow], _ work: CaseWork, _ transaction: any MailboxTransaction, _ outcome: inout Outcome
    ) throws {
        guard let held else { throw CaseRefusal(.impossible, MoveRules.Refusal.heldMail.sentence) }
        for row in rows {
            let draft = try held.recall(try status(of: row, held, transaction), work)
            outcome.left.append(row.uid)
            if destination.class == .drafts, let draft {
                outcome.copied.append((row.uid, draft))
            } else if let uid = try passThrough(row.message, work, transaction) {
                outcome.copied.append((row.uid, uid))
            }
        }
    }

    /// The mail leaves now, whatever speaks against it; To send/Confirmed keeps nothing.
    private func release(
        _ rows: [MessageRow], _ work: CaseWork, _ transaction: any MailboxTransaction, _ outcome: inout Outcome
    ) throws {
        guard let held else { throw CaseRefusal(.impossible, MoveRules.Refusal.heldMail.sentence) }
        for row in rows {
            let status = try status(of: row, held, transaction)
            guard case .left = try held.release(status.id, isConfirmed: true, work) else { continue }
            outcome.left.append(row.uid)
            if let uid = try passThrough(row.message, work, transaction) { outcome.copied.append((row.uid, uid)) }
        }
    }

    /// A UID of the destination for a message that does not stay there (DESIGN §3). The message may be gone already.
    func passThrough(
        _ message: MessageKey, _ work: CaseWork, _ transaction: any MailboxTransaction
    ) throws -> UID? {
        let sequence = try work.modSequence()
        let uids = try transaction.enter([message], into: destinationID, pool: .none, at: sequence, now: now)
        _ = try transaction.leave([message], from: destinationID, at: sequence, now: now)
        transaction.note(Change(mailboxes: [destinationID]))
        return uids.first
    }

    /// A message of one's own changes its mailbox and keeps its flags.
    private func file(
        _ rows: [MessageRow], _ work: CaseWork, _ transaction: any MailboxTransaction, _ outcome: inout Outcome
    ) throws {
        guard destinationID != source.mailbox else { return }
        try checkTemplates(source.kind, destination)
        let sequence = try work.modSequence()
        let messages = rows.map(\.message)
        if source.kind.class == .drafts { try messages.forEach(transaction.stopWriting) }
        // What a colleague wrote for all is now the agent's own.
        if source.kind.class == .sharedTemplates { try messages.forEach { try transaction.adopt($0, by: person.id) } }
        for mailbox in [source.mailbox, destinationID].sorted() {
            if mailbox == source.mailbox {
                _ = try transaction.leave(messages, from: mailbox, at: sequence, now: now)
            } else {
                let uids = try transaction.enter(messages, into: mailbox, pool: .none, at: sequence, now: now)
                outcome.copied += zip(rows.map(\.uid), uids).map { ($0, $1) }
            }
        }
        transaction.note(Change(mailboxes: [source.mailbox, destinationID]))
    }

    /// Templates that all use are put there and taken away by those who keep them.
    private func checkTemplates(_ kinds: MailboxKind...) throws {
        guard kinds.contains(where: { $0.class == .sharedTemplates }), !person.keepsSharedTemplates else { return }
        throw CaseRefusal(.noPermission, CommandRefusal.sharedTemplatesSentence)
    }

    /// A second message with the same octets and flags (RFC 3501 §6.4.7).
    private func duplicate(
        _ rows: [MessageRow], _ work: CaseWork, _ transaction: any MailboxTransaction, _ outcome: inout Outcome
    ) throws {
        try checkTemplates(destination)
        let sequence = try work.modSequence()
        for row in rows {
            let copy = try transaction.duplicate(row.message, for: person.id, at: sequence)
            try transaction.setPersonalFlags(
                row.ownFlags.intersection(.personal), of: copy, for: person.id, at: sequence)
            let uids = try transaction.enter([copy], into: destinationID, pool: .none, at: sequence, now: now)
            if let uid = uids.first { outcome.copied.append((row.uid, uid)) }
        }
        transaction.note(Change(mailboxes: [destinationID]))
    }

    /// After the decisions: views let the named messages go, and every one gets a UID in the destination, if only for
    /// this moment (DESIGN §3).
    private func finish(
        _ rows: [MessageRow], _ work: CaseWork, _ transaction: any MailboxTransaction, _ outcome: inout Outcome
    ) throws {
        guard !rows.isEmpty, destinationID != source.mailbox else { return }
        // A trainee's question waits for approval, and the case where it was.
        if !isCopy, source.kind.class.isView || destination.class == .department { try renew(rows, work, transaction) }
        let messages = rows.map(\.message)
        var places = try transaction.uids(of: messages, in: destinationID)
        let strangers = rows.filter { places[$0.message] == nil }
        if !strangers.isEmpty {
            let sequence = try work.modSequence()
            for row in strangers {
                let uids = try transaction.enter(
                    [row.message], into: destinationID, pool: roster.entryPool(row.pool, in: destinationID), at: sequence,
                    now: now)
                places[row.message] = uids.first
            }
            _ = try transaction.leave(strangers.map(\.message), from: destinationID, at: sequence, now: now)
            transaction.note(Change(mailboxes: [destinationID]))
        }
        for row in rows {
            if let uid = places[row.message] { outcome.copied.append((row.uid, uid)) }
        }
        // Only tombstones of this transaction have its mod-sequence.
        let sequence = try work.modSequence()
        outcome.left = try transaction.goneUIDs(in: source, since: ModSequence(sequence.number - 1))
    }

    /// The named UIDs leave a view; what still belongs there comes back under new ones. Next gives up its offer.
    private func renew(
        _ rows: [MessageRow], _ work: CaseWork, _ transaction: any MailboxTransaction
    ) throws {
        let still = try transaction.uids(of: rows.map(\.message), in: source.mailbox)
        let staying = rows.filter { still[$0.message]?.number == $0.uid }
        guard !staying.isEmpty else { return }
        let sequence = try work.modSequence()
        if case .next(let agent) = source.kind {
            let tickets = Set(staying.compactMap(\.ticket))
            if let offer = try transaction.offer(to: agent), tickets.contains(offer.ticket) {
                try transaction.removeOffer(to: agent)
            }
            for ticket in tickets.sorted() {
                let all = try transaction.messages(of: ticket)
                _ = try transaction.leave(all, from: source.mailbox, at: sequence, now: now)
            }
        } else {
            _ = try transaction.leave(staying.map(\.message), from: source.mailbox, at: sequence, now: now)
            for row in staying {
                _ = try transaction.enter(
                    [row.message], into: source.mailbox, pool: row.pool, at: sequence, now: now)
            }
        }
        transaction.note(Change(mailboxes: [source.mailbox], agents: [person.id]))
    }
}

extension CommandRefusal {
    /// A refused decision, as the tagged response says it.
    init(_ refusal: CaseRefusal, others: Int, _ language: Language) {
        var text = refusal.sentence.text(in: language)
        if others > 0 { text += Sentence(", and \(others) more", " i jeszcze \(others)").text(in: language) }
        switch refusal.reason {
        case .noPermission: self = .no(text, .noPermission)
        case .taken: self = .no(text, .inUse)
        case .impossible: self = .no(text, .cannot)
        }
    }
}

extension MessageRow {
    /// As it is called in the case that it went into.
    fileprivate func renamed(_ names: [MessageKey: MessageKey]) -> MessageRow {
        guard let name = names[message] else { return self }
        var row = self
        row.message = name
        return row
    }
}
