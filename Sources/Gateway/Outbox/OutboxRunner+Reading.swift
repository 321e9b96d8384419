import MailTypes
import Synchronization

/// How far the database was read for what is due.
struct ReadingPosition: Sendable {
    /// Newer deliveries have not been seen.
    var latest = DeliveryID(rawValue: 0)
    /// What became due later has not been seen.
    var dueUntil = Timestamp(microseconds: 0)
    /// `false`: there was no room for all of it, or it is time to look anew.
    var isComplete = false
    /// When everything was read last.
    var readWholeAt: Timestamp?
    /// When the next delivery is due that was not due yet, or the next held mail leaves.
    var next: Timestamp?
}

extension OutboxRunner {
    /// A moment that commits may lag behind the clock that they read.
    private static let overlap = Duration.seconds(2)

    /// What one look at the database brought.
    private struct Page: Sendable {
        var mails: [QueuedMail] = []
        var cut: Set<String> = []
        var isComplete = true
        var latest: DeliveryID
        var next: Timestamp?
    }

    /// Takes what is due into the queue, as far as there is room; when there will be more.
    func read(at now: Timestamp, isNew: Bool) async throws(StoreFailure) -> Timestamp? {
        // Before anything is taken from the queue that a failure would lose.
        let release = isNew ? try await releaseDue(at: now) : nil
        var position = position.withLock { $0 }
        let (count, wanting) = queue.withLock { ($0.count, $0.takeWanting()) }
        let isBehind = !position.isComplete && count <= configuration.limits.waiting / 2
        let isDue = position.readWholeAt.map { now - $0 >= configuration.fullReading } ?? true
        let isWhole = isBehind || isNew && isDue
        guard isNew || isWhole || !wanting.isEmpty else { return position.next }
        let known = queue.withLock { $0 }
        let (from, sharesHop, reads) = (position, wire.hasOneNextHop, isNew || isWhole)
        let page: Page
        do throws(StoreFailure) {
            page = try await store.read { transaction in
                var reader = DueReader(known, sharesHop: sharesHop)
                let latest = reads ? try transaction.latestDelivery() : from.latest
                if reads {
                    if !isWhole { try transaction.newDeliveries(after: from.latest, at: now) { reader.visit($0) } }
                    let start = isWhole ? Timestamp(microseconds: .min) : from.dueUntil - Self.overlap
                    try transaction.dueDeliveries(after: start, at: now) { reader.visit($0) }
                }
                for destination in wanting {
                    try transaction.dueDeliveries(to: destination, at: now) { reader.visit($0, only: destination) }
                }
                return Page(
                    mails: reader.mails, cut: reader.cut, isComplete: !reader.isFull, latest: latest,
                    next: try transaction.nextDueTime(after: now))
            }
        } catch {
            // Asked for again when the database answers.
            queue.withLock { queue in for name in wanting { queue.leftMore(to: name) } }
            throw error
        }
        queue.withLock { queue in
            for mail in page.mails { queue.add(mail) }
            for name in page.cut { queue.leftMore(to: name) }
        }
        if reads {
            (position.latest, position.dueUntil) = (page.latest, now)
            if isWhole { (position.readWholeAt, position.isComplete) = (now, page.isComplete) }
            if !page.isComplete { position.isComplete = false }
        }
        position.next = [page.next, release ?? (isNew ? nil : position.next)].compactMap { $0 }.min()
        self.position.withLock { $0 = position }
        return position.next
    }
}

/// Picks what the queue has room for out of what is due.
private struct DueReader {
    private let queue: OutboxQueue
    private let sharesHop: Bool
    private var taken: Set<QueuedMail> = []
    private var counts: [String: Int] = [:]
    var mails: [QueuedMail] = []
    /// Destinations of which more is due.
    var cut: Set<String> = []
    private(set) var isFull = false

    init(_ queue: OutboxQueue, sharesHop: Bool) { (self.queue, self.sharesHop) = (queue, sharesHop) }

    /// Whether more is wanted; `only`: of this destination.
    mutating func visit(_ delivery: DueDelivery, only destination: String? = nil) -> Bool {
        let mail = QueuedMail(
            submission: delivery.submission, destination: sharesHop ? "" : delivery.destination)
        guard !queue.knows(mail), !taken.contains(mail) else { return true }
        guard queue.count + mails.count < queue.limits.waiting else {
            isFull = true
            return false
        }
        guard counts[mail.destination, default: 0] < queue.room(for: mail.destination) else {
            cut.insert(mail.destination)
            // There is no end of it where nothing else can come.
            return destination == nil && !sharesHop
        }
        taken.insert(mail)
        counts[mail.destination, default: 0] += 1
        mails.append(mail)
        return true
    }
}
