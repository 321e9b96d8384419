import IMAPProtocol
import Mailboxes
import Testing

struct UIDMapTests {
    /// What a list of UIDs would say, and the blocks of the list as they are counted in the database.
    private struct Model {
        var uids: [UInt32] = []
        var top: UInt32 = 0

        var map: UIDMap {
            var counts: [(block: UInt32, messages: Int)] = []
            for uid in uids {
                let block = uid / UIDMap.blockSize
                if counts.last?.block == block { counts[counts.count - 1].messages += 1 } else { counts.append((block, 1)) }
            }
            return UIDMap(counts: counts, top: top)
        }

        func load(_ blocks: [UInt32], of map: inout UIDMap) {
            for block in blocks {
                let fits = map.load(block, uids.filter { UIDMap.range(of: block).contains($0) })
                #expect(fits)
            }
        }
    }

    @Test func `it says what a plain list of UIDs would`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<60 {
            var model = Model()
            let step = [1, 1, 2, 40, 700].randomElement(using: &generator)!
            for _ in 0..<Int.random(in: 0...2600 / step, using: &generator) { arrive(&model, step, &generator) }
            var map = model.map
            for _ in 0..<12 {
                check(&map, model, &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0:
                    for _ in 0..<Int.random(in: 1...1100, using: &generator) { map.append(arrive(&model, step, &generator)) }
                case 1:
                    let going = going(model, &generator)
                    model.load(map.unloaded(for: going), of: &map)
                    let numbers = model.uids.indices.filter { going.contains(model.uids[$0]) }.reversed()
                    let told = map.remove(going)
                    #expect(told == numbers.map { UInt32($0 + 1) })
                    model.uids.removeAll { going.contains($0) }
                case 2:
                    let going = NumberSet(model.uids).intersection(going(model, &generator))
                    map.withdraw(going)
                    model.uids.removeAll { going.contains($0) }
                default: map = map.withoutLoaded
                }
            }
        }
    }

    @discardableResult
    private func arrive(_ model: inout Model, _ step: Int, _ generator: inout SystemRandomNumberGenerator) -> UInt32 {
        model.top += UInt32.random(in: 1...UInt32(step), using: &generator)
        model.uids.append(model.top)
        return model.top
    }

    private func going(_ model: Model, _ generator: inout SystemRandomNumberGenerator) -> NumberSet {
        let first = UInt32.random(in: 0...model.top, using: &generator)
        let range = first...first + UInt32.random(in: 0...1500, using: &generator)
        let isWhole = Bool.random(using: &generator)
        return NumberSet(range.filter { _ in isWhole || Int.random(in: 0..<3, using: &generator) == 0 })
    }

    private func check(_ map: inout UIDMap, _ model: Model, _ generator: inout SystemRandomNumberGenerator) {
        let list = model.uids
        #expect(map.count == list.count && map.top == model.top)
        // A few at first, with no more loaded than they need.
        let number = UInt32.random(in: 0...UInt32(list.count + 2), using: &generator)
        model.load(map.unloaded(forSequenceNumbers: NumberSet(number...number)), of: &map)
        #expect(map.uid(at: number) == (number == 0 || number > list.count ? nil : list[Int(number) - 1]))
        let uid = UInt32.random(in: 0...model.top + 2, using: &generator)
        model.load(map.unloaded(for: NumberSet(uid...uid)), of: &map)
        #expect(map.sequenceNumber(of: uid) == list.firstIndex(of: uid).map { UInt32($0 + 1) })
        #expect(map.count(from: uid) == list.filter { $0 >= uid }.count)
        model.load(map.unloadedLast, of: &map)
        #expect(map.lastUID == list.last ?? 0)
        let last = number + UInt32.random(in: 0...2000, using: &generator)
        let numbers = NumberSet(number...last)
        model.load(map.unloaded(forSequenceNumbers: numbers), of: &map)
        let named = list.enumerated().filter { numbers.contains(UInt32($0.offset + 1)) }.map(\.element)
        #expect(map.uids(ofSequenceNumbers: numbers) == NumberSet(named))
        let range = NumberSet(uid...uid + 700)
        model.load(map.unloaded(for: range), of: &map)
        #expect(map.confined(range) == NumberSet(list.filter { range.contains($0) }))
        guard Int.random(in: 0..<4, using: &generator) == 0 else { return }
        model.load(map.unloaded(for: NumberSet(0...UInt32.max)), of: &map)
        #expect(map.uids == NumberSet(list))
        for (index, uid) in list.enumerated() where map.sequenceNumber(of: uid) != UInt32(index + 1) {
            Issue.record("UID \(uid) is \(map.sequenceNumber(of: uid) ?? 0), not \(index + 1)")
        }
    }

    @Test func `a million messages without gaps need nothing loaded`() {
        let map = UIDMap(
            counts: (UInt32(0)...976).map { (block: $0, messages: $0 == 0 ? 1023 : $0 == 976 ? 577 : 1024) },
            top: 1_000_000)
        #expect(map.count == 1_000_000)
        #expect(map.unloaded(for: NumberSet(500_000...510_000)).isEmpty)
        #expect(map.uid(at: 500_000) == 500_000 && map.sequenceNumber(of: 777_777) == 777_777)
        #expect(map.unloadedLast == [976])
        #expect(map.octets < 32768)
    }

    @Test func `what does not fit the counts is not loaded`() {
        var map = UIDMap(counts: [(block: 1, messages: 2)], top: 1030)
        let tooFew: [UInt32] = [1024]
        let elsewhere: [UInt32] = [1, 2]
        let right: [UInt32] = [1024, 1030]
        let refused = [map.load(1, tooFew), map.load(1, elsewhere), map.load(0, elsewhere)]
        #expect(refused == [false, false, false])
        #expect(map.unloaded(for: NumberSet(1...2000)) == [1])
        let taken = [map.load(1, right), map.load(0, [])]
        #expect(taken == [true, true])
        #expect(map.uids == NumberSet(right))
    }

    @Test func `the ends of the numbers are in reach`() {
        var map = UIDMap()
        #expect(map.lastUID == 0 && map.uid(at: 1) == nil && map.uids.isEmpty && map.count(from: 0) == 0)
        map.append(1)
        map.append(UInt32.max)
        map.append(UInt32.max)
        #expect(map.count == 2 && map.lastUID == .max && map.sequenceNumber(of: .max) == 2)
        let told = map.remove(NumberSet(0...UInt32.max))
        #expect(told == [2, 1])
        #expect(map.count == 0)
    }
}
