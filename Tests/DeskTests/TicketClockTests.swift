import Desk
import MailTypes
import Testing

@Suite struct TicketClockTests {
    /// Around the clock, but for the calendar `half`, which is open in every second hour from the first.
    private struct HalfTime: DeskClock {
        func localTime(of moment: Timestamp) -> LocalTime { LocalTime(CivilTime(moment)) }
        func isOpen(calendar name: String, at moment: Timestamp) -> Bool { moment.seconds / 3600 % 2 == 0 }
        func moment(after time: WorkingTime, from start: Timestamp, calendar: String?) -> Timestamp? {
            moment(after: AroundTheClock.span(of: time), from: start, calendar: calendar)
        }
        func moment(after span: Duration, from start: Timestamp, calendar: String?) -> Timestamp? {
            guard calendar != nil else { return start + span }
            var (moment, left) = (start.seconds, span.components.seconds)
            while left > 0 || (span == .zero && moment / 3600 % 2 == 1) {
                if moment / 3600 % 2 == 0 { left -= 60 }
                moment += 60
            }
            return Timestamp(seconds: moment)
        }
        func workingTime(from start: Timestamp, to end: Timestamp, calendar: String?) -> Duration {
            guard calendar != nil else { return AroundTheClock.time(from: start, to: end) }
            let minutes = stride(from: start.seconds, to: end.seconds, by: 60).filter { $0 / 3600 % 2 == 0 }.count
            return .seconds(minutes * 60)
        }
    }

    /// What happens to a case, at an hour.
    enum Step {
        case status(TicketStatus, Int)
        case reopened(Int)
        case filed(Int)
        case terms(DeadlineTerms, Int)
    }

    private static let terms = DeadlineTerms(firstAnswerWithin: .hours(4), solveWithin: .hours(10))
    private static func at(_ hour: Int) -> Timestamp { Timestamp(seconds: Int64(hour) * 3600) }

    private static func run(_ steps: [Step]) -> TicketClock {
        var clock = TicketClock()
        var (terms, status, isFiled) = (terms, TicketStatus.new, false)
        for step in steps {
            var (isReopened, hour) = (false, 0)
            switch step {
            case .status(let next, let when): (status, isFiled, hour) = (next, false, when)
            case .reopened(let when): (status, isReopened, hour) = (.assigned, true, when)
            case .filed(let when): (isFiled, hour) = (true, when)
            case .terms(let next, let when): (terms, hour) = (next, when)
            }
            func enter() -> TicketClock {
                clock.entering(
                    .init(status, isFiledAway: isFiled), isReopened: isReopened, terms: terms, at: at(hour),
                    by: HalfTime())
            }
            clock = enter()
            if !isReopened { #expect(enter() == clock, "a step told twice") }
        }
        return clock
    }

    static let dues: [(steps: [Step], firstAnswer: Int?, solution: Int?)] = [
        ([.status(.new, 0)], 4, 10), ([.status(.new, 0), .status(.assigned, 1), .status(.inProgress, 2)], 4, 10),
        ([.status(.new, 0), .status(.consultation, 1), .status(.approval, 2)], 4, 10),
        // An answer meets the first; the second stands still and goes on with what was left.
        ([.status(.new, 0), .status(.waiting, 3)], nil, nil),
        ([.status(.new, 0), .status(.waiting, 3), .status(.assigned, 100)], nil, 107),
        ([.status(.new, 0), .status(.waiting, 3), .status(.assigned, 100), .status(.waiting, 105), .status(.new, 200)], nil, 202),
        // Nothing was left: it is overdue again at once.
        ([.status(.new, 0), .status(.waiting, 12), .status(.assigned, 100)], nil, 100),
        // Done by mistake, and back: as if it had waited. A customer's mail begins it anew.
        ([.status(.new, 0), .status(.done, 3), .status(.assigned, 4)], nil, 11),
        ([.status(.new, 0), .status(.done, 3), .status(.closed, 50), .reopened(100)], nil, 110),
        ([.status(.new, 0), .status(.done, 3), .reopened(100), .status(.waiting, 104), .status(.assigned, 200)], nil, 206),
        // Spam and custom folders have no clock; out of them it begins then.
        ([.status(.new, 0), .status(.spam, 1)], nil, nil), ([.status(.new, 0), .filed(1)], nil, nil),
        ([.status(.new, 0), .status(.spam, 1), .status(.new, 50)], 54, 60),
        ([.status(.new, 0), .filed(1), .status(.new, 50)], 54, 60),
        ([.status(.new, 0), .status(.waiting, 1), .status(.spam, 2), .status(.assigned, 50)], nil, 60),
        // Other terms are reckoned from where the clock began, less what was used.
        ([.status(.new, 0), .terms(DeadlineTerms(firstAnswerWithin: .hours(1), solveWithin: .hours(4)), 2)], 1, 4),
        ([.status(.new, 0), .terms(DeadlineTerms(solveWithin: .hours(4), calendar: "half"), 2)], nil, 7),
        ([.status(.new, 0), .terms(DeadlineTerms(), 2)], nil, nil),
        ([.status(.new, 0), .terms(DeadlineTerms(), 2), .terms(terms, 3)], 4, 10),
        (
            [
                .status(.new, 0), .status(.waiting, 3), .status(.assigned, 100),
                .terms(DeadlineTerms(solveWithin: .hours(5)), 101),
            ], nil, 102
        ),
        // A case of our own is answered from the beginning.
        ([.status(.waiting, 0), .status(.assigned, 50)], nil, 60),
        // A calendar's hours: 10 of them need 19.
        ([.terms(DeadlineTerms(firstAnswerWithin: .hours(1), solveWithin: .hours(10), calendar: "half"), 0)], 1, 19),
    ]

    @Test(arguments: dues) func `clocks run, stand still and end as the table says`(
        steps: [Step], firstAnswer: Int?, solution: Int?
    ) {
        let clock = Self.run(steps)
        #expect(clock.firstAnswer.due == firstAnswer.map(Self.at))
        #expect(clock.solution.due == solution.map(Self.at))
    }

    static let judgements: [(steps: [Step], firstAnswered: TicketClock.Judgement?, solved: TicketClock.Judgement?)] = [
        ([.status(.new, 0)], nil, nil),
        ([.status(.new, 0), .status(.waiting, 3)], .init(at: at(3), isInTime: true), nil),
        ([.status(.new, 0), .status(.waiting, 4)], .init(at: at(4), isInTime: false), nil),
        (
            [.status(.new, 0), .status(.waiting, 3), .reopened(20), .status(.waiting, 90)],
            .init(at: at(3), isInTime: true), nil
        ),
        ([.status(.new, 0), .status(.done, 9)], .init(at: at(9), isInTime: false), .init(at: at(9), isInTime: true)),
        ([.status(.new, 0), .status(.closed, 10)], .init(at: at(10), isInTime: false), .init(at: at(10), isInTime: false)),
        // Idle days while it waits do not count.
        (
            [.status(.new, 0), .status(.waiting, 3), .status(.closed, 800)], .init(at: at(3), isInTime: true),
            .init(at: at(800), isInTime: true)
        ),
        (
            [.status(.new, 0), .status(.waiting, 30), .status(.closed, 800)], .init(at: at(30), isInTime: false),
            .init(at: at(800), isInTime: false)
        ),
        // The first time counts.
        (
            [.status(.new, 0), .status(.done, 2), .reopened(100), .status(.done, 500)], .init(at: at(2), isInTime: true),
            .init(at: at(2), isInTime: true)
        ),
        (
            [.terms(DeadlineTerms(), 0), .status(.done, 900)], .init(at: at(900), isInTime: nil),
            .init(at: at(900), isInTime: nil)
        ),
        ([.status(.new, 0), .status(.spam, 1)], nil, nil),
    ]

    @Test(arguments: judgements) func `what was answered and solved is judged once`(
        steps: [Step], firstAnswered: TicketClock.Judgement?, solved: TicketClock.Judgement?
    ) {
        let clock = Self.run(steps)
        #expect(clock.firstAnswered == firstAnswered)
        #expect(clock.solved == solved)
    }

    @Test func `a case is overdue from the moment of its first deadline`() {
        let clock = Self.run([.status(.new, 0)])
        #expect(!clock.hasPassed(at: Self.at(4) - .microseconds(1)))
        #expect(clock.hasPassed(at: Self.at(4)))
        #expect(clock.nextDue(after: Self.at(3)) == Self.at(4))
        #expect(clock.nextDue(after: Self.at(4)) == nil)
        #expect(Self.run([.status(.new, 0), .status(.waiting, 5)]).nextDue(after: Self.at(5)) == nil)
        #expect(Self.run([.status(.new, 0), .status(.waiting, 5), .status(.new, 6)]).nextDue(after: Self.at(6)) == Self.at(11))
    }

    @Test func `terms come from the pool's priorities, then the house's, then the pool`() throws {
        let address = try #require(EmailAddress("help@desk.example"))
        var desk = DeskDefinition(domain: address.domain, postmaster: "Help")
        var pool = PoolDefinition(
            name: "Help", addresses: [PoolAddress(address: address)], calendar: "office",
            firstAnswerWithin: .hours(4), solveWithin: .days(2))
        desk.priorities = [.urgent: ActionTimes(firstAnswerWithin: .hours(1), solveWithin: .hours(4)), .low: ActionTimes(solveWithin: .days(9))]
        pool.priorities = [.urgent: ActionTimes(firstAnswerWithin: .minutes(20))]
        func terms(_ priority: Priority) -> [WorkingTime?] {
            let terms = desk.deadlineTerms(pool: pool, priority: priority)
            #expect(terms.calendar == "office")
            return [terms.firstAnswerWithin, terms.solveWithin]
        }
        #expect(terms(.normal) == [.hours(4), .days(2)])
        #expect(terms(.low) == [.hours(4), .days(9)])
        #expect(terms(.urgent) == [.minutes(20), .hours(4)])
    }
}
