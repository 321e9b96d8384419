import Desk
import Gateway
import Logging
import MailTypes
import Storage
import TestKit
import Testing

/// The outbox over a real database, with a next hop and a clock that do as they are told.
@Suite(.timeLimit(.minutes(5))) struct OutboxTests {
    static let jan = "jan@customer.example"

    /// A desk with an answer to Jan, and to others, in its outbox.
    private static func run(
        _ wire: any DeliveryWire, to recipients: [String] = [jan], body text: String = "Hello\r\n", failures: Int = 0,
        notices: (any FailureNotices)? = nil, parallel: Int = 4, delayNotice: Duration? = nil,
        _ body: (DeskFixture, ManualTimer, OutboxRunner) async throws -> Void
    ) async throws {
        try await DeskFixture.run { desk in
            let ticket = try await desk.open(TestMail(id: "q@customer.example"))
            #expect(ticket == 1)
            try await Self.answer(desk, to: recipients, body: text)
            let timer = ManualTimer(desk.clock)
            let runner = OutboxRunner(
                configuration: .init(
                    limits: .init(
                        deliveries: parallel, perDestination: parallel, firstPerDestination: parallel, untried: parallel),
                    delayNotice: delayNotice, pauseAfterFailure: .seconds(5)),
                store: FailingStore(desk.store, failures: failures), feed: desk.feed, wire: wire,
                notices: notices
                    ?? FailureNoticeFiling(
                        roster: desk.roster, cryptography: desk.cryptography, hostname: DeskFixture.host),
                clock: desk.clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                sleep: { try await timer.sleep($0) }, chance: { 0 })
            let running = Task { await runner.run() }
            do {
                try await body(desk, timer, runner)
            } catch {
                running.cancel()
                throw error
            }
            running.cancel()
            await running.value
        }
    }

    private static func answer(
        _ desk: DeskFixture, to recipients: [String], inReplyTo: String = "q@customer.example", body: String = "Hello\r\n"
    ) async throws {
        let mail = TestMail(
            from: "Anna <anna@acme.example>", to: recipients.joined(separator: ", "),
            subject: "Re: Where is my parcel?",
            inReplyTo: inReplyTo, body: body)
        let reply = try await desk.send(
            mail, as: "anna@acme.example", from: "anna@acme.example", to: recipients)
        try #require(reply.code == 250)
    }

    /// Waits until every delivery has this state.
    private static func states(_ desk: DeskFixture, _ expected: [String]) async throws {
        while try await desk.texts("SELECT state FROM delivery ORDER BY id") != expected {
            try Task.checkCancellation()
        }
    }

    @Test func `an answer leaves as it was composed, once, and the case knows`() async throws {
        let wire = ScriptedWire()
        try await Self.run(wire) { desk, _, _ in
            try await Self.states(desk, ["delivered"])
            let call = try #require(wire.calls.first)
            let leaving = try #require(try await desk.outbox().first)
            #expect(call.recipients == [Self.jan])
            #expect(call.content == leaving.header + "Hello\r\n")
            #expect(call.mail.size == call.content.utf8.count)
            #expect(call.mail.reversePath?.description == leaving.reversePath)
            #expect(try await desk.events(1).last == .delivered)
            #expect(try await desk.number("SELECT count(*) FROM delivery WHERE next_attempt_at IS NOT NULL") == 0)
            #expect(wire.calls.count == 1)
        }
    }

    @Test func `a body that is stored in pieces leaves whole`() async throws {
        let wire = ScriptedWire()
        let body = String(repeating: String(repeating: "y", count: 70) + "\r\n", count: 5000)
        try await Self.run(wire, body: body) { desk, _, _ in
            try await Self.states(desk, ["delivered"])
            let call = try #require(wire.calls.first)
            #expect(call.content == (try await desk.outbox().first?.header ?? "") + body)
            #expect(call.mail.size == call.content.utf8.count)
        }
    }

    @Test func `a relay that is down is tried again, less and less often, until the mail is through`() async throws {
        let wire = ScriptedWire([.down], [.down], [.busy], [.down])
        try await Self.run(wire) { desk, timer, _ in
            var pauses: [Duration] = []
            for _ in 0..<4 { pauses.append(try await timer.passOne()) }
            try await Self.states(desk, ["delivered"])
            #expect(pauses == [.seconds(300), .seconds(900), .seconds(1800), .seconds(3600)])
            #expect(wire.calls.count == 5)
            #expect(try await desk.number("SELECT attempts FROM delivery") == 5)
            #expect(try await desk.events(1).filter { $0 == .delivered || $0 == .deliveryFailed } == [.delivered])
        }
    }

    @Test func `who has the mail does not get it again`() async throws {
        let wire = ScriptedWire([.taken, .busy, .refused], [.taken])
        try await Self.run(wire, to: [Self.jan, "b@customer.example", "c@customer.example"]) { desk, timer, _ in
            try await Self.states(desk, ["delivered", "deferred", "failed"])
            _ = try await timer.passOne()
            try await Self.states(desk, ["delivered", "delivered", "failed"])
            #expect(wire.calls.map(\.recipients.count) == [3, 1])
            #expect(wire.calls.last?.recipients == ["b@customer.example"])
        }
    }

    @Test func `a refusal is told in the case, which comes back to its agent`() async throws {
        try await Self.run(ScriptedWire([.refused])) { desk, _, _ in
            try await Self.states(desk, ["failed"])
            #expect(try await desk.messages(1).map(\.kind) == [.inbound, .outbound, .notice])
            #expect(try await desk.events(1).contains(.deliveryFailed))
            #expect(try await desk.place(1) == "inbox anna@acme.example")
        }
    }

    @Test func `a mail that stays deferred for four days has failed`() async throws {
        let wire = ScriptedWire(otherwise: .down)
        try await Self.run(wire) { desk, timer, _ in
            let start = desk.clock.now
            while desk.clock.now - start < .seconds(4 * 86400) { _ = try await timer.passOne() }
            try await Self.states(desk, ["expired"])
            #expect(desk.clock.now - start == .seconds(4 * 86400))
            #expect(try await desk.messages(1).last?.kind == .notice)
            #expect(try await desk.events(1).filter { $0 == .deliveryFailed }.count == 1)
        }
    }

    @Test func `a mail that is late is told of once in its case, which stays where it is`() async throws {
        let wire = ScriptedWire(otherwise: .busy)
        try await Self.run(wire, delayNotice: .seconds(4 * 3600)) { desk, timer, _ in
            let start = desk.clock.now
            while desk.clock.now - start < .seconds(20 * 3600) { _ = try await timer.passOne() }
            try await Self.states(desk, ["deferred"])
            #expect(try await desk.messages(1).map(\.kind) == [.inbound, .outbound, .notice])
            #expect(try await desk.place(1) == "waiting anna@acme.example")
            #expect(try await desk.events(1).contains(.deliveryFailed) == false)
        }
    }

    @Test func `mail to a destination that is out of reach waits with it, and other mail goes on`() async throws {
        let wire = DestinationWire(dead: ["dead.example"])
        try await Self.run(wire) { desk, timer, _ in
            try await Self.states(desk, ["delivered"])
            for name in ["dead", "alive"] {
                _ = try await desk.open(TestMail(from: "a@\(name).example", id: "q@\(name).example"))
            }
            try await Self.answer(desk, to: ["a@dead.example"], inReplyTo: "q@dead.example")
            try await Self.states(desk, ["delivered", "deferred"])
            _ = try await timer.passOne()
            // The second failure in a row: now the destination is left alone.
            while try await desk.number("SELECT attempts FROM delivery WHERE id = 2") != 2 { try Task.checkCancellation() }
            try await Self.answer(desk, to: ["b@dead.example"], inReplyTo: "q@dead.example")
            try await Self.answer(desk, to: ["c@alive.example"], inReplyTo: "q@alive.example")
            try await Self.states(desk, ["delivered", "deferred", "deferred", "delivered"])
            #expect(wire.tried == [Self.jan, "a@dead.example", "a@dead.example", "c@alive.example"])
            #expect(try await desk.number("SELECT attempts FROM delivery WHERE id = 3") == 0)
        }
    }

    @Test func `what an operator holds or cancels is not sent, and what is released is`() async throws {
        let wire = ScriptedWire([.down])
        try await Self.run(wire) { desk, timer, _ in
            try await Self.states(desk, ["deferred"])
            func change<Found: Sendable>(
                _ body: @escaping @Sendable (Transaction) throws -> Found
            ) async throws -> Found {
                try await desk.store.write { (transaction: Transaction) in
                    transaction.note(Change(isOutboxChange: true))
                    return try body(transaction)
                }
            }
            let now = desk.clock.now
            #expect(try await change { try $0.hold([DeliveryID(rawValue: 1)]) } == 1)
            try await Self.states(desk, ["held"])
            desk.clock.advance(by: .seconds(86400))
            try await Self.answer(desk, to: ["b@customer.example"])
            try await Self.states(desk, ["held", "delivered"])
            #expect(try await change { try $0.makeDue([DeliveryID(rawValue: 1)], releasing: false, at: now) } == 0)
            let later = desk.clock.now
            #expect(try await change { try $0.makeDue([DeliveryID(rawValue: 1)], releasing: true, at: later) } == 1)
            try await Self.states(desk, ["delivered", "delivered"])
            #expect(try await change { try $0.cancelDelivery(DeliveryID(rawValue: 1), at: later) } == false)
        }
    }

    @Test func `a mail that comes while the outbox sleeps is sent at once`() async throws {
        let wire = ScriptedWire([.down])
        try await Self.run(wire) { desk, _, _ in
            try await Self.states(desk, ["deferred"])
            try await Self.answer(desk, to: [Self.jan])
            try await Self.states(desk, ["deferred", "delivered"])
        }
    }

    @Test func `no more mails than allowed are on the wire, and none twice`() async throws {
        let wire = ScriptedWire()
        wire.close()
        try await Self.run(wire, parallel: 2) { desk, _, _ in
            for _ in 0..<5 { try await Self.answer(desk, to: [Self.jan]) }
            try await wire.hasActive(2)
            wire.open()
            try await Self.states(desk, Array(repeating: "delivered", count: 6))
            #expect(wire.mostActive == 2)
            #expect(Set(wire.calls.map(\.mail.submission)).count == 6)
            #expect(wire.calls.count == 6)
        }
    }

    @Test func `while the database fails the mail is not sent again`() async throws {
        let wire = ScriptedWire()
        try await Self.run(wire, failures: 3) { desk, timer, _ in
            for _ in 0..<3 { #expect(try await timer.passOne() == .seconds(5)) }
            try await Self.states(desk, ["delivered"])
            #expect(wire.calls.count == 1)
        }
    }

    @Test(arguments: 0..<14) func `whichever look at the database fails, nothing that is due is forgotten`(reads: Int) async throws {
        try await DeskFixture.run { desk in
            _ = try await desk.open(TestMail(id: "q@customer.example"))
            for _ in 0..<6 { try await Self.answer(desk, to: [Self.jan]) }
            let timer = ManualTimer(desk.clock)
            // Most of it waits in the database, and is asked for when what is in memory is nearly done.
            let runner = OutboxRunner(
                configuration: .init(
                    schedule: RetrySchedule(delays: [.seconds(1)]),
                    limits: .init(deliveries: 1, perDestination: 1, waitingPerDestination: 2), delayNotice: nil,
                    pauseAfterFailure: .seconds(5)),
                store: FailingStore(desk.store, goodReads: reads), feed: desk.feed,
                wire: LingeringWire(wire: ScriptedWire([.busy], [.busy], [.busy], [.busy], [.busy]), clock: desk.clock),
                notices: BrokenNotices(), held: desk.submission.held, clock: desk.clock,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                sleep: { try await timer.sleep($0) }, chance: { 0 })
            let running = Task { await runner.run() }
            let passing = Task {
                while !Task.isCancelled {
                    let pause = try await timer.passOne()
                    #expect(pause <= .seconds(5))
                }
            }
            do {
                try await Self.states(desk, Array(repeating: "delivered", count: 6))
            } catch {
                running.cancel()
                throw error
            }
            passing.cancel()
            running.cancel()
            await running.value
        }
    }

    @Test func `a notice that cannot be filed does not keep the failure from being settled`() async throws {
        let wire = ScriptedWire([.refused])
        try await Self.run(wire, notices: BrokenNotices()) { desk, _, _ in
            try await Self.states(desk, ["failed"])
            #expect(wire.calls.count == 1)
        }
    }

    @Test func `the end of the runner waits for what is on the wire, and settles it`() async throws {
        let wire = ScriptedWire()
        wire.close()
        try await Self.run(wire) { _, _, _ in
            try await wire.hasActive(1)
            Task {
                await Task.yield()
                wire.open()
            }
        }
        #expect(wire.calls.count == 1)
    }

    @Test func `another runner finds what the last one left`() async throws {
        let first = ScriptedWire([.down])
        try await DeskFixture.run { desk in
            _ = try await desk.open(TestMail(id: "q@customer.example"))
            try await Self.answer(desk, to: [Self.jan])
            for wire in [first, ScriptedWire()] {
                let timer = ManualTimer(desk.clock)
                let runner = OutboxRunner(
                    store: desk.store, feed: desk.feed, wire: wire, notices: BrokenNotices(), clock: desk.clock,
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                    sleep: { try await timer.sleep($0) }, chance: { 0 })
                let running = Task { await runner.run() }
                if wire === first {
                    try await Self.states(desk, ["deferred"])
                } else {
                    _ = try await timer.passOne()
                    try await Self.states(desk, ["delivered"])
                }
                running.cancel()
                await running.value
            }
        }
    }
}

@Suite struct OutboxRetryScheduleTests {
    static let rows: [(attempts: Int, seconds: Int64)] = [
        (1, 300), (2, 900), (3, 1800), (4, 3600), (5, 7200), (6, 14_400), (7, 14_400), (100, 14_400),
    ]

    @Test(arguments: rows) func `each failure waits longer, up to four hours`(attempts: Int, seconds: Int64) {
        let now = Timestamp(seconds: 1000)
        let next = RetrySchedule().nextAttempt(
            after: attempts, now: now, expiresAt: Timestamp(seconds: 1_000_000), chance: 0)
        #expect(next == now + .seconds(seconds))
    }

    @Test func `jitter lengthens by a tenth at most`() throws {
        let now = Timestamp(seconds: 1000)
        let next = try #require(
            RetrySchedule().nextAttempt(after: 1, now: now, expiresAt: Timestamp(seconds: 9000), chance: 0.999))
        #expect(next > now + .seconds(329) && next <= now + .seconds(330))
    }

    @Test func `the last attempt falls on the expiry, and none after it`() {
        let expiry = Timestamp(seconds: 1100)
        let schedule = RetrySchedule()
        #expect(schedule.nextAttempt(after: 1, now: Timestamp(seconds: 1000), expiresAt: expiry, chance: 0) == expiry)
        #expect(schedule.nextAttempt(after: 2, now: expiry, expiresAt: expiry, chance: 0) == nil)
    }
}
