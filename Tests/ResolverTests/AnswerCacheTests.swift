import MailTypes
import Testing

@testable import Resolver

@Suite struct AnswerCacheTests {
    private let start = ContinuousClock.now

    private func key(_ number: Int) -> AnswerCache.Key { .init(name: "n\(number).example.", type: 16) }

    private func answer(_ octets: Int = 4, seconds: Int = 60) -> DNSAnswer<[UInt8]> {
        DNSAnswer(records: [[UInt8](repeating: 1, count: octets)], timeToLive: .seconds(seconds))
    }

    @Test func `an answer is kept for as long as its records live, and five minutes at most`() {
        let cache = AnswerCache()
        for (seconds, kept) in [(60, 60), (1000, 300), (1, 1)] {
            cache.keep(answer(seconds: seconds), of: key(seconds), at: start)
            let last = cache.answer(to: key(seconds), at: start + .seconds(kept) - .milliseconds(1))
            #expect(last?.timeToLive == .milliseconds(1))
            #expect(cache.answer(to: key(seconds), at: start + .seconds(kept)) == nil)
        }
        cache.keep(answer(seconds: 0), of: key(0), at: start)
        #expect(cache.answer(to: key(0), at: start) == nil)
    }

    @Test func `names and types are told apart`() {
        let cache = AnswerCache()
        cache.keep(answer(), of: key(1), at: start)
        #expect(cache.answer(to: .init(name: "n1.example.", type: 1), at: start) == nil)
        #expect(cache.answer(to: key(2), at: start) == nil)
        #expect(cache.answer(to: key(1), at: start)?.records.count == 1)
    }

    @Test func `what is too long is not kept, nor more than twice the capacity, and what is asked for stays`() {
        let cache = AnswerCache(capacity: 10)
        cache.keep(answer(4096), of: key(-1), at: start)
        cache.keep(answer(4097), of: key(-2), at: start)
        #expect(cache.answer(to: key(-1), at: start) != nil && cache.answer(to: key(-2), at: start) == nil)
        for number in 0..<100 {
            cache.keep(answer(), of: key(number), at: start)
            #expect(cache.answer(to: key(-1), at: start) != nil)
        }
        let kept = (0..<100).filter { cache.answer(to: key($0), at: start) != nil }
        #expect(kept.count <= 20 && kept.contains(99) && !kept.contains(0))
    }
}
