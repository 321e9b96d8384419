import MailTypes
import NIOCore
import Testing

@testable import IMAPProtocol

@Suite struct SetTests {
    static let rows: [(set: SequenceSet, largest: UInt32, text: String)] = [
        (.of((1, 1)), 9, "1"), (.of((5, 2)), 9, "2:5"), (.of((7, 0)), 9, "7:9"), (.of((12, 0)), 9, "9:12"),
        (.of((0, 0)), 9, "9"), (.of((1, 3), (4, 5), (9, 9), (2, 2)), 9, "1:5,9"),
        (.of((8, 8), (6, 6), (7, 7)), 9, "6:8"),
        (.of((1, 0), (3, 3)), 0, "3"), (.of((0, 0)), 0, ""), (.of((.max, 1), (5, 5)), 9, "1:4294967295"),
    ]

    @Test(arguments: rows.indices) func `a set is resolved, sorted and merged`(index: Int) {
        let (set, largest, text) = Self.rows[index]
        #expect(set.resolved(largest: largest)?.description == text)
    }

    @Test func `the saved result is the session's to know`() {
        #expect(SequenceSet.saved.resolved(largest: 9) == nil)
    }

    @Test func `a number set agrees with a plain set`() {
        var generator = Seeded()
        for _ in 0..<300 {
            var numbers = NumberSet()
            var plain: Set<UInt32> = []
            for _ in 0..<Int.random(in: 0...12, using: &generator) {
                let lower = UInt32.random(in: 0...60, using: &generator)
                let upper = lower + UInt32.random(in: 0...5, using: &generator)
                numbers.insert(lower...upper)
                plain.formUnion(lower...upper)
            }
            let context = Comment(rawValue: "seed \(generator.seed)")
            #expect(numbers.count == plain.count, context)
            #expect((0...70).allSatisfy { numbers.contains($0) == plain.contains($0) }, context)
            #expect(numbers.min == plain.min() && numbers.max == plain.max(), context)
            #expect(
                zip(numbers.ranges, numbers.ranges.dropFirst()).allSatisfy { $0.upperBound + 1 < $1.lowerBound },
                context)
            let other = NumberSet((0...70).filter { _ in Bool.random(using: &generator) })
            let both = numbers.intersection(other)
            #expect((0...70).allSatisfy { both.contains($0) == (numbers.contains($0) && other.contains($0)) }, context)
            let rest = numbers.subtracting(other)
            #expect(rest == NumberSet((0...70).filter { numbers.contains($0) && !other.contains($0) }), context)
            let members = plain.sorted()
            #expect((-1...75).allSatisfy { numbers.number(at: $0) == (members.indices ~= $0 ? members[$0] : nil) }, context)
            let pieces = numbers.pieces(ofRanges: 2)
            #expect(pieces.allSatisfy { $0.ranges.count <= 2 } && pieces.flatMap(\.ranges) == numbers.ranges, context)
            var walked: [UInt32] = []
            numbers.forEach { walked.append($0) }
            #expect(walked == plain.sorted(), context)
        }
    }

    @Test func `the ends of the numbers are in reach`() {
        var set = NumberSet(UInt32.max...UInt32.max)
        set.insert(UInt32.max - 1)
        set.insert(0...3)
        set.insert(UInt32.max)
        #expect(set.description == "0:3,4294967294:4294967295")
        set.insert(0...UInt32.max)
        #expect(set.count == 4_294_967_296)
    }
}

/// Repeatable randomness (SplitMix64).
struct Seeded: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    init(_ seed: UInt64 = .random(in: 0...UInt64.max)) { (self.seed, state) = (seed, seed) }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
