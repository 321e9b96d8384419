import Desk
import Gateway
import Logging
import MailTypes
import Storage
import StorageSQLite
import TestKit
import Testing

/// Deadlines, idle cases and spam, with a clock that stands still until the test moves it.
@Suite(.timeLimit(.minutes(5))) struct CaseTimeTests {
    /// Help works in an office in Warsaw, Returns around the clock and closes early, Queue has no deadlines.
    private static let definition: DeskDefinition = {
        var desk = DeskDefinition.example
        desk.timeZone = "Europe/Warsaw"
        desk.calendars = [
            CalendarDefinition(
                name: "office",
                weekly: [
                    WeeklyHours(
                        days: [.monday, .tuesday, .wednesday, .thursday, .friday],
                        hours: [TimeSpan(start: 480, end: 960)])
                ])
        ]
        desk.pools[0].calendar = "office"
        desk.pools[0].firstAnswerWithin = .hours(4)
        desk.pools[0].solveWithin = .days(2)
        desk.pools[1].firstAnswerWithin = .hours(1)
        desk.pools[1].closeAfter = .seconds(7 * 86400)
        desk.priorities = [.urgent: ActionTimes(firstAnswerWithin: .minutes(30))]
        desk.rules = [
            RuleDefinition(name: "fire", when: .subject(.text("fire")), then: [.priority(.urgent)]),
            RuleDefinition(name: "machines", when: .subject(.text("alarm")), then: [.folder("Systems")]),
        ]
        desk.folders = ["Systems"]
        return desk
    }()

    private static func moment(_ month: Int, _ day: Int, _ hour: Int, _ minute: Int) throws -> Timestamp {
        try #require(CivilTime(year: 2026, month: month, day: day, hour: hour, minute: minute).timestamp)
    }

    static let deadlines: [(opened: (Int, Int, Int, Int), due: (Int, Int, Int, Int))] = [
        // The Friday before summer time begins: 14:00 in winter is 13:00 UTC, Monday 10:00 in summer 08:00 UTC.
        ((3, 27, 13, 0), (3, 30, 8, 0)),
        // The Friday before it ends: 14:00 is 12:00 UTC, Monday 10:00 is 09:00 UTC.
        ((10, 23, 12, 0), (10, 26, 9, 0)),
        // In a week without change.
        ((5, 5, 8, 0), (5, 5, 12, 0)),
    ]

    @Test(arguments: deadlines) func `a case becomes overdue in the minute that the calendar says`(
        opened: (Int, Int, Int, Int), due: (Int, Int, Int, Int)
    ) async throws {
        try await DeskFixture.run(Self.definition) { desk in
            desk.setClock(try Self.moment(opened.0, opened.1, opened.2, opened.3))
            let ticket = try await desk.open()
            let due = try Self.moment(due.0, due.1, due.2, due.3)
            #expect(try await desk.ticket(ticket).clock.firstAnswerDue == due)
            try await desk.pass(to: due - .seconds(60))
            #expect(try await !desk.ticket(ticket).clock.isOverdue)
            try await desk.pass(to: due)
            #expect(try await desk.ticket(ticket).clock.isOverdue)
            #expect(try await desk.events(ticket).last == .overdue)
            // Another mail of it is overdue from the beginning.
            try await desk.receive(
                TestMail(subject: "Re: [#1] Parcel", id: "m2@customer.example").octets, to: ["help@acme.example"])
            #expect(try await desk.number("SELECT count(*) FROM message WHERE flags >= 1099511627776") == 2)
            try await desk.checkInvariants()

            // The answer meets the first deadline, late, and the mark goes at once.
            try await desk.decide(.setStatus(.waiting), ticket, as: "anna@acme.example")
            let clock = try await desk.ticket(ticket).clock
            #expect(!clock.isOverdue)
            #expect(clock.firstAnswered == .init(at: due, isInTime: false))
            #expect(clock.solutionLeft == .seconds(12 * 3600))
        }
    }

    @Test func `the clock of the solution stands still while the customer thinks, and goes on`() async throws {
        try await DeskFixture.run(Self.definition) { desk in
            desk.setClock(try Self.moment(5, 5, 8, 0))  // Tuesday, 10:00
            let ticket = try await desk.open()
            let first = try Self.moment(5, 7, 8, 0)
            #expect(try await desk.ticket(ticket).clock.solutionDue == first)
            try await desk.pass(to: try Self.moment(5, 5, 10, 0))
            try await desk.decide(.setStatus(.waiting), ticket, as: "anna@acme.example")
            #expect(try await desk.ticket(ticket).clock.solutionDue == nil)
            try await desk.pass(to: try Self.moment(5, 20, 10, 0))
            #expect(try await !desk.ticket(ticket).clock.isOverdue)
            try await desk.receive(
                TestMail(subject: "Re: [#1] Parcel", id: "m2@customer.example").octets, to: ["help@acme.example"])
            // 14 of 16 working hours are left on Wednesday at 12:00: 4 on that day, 8 on Thursday, 2 on Friday.
            let due = try Self.moment(5, 22, 8, 0)
            #expect(try await desk.ticket(ticket).clock.solutionDue == due)
            try await desk.pass(to: due)
            #expect(try await desk.ticket(ticket).clock.isOverdue)
            try await desk.decide(.setStatus(.done), ticket, as: "anna@acme.example")
            #expect(try await desk.ticket(ticket).clock.solved == .init(at: due, isInTime: false))
            #expect(try await !desk.ticket(ticket).clock.isOverdue)
            // The customer is not content: the whole time is given again, the judgement stays.
            try await desk.receive(
                TestMail(subject: "Re: [#1] Parcel", id: "m3@customer.example").octets, to: ["help@acme.example"])
            let clock = try await desk.ticket(ticket).clock
            #expect(try clock.solutionDue == Self.moment(5, 26, 8, 0))
            #expect(clock.solved == .init(at: due, isInTime: false))
        }
    }

    @Test func `priority, pool, spam and folders change the deadlines`() async throws {
        try await DeskFixture.run(Self.definition) { desk in
            let opened = try Self.moment(5, 5, 8, 0)
            desk.setClock(opened)
            let fire = try await desk.open(TestMail(subject: "A fire", id: "f@customer.example"))
            #expect(try await desk.ticket(fire).clock.firstAnswerDue == opened + .seconds(1800))
            let alarm = try await desk.open(TestMail(subject: "alarm", id: "a@customer.example"))
            #expect(try await desk.ticket(alarm).clock == TicketClock())
            let question = try await desk.open(TestMail(id: "q@customer.example"))
            try await desk.pass(to: opened + .seconds(600))
            try await desk.decide(.changePool(desk.pool("Returns")), question, as: "bob@acme.example")
            #expect(try await desk.ticket(question).clock.firstAnswerDue == opened + .seconds(3600))
            #expect(try await desk.ticket(question).clock.solutionDue == nil)
            try await desk.decide(.setStatus(.spam), question, as: "bob@acme.example")
            #expect(try await desk.ticket(question).clock == TicketClock())
            try await desk.pass(to: opened + .seconds(86400))
            #expect(try await desk.texts("SELECT id || '' FROM ticket WHERE is_overdue = 1") == ["\(fire)"])
        }
    }

    @Test func `waiting and done cases close after idle days, counted from the last mail`() async throws {
        try await DeskFixture.run(Self.definition) { desk in
            let start = desk.clock.now
            let slow = try await desk.open(TestMail(id: "s@customer.example"))
            try await desk.decide(.setStatus(.done), slow, as: "anna@acme.example")
            let quick = try await desk.open(TestMail(id: "r@customer.example"), to: ["returns@acme.example"])
            try await desk.decide(.setStatus(.waiting), quick, as: "bob@acme.example")
            try await desk.pass(to: start + .seconds(5 * 86400))
            // An automatic mail moves nothing, but shows that the case is not forgotten.
            try await desk.receive(
                TestMail(
                    subject: "Re: [REK#2] Away", id: "o@customer.example", extra: ["Auto-Submitted: auto-replied"]
                ).octets, to: ["returns@acme.example"])
            try await desk.pass(to: start + .seconds(12 * 86400 - 1))
            #expect(try await desk.ticket(quick).status == .waiting)
            try await desk.pass(to: start + .seconds(12 * 86400))
            #expect(try await desk.ticket(quick).status == .closed)
            #expect(try await desk.ticket(slow).status == .done)
            try await desk.pass(to: start + .seconds(30 * 86400))
            #expect(try await desk.ticket(slow).status == .closed)
            #expect(try await desk.place(slow) == "closed anna@acme.example")
            #expect(try await desk.number("SELECT count(*) FROM timer") == 0)
        }
    }

    @Test func `another idle time of the desk counts for what is idle already`() async throws {
        try await DeskFixture.run(Self.definition) { desk in
            let start = desk.clock.now
            let ticket = try await desk.open()
            try await desk.decide(.setStatus(.done), ticket, as: "anna@acme.example")
            var quicker = Self.definition
            quicker.closeAfter = .seconds(86400)
            try await desk.apply(quicker)
            var slower = Self.definition
            slower.closeAfter = .seconds(2 * 86400)
            try await desk.apply(slower)
            try await desk.pass(to: start + .seconds(86400))
            #expect(try await desk.ticket(ticket).status == .done)
            try await desk.pass(to: start + .seconds(2 * 86400))
            #expect(try await desk.ticket(ticket).status == .closed)
        }
    }

    @Test func `spam goes after its time, counted from the move, but never a mail of ours`() async throws {
        try await DeskFixture.run(Self.definition) { desk in
            let start = desk.clock.now
            let spam = try await desk.open(TestMail(subject: "Buy now", id: "s@customer.example"))
            try await desk.pass(to: start + .seconds(10 * 86400))
            try await desk.decide(.setStatus(.spam), spam, as: "anna@acme.example")
            let doubtful = try await desk.open(TestMail(subject: "Buy too", id: "t@customer.example"))
            try await desk.decide(.setStatus(.spam), doubtful, as: "anna@acme.example")
            // As it can be where somebody answered before rules of an older version made it spam.
            _ = try await desk.store.write { (transaction: Transaction) in
                try transaction.connection.run(
                    "UPDATE message SET kind = \(MessageKind.outbound) WHERE ticket_id = \(doubtful)")
            }
            try await desk.pass(to: start + .seconds(40 * 86400 - 1))
            #expect(try await desk.number("SELECT count(*) FROM message") == 2)
            try await desk.pass(to: start + .seconds(40 * 86400))
            #expect(try await desk.texts("SELECT ticket_id || '' FROM message") == ["\(doubtful)"])
            for table in ["content", "message_text", "message_key"] as [SQLTable] {
                #expect(try await desk.number("SELECT count(*) FROM \(table.name)") == 1)
            }
            let gone = try await desk.ticket(spam)
            #expect(gone.status == .spam)
            #expect(try await desk.events(spam).last == .purged)
            #expect(try await desk.texts("SELECT subject FROM ticket WHERE id = \(spam)") == [""])
            #expect(try await desk.open(TestMail(id: "next@customer.example")) == doubtful + 1)
        }
    }

    /// A table's name as text of a statement.
    private struct SQLTable: ExpressibleByStringLiteral {
        let name: SQL
        init(stringLiteral name: StaticString) { self.name = SQL(stringLiteral: name) }
    }

    @Test func `what is in Trash is left in peace`() async throws {
        let desk = try await DeskFixture.make(Self.definition)
        let ticket = try await desk.open()
        _ = try await desk.store.write { (transaction: Transaction) in
            try transaction.connection.run(
                """
                UPDATE ticket SET mailbox_id = (SELECT b.id FROM mailbox b JOIN agent a ON a.id = b.agent_id
                                                 WHERE b.class = 11 AND a.login = 'anna@acme.example')
                """)
        }
        try await desk.pass(to: desk.clock.now + .seconds(40 * 86400))
        #expect(try await !desk.ticket(ticket).clock.isOverdue)
        #expect(try await desk.place(ticket) == "trash anna@acme.example")
        desk.database.close()
    }
}

extension DeskFixture {
    func setClock(_ moment: Timestamp) { clock.advance(by: moment - clock.now) }

    /// Moves the clock and carries out what is due then.
    func pass(to moment: Timestamp) async throws {
        setClock(moment)
        let scheduler = Scheduler(
            store: store, roster: roster, feed: feed, clock: clock, handlers: CaseTimers.handlers,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let next = await scheduler.carryOutDue()
        #expect(next.map { $0 > clock.now } != false)
    }
}
