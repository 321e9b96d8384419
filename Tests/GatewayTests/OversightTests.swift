import Desk
import Gateway
import Logging
import MailTypes
import Storage
import TestKit
import Testing

/// What supervisors hear of their pools beside approvals (FEATURES S27).
struct OversightTests {
    private static let (anna, bob, sue) = ("anna@acme.example", "bob@acme.example", "sue@acme.example")

    private static func definition(_ language: Language = .english) -> DeskDefinition {
        var definition = DeskDefinition.example
        definition.pools[0].firstAnswerWithin = .hours(1)
        definition.agents[3].language = language
        return definition
    }

    private func notices(_ desk: DeskFixture, _ login: String) async throws -> [ShownMessage] {
        try await desk.shown(.inbox(desk.agent(login))).filter { $0.header.field("From")?.contains("Stempel") == true }
    }

    private func subjects(_ desk: DeskFixture, _ login: String) async throws -> [String] {
        try await notices(desk, login).compactMap { $0.header.field("Subject") }
    }

    @Test func `what is overdue is told in one notice, which is replaced and goes`() async throws {
        try await DeskFixture.run(Self.definition()) { desk in
            for number in 1...25 { try await desk.open(TestMail(subject: "Mail \(number)", id: "m\(number)@customer.example")) }
            desk.clock.advance(by: .seconds(3600))
            await desk.oversee()
            #expect(try await desk.number("SELECT count(*) FROM ticket WHERE is_overdue = 1") == 25)
            #expect(try await notices(desk, Self.sue).isEmpty)
            desk.clock.advance(by: .seconds(30))
            await desk.oversee()
            let notice = try #require(try await notices(desk, Self.sue).first)
            #expect(notice.header.field("Subject") == "Overdue: 25")
            #expect(notice.body.contains("#25 Mail 25: nobody, due ") && notice.body.contains("and 5 more"))
            #expect(try await notices(desk, Self.sue).count == 1)
            #expect(try await notices(desk, Self.bob).isEmpty)
            for number in 1...24 { try await desk.decide(.setStatus(.closed), Int64(number), as: Self.anna) }
            desk.clock.advance(by: .seconds(30))
            await desk.oversee()
            #expect(try await subjects(desk, Self.sue) == ["Overdue: 1"])
            try await desk.decide(.setStatus(.closed), 25, as: Self.anna)
            desk.clock.advance(by: .seconds(30))
            await desk.oversee()
            #expect(try await notices(desk, Self.sue).isEmpty)
            #expect(try await desk.number("SELECT count(*) FROM overdue_notice") == 0)
        }
    }

    @Test func `a notice speaks the supervisor's language`() async throws {
        try await DeskFixture.run(Self.definition(.polish)) { desk in
            try await desk.open(TestMail(subject: "Paczka", id: "m@customer.example"))
            try await desk.decide(.take, 1, as: Self.anna)
            desk.clock.advance(by: .seconds(3600))
            await desk.oversee()
            desk.clock.advance(by: .seconds(30))
            await desk.oversee()
            let notice = try #require(try await notices(desk, Self.sue).first)
            #expect(notice.header.field("Subject") == "Po terminie: 1" && notice.body.contains("#1 Paczka: Anna, termin "))
        }
    }

    @Test func `a case that is handed over five times within an hour is told once`() async throws {
        try await DeskFixture.run(Self.definition()) { desk in
            try await desk.open(TestMail(subject: "Parcel", id: "m@customer.example"))
            try await desk.decide(.take, 1, as: Self.anna)
            for round in 1...4 {
                let (from, to) = round % 2 == 1 ? (Self.anna, Self.bob) : (Self.bob, Self.anna)
                try await desk.decide(.handOver(desk.agent(to)), 1, as: from)
            }
            await desk.oversee()
            #expect(try await notices(desk, Self.sue).isEmpty)
            try await desk.decide(.handOver(desk.agent(Self.bob)), 1, as: Self.anna)
            await desk.oversee()
            let notice = try #require(try await notices(desk, Self.sue).first)
            #expect(notice.header.field("Subject") == "Handed over 5 times: #1 Parcel")
            #expect(notice.body.replacing("\r\n", with: " ").contains("Bob"))
            try await desk.decide(.handOver(desk.agent(Self.anna)), 1, as: Self.bob)
            await desk.oversee()
            #expect(try await notices(desk, Self.sue).count == 1)
        }
    }

    @Test func `five times in more than an hour are none`() async throws {
        try await DeskFixture.run(Self.definition()) { desk in
            try await desk.open(TestMail(id: "m@customer.example"))
            try await desk.decide(.take, 1, as: Self.anna)
            for round in 1...8 {
                let (from, to) = round % 2 == 1 ? (Self.anna, Self.bob) : (Self.bob, Self.anna)
                try await desk.decide(.handOver(desk.agent(to)), 1, as: from)
                desk.clock.advance(by: .seconds(900))
            }
            #expect(try await desk.number("SELECT count(*) FROM timer WHERE kind = \(TimerKind.handovers)") == 0)
        }
    }
}

extension DeskFixture {
    /// A scheduler that marks what is overdue, closes what is idle, and tells customers and supervisors.
    func oversee() async {
        let closing = ClosingMails(held: submission.held, links: RatingLinks(origin: "https://rate.example"))
        let oversight = Oversight(cryptography: cryptography, host: Self.host)
        let handlers: [TimerKind: Scheduler.Handler] = [
            .overdueNotice: { try oversight.tellOverdue($0, $1) }, .handovers: { try oversight.tellHandovers($0, $1) },
            .closing: { try closing.settle($0, $1) },
        ]
        let scheduler = Scheduler(
            store: store, roster: roster, feed: feed, clock: clock,
            handlers: CaseTimers.handlers.merging(handlers) { $1 },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        _ = await scheduler.carryOutDue()
    }
}
