package import Desk
package import Logging
package import MailTypes
import Synchronization

/// Makes the cards of cases, behind the commits that change them (DESIGN §3): whatever changes a case marks it in the same
/// transaction, so that after a crash nothing is missing, and this looks at what is marked. While others write it takes a
/// twentieth of the writer's time.
package final class CardService: Sendable {
    private static let casesPerBatch = 16
    private static let casesPerSweep = 200

    private let store: any DeskStore
    private let feed: ChangeFeed
    private let roster: RosterHolder
    private let renderer: any CardRendering
    private let screens: CardScreens
    private let cryptography: any Cryptography
    private let clock: any WallClock
    private let hostname: DomainName
    private let logger: Logger
    private let commits = Commits()

    /// How many commits there were; shared with the feed's subscriber.
    private final class Commits: Sendable {
        let count = Atomic<Int>(0)
    }

    package init(
        store: any DeskStore, feed: ChangeFeed, roster: RosterHolder, renderer: any CardRendering, screens: CardScreens,
        cryptography: any Cryptography, clock: any WallClock, hostname: DomainName, logger: Logger
    ) {
        (self.store, self.feed, self.roster, self.renderer) = (store, feed, roster, renderer)
        (self.screens, self.cryptography, self.clock) = (screens, cryptography, clock)
        (self.hostname, self.logger) = (hostname, logger)
    }

    /// Works until its task is cancelled.
    package func run() async {
        let (changes, waker) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let subscription = feed.subscribe { [commits] _ in
            commits.count.wrappingAdd(1, ordering: .relaxed)
            waker.yield()
        }
        defer { feed.cancel(subscription) }
        waker.yield()
        for await _ in changes {
            // What happens to a case at once is one card.
            try? await Task.sleep(for: .milliseconds(100))
            var next: Timestamp?
            do {
                next = try await catchUp(isPatient: true)
            } catch {
                logger.error("cards not made", metadata: ["failure.reason": "\(error.reason.rawValue)"])
                next = clock.now + .seconds(5)
            }
            if Task.isCancelled { return }
            guard let next else { continue }
            let pause = max(next - clock.now, .milliseconds(100))
            Task {
                try? await Task.sleep(for: pause)
                waker.yield()
            }
        }
    }

    /// Does what is due; answers when the next is. `isPatient`: lets others write in between.
    package func catchUp(isPatient: Bool = false) async throws(StoreFailure) -> Timestamp? {
        try await markForNewLanguages(isPatient: isPatient)
        while !Task.isCancelled {
            let (now, roster) = (clock.now, roster.current)
            let read = try await store.read { transaction in
                let marks = try transaction.cardMarks(dueAt: now, limit: Self.casesPerBatch)
                return (
                    readings: try marks.map { try CardReading($0, roster: roster, in: transaction) },
                    next: try transaction.nextCardMark()
                )
            }
            guard !read.readings.isEmpty else { return read.next }
            let works = read.readings.compactMap { prepare($0, roster, now) }
            let before = commits.count.load(ordering: .relaxed)
            let start = ContinuousClock.now
            try await store.write(octets: works.reduce(0) { $0 + $1.octets }) { transaction in
                for work in works { _ = try work.run(in: transaction, roster: roster, now: now) }
            }
            if isPatient {
                // One commit is our own.
                let isAlone = commits.count.load(ordering: .relaxed) <= before + 1
                let share = min((ContinuousClock.now - start) * (isAlone ? 1 : 19), .seconds(2))
                try? await Task.sleep(for: share)
            }
        }
        return nil
    }

    private func prepare(_ reading: CardReading, _ roster: Roster, _ now: Timestamp) -> CardWork? {
        let composer = CardMessage(roster: roster, hostname: hostname, cryptography: cryptography)
        do {
            return try reading.work(roster, renderer, screens, composer, now: now)
        } catch {
            // Nothing that a card shows can be wrong in a header; if it is all the same, the others must not wait.
            logger.error(
                "card not made", metadata: ["desk.ticket": "\(reading.mark.ticket)", "failure.cause": "\(error)"])
            var work = CardWork(mark: reading.mark)
            work.again = now + .seconds(3600)
            return work
        }
    }

    /// Open cases get cards in a language that came into use; what is closed gets them when it moves again.
    private func markForNewLanguages(isPatient: Bool) async throws(StoreFailure) {
        let wanted = roster.current.cardLanguages
        let known = try await store.read { try $0.cardLanguages() }
        if Set(known.keys) != wanted { try await store.write { try $0.setCardLanguages(wanted) } }
        for language in wanted where known[language] == nil || known[language] != .some(.none) {
            let now = clock.now
            var marked = Self.casesPerSweep
            while marked == Self.casesPerSweep, !Task.isCancelled {
                marked = try await store.write {
                    try $0.markOpenCases(for: language, limit: Self.casesPerSweep, at: now)
                }
                if isPatient { try? await Task.sleep(for: .milliseconds(20)) }
            }
        }
    }
}

extension CardWork {
    /// What it holds in memory.
    fileprivate var octets: Int {
        new.reduce(0) { $0 + $1.message.octets.count } + told.reduce(0) { $0 + $1.message.octets.count }
    }
}
