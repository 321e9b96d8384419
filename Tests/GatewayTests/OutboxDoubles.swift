import Gateway
import MailTypes
import Synchronization
import TestKit

/// A next hop that does what a test wrote down, mail by mail; afterwards it does the same for all.
final class ScriptedWire: DeliveryWire {
    /// One mail that was handed over.
    struct Call: Sendable {
        var mail: OutgoingMail
        var recipients: [String]
        var content: String
    }

    private struct State {
        var script: [[DeliveryAttempt]] = []
        var calls: [Call] = []
        var isClosed = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var active = 0
        var mostActive = 0
    }
    private let state = Mutex(State())

    private let otherwise: DeliveryAttempt

    init(_ script: [DeliveryAttempt]..., otherwise: DeliveryAttempt = .taken) {
        self.otherwise = otherwise
        state.withLock { $0.script = script }
    }

    var calls: [Call] { state.withLock { $0.calls } }
    var mostActive: Int { state.withLock { $0.mostActive } }
    var active: Int { state.withLock { $0.active } }

    /// From now on mails do not come through, until `open`.
    func close() { state.withLock { $0.isClosed = true } }
    func open() {
        let waiting = state.withLock { state in
            defer { (state.isClosed, state.waiting) = (false, []) }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits until so many are on the wire.
    func hasActive(_ count: Int) async throws {
        while active < count {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    func deliver(_ mail: OutgoingMail, to recipients: [EmailAddress]) async -> [DeliveryAttempt] {
        state.withLock { state in
            state.active += 1
            state.mostActive = max(state.mostActive, state.active)
        }
        defer { state.withLock { $0.active -= 1 } }
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if state.isClosed { state.waiting.append(continuation) }
                return !state.isClosed
            }
            if isOpen { continuation.resume() }
        }
        var octets: [UInt8] = []
        var index = 0
        while let piece = try? await mail.content.piece(index) {
            octets += piece
            index += 1
        }
        let call = Call(
            mail: mail, recipients: recipients.map(\.description), content: String(decoding: octets, as: UTF8.self))
        return state.withLock { state in
            state.calls.append(call)
            return state.script.isEmpty ? recipients.map { _ in otherwise } : state.script.removeFirst()
        }
    }
}

extension DeliveryAttempt {
    static let taken = DeliveryAttempt.delivered(diagnostic: "250 taken")
    static let busy = DeliveryAttempt(
        DeliveryFailure(stage: .envelope, status: EnhancedStatus(4, 2, 1), diagnostic: "450 mailbox busy"))
    static let refused = DeliveryAttempt(
        DeliveryFailure(stage: .envelope, status: EnhancedStatus(5, 1, 1), diagnostic: "550 no such user"))
    static let down = DeliveryAttempt(
        DeliveryFailure(stage: .connecting, status: EnhancedStatus(4, 4, 1), diagnostic: "no connection"))
}

/// Next hops by the recipients' domains, of which some are out of reach.
final class DestinationWire: DeliveryWire {
    private let dead: Set<String>
    private let state = Mutex<[String]>([])

    init(dead: Set<String>) { self.dead = dead }

    var hasOneNextHop: Bool { false }
    /// Everybody who was tried.
    var tried: [String] { state.withLock { $0 } }

    func deliver(_ mail: OutgoingMail, to recipients: [EmailAddress]) async -> [DeliveryAttempt] {
        state.withLock { $0 += recipients.map(\.description) }
        return recipients.map { dead.contains($0.domain.ascii) ? .down : .taken }
    }
}

/// A next hop that takes its time.
struct LingeringWire: DeliveryWire {
    let wire: ScriptedWire
    let clock: ManualClock

    func deliver(_ mail: OutgoingMail, to recipients: [EmailAddress]) async -> [DeliveryAttempt] {
        clock.advance(by: .seconds(3))
        return await wire.deliver(mail, to: recipients)
    }
}

/// Sleepers who wake when a test moves the clock.
final class ManualTimer: Sendable {
    private struct State {
        var next = 0
        var sleepers: [Int: (until: Timestamp, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var cancelled: Set<Int> = []
    }
    private let state = Mutex(State())
    private let clock: ManualClock

    init(_ clock: ManualClock) { self.clock = clock }

    func sleep(_ duration: Duration) async throws {
        let until = clock.now + duration
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let isCancelled = state.withLock { state in
                    if state.cancelled.contains(number) { return true }
                    state.sleepers[number] = (until, continuation)
                    return false
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                state.cancelled.insert(number)
                return state.sleepers.removeValue(forKey: number)
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Waits until somebody sleeps.
    func hasSleeper() async throws {
        while state.withLock({ $0.sleepers.isEmpty }) {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    /// Waits until somebody sleeps, then moves the clock to the end of that sleep; answers for how long.
    func passOne() async throws -> Duration {
        while true {
            try Task.checkCancellation()
            let sleeper = state.withLock { state in
                let first = state.sleepers.min { $0.value.until < $1.value.until }
                return first.flatMap { state.sleepers.removeValue(forKey: $0.key) }
            }
            if let sleeper {
                let duration = sleeper.until - clock.now
                clock.advance(by: duration)
                sleeper.continuation.resume()
                return duration
            }
            await Task.yield()
        }
    }
}

/// A store whose writes fail as often as a test says, and one of whose reads.
final class FailingStore: DeskStore {
    private let store: any DeskStore
    private let failures: Mutex<Int>
    /// Until the one that fails.
    private let goodReads: Mutex<Int?>

    init(_ store: any DeskStore, failures: Int = 0, goodReads: Int? = nil) {
        self.store = store
        self.failures = Mutex(failures)
        self.goodReads = Mutex(goodReads)
    }

    func write<R: Sendable>(
        octets: Int, _ body: @escaping @Sendable (any DeskTransaction) throws -> R,
        completion: @escaping @Sendable (Result<R, StoreFailure>) -> Void
    ) {
        let fails = failures.withLock { failures in
            failures -= 1
            return failures >= 0
        }
        if fails { return completion(.failure(StoreFailure(.unavailable))) }
        store.write(octets: octets, body, completion: completion)
    }

    func read<R: Sendable>(
        _ body: @escaping @Sendable (any DeskTransaction) throws -> R,
        completion: @escaping @Sendable (Result<R, StoreFailure>) -> Void
    ) {
        let fails = goodReads.withLock { left in
            guard let before = left else { return false }
            left = before > 0 ? before - 1 : nil
            return before == 0
        }
        if fails { return completion(.failure(StoreFailure(.unavailable))) }
        store.read(body, completion: completion)
    }
}

/// Notices that cannot be filed.
struct BrokenNotices: FailureNotices {
    struct Broken: Error {}
    func file(_ notice: FailureNotice, in transaction: any DeskTransaction) throws { throw Broken() }
}
