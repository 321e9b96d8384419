import Desk
import Gateway
import Logging
import MailTypes
import Storage
import Synchronization
import TestKit
import Testing

/// The scheduler over a real database, with handlers that keep a list and a clock that does as it is told.
@Suite(.timeLimit(.minutes(5))) struct SchedulerTests {
    /// What was carried out.
    private final class Fired: Sendable {
        private let list = Mutex<[DeskTimer]>([])
        var timers: [DeskTimer] { list.withLock { $0 } }
        func note(_ timer: DeskTimer) { list.withLock { $0.append(timer) } }
    }

    private struct Broken: Error {}

    private static func scheduler(
        _ desk: DeskFixture, _ handlers: [TimerKind: Scheduler.Handler], batch: Int = 8, failures: Int = 0,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { _ in throw CancellationError() }
    ) -> Scheduler {
        Scheduler(
            configuration: .init(batch: batch), store: FailingStore(desk.store, failures: failures),
            roster: desk.roster, feed: desk.feed, clock: desk.clock, handlers: handlers,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, sleep: sleep)
    }

    private static func set(_ desk: DeskFixture, _ timers: [DeskTimer]) async throws {
        try await desk.store.write { (transaction: Transaction) in
            for timer in timers { try transaction.setTimer(timer) }
        }
    }

    private static func timer(_ number: Int, dueIn seconds: Int, _ desk: DeskFixture) -> DeskTimer {
        DeskTimer(
            kind: .archive, ticket: TicketNumber(rawValue: 0), subject: Int64(number),
            dueAt: desk.clock.now + .seconds(seconds))
    }

    @Test func `a clock that jumps forward makes everything due, once, and one that jumps back nothing`() async throws {
        try await DeskFixture.run { desk in
            let fired = Fired()
            let scheduler = Self.scheduler(desk, [.archive: { timer, _ in fired.note(timer) }])
            let timers = (1...100).map { Self.timer($0, dueIn: $0 * 60, desk) }
            try await Self.set(desk, timers)
            #expect(await scheduler.carryOutDue() == timers[0].dueAt)
            #expect(fired.timers.isEmpty)
            desk.clock.advance(by: .seconds(50 * 60))
            #expect(await scheduler.carryOutDue() == timers[50].dueAt)
            #expect(fired.timers.map(\.subject).sorted() == Array(1...50))
            desk.clock.advance(by: .seconds(-3600))
            #expect(await scheduler.carryOutDue() == timers[50].dueAt)
            desk.clock.advance(by: .seconds(86400))
            // As after a restart: a scheduler that knows nothing.
            let other = Self.scheduler(desk, [.archive: { timer, _ in fired.note(timer) }])
            #expect(await other.carryOutDue() == nil)
            #expect(fired.timers.map(\.subject).sorted() == Array(1...100))
        }
    }

    @Test func `a handler that fails holds nobody up, and what it did is undone`() async throws {
        try await DeskFixture.run { desk in
            let fired = Fired()
            let isBroken = Atomic<Bool>(true)
            let scheduler = Self.scheduler(
                desk,
                [
                    .archive: { timer, work in
                        try work.transaction.setTimer(
                            DeskTimer(kind: .trashPurge, ticket: timer.ticket, dueAt: work.now + .seconds(99)))
                        if timer.subject == 2, isBroken.load(ordering: .relaxed) { throw Broken() }
                        fired.note(timer)
                    }
                ])
            try await Self.set(desk, (1...3).map { Self.timer($0, dueIn: $0, desk) })
            try await Self.set(desk, [DeskTimer(kind: .release, ticket: TicketNumber(rawValue: 7), dueAt: desk.clock.now)])
            desk.clock.advance(by: .seconds(10))
            _ = await scheduler.carryOutDue()
            #expect(fired.timers.map(\.subject).sorted() == [1, 3])
            isBroken.store(false, ordering: .relaxed)
            desk.clock.advance(by: .seconds(60))
            _ = await scheduler.carryOutDue()
            #expect(fired.timers.count == 2)
            desk.clock.advance(by: .seconds(900))
            _ = await scheduler.carryOutDue()
            #expect(fired.timers.map(\.subject).sorted() == [1, 2, 3])
            // Nobody handles its kind: it waits.
            #expect(try await desk.number("SELECT count(*) FROM timer WHERE kind = \(TimerKind.release)") == 1)
        }
    }

    @Test func `a database that fails loses no timer`() async throws {
        try await DeskFixture.run { desk in
            let fired = Fired()
            try await Self.set(desk, (1...5).map { Self.timer($0, dueIn: -$0, desk) })
            let scheduler = Self.scheduler(desk, [.archive: { timer, _ in fired.note(timer) }], failures: 3)
            for _ in 1...4 { _ = await scheduler.carryOutDue() }
            #expect(Set(fired.timers.map(\.subject)) == Set(1...5))
            #expect(try await desk.number("SELECT count(*) FROM timer") == 0)
        }
    }

    @Test func `a handler that comes again at once is made to wait`() async throws {
        try await DeskFixture.run { desk in
            let fired = Fired()
            let scheduler = Self.scheduler(
                desk,
                [
                    .archive: { timer, work in
                        fired.note(timer)
                        try work.transaction.setTimer(timer)
                    }
                ])
            try await Self.set(desk, [Self.timer(1, dueIn: 0, desk)])
            let next = await scheduler.carryOutDue()
            #expect(fired.timers.count == 1)
            #expect(next.map { $0 > desk.clock.now } == true)
        }
    }

    private static func pause() async throws {
        try Task.checkCancellation()
        await Task.yield()
    }

    @Test func `it sleeps until the next timer, and wakes for one that is set before it`() async throws {
        try await DeskFixture.run { desk in
            // Sleeps have a time of their own: the clock on the wall is moved apart from them.
            let timer = ManualTimer(ManualClock())
            let fired = Fired()
            let scheduler = Self.scheduler(
                desk, [.archive: { timer, _ in fired.note(timer) }], sleep: { try await timer.sleep($0) })
            try await Self.set(desk, [Self.timer(1, dueIn: 20, desk)])
            let running = Task { await scheduler.run() }
            try await timer.hasSleeper()
            desk.clock.advance(by: .seconds(20))
            #expect(try await timer.passOne() == .seconds(20))
            while fired.timers.count < 1 { try await Self.pause() }
            try await Self.set(desk, [Self.timer(2, dueIn: 0, desk)])
            while fired.timers.count < 2 { try await Self.pause() }
            // Far away: it looks at the clock on the wall now and then.
            try await Self.set(desk, [Self.timer(3, dueIn: 86400, desk)])
            #expect(try await timer.passOne() == .seconds(30))
            try await timer.hasSleeper()
            desk.clock.advance(by: .seconds(86400))
            #expect(try await timer.passOne() == .seconds(30))
            while fired.timers.count < 3 { try await Self.pause() }
            running.cancel()
            await running.value
        }
    }
}
