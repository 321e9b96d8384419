import Desk
import MailTypes
import Testing

/// The figures of March 2026 from events written by hand, against a table reckoned by hand.
struct FigureLedgerTests {
    private static let anna = AgentID(rawValue: 1)
    private static let jan = AgentID(rawValue: 2)
    private static let help = PoolID(rawValue: 1)
    private static let returns = PoolID(rawValue: 2)
    private static let legal = DepartmentID(rawValue: 7)
    private static let stock = DepartmentID(rawValue: 8)

    private static func at(_ month: Int, _ day: Int, _ hour: Int = 9) -> Timestamp {
        CivilTime(year: 2026, month: month, day: day, hour: hour).timestamp ?? Timestamp(seconds: 0)
    }

    private static let march = at(3, 1, 0)..<at(4, 1, 0)

    private struct Story {
        var events: [FigureEvent] = []

        mutating func add(_ ticket: Int64, _ at: Timestamp, _ changes: FigureEvent.Change...) {
            for change in changes {
                events.append(FigureEvent(ticket: TicketNumber(rawValue: ticket), at: at, change: change))
            }
        }
    }

    private static func spent(_ hours: Int64, late: Bool = false) -> FigureEvent.Spent {
        FigureEvent.Spent(seconds: hours * 3600, isLate: late)
    }

    private static let customer = FigureEvent.Change.received(isAutomatic: false)

    /// Everything that makes a figure, once.
    private static let story: [FigureEvent] = {
        var story = Story()
        // 1: came in February, Anna answered and closed it in March, the customer thanked in April.
        story.add(1, at(2, 27), customer, .assigned(anna))
        story.add(1, at(3, 2), .firstAnswered(spent(4)), .statusChanged(.waiting))
        story.add(1, at(3, 3), .statusChanged(.closed), .solved(spent(10)))
        // 2: Jan's, late, with two consultations of which one was late; taken over by Anna after the closing.
        story.add(2, at(3, 2, 10), customer, .assigned(jan))
        story.add(2, at(3, 2, 11), .consulted(legal), .consulted(stock))
        story.add(2, at(3, 4), .consultationEnded(legal, isLate: false))
        story.add(2, at(3, 6), .consultationEnded(stock, isLate: true))
        story.add(2, at(3, 9), .firstAnswered(spent(30, late: true)))
        story.add(2, at(3, 10), .statusChanged(.done), .solved(spent(40, late: true)))
        story.add(2, at(3, 11), .assigned(anna))
        // Rated: 1 twice, which counts once; 2 when it was Anna's; 10 before March; 4 is spam.
        story.add(1, at(3, 4), .rated(.good))
        story.add(1, at(3, 5), .rated(.bad))
        story.add(2, at(3, 12), .rated(.veryGood))
        story.add(10, at(2, 2), .rated(.veryBad))
        story.add(4, at(3, 6), .rated(.fair))
        // 3: moved to Returns before Jan closed it; written to again at once, reopened, closed again: counts once.
        story.add(3, at(3, 5, 23), customer, .assigned(jan), .poolChanged(from: help, to: returns))
        story.add(3, at(3, 6), .statusChanged(.done), .solved(spent(2)))
        story.add(3, at(3, 7), customer, .statusChanged(.assigned))
        story.add(3, at(3, 8), .received(isAutomatic: true))
        story.add(3, at(3, 8), .statusChanged(.done))
        // 4: spam. 5: a custom folder. 6: in the trash. 7: spam that was none.
        story.add(4, at(3, 5), customer, .statusChanged(.spam))
        story.add(5, at(3, 5), .received(isAutomatic: true), .filed(true))
        story.add(6, at(3, 5), customer, .solved(spent(1)), .discarded(true))
        story.add(7, at(3, 14), customer, .statusChanged(.spam), .statusChanged(.new))
        // 8: a machine's mail that opened a case. 9: went into 1, its mail was received all the same.
        story.add(8, at(3, 15), .received(isAutomatic: true))
        story.add(9, at(3, 16), customer, .statusChanged(.closed), .solved(spent(1)), .merged(true))
        // 10: closed in February; its reply in March is no reply to a closing of March.
        story.add(10, at(2, 1), customer, .solved(spent(3)))
        story.add(10, at(3, 1), customer)
        // April: a reply in time to 1, one that is too late to 3, spam afterwards changes nothing.
        story.add(1, at(4, 1), customer, .statusChanged(.spam))
        story.add(3, at(4, 20), customer)
        return story.events.sorted { ($0.at, $0.ticket) < ($1.at, $1.ticket) }
    }()

    private static let cases = Dictionary(
        uniqueKeysWithValues: (1...10).map { number in
            (
                TicketNumber(rawValue: number),
                FigureCase(pool: number == 3 ? returns : help, address: "help@acme.example")
            )
        })

    private func figures(_ division: FigureDivision?) -> Figures {
        var ledger = FigureLedger(period: Self.march, by: division)
        for event in Self.story { ledger.read(event) }
        return ledger.figures(of: Self.cases, clock: UniversalTime())
    }

    @Test func `the total of a month is what the table says`() {
        var expected = Figures.Row()
        // 2, 3 twice, 7, 8, 9, 10.
        expected.received = 7
        (expected.closedInTime, expected.closedLateConsulted) = (2, 1)
        expected.consultedLate = 1
        (expected.repliedTo, expected.replies) = (2, 2)
        (expected.ratings, expected.ratingSum) = (2, 7)
        expected.firstAnswer = Figures.Spans([4 * 3600, 30 * 3600])
        expected.solution = Figures.Spans([2 * 3600, 10 * 3600, 40 * 3600])
        let figures = figures(nil)
        #expect(figures.total == expected)
        #expect(figures.rows.isEmpty)
        #expect(figures.total.closed == 3)
        #expect(figures.total.replyShare == 667)
        #expect(figures.total.meanRating == 350)
        #expect(figures.hours[9] == 5 && figures.hours[10] == 1 && figures.hours[23] == 1)
        // Monday 2 and 16, Thursday 5, Saturday 7 and 14, Sunday 1 and 15.
        #expect(figures.weekdays == [2, 0, 0, 1, 0, 2, 2])
    }

    @Test func `a closed case counts for whom it was assigned to at that moment`() {
        let rows = figures(.agent).rows
        #expect(rows.keys.count == 3)
        #expect(rows[.agent(Self.anna)]?.closedInTime == 1 && rows[.agent(Self.anna)]?.closed == 1)
        #expect(rows[.agent(Self.jan)]?.closedInTime == 1 && rows[.agent(Self.jan)]?.closedLateConsulted == 1)
        #expect(rows[.agent(Self.jan)]?.consultedLate == 1)
        #expect(rows[.agent(Self.anna)]?.ratings == 2 && rows[.agent(Self.jan)]?.ratings == 0)
        // A mail counts for whom the case was assigned to when it came: the first one finds nobody.
        #expect(rows[.agent(Self.jan)]?.received == 1 && rows[.agent(nil)]?.received == 6)
        #expect(rows[.agent(Self.anna)]?.firstAnswer == Figures.Spans([4 * 3600]))
    }

    @Test func `a mail counts for the pool that it came into, a closing for the pool at that moment`() {
        let rows = figures(.pool).rows
        #expect(rows[.pool(Self.help)]?.received == 6 && rows[.pool(Self.returns)]?.received == 1)
        #expect(rows[.pool(Self.help)]?.closed == 2 && rows[.pool(Self.returns)]?.closed == 1)
    }

    @Test func `an address has what its cases have`() {
        let rows = figures(.address).rows
        #expect(rows.count == 1)
        #expect(rows[.address("help@acme.example")]?.received == 7)
    }

    @Test func `each department answers for itself`() {
        let rows = figures(.department).rows
        #expect(rows[.department(Self.legal)]?.consultedInTime == 1 && rows[.department(Self.legal)]?.consultedLate == 0)
        #expect(rows[.department(Self.stock)]?.consultedInTime == 0 && rows[.department(Self.stock)]?.consultedLate == 1)
    }

    static let ranks: [(lengths: [Int64], median: Int64?, ninetieth: Int64?)] = [
        ([], nil, nil), ([5], 5, 5), ([1, 9], 1, 9), ([3, 1, 2], 2, 3), (Array(1...10), 5, 9), (Array(1...100), 50, 90),
    ]

    @Test(arguments: ranks) func `median and 90th percentile are lengths that occurred`(
        lengths: [Int64], median: Int64?, ninetieth: Int64?
    ) {
        let spans = Figures.Spans(lengths)
        #expect(spans.median == median && spans.ninetieth == ninetieth)
    }
}
