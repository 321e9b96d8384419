import Desk
import MailFormat
package import MailTypes

/// Tells supervisors what goes wrong in their pools (FEATURES S27): each part is a timer's work, so that what happens to many
/// cases at once is told once.
package struct Oversight: Sendable {
    private static let lines = 20
    /// What happens meanwhile is told together.
    private static let patience: Duration = .seconds(30)
    /// A case that goes from hand to hand so often within an hour is told of.
    static let handovers = 5
    static let handoverTime: Duration = .seconds(3600)

    private let cryptography: any Cryptography
    private let host: DomainName

    package init(cryptography: any Cryptography, host: DomainName) {
        (self.cryptography, self.host) = (cryptography, host)
    }

    /// Some case of a pool became overdue, or is so no more.
    static func overdueChanged(in pool: PoolID, _ transaction: any DeskTransaction, at now: Timestamp) throws {
        let none = TicketNumber(rawValue: 0)
        guard try transaction.timer(.overdueNotice, of: none, subject: pool.rawValue) == nil else { return }
        try transaction.setTimer(
            DeskTimer(kind: .overdueNotice, ticket: none, subject: pool.rawValue, dueAt: now + patience))
    }

    /// Renews the notices of those who are told about a pool.
    package func tellOverdue(_ timer: DeskTimer, _ work: CaseWork) throws {
        for supervisor in work.roster.notifiedSupervisors(of: PoolID(rawValue: timer.subject), at: work.now) {
            try renew(of: supervisor, work)
        }
    }

    private func renew(of supervisor: Roster.Agent, _ work: CaseWork) throws {
        let transaction = work.transaction
        let pools = work.roster.pools.keys.filter { pool in
            work.roster.notifiedSupervisors(of: pool, at: work.now).contains { $0.id == supervisor.id }
        }
        let overdue = try transaction.overdueCases(in: pools.sorted(), limit: Self.lines)
        let old = try transaction.overdueNotice(of: supervisor.id)
        var notice: AgentNotice?
        if !overdue.tickets.isEmpty {
            let cases = try overdue.tickets.map { try line($0, work) }
            let words = OversightWords(supervisor.language, clock: work.roster.clock).overdue(
                cases, more: overdue.count - cases.count)
            notice = AgentNotice(subject: words.subject, text: words.text)
            notice?.listsCases = true
        }
        // What passed since the last notice is news; that there is less is none.
        let isNews = overdue.tickets.contains { ticket in
            old.map { old in ticket.clock.passed(at: work.now).map { $0 > old.at } ?? true } ?? true
        }
        let filed = try AgentNotice.replace(
            old?.messageID, by: notice, isNews: isNews, for: supervisor, cryptography: cryptography, host: host, work)
        try transaction.setOverdueNotice(filed, of: supervisor.id, at: work.now)
    }

    private func line(_ ticket: Ticket, _ work: CaseWork) throws -> OversightWords.OverdueCase {
        let worker = ticket.worker.flatMap { work.roster.agents[$0]?.definition.name }
        return OversightWords.OverdueCase(
            about: "#\(ticket.number) \(try work.transaction.subject(of: ticket.number))",
            worker: worker ?? ticket.group.flatMap { work.roster.groups[$0]?.name },
            due: ticket.clock.passed(at: work.now))
    }

    /// A case goes from hand to hand.
    package func tellHandovers(_ timer: DeskTimer, _ work: CaseWork) throws {
        guard let ticket = try work.transaction.survivor(timer.ticket), !work.isTrashed(ticket) else { return }
        let handovers = try work.transaction.handovers(of: timer.ticket, after: work.now - Self.handoverTime)
        guard let first = handovers.first else { return }
        func name(_ agent: AgentID?) -> String { agent.flatMap { work.roster.agents[$0]?.definition.name } ?? "?" }
        let names = [name(first.from)] + handovers.suffix(20).map { handover in
            handover.group.flatMap { work.roster.groups[$0]?.name } ?? name(handover.to)
        }
        let about = "#\(ticket.number) \(try work.transaction.subject(of: ticket.number))"
        for supervisor in work.roster.notifiedSupervisors(of: ticket.pool, at: work.now) {
            let words = OversightWords(supervisor.language, clock: work.roster.clock).handedOver(about, names)
            var notice = AgentNotice(subject: words.subject, text: words.text)
            notice.listsCases = true
            try notice.file(to: supervisor, cryptography: cryptography, host: host, work)
        }
    }
}

extension CaseWork {
    /// A person gave a case to another; the fifth time within an hour supervisors hear of it.
    func noteHandover(of ticket: TicketNumber) throws {
        let recent = try transaction.handovers(of: ticket, after: now - Oversight.handoverTime)
        guard recent.count == Oversight.handovers else { return }
        try transaction.setTimer(DeskTimer(kind: .handovers, ticket: ticket, dueAt: now))
    }
}

extension TicketClock {
    /// The deadline that passed first.
    fileprivate func passed(at now: Timestamp) -> Timestamp? {
        [firstAnswerDue, solutionDue].compactMap { $0 }.filter { $0 <= now }.min()
    }
}
