import Desk
package import MailTypes

/// Puts cases where they belong when an absence begins or ends: to whoever stands in, to the queue, or back to who is here
/// again, who then hears what was done. Part of a timer's transaction, a few cases at a time.
package struct AbsenceSettling: Sendable {
    /// Cases that are moved in one transaction.
    static let cases = 50
    /// Cases that a notice lists.
    private static let lines = 50
    /// How long absences are remembered.
    private static let memory: Duration = .seconds(400 * 86400)

    private let cryptography: any Cryptography
    private let host: DomainName

    package init(cryptography: any Cryptography, host: DomainName) {
        (self.cryptography, self.host) = (cryptography, host)
    }

    /// An absence of the timer's agent began or ended, or was said or called off.
    package func settle(_ timer: DeskTimer, _ given: CaseWork) throws {
        let agent = AgentID(rawValue: timer.subject)
        let transaction = given.transaction
        // The timer can be seen a moment before the roster is told of what set it.
        let absences = Absences(try transaction.absences(endingAfter: Timestamp(seconds: 0)))
        let work = CaseWork(transaction, roster: given.roster.with(absences), now: given.now)
        if try moveCases(around: agent, work) >= Self.cases {
            // There are more.
            return try Self.wake(agent, transaction, at: work.now)
        }
        if work.roster.isAway(agent, at: work.now) {
            if let offer = try transaction.offer(to: agent) { try work.end(offer) }
        } else {
            try tellWhatWasDone(to: agent, work)
        }
        try transaction.pruneAbsences(before: work.now - Self.memory)
        if let next = work.roster.absences.nextChange(of: agent, after: work.now) {
            try transaction.setTimer(DeskTimer(kind: .absence, ticket: timer.ticket, subject: timer.subject, dueAt: next))
        }
    }

    /// Absences were changed: the timer of the agent looks at once what follows.
    static func wake(_ agent: AgentID, _ transaction: any DeskTransaction, at now: Timestamp) throws {
        try transaction.setTimer(
            DeskTimer(kind: .absence, ticket: TicketNumber(rawValue: 0), subject: agent.rawValue, dueAt: now))
    }

    private func moveCases(around agent: AgentID, _ work: CaseWork) throws -> Int {
        var moved = 0
        for place in try work.transaction.absentWork(around: agent) {
            guard moved < Self.cases else { break }
            let worker = work.roster.worker(for: place.owner, in: place.pool, at: work.now)
            let substitute = worker == place.owner ? nil : worker
            guard worker == nil || substitute != place.substitute else { continue }
            for ticket in try work.transaction.tickets(in: place, limit: Self.cases - moved) {
                moved += 1
                try move(ticket, to: substitute, hasWorker: worker != nil, work)
            }
        }
        return moved
    }

    private func move(_ ticket: Ticket, to substitute: AgentID?, hasWorker: Bool, _ work: CaseWork) throws {
        var changed = ticket
        changed.substitute = substitute
        // What waits for a department or a supervisor needs nobody until the answer comes.
        if !hasWorker, ticket.status == .assigned || ticket.status == .inProgress {
            (changed.assignee, changed.status) = (nil, .new)
        }
        guard changed != ticket else { return }
        let owner = ticket.assignee.flatMap { work.roster.agents[$0]?.definition.name } ?? "?"
        let isBack = ticket.assignee.map { !work.roster.isAway($0, at: work.now) } == true
        _ = try work.move(ticket, to: changed, by: nil, reason: isBack ? "\(owner) is here again" : "\(owner) is away")
    }

    private func tellWhatWasDone(to agent: AgentID, _ work: CaseWork) throws {
        let transaction = work.transaction
        let done = try transaction.takeAbsentWork(of: agent)
        guard !done.isEmpty, let person = work.roster.agents[agent], person.isActive else { return }
        let cases = try done.prefix(Self.lines).compactMap { item -> AbsenceWords.Work? in
            guard let ticket = try transaction.survivor(item.ticket), person.readablePools.contains(ticket.pool) else {
                return nil
            }
            return AbsenceWords.Work(
                about: "#\(ticket.number) \(try transaction.subject(of: ticket.number))",
                worker: work.roster.agents[item.worker]?.definition.name ?? "?", status: ticket.status)
        }
        guard !cases.isEmpty else { return }
        let told = AbsenceWords(person.language).done(cases, more: max(0, done.count - Self.lines))
        var notice = AgentNotice(subject: told.subject, text: told.text)
        notice.listsCases = true
        try notice.file(to: person, cryptography: cryptography, host: host, work)
    }
}
