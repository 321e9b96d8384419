package import MailTypes

/// The two clocks of a case (DESIGN §2): until the first answer, and until the case is solved.
///
///     status                        first answer   solution
///     new … approval                runs           runs
///     waiting                       met            stands still
///     done, closed                  met            stands still; judged at the first time
///     spam, in a custom folder      none           none
///
/// What was met or judged stays so for ever. The solution goes on with the working time that was left when it stood
/// still; only a customer who writes into a case that was done begins it anew. A case that comes out of spam or a custom
/// folder begins then.
package struct TicketClock: Equatable, Sendable {
    /// One clock.
    package enum Countdown: Equatable, Sendable {
        /// There is none.
        case off
        /// Since a moment, with the working time used up in earlier runs; `due`: `nil` without a deadline.
        case running(since: Timestamp, used: Duration, due: Timestamp?)
        /// Stands still, with what is left of the time that is given; `nil` without a deadline.
        case stopped(used: Duration, left: Duration?)

        /// When it is due, while it runs.
        package var due: Timestamp? {
            if case .running(_, _, let due) = self { return due }
            return nil
        }
    }

    /// What became of a clock, once and for all.
    package struct Judgement: Equatable, Sendable {
        package var at: Timestamp
        /// `nil`: there was no deadline.
        package var isInTime: Bool?

        package init(at: Timestamp, isInTime: Bool?) { (self.at, self.isInTime) = (at, isInTime) }
    }

    /// What a case's status and place mean to its clocks.
    package enum Phase: Sendable {
        case working
        case waiting
        case done
        /// Spam, or filed away: no work at all.
        case none

        package init(_ status: TicketStatus, isFiledAway: Bool) {
            switch status {
            case _ where isFiledAway: self = .none
            case .new, .assigned, .inProgress, .consultation, .approval: self = .working
            case .waiting: self = .waiting
            case .done, .closed: self = .done
            case .spam: self = .none
            }
        }
    }

    package var firstAnswer: Countdown
    package var solution: Countdown
    package var firstAnswered: Judgement?
    package var solved: Judgement?
    /// When a person said that the case is to be solved, instead of what the terms say.
    package var agreedDue: Timestamp?
    /// A deadline has passed and nobody has met it: the case is in Overdue. True from the moment at which somebody looked.
    package var isOverdue: Bool

    /// The clocks of a case that nothing happened to yet.
    package init(
        firstAnswer: Countdown = .off, solution: Countdown = .off, firstAnswered: Judgement? = nil,
        solved: Judgement? = nil, agreedDue: Timestamp? = nil, isOverdue: Bool = false
    ) {
        (self.firstAnswer, self.solution) = (firstAnswer, solution)
        (self.firstAnswered, self.solved) = (firstAnswered, solved)
        (self.agreedDue, self.isOverdue) = (agreedDue, isOverdue)
    }

    /// When the first answer is due; `nil`: no deadline, or met.
    package var firstAnswerDue: Timestamp? { firstAnswer.due }
    package var firstAnsweredAt: Timestamp? { firstAnswered?.at }
    /// When the solution is due; `nil`: no deadline, met, or standing still.
    package var solutionDue: Timestamp? { solution.due }
    /// Working time left while the clock of the solution stands still.
    package var solutionLeft: Duration? {
        if case .stopped(_, let left) = solution { return left }
        return nil
    }
    /// The first time that the case was done or closed.
    package var solvedAt: Timestamp? { solved?.at }

    /// Whether a deadline has passed: at the very moment of it, it has.
    package func hasPassed(at now: Timestamp) -> Bool {
        [firstAnswer.due, solution.due].contains { due in due.map { $0 <= now } ?? false }
    }

    /// When the case becomes overdue, unless it is.
    package func nextDue(after now: Timestamp) -> Timestamp? {
        hasPassed(at: now) ? nil : [firstAnswer.due, solution.due].compactMap { $0 }.min()
    }

    /// The working time that a clock of a case has used up at a moment; none where it is off.
    package static func used(
        _ countdown: Countdown, calendar: String?, at now: Timestamp, by clock: any DeskClock
    ) -> Duration {
        Reckoning(calendar: calendar, now: now, clock: clock).used(countdown)
    }

    /// The clocks after something happened to the case: it came into `phase`, or its pool or priority changed and with
    /// them the terms. The same step twice is the same as once, so it may be told of every change. `isReopened`: a customer
    /// wrote into a case that was done.
    package func entering(
        _ phase: Phase, isReopened: Bool = false, terms: DeadlineTerms, at now: Timestamp, by clock: any DeskClock
    ) -> TicketClock {
        var next = self
        let reckoning = Reckoning(calendar: terms.calendar, now: now, clock: clock)
        switch phase {
        case .working:
            if firstAnswered == nil { next.firstAnswer = reckoning.run(firstAnswer, within: terms.firstAnswerWithin) }
            if isReopened { (next.solution, next.agreedDue) = (.off, nil) }
            next.solution = reckoning.run(next.solution, within: terms.solveWithin, until: next.agreedDue)
        case .waiting, .done:
            if firstAnswered == nil {
                next.firstAnswered = reckoning.judge(firstAnswer, within: terms.firstAnswerWithin)
                next.firstAnswer = .off
            }
            if phase == .done, solved == nil { next.solved = reckoning.judge(solution, within: terms.solveWithin) }
            next.solution = reckoning.stop(solution, within: terms.solveWithin)
        case .none:
            (next.firstAnswer, next.solution) = (.off, .off)
        }
        next.isOverdue = next.hasPassed(at: now)
        return next
    }
}

/// How a clock goes on at a moment, in working time.
private struct Reckoning {
    let calendar: String?
    let now: Timestamp
    let clock: any DeskClock

    /// Starts it, lets it go on, or reckons its deadline anew; `agreed` is a deadline that counts instead.
    func run(
        _ countdown: TicketClock.Countdown, within time: WorkingTime?, until agreed: Timestamp? = nil
    ) -> TicketClock.Countdown {
        let (since, used) =
            switch countdown {
            case .off: (now, Duration.zero)
            case .stopped(let used, _): (now, used)
            case .running(let since, let used, _): (since, used)
            }
        return .running(since: since, used: used, due: agreed ?? due(since: since, used: used, within: time))
    }

    func stop(_ countdown: TicketClock.Countdown, within time: WorkingTime?) -> TicketClock.Countdown {
        let used = used(countdown)
        return .stopped(used: used, left: time.flatMap { whole($0, from: now) }.map { max(.zero, $0 - used) })
    }

    /// Nothing is judged in or after time where there is no deadline.
    func judge(_ countdown: TicketClock.Countdown, within time: WorkingTime?) -> TicketClock.Judgement {
        switch countdown {
        case .off: TicketClock.Judgement(at: now, isInTime: nil)
        case .running(_, _, let due): TicketClock.Judgement(at: now, isInTime: due.map { now < $0 })
        case .stopped(let used, _):
            TicketClock.Judgement(at: now, isInTime: time.flatMap { whole($0, from: now) }.map { used < $0 })
        }
    }

    private func due(since: Timestamp, used: Duration, within time: WorkingTime?) -> Timestamp? {
        guard let time else { return nil }
        guard used > .zero else { return clock.moment(after: time, from: since, calendar: calendar) }
        guard let whole = whole(time, from: since) else { return nil }
        return used < whole ? clock.moment(after: whole - used, from: since, calendar: calendar) : since
    }

    func used(_ countdown: TicketClock.Countdown) -> Duration {
        switch countdown {
        case .off: .zero
        case .stopped(let used, _): used
        case .running(let since, let used, _): used + clock.workingTime(from: since, to: now, calendar: calendar)
        }
    }

    /// The time that is given, counted from a moment in the hours of the calendar.
    private func whole(_ time: WorkingTime, from start: Timestamp) -> Duration? {
        clock.moment(after: time, from: start, calendar: calendar).map {
            clock.workingTime(from: start, to: $0, calendar: calendar)
        }
    }
}
