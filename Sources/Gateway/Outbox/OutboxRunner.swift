package import Logging
import MailTypes
import Synchronization

/// Delivers what waits in the outbox, and keeps its books: a delivery is due, tried, and settled in one durable write.
/// Before that it lets go what agents' To send held until now.
///
/// Nothing is kept in memory but which submissions are on the wire just now. A crash between the next hop's 250 and
/// that write may deliver twice, which SMTP cannot avoid (RFC 1047); nothing else does, as long as one runner works on
/// a database.
package final class OutboxRunner: Sendable {
    /// How the outbox works.
    package struct Configuration: Sendable {
        package var schedule: RetrySchedule
        /// Submissions on the wire at a time.
        package var parallelDeliveries: Int
        /// The pause before the database is asked again after it failed.
        package var pauseAfterFailure: Duration

        package init(
            schedule: RetrySchedule = RetrySchedule(), parallelDeliveries: Int = 4,
            pauseAfterFailure: Duration = .seconds(5)
        ) {
            (self.schedule, self.parallelDeliveries) = (schedule, max(1, parallelDeliveries))
            self.pauseAfterFailure = pauseAfterFailure
        }
    }

    let configuration: Configuration
    let store: any DeskStore
    let notices: any FailureNotices
    let held: HeldMails?
    let clock: any WallClock
    let logger: Logger
    let sleep: @Sendable (Duration) async throws -> Void
    let chance: @Sendable () -> Double
    /// Once set, a settlement that the database refuses is not repeated for ever.
    let isStopping = Atomic<Bool>(false)
    private let feed: ChangeFeed
    private let wire: any DeliveryWire
    private let inFlight = Mutex<Set<SubmissionID>>([])
    private let wakes: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - held: mail of agents that waits to leave; `nil`: there is none.
    ///   - sleep: waits, and throws when its task is cancelled.
    ///   - chance: a number in 0..<1, for the jitter.
    package init(
        configuration: Configuration = Configuration(), store: any DeskStore, feed: ChangeFeed, wire: any DeliveryWire,
        notices: any FailureNotices, held: HeldMails? = nil, clock: any WallClock, logger: Logger,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        chance: @escaping @Sendable () -> Double = { .random(in: 0..<1) }
    ) {
        (self.configuration, self.store, self.feed, self.wire) = (configuration, store, feed, wire)
        (self.notices, self.held, self.clock, self.logger) = (notices, held, clock, logger)
        (self.sleep, self.chance) = (sleep, chance)
        (wakes, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Works until the task is cancelled. What is on the wire then is brought to its end, within the wire's own time
    /// limits, and settled. Runs once.
    package func run() async {
        let waker = waker
        let subscription = feed.subscribe { if $0.isOutboxChange { waker.yield() } }
        defer { feed.cancel(subscription) }
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                var wakes = wakes.makeAsyncIterator()
                while !Task.isCancelled {
                    let pause = await begin(&group)
                    let timer = pause.map { pause in
                        Task { [sleep] in
                            try await sleep(pause)
                            waker.yield()
                        }
                    }
                    _ = await wakes.next()
                    timer?.cancel()
                }
            }
        } onCancel: {
            isStopping.store(true, ordering: .relaxed)
            waker.finish()
        }
    }

    /// Puts what is due on the wire, as far as there is room; how long to wait then, `nil`: until somebody wakes us.
    private func begin(_ group: inout DiscardingTaskGroup) async -> Duration? {
        let now = clock.now
        do {
            let release = try await releaseDue(at: now)
            let busy = inFlight.withLock { $0 }
            let room = configuration.parallelDeliveries - busy.count
            guard room > 0 else { return release.map { max($0 - now, .zero) } }
            let page = try await store.read { transaction in
                // Those on the wire are due still.
                let due = try transaction.dueSubmissions(at: now, limit: busy.count + room)
                return (due: due, next: try transaction.nextDueTime(after: now))
            }
            for submission in page.due.filter({ !busy.contains($0.id) }).prefix(room) {
                inFlight.withLock { _ = $0.insert(submission.id) }
                // A task of its own: the end of the runner does not cut a dialogue short.
                group.addTask { await self.finish(submission) }
            }
            return [page.next, release].compactMap { $0 }.min().map { max($0 - now, .zero) }
        } catch {
            logger.error("outbox not read", metadata: [OutboxLogKey.failure: "\(error)"])
            return configuration.pauseAfterFailure
        }
    }

    private func finish(_ submission: DueSubmission) async {
        await Task { await self.attempt(submission) }.value
        inFlight.withLock { _ = $0.remove(submission.id) }
        waker.yield()
    }

    private func attempt(_ submission: DueSubmission) async {
        let recipients = submission.deliveries.map(\.recipient)
        guard !recipients.isEmpty else { return }
        let mail = OutgoingMail(
            submission: submission.id, reversePath: submission.reversePath, isEightBit: submission.isEightBit,
            needsSMTPUTF8: submission.needsSMTPUTF8, size: submission.size,
            content: StoredContent(submission: submission.id, store: store))
        let attempts = await wire.deliver(mail, to: recipients)
        precondition(attempts.count == recipients.count, "the wire answers for every recipient")
        await settle(submission, attempts)
    }
}

/// The keys of what the outbox logs.
enum OutboxLogKey {
    static let submission = "delivery.submission"
    static let recipient = "delivery.recipient"
    static let attempt = "delivery.attempt"
    static let attempts = "delivery.attempts"
    static let diagnostic = "delivery.diagnostic"
    static let nextAttempt = "delivery.next-attempt"
    static let ticket = "desk.ticket"
    static let failure = "delivery.failure"
    static let held = "delivery.held"
}
