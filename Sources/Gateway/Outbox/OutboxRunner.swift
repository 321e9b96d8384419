package import Logging
package import MailTypes
import Synchronization

/// Delivers what waits in the outbox, and keeps its books: a delivery is due, tried, and settled in one durable write.
/// Before that it lets go what agents' To send held until now.
///
/// What is due and on the wire just now stands in memory, in an `OutboxQueue`; all else in the database. A crash between
/// the next hop's 250 and that write may deliver twice, which SMTP cannot avoid (RFC 1047); nothing else does, as long as one
/// runner works on a database.
package final class OutboxRunner: Sendable {
    /// How the outbox works.
    package struct Configuration: Sendable {
        package var schedule: RetrySchedule
        package var limits: OutboxQueue.Limits
        /// When the people of a case are told that a mail is late; `nil`: never.
        package var delayNotice: Duration?
        /// The pause before the database is asked again after it failed.
        package var pauseAfterFailure: Duration
        /// How often everything that is due is looked for anew.
        package var fullReading: Duration

        package init(
            schedule: RetrySchedule = RetrySchedule(), limits: OutboxQueue.Limits = .init(),
            delayNotice: Duration? = .seconds(4 * 3600), pauseAfterFailure: Duration = .seconds(5),
            fullReading: Duration = .seconds(300)
        ) {
            (self.schedule, self.limits, self.delayNotice) = (schedule, limits, delayNotice)
            (self.pauseAfterFailure, self.fullReading) = (pauseAfterFailure, fullReading)
        }
    }

    /// What happened since the loop looked last.
    struct News: Sendable {
        /// Mail came, or a delivery was put off.
        var isOutboxChange = true
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
    let queue: Mutex<OutboxQueue>
    let position = Mutex(ReadingPosition())
    let wire: any DeliveryWire
    private let feed: ChangeFeed
    private let news = Mutex(News())
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
        queue = Mutex(OutboxQueue(limits: configuration.limits))
        (wakes, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Works until the task is cancelled. What is on the wire then is brought to its end, within the wire's own time
    /// limits, and settled. Runs once.
    package func run() async {
        let subscription = feed.subscribe { [self] change in
            if change.isOutboxChange { wake { $0.isOutboxChange = true } }
        }
        defer { feed.cancel(subscription) }
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                var wakes = wakes.makeAsyncIterator()
                while !Task.isCancelled {
                    let pause = await begin(&group)
                    let timer = pause.map { pause in
                        Task { [self] in
                            try await sleep(pause)
                            wake { $0.isOutboxChange = true }
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

    /// What becomes due for these destinations, `nil`: for any, is tried at once, also where one was out of reach lately.
    package func forgetPauses(of destinations: Set<String>?) {
        let names = wire.hasOneNextHop ? nil : destinations
        queue.withLock { $0.forgetPauses(of: names) }
        wake { $0.isOutboxChange = true }
    }

    /// Keeps these from going on the wire until `release`; of those, whichever is there already is left out.
    package func withhold(_ entries: [QueueEntry]) -> [QueueEntry] {
        let free = queue.withLock { $0.withhold(Set(entries.map(queued))) }
        return entries.filter { free.contains(queued($0)) }
    }

    /// They were changed, or not; what is due is looked for anew.
    package func release(_ entries: [QueueEntry]) {
        queue.withLock { $0.release(Set(entries.map(queued))) }
        position.withLock { $0.isComplete = false }
        wake { $0.isOutboxChange = true }
    }

    private func queued(_ entry: QueueEntry) -> QueuedMail {
        QueuedMail(submission: entry.submission, destination: wire.hasOneNextHop ? "" : entry.destination)
    }

    /// Whether a delivery is on the wire just now.
    package func isOnTheWire(_ entry: QueueEntry) -> Bool { queue.withLock { $0.isOnTheWire(queued(entry)) } }

    /// Destinations that are left alone for now.
    package var pauses: [(destination: String, until: Timestamp, because: DeliveryFailure)] {
        queue.withLock { $0.pauses }
    }

    private func wake(_ change: (inout News) -> Void) {
        news.withLock { change(&$0) }
        waker.yield()
    }

    /// Puts what is due on the wire, as far as there is room; how long to wait then, `nil`: until somebody wakes us.
    private func begin(_ group: inout DiscardingTaskGroup) async -> Duration? {
        let now = clock.now
        let news = news.withLock { news in
            defer { news = News(isOutboxChange: false) }
            return news
        }
        do {
            let next = try await read(at: now, isNew: news.isOutboxChange)
            while let step = queue.withLock({ $0.next(at: now) }) {
                // A task of its own: the end of the runner does not cut a dialogue short.
                switch step {
                case .deliver(let mail): group.addTask { await Task { await self.deliver(mail) }.value }
                case .postpone(let mails, let until, let failure):
                    group.addTask { await Task { await self.postpone(mails, until, failure) }.value }
                }
            }
            let moments = [next, queue.withLock { $0.nextMoment }].compactMap { $0 }
            return moments.min().map { max($0 - now, .zero) }
        } catch {
            self.news.withLock { $0.isOutboxChange = true }
            logger.error("outbox not read", metadata: [OutboxLogKey.failure: "\(error)"])
            return configuration.pauseAfterFailure
        }
    }

    private func deliver(_ mail: QueuedMail) async {
        let result = await attempt(mail)
        let now = clock.now
        queue.withLock { $0.finished(mail, result.end, at: now) }
        wake { if result.isDueAgain { $0.isOutboxChange = true } }
    }

    private func postpone(_ mails: [QueuedMail], _ until: Timestamp, _ failure: DeliveryFailure) async {
        await settlePostponed(mails, until, failure)
        queue.withLock { $0.postponed(mails) }
        wake { $0.isOutboxChange = true }
    }

    /// One attempt; whether something of it will be due again.
    private func attempt(_ mail: QueuedMail) async -> (end: OutboxQueue.End, isDueAgain: Bool) {
        let now = clock.now
        let found: DueSubmission?
        do {
            found = try await store.read { transaction in
                try transaction.dueSubmission(mail.submission, to: mail.destination, at: now)
            }
        } catch {
            logger.error(
                "outbox not read",
                metadata: [OutboxLogKey.submission: "\(mail.submission)", OutboxLogKey.failure: "\(error)"])
            try? await sleep(configuration.pauseAfterFailure)
            position.withLock { $0.isComplete = false }
            return (.nothing, true)
        }
        guard let submission = found else { return (.nothing, false) }
        let recipients = submission.deliveries.map(\.recipient)
        var outgoing = OutgoingMail(
            submission: submission.id, reversePath: submission.reversePath, isEightBit: submission.isEightBit,
            needsSMTPUTF8: submission.needsSMTPUTF8, size: submission.size,
            content: StoredContent(submission: submission.id, store: store))
        outgoing.wishes = submission.wishes
        outgoing.isPassedOn = submission.isPassedOn
        let attempts = await wire.deliver(outgoing, to: recipients)
        precondition(attempts.count == recipients.count, "the wire answers for every recipient")
        await settle(submission, attempts)
        return (Self.end(attempts), attempts.contains { $0.outcome == .deferred })
    }

    private static func end(_ attempts: [DeliveryAttempt]) -> OutboxQueue.End {
        var unreached: DeliveryFailure?
        for attempt in attempts {
            guard let failure = attempt.failure, failure.isOfDestination else { return .reached }
            unreached = failure
        }
        return unreached.map { .unreached($0) } ?? .nothing
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
    static let server = "delivery.server"
    static let ticket = "desk.ticket"
    static let failure = "delivery.failure"
    static let held = "delivery.held"
    static let destination = "delivery.destination"
    static let mails = "delivery.mails"
    static let expired = "delivery.expired"
}
