import Desk
import Gateway
import Logging
import MailTypes
import Storage
import TestKit
import Testing

/// Who works while somebody is away (FEATURES S22): the substitute, without owning the case.
struct AbsenceTests {
    private static let (anna, bob, sue, tom) = (
        "anna@acme.example", "bob@acme.example", "sue@acme.example", "tom@acme.example"
    )

    /// Case 1 is Anna's.
    private func withCase(
        _ definition: DeskDefinition = .example, _ body: (DeskFixture) async throws -> Void
    ) async throws {
        try await DeskFixture.run(definition) { desk in
            try await desk.open(TestMail(id: "first@customer.example"))
            try await desk.decide(.take, 1, as: Self.anna)
            try await body(desk)
        }
    }

    /// A command to `desk@`; what follows from it is settled.
    private func say(_ desk: DeskFixture, _ line: String, as login: String, id: String) async throws {
        let mail = TestMail(from: login, to: "desk@acme.example", subject: "Away", id: id, body: "\(line)\r\n")
        #expect(try await desk.send(mail, as: login, to: ["desk@acme.example"]).code == 250)
        await desk.settleAbsences()
    }

    private func write(_ desk: DeskFixture, _ id: String) async throws {
        let mail = TestMail(subject: "Re: [#1] Question", id: id, inReplyTo: "first@customer.example")
        #expect(try await desk.receive(mail.octets, to: ["help@acme.example"]) == 250)
    }

    private func answer(_ desk: DeskFixture, _ id: String, as login: String) async throws {
        let mail = TestMail(
            from: login, to: "jan@customer.example", subject: "Re: [#1] Question", id: id,
            inReplyTo: "first@customer.example", body: "Yes.\r\n")
        #expect(try await desk.send(mail, as: login, to: ["jan@customer.example"]).code == 250)
    }

    private func notices(_ desk: DeskFixture, _ login: String) async throws -> [String] {
        try await desk.shown(.inbox(desk.agent(login))).compactMap { $0.header.field("Subject") }
    }

    @Test func `open cases lie with the substitute, and stay the owner's, who sees what is done`() async throws {
        try await withCase { desk in
            let (anna, bob) = (desk.agent(Self.anna), desk.agent(Self.bob))
            try await say(desk, "#away today..tomorrow Bob", as: Self.anna, id: "a1@laptop")
            #expect(try await desk.place(1) == "inbox bob@acme.example")
            #expect(try await desk.ticket(1).assignee == anna)
            #expect(try await desk.ticket(1).substitute == bob)
            #expect(try await desk.shown(.followed(anna)).count == 1)
            #expect(try await notices(desk, Self.anna).last?.hasPrefix("Away: ") == true)
            // The substitute answers: the case waits in the owner's folder.
            try await answer(desk, "r@laptop", as: Self.bob)
            #expect(try await desk.place(1) == "waiting anna@acme.example")
            #expect(try await desk.ticket(1).assignee == anna)
            #expect(try await desk.ticket(1).substitute == nil)
            try await write(desk, "second@customer.example")
            #expect(try await desk.place(1) == "inbox bob@acme.example")
            #expect(try await desk.ticket(1).assignee == anna)
            #expect(try await desk.shown(.followed(anna)).count == 3)
            desk.clock.advance(by: .seconds(3 * 86400))
            await desk.settleAbsences()
            #expect(try await desk.place(1) == "inbox anna@acme.example")
            #expect(try await desk.shown(.followed(anna)).isEmpty)
            #expect(try await notices(desk, Self.anna).contains("While you were away: 1"))
            #expect(try await desk.events(1).filter { $0 == .substituted }.count == 4)
        }
    }

    @Test func `nobody stands in: open cases and answers go to the queue, as they do in a circle`() async throws {
        try await withCase { desk in
            try await say(desk, "#away today..tomorrow Bob", as: Self.anna, id: "a1@laptop")
            try await say(desk, "#away today..tomorrow Anna", as: Self.bob, id: "b1@laptop")
            #expect(try await desk.place(1) == "new")
            #expect(try await desk.ticket(1).assignee == nil)
            #expect(try await desk.ticket(1).substitute == nil)
            try await desk.decide(.take, 1, as: Self.tom)
            try await desk.decide(.setStatus(.waiting), 1, as: Self.tom)
            try await say(desk, "#away today..tomorrow", as: Self.tom, id: "t1@laptop")
            #expect(try await desk.place(1) == "waiting tom@acme.example")
            try await write(desk, "second@customer.example")
            #expect(try await desk.place(1) == "new")
        }
    }

    @Test func `who is back early has the cases again, and one who is there anyway will not be away`() async throws {
        try await withCase { desk in
            try await say(desk, "#away today..tomorrow Bob", as: Self.anna, id: "a1@laptop")
            #expect(try await desk.place(1) == "inbox bob@acme.example")
            try await say(desk, "#nieobecność koniec", as: Self.anna, id: "a2@laptop")
            #expect(try await desk.place(1) == "inbox anna@acme.example")
            #expect(try await desk.ticket(1).substitute == nil)
            try await say(desk, "#away tomorrow Bob", as: Self.anna, id: "a3@laptop")
            try await say(desk, "#away off", as: Self.anna, id: "a4@laptop")
            desk.clock.advance(by: .seconds(86400))
            #expect(!desk.roster.current.isAway(desk.agent(Self.anna), at: desk.clock.now))
        }
    }

    @Test func `a chain ends at the one who is there, and follows who comes and goes`() async throws {
        var definition = DeskDefinition.example
        definition.pools[0].members.append(.init(login: "ada@acme.example"))
        try await withCase(definition) { desk in
            try await say(desk, "#away today..tomorrow Bob", as: Self.anna, id: "a1@laptop")
            try await say(desk, "#away today Ada", as: Self.bob, id: "b1@laptop")
            #expect(try await desk.place(1) == "inbox ada@acme.example")
            try await say(desk, "#away off", as: Self.bob, id: "b2@laptop")
            #expect(try await desk.place(1) == "inbox bob@acme.example")
            #expect(try await desk.ticket(1).assignee == desk.agent(Self.anna))
        }
    }

    @Test func `what is handed to somebody who is away goes to the substitute, or is refused`() async throws {
        try await withCase { desk in
            try await say(desk, "#away today..tomorrow Anna", as: Self.bob, id: "b1@laptop")
            try await desk.open(TestMail(subject: "Other", id: "other@customer.example"))
            try await desk.decide(.handOver(desk.agent(Self.bob)), 2, as: Self.anna)
            #expect(try await desk.place(2) == "inbox anna@acme.example")
            #expect(try await desk.ticket(2).assignee == desk.agent(Self.bob))
            try await say(desk, "#away off", as: Self.bob, id: "b2@laptop")
            try await say(desk, "#away today..tomorrow", as: Self.bob, id: "b3@laptop")
            await #expect(throws: CaseRefusal.self) {
                try await desk.decide(.handOver(desk.agent(Self.bob)), 1, as: Self.anna)
            }
        }
    }

    @Test func `the substitute decides as the owner may, others do not, and the owner may work all the same`() async throws {
        try await withCase { desk in
            await #expect(throws: CaseRefusal.self) { try await desk.decide(.take, 1, as: Self.bob) }
            try await say(desk, "#away today..tomorrow Bob", as: Self.anna, id: "a1@laptop")
            await #expect(throws: CaseRefusal.self) { try await desk.decide(.take, 1, as: Self.tom) }
            try await desk.decide(.take, 1, as: Self.anna)
            #expect(try await desk.place(1) == "inbox anna@acme.example")
            try await desk.decide(.take, 1, as: Self.bob)
            #expect(try await desk.place(1) == "inbox bob@acme.example")
            #expect(try await desk.ticket(1).assignee == desk.agent(Self.anna))
            try await desk.decide(.setStatus(.done), 1, as: Self.bob)
            #expect(try await desk.place(1) == "done anna@acme.example")
            // In reports it is the owner's.
            let figures = try await desk.store.read { (transaction: Transaction) in
                var ledger = FigureLedger(period: Timestamp(seconds: 0)..<Timestamp(seconds: 1 << 40), by: .agent)
                _ = try transaction.figureEvents(after: 0, limit: 1000) { ledger.read($0) }
                return ledger.figures(of: [:], clock: UniversalTime())
            }
            #expect(figures.rows[.agent(desk.agent(Self.anna))]?.closed == 1)
            #expect(figures.rows[.agent(desk.agent(Self.bob))] == nil)
        }
    }

    @Test func `a department's answer comes to the substitute`() async throws {
        try await withCase(.consulting) { desk in
            try await desk.ask("Legal", about: 1, as: Self.anna)
            try await say(desk, "#away today..tomorrow Bob", as: Self.anna, id: "a1@laptop")
            #expect(try await desk.place(1) == "consultation anna@acme.example")
            let answer = TestMail(
                author: "legal@firm.example", from: "legal@firm.example", subject: "AW: [?1-1] Question", id: "l@firm.example")
            try await desk.receive(answer.octets, from: "legal@firm.example", to: ["help@acme.example"])
            #expect(try await desk.place(1) == "inbox bob@acme.example")
            // The next question is the substitute's, and waits there.
            try await desk.ask("Stock", about: 1, as: Self.bob)
            #expect(try await desk.place(1) == "consultation bob@acme.example")
            #expect(try await desk.ticket(1).assignee == desk.agent(Self.anna))
        }
    }

    @Test func `who is away has nothing in Next`() async throws {
        try await withCase { desk in
            try await desk.open(TestMail(subject: "Other", id: "other@customer.example"))
            let (anna, now) = (desk.agent(Self.anna), desk.clock.now)
            try await desk.store.write { (transaction: Transaction) in
                try transaction.setOffer(Offer(agent: anna, ticket: TicketNumber(rawValue: 2), expiresAt: now + .seconds(600)))
            }
            try await say(desk, "#away today", as: Self.anna, id: "a1@laptop")
            #expect(try await desk.number("SELECT count(*) FROM offer") == 0)
        }
    }

    @Test func `what was deleted stays in Trash, and comes back to its owner`() async throws {
        var definition = DeskDefinition.example
        definition.agents[3].rights = [.delete]
        try await withCase(definition) { desk in
            let sue = desk.agent(Self.sue)
            func work(_ body: @escaping @Sendable (CaseWork) throws -> Void) async throws {
                let (roster, now) = (desk.roster.current, desk.clock.now)
                try await desk.store.write { (transaction: Transaction) in
                    try body(CaseWork(transaction, roster: roster, now: now))
                }
            }
            try await say(desk, "#away today..tomorrow Bob", as: Self.anna, id: "a1@laptop")
            try await work { try $0.delete(TicketNumber(rawValue: 1), by: sue) }
            #expect(try await desk.place(1) == "trash sue@acme.example")
            try await say(desk, "#away off", as: Self.anna, id: "a2@laptop")
            #expect(try await desk.place(1) == "trash sue@acme.example")
            try await write(desk, "second@customer.example")
            #expect(try await desk.place(1) == "inbox anna@acme.example")
        }
    }

    @Test func `an absence outlives a new desk, and ends by itself`() async throws {
        try await withCase { desk in
            try await say(desk, "#away today..tomorrow Bob", as: Self.anna, id: "a1@laptop")
            try await desk.apply(.example)
            #expect(desk.roster.current.isAway(desk.agent(Self.anna), at: desk.clock.now))
            desk.clock.advance(by: .seconds(3 * 86400))
            try await write(desk, "second@customer.example")
            #expect(try await desk.place(1) == "inbox anna@acme.example")
        }
    }

    @Test func `the desk file says absences, and not against one who came back`() async throws {
        try await withCase { desk in
            var definition = DeskDefinition.example
            let today = CalendarDate(year: 2026, month: 1, day: 1)
            let now = CivilTime(desk.clock.now)
            let first = CalendarDate(year: now.year, month: now.month, day: now.day)
            definition.agents[0].absences = [
                AbsenceDefinition(first: first, last: CalendarDate(year: 2099, month: 1, day: 1), substitute: Self.bob)
            ]
            try await desk.apply(definition)
            await desk.settleAbsences()
            #expect(try await desk.place(1) == "inbox bob@acme.example")
            try await say(desk, "#away off", as: Self.anna, id: "a1@laptop")
            try await desk.apply(definition)
            await desk.settleAbsences()
            #expect(try await desk.place(1) == "inbox anna@acme.example")
            definition.agents[0].absences = [AbsenceDefinition(first: today, last: first, substitute: Self.bob)]
            try await desk.apply(definition)
            #expect(try await desk.number("SELECT count(*) FROM absence") == 1)
            try await desk.apply(.example)
            await desk.settleAbsences()
            #expect(try await desk.number("SELECT count(*) FROM absence") == 0)
            #expect(try await desk.place(1) == "inbox anna@acme.example")
        }
    }

    @Test func `who leaves for good leaves the cases to who stood in`() async throws {
        try await withCase { desk in
            try await say(desk, "#away today..tomorrow Bob", as: Self.anna, id: "a1@laptop")
            var definition = DeskDefinition.example
            definition.agents[0].active = false
            definition.pools[0].members.removeFirst()
            definition.pools[2].members.removeFirst()
            try await desk.apply(definition)
            #expect(try await desk.place(1) == "inbox bob@acme.example")
            #expect(try await desk.ticket(1).assignee == desk.agent(Self.bob))
        }
    }

    @Test(arguments: ["#away 2001-01-01..2001-01-02 Bob", "#away today..tomorrow Nobody", "#away today..tomorrow Anna"])
    func `what makes no sense is explained`(line: String) async throws {
        try await withCase { desk in
            try await say(desk, line, as: Self.anna, id: "a1@laptop")
            #expect(try await desk.number("SELECT count(*) FROM absence") == 0)
            #expect(try await notices(desk, Self.anna).last?.hasPrefix("Not sent: ") == true)
        }
    }

    @Test func `a day is the agent's own`() async throws {
        var definition = DeskDefinition.example
        definition.agents[0].timeZone = "Pacific/Auckland"
        definition.agents[1].timeZone = "America/Los_Angeles"
        try await withCase(definition) { desk in
            let day = "2040-07-01"
            try await say(desk, "#away \(day) Bob", as: Self.anna, id: "a1@laptop")
            try await say(desk, "#away \(day)", as: Self.bob, id: "b1@laptop")
            let begins = try await desk.store.read { (transaction: Transaction) in
                try transaction.absences(endingAfter: Timestamp(seconds: 0)).map(\.from)
            }
            // 12 hours before UTC's day begins, and 7 hours after.
            #expect(begins.map { CivilTime($0) } == [
                CivilTime(year: 2040, month: 6, day: 30, hour: 12), CivilTime(year: 2040, month: 7, day: 1, hour: 7),
            ])
        }
    }

    @Test func `a supervisor who is away hears of no approval while another is there`() async throws {
        var definition = DeskDefinition.example
        definition.pools[0].supervisors = [Self.sue, Self.bob]
        try await DeskFixture.run(definition) { desk in
            try await say(desk, "#away today..tomorrow", as: Self.sue, id: "s1@laptop")
            let mail = TestMail(from: Self.tom, to: "c@else.example", subject: "Offer", id: "n@laptop")
            #expect(try await desk.send(mail, as: Self.tom, to: ["c@else.example"]).code == 250)
            try await desk.tellSupervisors()
            #expect(try await notices(desk, Self.bob).count == 1)
            #expect(try await notices(desk, Self.sue).allSatisfy { $0.hasPrefix("Away: ") })
            #expect(try await desk.approval(Self.sue).count == 1)
        }
    }

    @Test func `a held mail of who is away that may not leave is told to the substitute`() async throws {
        var definition = DeskDefinition.example
        definition.undo = .seconds(30)
        try await withCase(definition) { desk in
            try await answer(desk, "r@laptop", as: Self.anna)
            try await say(desk, "#away today..tomorrow Bob", as: Self.anna, id: "a1@laptop")
            try await write(desk, "second@customer.example")
            try await desk.pass(.seconds(30))
            #expect(try await desk.outbox().isEmpty)
            #expect(try await notices(desk, Self.bob).contains { $0.hasPrefix("Held for Anna: #1 ") })
        }
    }

    @Test func `hundreds of cases are moved a few at a time, each once`() async throws {
        try await withCase { desk in
            for number in 2...130 {
                try await desk.open(TestMail(subject: "Mail \(number)", id: "m\(number)@customer.example"))
                try await desk.decide(.take, Int64(number), as: Self.anna)
            }
            try await say(desk, "#away today..tomorrow Bob", as: Self.anna, id: "a1@laptop")
            #expect(try await desk.number("SELECT count(*) FROM ticket WHERE substitute_id IS NULL") == 0)
            #expect(try await desk.number("SELECT count(*) FROM event WHERE kind = 49") == 130)
            try await say(desk, "#away off", as: Self.anna, id: "a2@laptop")
            #expect(try await desk.number("SELECT count(*) FROM ticket WHERE substitute_id IS NOT NULL") == 0)
            #expect(try await notices(desk, Self.anna).contains("While you were away: 130"))
        }
    }
}

extension DeskFixture {
    /// What follows from absences happens.
    func settleAbsences() async {
        let settling = AbsenceSettling(cryptography: cryptography, host: Self.host)
        let scheduler = Scheduler(
            configuration: .init(shortestPause: .zero), store: store, roster: roster, feed: feed, clock: clock,
            handlers: CaseTimers.handlers.merging([.absence: { try settling.settle($0, $1) }]) { $1 },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        _ = await scheduler.carryOutDue()
    }
}
