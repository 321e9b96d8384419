package import Desk
package import MailTypes

/// Makes the database say what a desk definition says, in one transaction: what it names is created or renamed, what it
/// leaves out is deactivated and never deleted (DESIGN §9).
package struct DeskAdministration: Sendable {
    package let definition: DeskDefinition
    /// The definition as text, without secrets.
    package let text: String
    /// Verifiers by folded login, for accounts that have none yet.
    package let credentials: [String: String]
    private let libraries: DeskLibraries
    /// A part that has another name in the definition than it had, and keeps its number.
    private let renamed: (part: DeskPart, from: String, to: String)?

    package init(
        definition: DeskDefinition, text: String, credentials: [String: String], libraries: DeskLibraries,
        renamed: (part: DeskPart, from: String, to: String)? = nil
    ) {
        (self.definition, self.text, self.credentials) = (definition, text, credentials)
        (self.libraries, self.renamed) = (libraries, renamed)
    }

    /// Applies the definition and answers the new roster.
    package func apply(in transaction: any DeskTransaction, now: Timestamp) throws -> Roster {
        if let renamed { try rename(renamed.part, renamed.from, to: renamed.to, transaction) }
        try applyParts(.pool, definition.pools.map(\.name), transaction)
        try applyParts(.group, definition.groups.map(\.name), transaction)
        try applyParts(.department, definition.departments.map(\.name), transaction)
        try applyParts(.folder, definition.folders, transaction)
        try applyAgents(transaction)
        try transaction.storeDefinition(text)
        let draft = try Self.roster(definition, libraries, in: transaction)
        _ = try Self.addMailboxes(of: draft, in: transaction, now: now)
        try AbsenceRecording(transaction, now: now).apply(draft)
        let changed = try applyMemberships(draft, transaction, now)
        try applyCards(draft, transaction, now)
        let roster = try Self.roster(definition, libraries, in: transaction)
        try releaseCases(roster, changed, transaction, now)
        try QueueEntries.renew(roster, in: transaction, now: now)
        try ApprovalViews(roster: roster).settle(in: transaction, now: now)
        try CaseTimers.hasten(roster, in: transaction)
        transaction.note(Change(isRosterChange: true))
        guard try retireMailboxes(roster, transaction) else { return roster }
        return try Self.roster(definition, libraries, in: transaction)
    }

    /// The roster as the database has it.
    package static func roster(
        _ definition: DeskDefinition, _ libraries: DeskLibraries, in transaction: any DeskTransaction
    ) throws -> Roster {
        try RosterReader(definition: definition, libraries: libraries, transaction: transaction).read()
    }

    // MARK: - Steps

    private func applyParts(_ kind: DeskPart, _ names: [String], _ transaction: any DeskTransaction) throws {
        let rows = try transaction.parts(kind)
        let wanted = Dictionary(names.map { (foldedName($0), $0) }, uniquingKeysWith: { first, _ in first })
        for row in rows {
            let name = wanted[foldedName(row.name)]
            let new = PartRow(id: row.id, name: name ?? row.name, isActive: name != nil)
            if new != row { try transaction.update(new, of: kind) }
        }
        let known = Set(rows.map { foldedName($0.name) })
        for name in names where !known.contains(foldedName(name)) { _ = try transaction.insertPart(kind, name: name) }
    }

    /// A part that was removed long ago makes room for the new name.
    private func rename(_ kind: DeskPart, _ old: String, to new: String, _ transaction: any DeskTransaction) throws {
        let rows = try transaction.parts(kind)
        guard let row = rows.first(where: { foldedName($0.name) == foldedName(old) }) else { return }
        if let other = rows.first(where: { foldedName($0.name) == foldedName(new) && $0.id != row.id }) {
            try transaction.update(PartRow(id: other.id, name: "\(other.name) ~\(other.id)", isActive: false), of: kind)
        }
        try transaction.update(PartRow(id: row.id, name: new, isActive: row.isActive), of: kind)
    }

    private func applyAgents(_ transaction: any DeskTransaction) throws {
        var rows = try transaction.agents()
        let known = Set(rows.map { foldedName($0.login) })
        for agent in definition.agents where !known.contains(foldedName(agent.login)) {
            _ = try transaction.insertAgent(login: agent.login)
        }
        rows = try transaction.agents()
        let wanted = Dictionary(
            definition.agents.map { (foldedName($0.login), $0) }, uniquingKeysWith: { first, _ in first })
        for var row in rows {
            let agent = wanted[foldedName(row.login)]
            let new = (login: agent?.login ?? row.login, isActive: agent?.active == true)
            if (row.login, row.isActive) != (new.login, new.isActive) {
                (row.login, row.isActive) = (new.login, new.isActive)
                try transaction.update(row)
            }
            if !row.hasCredential, let verifier = credentials[foldedName(row.login)] {
                try transaction.setCredential(verifier, of: row.id)
            }
        }
    }

    /// Makes the mailboxes that the desk has and the database has not, also those that an earlier version knew nothing of.
    /// Says whether there were any.
    package static func addMailboxes(
        of roster: Roster, in transaction: any DeskTransaction, now: Timestamp
    ) throws -> Bool {
        var wanted: [MailboxKind] = [.new, .spam, .overdue, .sharedTemplates]
        wanted += roster.folders.keys.sorted().map { .folder($0) }
        for pool in roster.pools.keys.sorted() {
            wanted += [.pool(pool)] + TicketStatus.allCases.map { .poolStatus(pool, $0) }
        }
        wanted += roster.groups.keys.sorted().map { .group($0) }
        wanted += roster.departments.keys.sorted().map { .department($0) }
        for agent in roster.agents.keys.sorted() {
            wanted += [
                .inbox(agent), .next(agent), .waiting(agent), .done(agent), .closed(agent), .drafts(agent),
                .sent(agent),
                .templates(agent), .trash(agent), .toSend(agent), .confirmed(agent), .approval(agent),
                .consultation(agent), .followed(agent),
            ]
        }
        let missing = wanted.filter { roster.mailbox($0) == nil }
        for kind in missing {
            let made = try transaction.insertMailbox(kind, uidValidity: try transaction.takeUIDValidity(at: now))
            // Where the pool has cases already, they follow piece by piece.
            guard case .poolStatus(let pool, let status) = kind,
                try !transaction.tickets(of: pool, in: status, above: TicketNumber(rawValue: 0), limit: 1).isEmpty
            else { continue }
            try transaction.setTimer(
                DeskTimer(kind: .archive, ticket: TicketNumber(rawValue: 0), subject: made.rawValue, dueAt: now))
        }
        return !missing.isEmpty
    }

    /// A change of the pools that an agent may read gives the shared mailboxes a new UIDVALIDITY for this agent (DESIGN §3),
    /// a change of whose cases in a pool only those that show them. Answers who may read other pools now.
    private func applyMemberships(
        _ roster: Roster, _ transaction: any DeskTransaction, _ now: Timestamp
    ) throws -> Set<AgentID> {
        var changed: Set<AgentID> = []
        for var row in try transaction.agents() {
            guard let agent = roster.agents[row.id] else { continue }
            let text = AgentSight(of: agent, roster).text
            guard text != row.memberships else { continue }
            let (before, after) = (AgentSight(text: row.memberships), AgentSight(text: text))
            if before.pools == after.pools {
                let validity = try transaction.takeUIDValidity(at: now)
                for pool in before.own.symmetricDifference(after.own).sorted() {
                    try transaction.setSightValidity(validity, of: pool, for: row.id)
                }
            } else {
                row.viewValidity = try transaction.takeUIDValidity(at: now)
                changed.insert(row.id)
            }
            row.memberships = text
            try transaction.update(row)
        }
        return changed
    }

    /// Which cards an agent sees: a change gives every mailbox with cases a new UIDVALIDITY for this agent, since under
    /// the UIDs that a client has nothing may come or change.
    private func applyCards(_ roster: Roster, _ transaction: any DeskTransaction, _ now: Timestamp) throws {
        for var row in try transaction.agents() {
            guard let agent = roster.agents[row.id] else { continue }
            let kept = agent.definition.card.kept(row.cards, agent.language)
            guard kept != row.cards else { continue }
            if !row.cards.isEmpty { row.cardValidity = try transaction.takeUIDValidity(at: now) }
            row.cards = kept
            try transaction.update(row)
        }
    }

    /// Cases of those who left, or who lost the pool, go back to New; what is over stays theirs, out of their folders.
    private func releaseCases(
        _ roster: Roster, _ changed: Set<AgentID>, _ transaction: any DeskTransaction, _ now: Timestamp
    ) throws {
        let work = CaseWork(transaction, roster: roster, now: now)
        // Who stood in may not any more.
        for agent in roster.agents.keys.sorted() where roster.isAway(agent, at: now) {
            try AbsenceSettling.wake(agent, transaction, at: now)
        }
        try releaseGroupCases(roster, work)
        try releaseFolderCases(roster, work)
        for agent in roster.agents.values.sorted(by: { $0.id < $1.id }) {
            let open = try transaction.tickets(
                of: agent.id, in: [.assigned, .inProgress, .consultation, .approval, .waiting])
            for ticket in open where !agent.isActive || !agent.readablePools.contains(ticket.pool) {
                var changed = ticket
                let heir = agent.isActive ? nil : roster.heir(of: agent.id, in: ticket.pool, at: now)
                (changed.assignee, changed.group, changed.status) = (heir, nil, heir == nil ? .new : .assigned)
                _ = try work.move(ticket, to: changed, by: nil, reason: "the assignee left the pool")
            }
            guard agent.isActive, changed.contains(agent.id) else { continue }
            for ticket in try transaction.tickets(of: agent.id, in: [.done, .closed])
            where !agent.readablePools.contains(ticket.pool) {
                let messages = try transaction.messages(of: ticket.number)
                let gone = try transaction.leave(messages, from: ticket.mailbox, at: work.modSequence(), now: now)
                if !gone.isEmpty { transaction.note(Change(mailboxes: [ticket.mailbox])) }
            }
        }
    }

    /// Mailboxes of folders and groups that are not there any more go, with what everybody said about them; should the name
    /// come back, it is another mailbox with a higher UIDVALIDITY. Says whether there were any.
    private func retireMailboxes(_ roster: Roster, _ transaction: any DeskTransaction) throws -> Bool {
        let gone = roster.mailboxes.filter { kind, _ in
            switch kind {
            case .folder(let folder): roster.folders[folder] == nil
            case .group(let group): roster.groups[group] == nil
            case .department(let department): roster.departments[department] == nil
            default: false
            }
        }
        for mailbox in gone.values.sorted() { try transaction.retireMailbox(mailbox) }
        return !gone.isEmpty
    }

    /// Cases filed in a folder that is not there any more go where their status says.
    private func releaseFolderCases(_ roster: Roster, _ work: CaseWork) throws {
        for (kind, mailbox) in roster.mailboxes.sorted(by: { $0.value < $1.value }) {
            guard case .folder(let folder) = kind, roster.folders[folder] == nil else { continue }
            for ticket in try work.transaction.tickets(in: mailbox) {
                var changed = ticket
                changed.folder = nil
                _ = try work.move(ticket, to: changed, by: nil, reason: "the folder is gone")
            }
        }
    }

    /// Cases that wait for a group go back to New when nobody is left in it who may read them.
    private func releaseGroupCases(_ roster: Roster, _ work: CaseWork) throws {
        for (kind, mailbox) in roster.mailboxes.sorted(by: { $0.value < $1.value }) {
            guard case .group(let group) = kind else { continue }
            let readers = (roster.groups[group]?.members ?? []).compactMap { roster.agents[$0] }.filter(\.isActive)
            for ticket in try work.transaction.tickets(in: mailbox)
            where !readers.contains(where: { $0.readablePools.contains(ticket.pool) }) {
                var changed = ticket
                changed.group = nil
                _ = try work.move(ticket, to: changed, by: nil, reason: "nobody is left in the group")
            }
        }
    }
}
