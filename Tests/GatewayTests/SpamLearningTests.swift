import Desk
import Gateway
import Logging
import MailTypes
import Storage
import Synchronization
import TestKit
import Testing

/// What a spam filter is taught of agents' moves.
@Suite struct SpamLearningTests {
    /// Learns, or does what it is told.
    private final class Pupil: SpamTeacher {
        private struct State {
            var learned: [String] = []
            var outcome = TeachingOutcome.taught
        }
        private let state = Mutex(State())

        /// `spam` or `ham` with the subject.
        var learned: [String] { state.withLock { $0.learned } }
        func answer(_ outcome: TeachingOutcome) { state.withLock { $0.outcome = outcome } }

        func teach(
            size: Int, isSpam: Bool, octets: @escaping @Sendable (Range<Int>) async throws -> [UInt8]
        ) async -> TeachingOutcome {
            var content: [UInt8] = []
            while content.count < size {
                guard let piece = try? await octets(content.count..<min(size, content.count + 1000)), !piece.isEmpty else {
                    return .useless("gone")
                }
                content += piece
            }
            let lines = String(decoding: content, as: UTF8.self).split(separator: "\r\n")
            let subject = lines.first { $0.hasPrefix("Subject: ") }?.dropFirst(9) ?? ""
            return state.withLock { state in
                if state.outcome == .taught { state.learned.append("\(isSpam ? "spam" : "ham") \(subject)") }
                return state.outcome
            }
        }
    }

    private func learning(_ desk: DeskFixture, _ pupil: Pupil) async throws -> SpamLearning {
        var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        let learning = SpamLearning(store: desk.store, feed: desk.feed, teacher: pupil, clock: desk.clock, logger: logger)
        _ = try await learning.gather()
        return learning
    }

    private func catchUp(_ learning: SpamLearning) async throws -> Timestamp? {
        _ = try await learning.gather()
        return try await learning.teach()
    }

    private func opened(_ desk: DeskFixture, _ subject: String) async throws -> Int64 {
        var mail = TestMail()
        mail.subject = subject
        return try await desk.open(mail)
    }

    @Test func `moves of agents are taught in both directions, and the last one counts`() async throws {
        try await DeskFixture.run { desk in
            let before = try await opened(desk, "Before")
            try await desk.decide(.setStatus(.spam), before, as: "anna@acme.example")
            let pupil = Pupil()
            let learning = try await learning(desk, pupil)
            // What was decided before anybody learned is not learned.
            #expect(try await catchUp(learning) == nil)
            #expect(pupil.learned.isEmpty)
            let ticket = try await opened(desk, "Pills")
            try await desk.decide(.setStatus(.spam), ticket, as: "anna@acme.example")
            #expect(try await catchUp(learning) == nil)
            #expect(pupil.learned == ["spam Pills"])
            try await desk.decide(.giveBack, ticket, as: "bob@acme.example")
            #expect(try await catchUp(learning) == nil)
            for _ in 0..<2 {
                try await desk.decide(.setStatus(.spam), ticket, as: "anna@acme.example")
                try await desk.decide(.giveBack, ticket, as: "bob@acme.example")
            }
            #expect(try await catchUp(learning) == nil)
            #expect(pupil.learned == ["spam Pills", "ham Pills"])
            // The last move counts, as often as it is another one than what was taught last.
            try await desk.decide(.setStatus(.spam), ticket, as: "anna@acme.example")
            #expect(try await catchUp(learning) == nil)
            #expect(pupil.learned == ["spam Pills", "ham Pills", "spam Pills"])
            for _ in 0..<2 {
                try await desk.decide(.giveBack, ticket, as: "bob@acme.example")
                try await desk.decide(.setStatus(.spam), ticket, as: "anna@acme.example")
            }
            #expect(try await catchUp(learning) == nil)
            #expect(pupil.learned.count == 3)
            try await desk.decide(.giveBack, ticket, as: "bob@acme.example")
            #expect(try await catchUp(learning) == nil)
            #expect(pupil.learned == ["spam Pills", "ham Pills", "spam Pills", "ham Pills"])
            // Other moves say nothing.
            try await desk.decide(.setStatus(.done), ticket, as: "bob@acme.example")
            #expect(try await catchUp(learning) == nil)
            #expect(pupil.learned.count == 4)
        }
    }

    @Test func `a move that is taken back before it was taught is not taught`() async throws {
        try await DeskFixture.run { desk in
            let pupil = Pupil()
            let learning = try await learning(desk, pupil)
            let ticket = try await opened(desk, "Invoice")
            try await desk.decide(.setStatus(.spam), ticket, as: "anna@acme.example")
            try await desk.decide(.giveBack, ticket, as: "anna@acme.example")
            #expect(try await catchUp(learning) == nil)
            #expect(pupil.learned == ["ham Invoice"])
        }
    }

    @Test func `what the desk itself puts into Spam, and what agents wrote, is not taught`() async throws {
        try await DeskFixture.run { desk in
            let pupil = Pupil()
            let learning = try await learning(desk, pupil)
            let ticket = try await opened(desk, "By a rule")
            let now = desk.clock.now
            try await desk.store.write { [roster = desk.roster.current] (transaction: Transaction) in
                let old = try #require(try transaction.ticket(TicketNumber(rawValue: ticket)))
                var new = old
                new.status = .spam
                _ = try CaseWork(transaction, roster: roster, now: now).move(old, to: new, by: nil, reason: nil)
            }
            #expect(try await catchUp(learning) == nil)
            #expect(pupil.learned.isEmpty)
            // A mail that no connection from outside brought.
            let own = try await opened(desk, "Own")
            _ = try await desk.store.write { [agent = desk.agent("anna@acme.example")] (transaction: Transaction) in
                try transaction.connection.run("UPDATE acceptance SET agent_id = \(agent.rawValue) WHERE size > 0")
            }
            try await desk.decide(.setStatus(.spam), own, as: "anna@acme.example")
            #expect(try await catchUp(learning) == nil)
            #expect(pupil.learned.isEmpty)
        }
    }

    @Test func `a filter that is away is asked again later, and after a restart, one that does not want a mail is not`()
        async throws
    {
        try await DeskFixture.run { desk in
            let pupil = Pupil()
            var learning = try await learning(desk, pupil)
            let (first, second) = (try await opened(desk, "First"), try await opened(desk, "Second"))
            for ticket in [first, second] { try await desk.decide(.setStatus(.spam), ticket, as: "anna@acme.example") }
            pupil.answer(.unavailable("away"))
            #expect(try await catchUp(learning) == desk.clock.now + .seconds(30))
            learning = try await self.learning(desk, pupil)
            desk.clock.advance(by: .seconds(29))
            pupil.answer(.taught)
            // The other one was not tried, and is not made to wait.
            #expect(try await catchUp(learning) == desk.clock.now + .seconds(1))
            #expect(pupil.learned == ["spam Second"])
            desk.clock.advance(by: .seconds(1))
            pupil.answer(.useless("too short"))
            #expect(try await catchUp(learning) == nil)
            pupil.answer(.taught)
            #expect(try await catchUp(learning) == nil)
            #expect(pupil.learned == ["spam Second"])
        }
    }

    @Test func `a lesson is given up after days, and goes with its mail`() async throws {
        try await DeskFixture.run { desk in
            let pupil = Pupil()
            let learning = try await learning(desk, pupil)
            let ticket = try await opened(desk, "Never")
            try await desk.decide(.setStatus(.spam), ticket, as: "anna@acme.example")
            pupil.answer(.unavailable("away"))
            var tries = 0
            var next = try await catchUp(learning)
            let begun = desk.clock.now
            while let due = next {
                tries += 1
                desk.clock.advance(by: due - desk.clock.now)
                next = try await catchUp(learning)
            }
            #expect(tries == 24 && desk.clock.now - begun < .seconds(4 * 86400))
            #expect(try await desk.number("SELECT count(*) FROM lesson") == 1)
            let now = desk.clock.now
            try await desk.store.write { [roster = desk.roster.current] (transaction: Transaction) in
                _ = try CaseWork(transaction, roster: roster, now: now).purge(TicketNumber(rawValue: ticket))
            }
            #expect(try await desk.number("SELECT count(*) FROM lesson") == 0)
        }
    }
}
