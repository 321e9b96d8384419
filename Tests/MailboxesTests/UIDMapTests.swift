import IMAPProtocol
import Mailboxes
import Testing

struct UIDMapTests {
    @Test func `it says what a plain list of UIDs would`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var list: [UInt32] = []
            var map = UIDMap()
            for uid in UInt32(1)...60 where Bool.random(using: &generator) {
                list.append(uid)
                map.append(uid)
            }
            check(map, list)
            let going = Set(list.filter { _ in Int.random(in: 0..<3, using: &generator) == 0 })
            let expected = list.indices.filter { going.contains(list[$0]) }.reversed().map { UInt32($0 + 1) }
            #expect(map.remove(NumberSet(going.sorted())) == Array(expected))
            list.removeAll(where: going.contains)
            check(map, list)
            map.append(100)
            check(map, list + [100])
        }
    }

    private func check(_ map: UIDMap, _ list: [UInt32]) {
        #expect(map.count == list.count)
        #expect(map.lastUID == list.last ?? 0)
        for (index, uid) in list.enumerated() {
            #expect(map.sequenceNumber(of: uid) == UInt32(index + 1))
            #expect(map.uid(at: UInt32(index + 1)) == uid)
        }
        for uid in UInt32(0)...70 where !list.contains(uid) { #expect(map.sequenceNumber(of: uid) == nil) }
        #expect(map.uid(at: UInt32(list.count + 1)) == nil)
        #expect(map.uid(at: 0) == nil)
        let middle = list.dropFirst(2).prefix(5)
        #expect(map.uids(ofSequenceNumbers: NumberSet(3...7)) == NumberSet(middle))
        #expect(map.uids == NumberSet(list))
    }
}
