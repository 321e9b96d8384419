import Desk
package import Logging
package import MailTypes

/// Teaches a spam filter what agents decide: behind their moves, of which it reads in the events of cases, so that no move
/// waits for it. What is to be taught stands in the database until it is, or is given up after some days.
package final class SpamLearning: Sendable {
    private let store: any DeskStore
    private let feed: ChangeFeed
    private let teacher: any SpamTeacher
    private let clock: any WallClock
    private let logger: Logger

    /// Times that a lesson is tried before it is given up: about three days.
    private static let maximumAttempts = 25

    package init(
        store: any DeskStore, feed: ChangeFeed, teacher: any SpamTeacher, clock: any WallClock, logger: Logger
    ) { (self.store, self.feed, self.teacher, self.clock, self.logger) = (store, feed, teacher, clock, logger) }

    /// Works until its task is cancelled.
    package func run() async {
        let (changes, waker) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let subscription = feed.subscribe { _ in waker.yield() }
        defer { feed.cancel(subscription) }
        waker.yield()
        var mark: Int64?
        for await _ in changes {
            // What is done at once is learned together.
            try? await Task.sleep(for: .milliseconds(200))
            var next: Timestamp?
            do {
                mark = try await gather(after: mark)
                next = try await teach()
            } catch {
                logger.error("spam not taught", metadata: ["failure.reason": "\(error.reason.rawValue)"])
                next = clock.now + .seconds(30)
            }
            if Task.isCancelled { return }
            guard let next else { continue }
            let pause = max(next - clock.now, .milliseconds(200))
            Task {
                try? await Task.sleep(for: pause)
                waker.yield()
            }
        }
    }

    /// Makes lessons of what was decided after an event (`nil`: after the last one that the database knows of); the event up
    /// to which it looked. What was decided before the first look at all is not learned.
    package func gather(after known: Int64? = nil) async throws(StoreFailure) -> Int64 {
        let stored = try await store.read { try (known ?? $0.lessonMark(), $0.newestEvent()) }
        guard var mark = stored.0 else {
            try await store.write { try $0.setLessonMark(stored.1) }
            return stored.1
        }
        while !Task.isCancelled {
            let before = mark
            let found = try await store.read { try $0.spamDecisions(after: before) }
            guard found.mark > before else { break }
            mark = found.mark
            guard !found.decisions.isEmpty else { continue }
            let now = clock.now
            try await store.write { transaction in
                for decision in found.decisions { try transaction.makeLessons(decision, at: now) }
                try transaction.setLessonMark(found.mark)
            }
        }
        return mark
    }

    /// Teaches what is due, one mail after the other, until the filter cannot be asked; when there is more to do.
    package func teach() async throws(StoreFailure) -> Timestamp? {
        while !Task.isCancelled {
            guard let (lesson, dueAt) = try await store.read({ try $0.nextLesson() }) else { return nil }
            guard dueAt <= clock.now else { return dueAt }
            let store = store
            let outcome = await teacher.teach(size: lesson.size, isSpam: lesson.isSpam) { range in
                try await store.read { try $0.octets(range, of: lesson.content) }
            }
            if Task.isCancelled { return nil }
            guard try await settle(lesson, outcome) else { return clock.now + Self.pause(after: lesson.attempts) }
        }
        return nil
    }

    /// Whether the filter can be asked about another one.
    private func settle(_ lesson: Lesson, _ outcome: TeachingOutcome) async throws(StoreFailure) -> Bool {
        var facts: Logger.Metadata = [
            "filter.lesson": lesson.isSpam ? "spam" : "ham", "mail.content": "\(lesson.content.rawValue)",
        ]
        switch outcome {
        case .taught:
            try await store.write { try $0.settleLesson(lesson.id) }
            logger.info("spam filter taught", metadata: facts)
            return true
        case .useless(let reason):
            facts["filter.failure"] = "\(reason)"
            try await store.write { try $0.settleLesson(lesson.id) }
            logger.notice("spam filter does not learn from a mail", metadata: facts)
            return true
        case .unavailable(let reason):
            facts["filter.failure"] = "\(reason)"
            guard lesson.attempts + 1 < Self.maximumAttempts else {
                try await store.write { try $0.settleLesson(lesson.id) }
                logger.warning("spam filter not taught, and no more tried", metadata: facts)
                return true
            }
            let later = clock.now + Self.pause(after: lesson.attempts)
            try await store.write { try $0.postponeLesson(lesson.id, until: later) }
            logger.warning("spam filter not taught", metadata: facts)
            return false
        }
    }

    /// From half a minute to four hours.
    private static func pause(after attempts: Int) -> Duration {
        .seconds(min(30 << min(max(0, attempts), 9), 14400))
    }
}
