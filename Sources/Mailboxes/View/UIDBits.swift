/// A set of UIDs of which any may come and go at the same cost: a bit for each, in blocks like those of `UIDMap`.
struct UIDBits: Sendable {
    private static let blockSize = UIDMap.blockSize

    private var blocks: [UInt32: [UInt64]] = [:]
    /// How many.
    private(set) var count = 0

    mutating func insert(_ uid: UInt32) {
        let (word, bit) = Self.place(uid)
        let empty = Array(repeating: UInt64(0), count: Int(Self.blockSize / 64))
        let isNew = { (words: inout [UInt64]) -> Bool in
            defer { words[word] |= bit }
            return words[word] & bit == 0
        }(&blocks[uid / Self.blockSize, default: empty])
        if isNew { count += 1 }
    }

    mutating func remove(_ uid: UInt32) {
        let (word, bit) = Self.place(uid)
        guard let words = blocks[uid / Self.blockSize], words[word] & bit != 0 else { return }
        blocks[uid / Self.blockSize]?[word] &= ~bit
        count -= 1
        if blocks[uid / Self.blockSize]?.allSatisfy({ $0 == 0 }) == true { blocks[uid / Self.blockSize] = nil }
    }

    func contains(_ uid: UInt32) -> Bool {
        let (word, bit) = Self.place(uid)
        return blocks[uid / Self.blockSize].map { $0[word] & bit != 0 } ?? false
    }

    /// About how many octets of memory it takes.
    var octets: Int { 64 + blocks.count * 208 }

    private static func place(_ uid: UInt32) -> (word: Int, bit: UInt64) {
        let offset = uid % blockSize
        return (Int(offset / 64), 1 << UInt64(offset % 64))
    }
}
