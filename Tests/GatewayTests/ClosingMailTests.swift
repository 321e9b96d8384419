import Desk
import Gateway
import MailTypes
import Storage
import TestKit
import Testing

/// Closing mails that do not leave: Stempel wrote them, so they become nobody's draft, and the case stays over.
@Suite struct ClosingMailTests {
    private static let (anna, tom, sue, jan) = ("anna@acme.example", "tom@acme.example", "sue@acme.example", "jan@customer.example")

    /// Case 1 was closed by somebody, and its mail waits.
    private func withWaiting(
        closedBy login: String, undo: Duration = .seconds(30), _ body: (DeskFixture) async throws -> Void
    ) async throws {
        try await DeskFixture.run(RatingTests.definition(undo: undo)) { desk in
            _ = try await desk.open(TestMail(id: "first@customer.example"))
            try await desk.decide(.take, 1, as: login)
            try await desk.decide(.setStatus(.closed), 1, as: login)
            try await desk.settleClosing()
            try await body(desk)
        }
    }

    /// It is gone, and left nothing behind in which somebody could send on what customers' links stood for.
    private func expectDropped(_ desk: DeskFixture, of author: String) async throws {
        for login in [author, Self.sue] {
            #expect(try await desk.shown(.drafts(desk.agent(login))).isEmpty, "\(login)")
            #expect(try await desk.approval(login).isEmpty, "\(login)")
            #expect(try await desk.toSend(login).isEmpty, "\(login)")
        }
        #expect(try await desk.ticket(1).status == .closed)
        #expect(try await desk.ticket(1).assignee == desk.agent(author))
        #expect(try await desk.number("SELECT count(*) FROM rating") == 0)
        try await desk.pass(.seconds(86400))
        #expect(try await desk.outbox().isEmpty)
    }

    @Test(arguments: [ApprovalJudgement.sendBack, .takeOver])
    func `sent back or taken over, it does not leave, and its trainee hears so`(judgement: ApprovalJudgement) async throws {
        try await withWaiting(closedBy: Self.tom) { desk in
            let uid = try #require(try await desk.approval(Self.sue).first).uid
            try await desk.judge(judgement, uid, as: Self.sue, words: "He is angry, leave him alone.")
            let told = try #require(try await desk.shown(.inbox(desk.agent(Self.tom))).last)
            #expect(told.header.field("Subject") == "Not told that the case is over: #1 Where is my parcel?")
            #expect(told.body.contains("Sue") && told.body.contains("leave him alone.") == (judgement == .sendBack))
            #expect(!told.body.contains("Drafts"))
            #expect(try await desk.events(1).contains(judgement == .sendBack ? .sentBack : .takenOver))
            try await expectDropped(desk, of: Self.tom)
        }
    }

    @Test func `a supervisor's own mail to the customer goes instead`() async throws {
        try await withWaiting(closedBy: Self.tom, undo: .zero) { desk in
            let shown = try #require(try await desk.approval(Self.sue).first)
            let mail = TestMail(
                from: Self.sue, to: Self.jan, subject: "Re: [#1] Where is my parcel?", id: "s@laptop",
                inReplyTo: "first@customer.example", body: "We are done.\r\n")
            #expect(try await desk.send(mail, as: Self.sue, to: [Self.jan]).code == 250)
            for login in [Self.tom, Self.sue] { #expect(try await desk.shown(.drafts(desk.agent(login))).isEmpty) }
            #expect(!shown.body.contains("We are done."))
        }
    }

    @Test(arguments: [tom, anna]) func `recalled by its author, it is gone`(login: String) async throws {
        try await withWaiting(closedBy: login) { desk in
            let mail = TestMail(
                from: login, to: "desk@acme.example", subject: "Re: [#1] Where is my parcel?", id: "r@laptop",
                inReplyTo: "first@customer.example", body: "#recall\r\n")
            #expect(try await desk.send(mail, as: login, to: ["desk@acme.example"]).code == 250)
            #expect(try await desk.events(1).last == .recalled)
            try await expectDropped(desk, of: login)
        }
    }

    @Test func `who is asked no more after that is asked when the case is closed anew`() async throws {
        try await withWaiting(closedBy: Self.tom) { desk in
            let uid = try #require(try await desk.approval(Self.sue).first).uid
            try await desk.judge(.sendBack, uid, as: Self.sue)
            try await desk.decide(.take, 1, as: Self.tom)
            try await desk.decide(.setStatus(.closed), 1, as: Self.tom)
            try await desk.settleClosing()
            #expect(try await desk.approval(Self.sue).count == 1)
        }
    }

    // MARK: - A case that is no case any more, or closes by itself

    @Test func `of a case that is deleted meanwhile it vanishes from Approval, and does not leave`() async throws {
        var definition = RatingTests.definition()
        definition.agents[3].rights = [.delete]
        try await DeskFixture.run(definition) { desk in
            _ = try await desk.open(TestMail(id: "first@customer.example"))
            try await desk.decide(.setStatus(.closed), 1, as: Self.tom)
            try await desk.settleClosing()
            let uid = try #require(try await desk.approval(Self.sue).first).uid
            let (roster, now, sue) = (desk.roster.current, desk.clock.now, desk.agent(Self.sue))
            try await desk.store.write { (transaction: Transaction) in
                try CaseWork(transaction, roster: roster, now: now).delete(TicketNumber(rawValue: 1), by: sue)
            }
            try await desk.settleClosing()
            #expect(try await desk.approval(Self.sue).isEmpty)
            #expect(try await desk.approval(Self.tom).isEmpty)
            #expect(try await desk.texts("SELECT reason FROM event WHERE kind = 64") == ["it was deleted"])
            await #expect(throws: CaseRefusal.self) { try await desk.judge(.approve, uid, as: Self.sue) }
            // Who looks for it hears by whose hand it went.
            let status = try await desk.store.read { (transaction: Transaction) in
                let roster = desk.roster.current
                let ada = try #require(roster.agents[desk.agent("ada@acme.example")])
                return try desk.submission.held.departure(uid, in: .approval(desk.agent(Self.sue)), ada, roster, transaction)
            }
            #expect(try #require(status).sentence.text(in: .english).contains("recalled by Sue"))
            try await desk.pass(.seconds(86400))
            #expect(try await desk.outbox().isEmpty)
            // Back again, it is as over as before, and asks nobody.
            try await desk.decide(.setStatus(.closed), 1, as: Self.sue)
            try await desk.settleClosing()
            #expect(try await desk.approval(Self.sue).isEmpty)
        }
    }

    @Test func `of a case that goes into another meanwhile it vanishes, too`() async throws {
        try await withWaiting(closedBy: Self.tom) { desk in
            _ = try await desk.open(TestMail(subject: "Other", id: "2@customer.example"))
            let (roster, now, sue) = (desk.roster.current, desk.clock.now, desk.agent(Self.sue))
            try await desk.store.write { (transaction: Transaction) in
                _ = try CaseWork(transaction, roster: roster, now: now).merge(
                    TicketNumber(rawValue: 1), into: TicketNumber(rawValue: 2), by: sue, host: DeskFixture.host)
            }
            try await desk.settleClosing()
            #expect(try await desk.approval(Self.sue).isEmpty)
            #expect(try await desk.outbox().isEmpty)
            #expect(try await desk.texts("SELECT reason FROM event WHERE kind = 64") == ["it went into another"])
        }
    }

    @Test(arguments: [(tom, true), (anna, false)])
    func `a case that closes by itself asks in its assignee's name, a trainee's through Approval`(
        login: String, waits: Bool
    ) async throws {
        try await DeskFixture.run(RatingTests.definition(undo: .seconds(30))) { desk in
            _ = try await desk.open(TestMail(id: "first@customer.example"))
            try await desk.decide(.take, 1, as: login)
            try await desk.decide(.setStatus(.waiting), 1, as: login)
            desk.clock.advance(by: .seconds(31 * 86400))
            await desk.oversee()
            #expect(try await desk.ticket(1).status == .closed)
            #expect(try await desk.outbox().count == (waits ? 0 : 1))
            #expect(try await desk.approval(Self.sue).count == (waits ? 1 : 0))
            #expect(try await desk.ticket(1).status == .closed)
            guard waits else { return }
            try await desk.judge(.approve, try #require(try await desk.approval(Self.sue).first).uid, as: Self.sue)
            try await desk.pass(.seconds(30))
            #expect(try await desk.outbox().map(\.recipients) == [[Self.jan]])
            #expect(try await desk.ticket(1).status == .closed)
        }
    }

    // MARK: - Nobody to write for, or from

    @Test(arguments: [false, true])
    func `who left after closing a case is not waited for`(isRemoved: Bool) async throws {
        try await DeskFixture.run(RatingTests.definition(undo: .seconds(30))) { desk in
            _ = try await desk.open(TestMail(id: "first@customer.example"))
            try await desk.decide(.setStatus(.closed), 1, as: Self.anna)
            var changed = RatingTests.definition(undo: .seconds(30))
            if isRemoved {
                changed.agents.removeFirst()
                for index in changed.pools.indices { changed.pools[index].members.removeAll { $0.login == Self.anna } }
            } else {
                changed.agents[0].active = false
            }
            try await desk.apply(changed)
            try await desk.settleClosing()
            try await desk.pass(.seconds(30))
            #expect(try await desk.outbox().map(\.recipients) == [[Self.jan]])
            #expect(try await desk.number("SELECT count(*) FROM timer WHERE kind = \(TimerKind.closing)") == 0)
        }
    }

    @Test(arguments: [ApprovalJudgement.approve, .sendBack])
    func `a trainee's waits for approval even when the trainee left`(judgement: ApprovalJudgement) async throws {
        try await DeskFixture.run(RatingTests.definition()) { desk in
            _ = try await desk.open(TestMail(id: "first@customer.example"))
            try await desk.decide(.setStatus(.closed), 1, as: Self.tom)
            var changed = RatingTests.definition()
            changed.agents[2].active = false
            try await desk.apply(changed)
            try await desk.settleClosing()
            #expect(try await desk.outbox().isEmpty)
            let uid = try #require(try await desk.approval(Self.sue).first).uid
            try await desk.judge(judgement, uid, as: Self.sue)
            #expect(try await desk.outbox().count == (judgement == .approve ? 1 : 0))
            #expect(try await desk.ticket(1).status == .closed)
        }
    }

    @Test func `where the pool has no address to write from, that is settled once, and the case says so`() async throws {
        try await DeskFixture.run(RatingTests.definition()) { desk in
            _ = try await desk.open(TestMail(id: "first@customer.example"))
            try await desk.decide(.setStatus(.closed), 1, as: Self.anna)
            var changed = RatingTests.definition()
            changed.pools[0].addresses = []
            try await desk.apply(changed)
            try await desk.settleClosing()
            #expect(try await desk.outbox().isEmpty)
            #expect(try await desk.events(1).last == .closingMailOmitted)
            #expect(try await desk.number("SELECT count(*) FROM timer WHERE kind = \(TimerKind.closing)") == 0)
            #expect(try await desk.number("SELECT count(*) FROM rating") == 0)
        }
    }
}
