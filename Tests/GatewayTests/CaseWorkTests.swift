import Desk
import Gateway
import MailTypes
import Storage
import TestKit
import Testing

/// Decisions about cases: who may make which, and what they leave in the database.
@Suite struct CaseWorkTests {
    /// A case of Help in a state, a decision, by whom, and what comes of it. Anna and Bob are members, Sue supervises.
    struct Row: Sendable, CustomTestStringConvertible {
        var state: State
        var decision: Wanted
        var by: String
        var outcome: String
        var testDescription: String { "\(state) \(decision) by \(by): \(outcome)" }
    }

    enum State: Sendable { case new, annas, annasWaiting, groups, spam, queued, returnsOfBob }
    enum Wanted: Sendable { case take, toBob, toTom, toAda, toGroup, waiting, done, closed, spam, giveBack, toReturns }

    static let rows: [Row] = [
        Row(state: .new, decision: .take, by: "anna", outcome: "inbox anna"),
        Row(state: .new, decision: .take, by: "sue", outcome: "inbox sue"),
        Row(state: .new, decision: .take, by: "ada", outcome: "inbox ada"),
        Row(state: .new, decision: .take, by: "tom", outcome: "inbox tom"),
        Row(state: .new, decision: .toBob, by: "anna", outcome: "inbox bob"),
        Row(state: .new, decision: .toAda, by: "anna", outcome: "inbox ada"),
        Row(state: .new, decision: .toGroup, by: "anna", outcome: "group"),
        Row(state: .new, decision: .waiting, by: "anna", outcome: "waiting anna"),
        Row(state: .new, decision: .done, by: "anna", outcome: "done anna"),
        Row(state: .new, decision: .closed, by: "anna", outcome: "closed anna"),
        Row(state: .new, decision: .spam, by: "anna", outcome: "spam"),
        Row(state: .new, decision: .giveBack, by: "anna", outcome: "new"),
        Row(state: .new, decision: .toReturns, by: "anna", outcome: "new"),
        Row(state: .annas, decision: .take, by: "anna", outcome: "inbox anna"),
        Row(state: .annas, decision: .take, by: "bob", outcome: "taken"),
        Row(state: .annas, decision: .take, by: "sue", outcome: "inbox sue"),
        Row(state: .annas, decision: .done, by: "bob", outcome: "taken"),
        Row(state: .annas, decision: .done, by: "sue", outcome: "done anna"),
        Row(state: .annas, decision: .toBob, by: "bob", outcome: "taken"),
        Row(state: .annas, decision: .toBob, by: "anna", outcome: "inbox bob"),
        Row(state: .annas, decision: .giveBack, by: "anna", outcome: "new"),
        Row(state: .annas, decision: .giveBack, by: "bob", outcome: "taken"),
        Row(state: .annas, decision: .spam, by: "anna", outcome: "spam"),
        Row(state: .annasWaiting, decision: .take, by: "anna", outcome: "inbox anna"),
        Row(state: .annasWaiting, decision: .closed, by: "anna", outcome: "closed anna"),
        Row(state: .annasWaiting, decision: .toReturns, by: "anna", outcome: "new"),
        Row(state: .groups, decision: .take, by: "bob", outcome: "inbox bob"),
        Row(state: .groups, decision: .take, by: "anna", outcome: "no permission"),
        Row(state: .groups, decision: .giveBack, by: "bob", outcome: "new"),
        Row(state: .groups, decision: .done, by: "bob", outcome: "done bob"),
        Row(state: .spam, decision: .take, by: "anna", outcome: "inbox anna"),
        Row(state: .spam, decision: .giveBack, by: "bob", outcome: "new"),
        Row(state: .spam, decision: .closed, by: "anna", outcome: "closed anna"),
        Row(state: .queued, decision: .take, by: "anna", outcome: "no permission"),
        Row(state: .queued, decision: .done, by: "bob", outcome: "no permission"),
        Row(state: .queued, decision: .take, by: "ada", outcome: "inbox ada"),
        Row(state: .returnsOfBob, decision: .take, by: "anna", outcome: "no permission"),
        Row(state: .returnsOfBob, decision: .take, by: "ada", outcome: "inbox ada"),
        Row(state: .returnsOfBob, decision: .toTom, by: "bob", outcome: "no permission"),
    ]

    @Test(arguments: rows) func `a decision does what the rules say, or nothing`(row: Row) async throws {
        try await DeskFixture.run { desk in
            let number = try await Self.prepare(row.state, desk)
            let before = try await desk.ticket(number)
            let outcome: String
            do {
                try await desk.decide(try Self.decision(row.decision, desk), number, as: "\(row.by)@acme.example")
                outcome = try await desk.place(number).replacing("@acme.example", with: "")
            } catch let refusal as CaseRefusal {
                #expect(try await desk.ticket(number) == before)
                #expect(!refusal.sentence.text(in: .polish).isEmpty)
                switch refusal.reason {
                case .noPermission: outcome = "no permission"
                case .taken: outcome = "taken"
                case .impossible: outcome = "impossible"
                }
            }
            #expect(outcome == row.outcome)
        }
    }

    private static func prepare(_ state: State, _ desk: DeskFixture) async throws -> Int64 {
        let (anna, bob) = ("anna@acme.example", "bob@acme.example")
        let address =
            switch state {
            case .queued: "queue@acme.example"
            case .returnsOfBob: "returns@acme.example"
            default: "help@acme.example"
            }
        let number = try await desk.open(TestMail(id: "first@customer.example"), to: [address])
        switch state {
        case .new, .queued: break
        case .annas: try await desk.decide(.take, number, as: anna)
        case .annasWaiting: try await desk.decide(.setStatus(.waiting), number, as: anna)
        case .groups: try await desk.decide(try decision(.toGroup, desk), number, as: anna)
        case .spam: try await desk.decide(.setStatus(.spam), number, as: anna)
        case .returnsOfBob: try await desk.decide(.take, number, as: bob)
        }
        // A second mail, so that the case has two messages wherever it goes.
        try await desk.receive(
            TestMail(inReplyTo: "first@customer.example", extra: ["Auto-Submitted: auto-replied"]).octets, to: [address]
        )
        #expect(try await desk.messages(number).count == 2)
        return number
    }

    private static func decision(_ wanted: Wanted, _ desk: DeskFixture) throws -> CaseWork.Decision {
        switch wanted {
        case .take: .take
        case .toBob: .handOver(desk.agent("bob@acme.example"))
        case .toTom: .handOver(desk.agent("tom@acme.example"))
        case .toAda: .handOver(desk.agent("ada@acme.example"))
        case .toGroup: .handToGroup(try #require(desk.roster.current.groups.keys.first))
        case .waiting: .setStatus(.waiting)
        case .done: .setStatus(.done)
        case .closed: .setStatus(.closed)
        case .spam: .setStatus(.spam)
        case .giveBack: .giveBack
        case .toReturns: .changePool(desk.pool("Returns"))
        }
    }

    @Test func `where cases may be taken over a colleague takes and decides`() async throws {
        var definition = DeskDefinition.example
        definition.pools[0].mayTakeOver = true
        try await DeskFixture.run(definition) { desk in
            let number = try await Self.prepare(.annas, desk)
            try await desk.decide(.setStatus(.done), number, as: "bob@acme.example")
            #expect(try await desk.place(number) == "done anna@acme.example")
            try await desk.decide(.take, number, as: "bob@acme.example")
            #expect(try await desk.place(number) == "inbox bob@acme.example")
        }
    }

    @Test func `a move leaves tombstones with the old pool and enters under new UIDs`() async throws {
        try await DeskFixture.run { desk in
            let number = try await Self.prepare(.new, desk)
            try await desk.decide(.changePool(desk.pool("Returns")), number, as: "anna@acme.example")
            let (help, returns) = (desk.pool("Help"), desk.pool("Returns"))
            let new = try #require(desk.roster.current.mailbox(.new))
            #expect(
                try await desk.texts(
                    "SELECT uid || ' ' || pool_id FROM tombstone WHERE mailbox_id = \(new) ORDER BY uid")
                    == ["1 \(help)", "2 \(help)"])
            #expect(
                try await desk.texts("SELECT uid || ' ' || pool_id FROM entry WHERE mailbox_id = \(new) ORDER BY uid")
                    == ["3 \(returns)", "4 \(returns)"])
            #expect(try await desk.events(number).last == .poolChanged)
        }
    }

    @Test func `a decision that changes nothing writes nothing`() async throws {
        try await DeskFixture.run { desk in
            let number = try await Self.prepare(.annas, desk)
            let before = try await desk.number("SELECT value FROM counter WHERE name = 'mod_sequence'")
            try await desk.decide(.take, number, as: "anna@acme.example")
            try await desk.decide(.handOver(desk.agent("anna@acme.example")), number, as: "anna@acme.example")
            #expect(try await desk.number("SELECT value FROM counter WHERE name = 'mod_sequence'") == before)
            #expect(try await desk.number("SELECT count(*) FROM tombstone") == 2)
        }
    }

    @Test func `a case with an answer of ours cannot become spam`() async throws {
        try await DeskFixture.run { desk in
            let number = try await Self.prepare(.new, desk)
            try await desk.send(
                TestMail(from: "anna@acme.example", inReplyTo: "first@customer.example"), as: "anna@acme.example",
                to: ["jan@customer.example"])
            await #expect(throws: CaseRefusal.self) {
                try await desk.decide(.setStatus(.spam), number, as: "anna@acme.example")
            }
            #expect(try await desk.place(number) == "waiting anna@acme.example")
        }
    }

    // MARK: - Offers

    private static func offer(_ number: Int64, to login: String, _ desk: DeskFixture) async throws {
        let (agent, roster, now) = (desk.agent(login), desk.roster.current, desk.clock.now)
        try await desk.store.write { (transaction: Transaction) in
            let ticket = TicketNumber(rawValue: number)
            try transaction.setOffer(Offer(agent: agent, ticket: ticket, expiresAt: now + .seconds(600)))
            let next = try #require(roster.mailbox(.next(agent)))
            let pool = try #require(try transaction.ticket(ticket)).pool
            _ = try transaction.enter(
                transaction.messages(of: ticket), into: next, pool: pool, at: transaction.takeModSequence(), now: now)
        }
    }

    @Test func `an offered case is for that agent alone, and a new mail of it lies in Next, too`() async throws {
        try await DeskFixture.run { desk in
            let number = try await Self.prepare(.queued, desk)
            try await Self.offer(number, to: "anna@acme.example", desk)
            await #expect(throws: CaseRefusal.self) { try await desk.decide(.take, number, as: "bob@acme.example") }
            try await desk.receive(TestMail(inReplyTo: "first@customer.example").octets, to: ["queue@acme.example"])
            let next = try #require(desk.roster.current.mailbox(.next(desk.agent("anna@acme.example"))))
            #expect(try await desk.number("SELECT count(*) FROM entry WHERE mailbox_id = \(next)") == 3)
            try await desk.decide(.take, number, as: "anna@acme.example")
            #expect(try await desk.place(number) == "inbox anna@acme.example")
            #expect(try await desk.number("SELECT count(*) FROM entry WHERE mailbox_id = \(next)") == 0)
            #expect(try await desk.number("SELECT count(*) FROM offer") == 0)
        }
    }

    @Test func `an answer takes what Next offered, and out of turn nobody answers`() async throws {
        try await DeskFixture.run { desk in
            let number = try await Self.prepare(.queued, desk)
            try await Self.offer(number, to: "anna@acme.example", desk)
            let answer = TestMail(from: "bob@acme.example", to: "jan@customer.example", inReplyTo: "first@customer.example")
            let refused = try await desk.send(answer, as: "bob@acme.example", to: ["jan@customer.example"])
            #expect(refused.code == 550)
            #expect(try await desk.number("SELECT count(*) FROM offer") == 1)
            var annas = answer
            annas.from = "anna@acme.example"
            #expect(try await desk.send(annas, as: "anna@acme.example", to: ["jan@customer.example"]).code == 250)
            #expect(try await desk.ticket(number).assignee == desk.agent("anna@acme.example"))
            #expect(try await desk.number("SELECT count(*) FROM offer") == 0)
        }
    }

    @Test func `an offer is withdrawn with a change of pool`() async throws {
        try await DeskFixture.run { desk in
            let number = try await Self.prepare(.new, desk)
            try await Self.offer(number, to: "anna@acme.example", desk)
            try await desk.decide(.changePool(desk.pool("Returns")), number, as: "sue@acme.example")
            #expect(try await desk.number("SELECT count(*) FROM offer") == 0)
            let next = try #require(desk.roster.current.mailbox(.next(desk.agent("anna@acme.example"))))
            #expect(try await desk.number("SELECT count(*) FROM entry WHERE mailbox_id = \(next)") == 0)
        }
    }
}
