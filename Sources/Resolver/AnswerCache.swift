import MailTypes
import Synchronization

/// Answers that were given lately. libunbound keeps them, too, but asking it costs two turns between threads; what every mail
/// asks for is answered here. Kept for as long as the records live, five minutes at most, in two generations: what nobody
/// asked for again goes with the older one.
final class AnswerCache: Sendable {
    /// A question: name as libunbound gets it, and type.
    struct Key: Hashable, Sendable {
        var name: String
        var type: Int32
    }

    private struct Entry {
        var answer: DNSAnswer<[UInt8]>
        var until: ContinuousClock.Instant
    }

    private struct State {
        var young: [Key: Entry] = [:]
        var old: [Key: Entry] = [:]
    }

    private let state = Mutex(State())
    private let capacity: Int

    private static let longest: Duration = .seconds(300)
    /// Octets of records in one answer; a longer one is asked for each time.
    private static let maximumOctets = 4096

    /// `capacity`: answers of one generation.
    init(capacity: Int = 1024) { self.capacity = capacity }

    func answer(to key: Key, at now: ContinuousClock.Instant) -> DNSAnswer<[UInt8]>? {
        state.withLock { state in
            guard let entry = state.young[key] ?? state.old[key], entry.until > now else { return nil }
            if state.young[key] == nil { Self.insert(entry, key, &state, capacity) }
            var answer = entry.answer
            answer.timeToLive = entry.until - now
            return answer
        }
    }

    func keep(_ answer: DNSAnswer<[UInt8]>, of key: Key, at now: ContinuousClock.Instant) {
        let lifetime = min(answer.timeToLive, Self.longest)
        guard lifetime > .zero, answer.records.reduce(0, { $0 + $1.count }) <= Self.maximumOctets else { return }
        state.withLock { Self.insert(Entry(answer: answer, until: now + lifetime), key, &$0, capacity) }
    }

    private static func insert(_ entry: Entry, _ key: Key, _ state: inout State, _ capacity: Int) {
        if state.young.count >= capacity { (state.old, state.young) = (state.young, [:]) }
        state.young[key] = entry
    }
}
