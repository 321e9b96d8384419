package import Desk
package import Logging
package import MailTypes

/// Does what is due. Timers are rows of the database, so a restart forgets none; each is carried out in one transaction
/// that also removes or moves it, so none is carried out twice, whatever the clock does.
///
/// Between two timers it sleeps, and asks for the next one only when one was set. A clock that jumps forward makes all
/// at once due that lies between: they are carried out in small transactions, one after the other, beside other work.
package final class Scheduler: Sendable {
    /// What is to be done when a timer of a kind is due. The timer was removed already; a handler that wants to come
    /// again sets it. It runs in a transaction: what it throws undoes all of it, and the timer is tried again later.
    package typealias Handler = @Sendable (DeskTimer, CaseWork) throws -> Void

    /// How the scheduler works.
    package struct Configuration: Sendable {
        /// Timers that are read, and carried out side by side, at a time.
        package var batch: Int
        /// The longest sleep without a look at the clock on the wall, which may have been set.
        package var longestSleep: Duration
        /// The pause before the database is asked again after it failed.
        package var pauseAfterFailure: Duration
        /// How much later a timer comes again whose handler failed, or that nobody handles.
        package var postponement: Duration
        /// How much later a timer comes again at least that its handler set anew, as one does that works piece by piece.
        package var shortestPause: Duration

        package init(
            batch: Int = 32, longestSleep: Duration = .seconds(30), pauseAfterFailure: Duration = .seconds(5),
            postponement: Duration = .seconds(900), shortestPause: Duration = .seconds(1)
        ) {
            (self.batch, self.longestSleep) = (max(1, batch), longestSleep)
            (self.pauseAfterFailure, self.postponement) = (pauseAfterFailure, postponement)
            self.shortestPause = shortestPause
        }
    }

    private let configuration: Configuration
    private let store: any DeskStore
    private let roster: RosterHolder
    private let feed: ChangeFeed
    private let clock: any WallClock
    private let handlers: [TimerKind: Handler]
    private let logger: Logger
    private let sleep: @Sendable (Duration) async throws -> Void
    private let wakes: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    /// `sleep` waits, and throws when its task is cancelled.
    package init(
        configuration: Configuration = Configuration(), store: any DeskStore, roster: RosterHolder, feed: ChangeFeed,
        clock: any WallClock, handlers: [TimerKind: Handler], logger: Logger,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        (self.configuration, self.store, self.roster, self.feed) = (configuration, store, roster, feed)
        (self.clock, self.handlers, self.logger, self.sleep) = (clock, handlers, logger, sleep)
        (wakes, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Works until the task is cancelled. Runs once.
    package func run() async {
        let waker = waker
        let subscription = feed.subscribe { if $0.isTimerChange { waker.yield() } }
        defer { feed.cancel(subscription) }
        await withTaskCancellationHandler {
            var wakes = wakes.makeAsyncIterator()
            while !Task.isCancelled {
                let next = await carryOutDue()
                let alarm = next.map { next in Task { await ring(at: next) } }
                _ = await wakes.next()
                alarm?.cancel()
            }
        } onCancel: {
            waker.finish()
        }
    }

    /// Wakes the loop at a time of the clock on the wall. That clock may be set meanwhile, so it is looked at now and then;
    /// the database is not.
    private func ring(at time: Timestamp) async {
        do {
            repeat {
                try await sleep(min(max(time - clock.now, .zero), configuration.longestSleep))
            } while clock.now < time
            waker.yield()
        } catch {}
    }

    /// Carries out everything that is due; answers when to look again, `nil`: when a timer is set.
    package func carryOutDue() async -> Timestamp? {
        while !Task.isCancelled {
            let now = clock.now
            do {
                let limit = configuration.batch
                let page = try await store.read { transaction in
                    (due: try transaction.dueTimers(at: now, limit: limit), next: try transaction.nextTimer())
                }
                if page.due.isEmpty { return page.next }
                let isStuck = await withTaskGroup(of: Bool.self) { group in
                    for timer in page.due { group.addTask { await self.carryOut(timer) } }
                    return await group.reduce(false) { $0 || !$1 }
                }
                if isStuck { return clock.now + configuration.pauseAfterFailure }
            } catch {
                logger.error("timers not read", metadata: [SchedulerLogKey.failure: "\(error)"])
                return clock.now + configuration.pauseAfterFailure
            }
        }
        return nil
    }

    /// `false` where the world failed: the timer is due still.
    private func carryOut(_ timer: DeskTimer) async -> Bool {
        guard let handler = handlers[timer.kind] else {
            return await postpone(timer, "nobody handles this kind")
        }
        let (roster, now, shortestPause) = (roster.current, clock.now, configuration.shortestPause)
        do {
            try await store.write { transaction in
                // Somebody may have moved or removed it since it was read, or done the work of it.
                guard try transaction.timer(timer.kind, of: timer.ticket, subject: timer.subject) == timer else { return }
                try transaction.removeTimer(timer.kind, of: timer.ticket, subject: timer.subject)
                try handler(timer, CaseWork(transaction, roster: roster, now: now))
                // A handler that sets a timer for now goes on soon, after others.
                if var again = try transaction.timer(timer.kind, of: timer.ticket, subject: timer.subject),
                    again.dueAt <= now
                {
                    again.dueAt = now + shortestPause
                    try transaction.setTimer(again)
                }
            }
            return true
        } catch {
            guard error.reason == .rejected || error.reason == .damaged else {
                logger.error("timer not carried out", metadata: facts(timer, "\(error)"))
                return false
            }
            return await postpone(timer, "\(error)")
        }
    }

    private func postpone(_ timer: DeskTimer, _ reason: String) async -> Bool {
        logger.error("timer postponed", metadata: facts(timer, reason))
        var later = timer
        later.dueAt = clock.now + configuration.postponement
        let moved = later
        do {
            try await store.write { transaction in
                guard try transaction.timer(timer.kind, of: timer.ticket, subject: timer.subject) == timer else { return }
                try transaction.setTimer(moved)
            }
            return true
        } catch {
            return false
        }
    }

    private func facts(_ timer: DeskTimer, _ failure: String) -> Logger.Metadata {
        [
            SchedulerLogKey.kind: "\(timer.kind)", SchedulerLogKey.ticket: "\(timer.ticket)",
            SchedulerLogKey.failure: "\(failure)",
        ]
    }
}

/// The keys of what the scheduler logs.
enum SchedulerLogKey {
    static let kind = "timer.kind"
    static let ticket = "desk.ticket"
    static let failure = "timer.failure"
}
