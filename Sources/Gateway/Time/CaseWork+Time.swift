package import Desk
import MailTypes

/// The clocks and timers of cases: what time does to a case follows from what the case is, so it is told here of every
/// change and nowhere else.
extension CaseWork {
    /// Inserts a new case with its clocks and timers, and records that it was opened.
    package func open(_ ticket: Ticket, subject: String, by agent: AgentID? = nil) throws -> Ticket {
        var ticket = ticket
        ticket.clock = clock(of: ticket, isReopened: false)
        try transaction.insert(ticket, subject: subject)
        try transaction.record(TicketEvent(ticket: ticket.number, at: now, kind: .opened, agent: agent))
        if agent != nil, let assignee = ticket.assignee {
            try transaction.record(
                TicketEvent(ticket: ticket.number, at: now, kind: .assigned, agent: agent, to: assignee.description))
        }
        if let owner = ticket.assignee, let worker = ticket.substitute {
            try transaction.record(
                TicketEvent(ticket: ticket.number, at: now, kind: .substituted, to: worker.description))
            try transaction.noteAbsentWork(on: ticket.number, of: owner, by: worker)
        }
        // Closed as soon as it came: nobody answered, but it is solved.
        try recordJudgements(from: TicketClock(), to: ticket, by: agent)
        try settleTime(of: ticket, from: nil)
        return ticket
    }

    /// Records how long the first answer and the solution took, once each: what reports count.
    func recordJudgements(from old: TicketClock, to new: Ticket, by agent: AgentID?) throws {
        let calendar = roster.pools[new.pool]?.definition.calendar
        func record(_ kind: EventKind, _ countdown: TicketClock.Countdown, _ judgement: TicketClock.Judgement) throws {
            let used = TicketClock.used(countdown, calendar: calendar, at: now, by: roster.clock)
            try transaction.record(
                TicketEvent(
                    ticket: new.number, at: now, kind: kind, agent: agent, from: "\(used.components.seconds)",
                    to: judgement.isInTime == false ? "late" : "in time"))
        }
        // A case that is closed without an answer has none.
        if old.firstAnswered == nil, let judgement = new.clock.firstAnswered, new.status == .waiting, old.firstAnswer != .off
        {
            try record(.firstAnswered, old.firstAnswer, judgement)
        }
        if old.solved == nil, let judgement = new.clock.solved { try record(.solved, old.solution, judgement) }
    }

    /// The clocks of a case as it is now.
    func clock(of ticket: Ticket, isReopened: Bool) -> TicketClock {
        let pool = roster.pools[ticket.pool]?.definition
        return ticket.clock.entering(
            TicketClock.Phase(ticket.status, isFiledAway: ticket.folder != nil || isTrashed(ticket)), isReopened: isReopened,
            terms: pool.map { roster.definition.deadlineTerms(pool: $0, priority: ticket.priority) } ?? DeadlineTerms(),
            at: now, by: roster.clock)
    }

    /// Sets and removes timers, and shows what the messages are to show. `old`: `nil` for a new case.
    func settleTime(of new: Ticket, from old: Ticket?) throws {
        if old?.clock != new.clock { try settleDeadline(of: new) }
        if new.clock.isOverdue, old?.clock.isOverdue != true {
            let isFirstAnswer = new.clock.firstAnswerDue.map { $0 <= now } == true
            try transaction.record(
                TicketEvent(
                    ticket: new.number, at: now, kind: .overdue, to: isFirstAnswer ? "first answer" : "solution"))
        }
        if new.clock.isOverdue != (old?.clock.isOverdue ?? false) {
            try Oversight.overdueChanged(in: new.pool, transaction, at: now)
        }
        let marks = CaseMarks(new, in: roster.pools[new.pool]?.definition)
        if old != nil || !marks.isEmpty { try transaction.setMarks(marks, of: new.number, at: modSequence()) }
        try settleIdleTime(of: new, from: old)
        try settleSpamTime(of: new, from: old)
    }

    private func settleDeadline(of ticket: Ticket) throws {
        if let due = ticket.clock.nextDue(after: now) {
            try transaction.setTimer(DeskTimer(kind: .deadline, ticket: ticket.number, dueAt: due))
        } else {
            try transaction.removeTimer(.deadline, of: ticket.number, subject: 0)
        }
    }

    private func settleIdleTime(of new: Ticket, from old: Ticket?) throws {
        let wasIdle = old.map { $0.closesWhenIdle && !isTrashed($0) } == true
        if new.closesWhenIdle, !isTrashed(new) {
            guard !wasIdle || old?.status != new.status || old?.pool != new.pool else { return }
            try restartIdleTime(of: new)
        } else if wasIdle {
            try transaction.removeTimer(.idleClose, of: new.number, subject: 0)
        }
    }

    /// A waiting or done case was touched: from now on it is idle.
    func restartIdleTime(of ticket: Ticket) throws {
        guard ticket.closesWhenIdle, !isTrashed(ticket) else { return }
        try transaction.setTimer(
            DeskTimer(kind: .idleClose, ticket: ticket.number, dueAt: now + closeAfter(ticket)))
    }

    /// How long a case may be idle before it closes by itself.
    func closeAfter(_ ticket: Ticket) -> Duration {
        roster.pools[ticket.pool]?.definition.closeAfter ?? roster.definition.closeAfter
    }

    private func isPurgedInTime(_ ticket: Ticket) -> Bool { ticket.status == .spam && !isTrashed(ticket) }

    private func settleSpamTime(of new: Ticket, from old: Ticket?) throws {
        let (was, isNow) = (old.map(isPurgedInTime) == true, isPurgedInTime(new))
        guard was != isNow else { return }
        if isNow {
            let due = new.statusSince + roster.definition.purgeSpamAfter
            try transaction.setTimer(DeskTimer(kind: .spamPurge, ticket: new.number, dueAt: due))
        } else {
            try transaction.removeTimer(.spamPurge, of: new.number, subject: 0)
        }
    }
}

extension Ticket {
    /// Waiting and done cases that are nobody's other business close when they are idle.
    var closesWhenIdle: Bool { (status == .waiting || status == .done) && folder == nil }
}
