package import IMAPProtocol

/// Which message sequence number stands for which UID in a view: an order-statistic structure over blocks of 1,024 UIDs.
/// Of every block the number of messages before it is known; which UIDs a block holds is read when somebody asks for one
/// of them, so that opening a mailbox of a million messages costs what a thousand counts cost:
///
///     var map = UIDMap(counts: [(block: 0, messages: 1000), (block: 7, messages: 3)], top: 7300)
///     map.count                                      // 1003, without any UID
///     map.unloaded(forSequenceNumbers: NumberSet(1002...1002))   // [7]: to be read first
///     map.load(7, [7168, 7170, 7300])
///     map.uid(at: 1002)                              // 7170
///
/// A value: sessions share its storage until one of them is told something that the others were not.
package struct UIDMap: Sendable {
    /// UIDs of a block.
    package static let blockSize: UInt32 = 1024

    /// Which UIDs of a block are there: a bit for each. Never changed, so that maps share it.
    private final class Leaf: Sendable, Equatable {
        let words: [UInt64]
        init(_ words: [UInt64]) { self.words = words }
        static func == (left: Leaf, right: Leaf) -> Bool { left === right || left.words == right.words }
    }

    private struct Block: Sendable {
        var number: UInt32
        /// Messages in the blocks before.
        var before: UInt32
        /// `nil`: not read yet; of a full block nothing has to be read.
        var leaf: Leaf?
    }

    private static let wordCount = Int(blockSize / 64)
    private static let full = Leaf(Array(repeating: .max, count: wordCount))

    private var blocks: [Block] = []
    /// How many messages.
    package private(set) var count = 0
    /// The highest UID that ever was in it; what comes later is higher.
    package private(set) var top: UInt32 = 0

    package init() {}

    /// From the counts of its blocks, ascending.
    package init(counts: some Sequence<(block: UInt32, messages: Int)>, top: UInt32) {
        for (number, messages) in counts where messages > 0 {
            blocks.append(Block(number: number, before: UInt32(clamping: count)))
            count += messages
            setLeafIfFull(blocks.count - 1)
        }
        self.top = top
    }

    // MARK: - Reading

    /// The highest UID; 0 in an empty mailbox. The last block must be loaded.
    package var lastUID: UInt32 {
        guard let last = blocks.last, let leaf = loaded(last) else { return 0 }
        guard let word = leaf.words.lastIndex(where: { $0 != 0 }) else { return 0 }
        return last.number * Self.blockSize + UInt32(word * 64 + 63 - leaf.words[word].leadingZeroBitCount)
    }

    /// The sequence number of a UID. Its block must be loaded.
    package func sequenceNumber(of uid: UInt32) -> UInt32? {
        guard let block = block(of: uid), let leaf = loaded(block) else { return nil }
        let (word, bit) = Self.place(uid)
        guard leaf.words[word] & (1 << bit) != 0 else { return nil }
        return block.before + Self.rank(leaf, word, bit) + 1
    }

    /// Whether it is there. Its block must be loaded.
    package func contains(_ uid: UInt32) -> Bool { sequenceNumber(of: uid) != nil }

    /// How many messages have this UID or a higher one. Its block must be loaded.
    package func count(from uid: UInt32) -> Int {
        let index = firstBlock { $0.number >= uid / Self.blockSize }
        guard index < blocks.count else { return 0 }
        let block = blocks[index]
        guard block.number == uid / Self.blockSize else { return count - Int(block.before) }
        guard let leaf = loaded(block) else { return 0 }
        let (word, bit) = Self.place(uid)
        return count - Int(block.before + Self.rank(leaf, word, bit))
    }

    /// The UID of a sequence number. Its block must be loaded.
    package func uid(at sequenceNumber: UInt32) -> UInt32? {
        guard sequenceNumber > 0, sequenceNumber <= UInt32(clamping: count) else { return nil }
        let block = blocks[indexOfBlock(holding: sequenceNumber)]
        guard let leaf = loaded(block) else { return nil }
        var rest = Int(sequenceNumber - block.before)
        for (index, word) in leaf.words.enumerated() {
            let ones = word.nonzeroBitCount
            guard rest > ones else {
                return block.number * Self.blockSize + UInt32(index * 64) + Self.bit(rest, of: word)
            }
            rest -= ones
        }
        return nil
    }

    /// All UIDs. Every block must be loaded.
    package var uids: NumberSet { confined(NumberSet(0...UInt32.max)) }

    /// Those of `set` that are here. Their blocks must be loaded.
    package func confined(_ set: NumberSet) -> NumberSet {
        var result = NumberSet()
        for range in set.ranges {
            var index = firstBlock { $0.number >= range.lowerBound / Self.blockSize }
            while index < blocks.count, blocks[index].number <= range.upperBound / Self.blockSize {
                let first = blocks[index].number * Self.blockSize
                let last = first + (Self.blockSize - 1)
                if let leaf = loaded(blocks[index]) {
                    Self.insert(leaf, first, within: max(range.lowerBound, first)...min(range.upperBound, last), &result)
                }
                index += 1
            }
        }
        return result
    }

    /// The UIDs of sequence numbers; numbers beyond the last are passed over. Their blocks must be loaded.
    package func uids(ofSequenceNumbers set: NumberSet) -> NumberSet {
        var result = NumberSet()
        for range in set.ranges {
            guard let first = uid(at: max(range.lowerBound, 1)),
                let last = uid(at: min(range.upperBound, UInt32(clamping: count))), first <= last
            else { continue }
            for piece in confined(NumberSet(first...last)).ranges { result.insert(piece) }
        }
        return result
    }

    // MARK: - Changing

    /// Adds a UID higher than all there ever were; a lower one is passed over.
    package mutating func append(_ uid: UInt32) {
        guard uid > top else { return }
        top = uid
        let number = uid / Self.blockSize
        if let last = blocks.last, last.number == number {
            if let leaf = last.leaf {
                var words = leaf.words
                Self.set(uid, in: &words)
                blocks[blocks.count - 1].leaf = Leaf(words)
            }
            count += 1
            setLeafIfFull(blocks.count - 1)
        } else {
            var words = Array(repeating: UInt64(0), count: Self.wordCount)
            Self.set(uid, in: &words)
            blocks.append(Block(number: number, before: UInt32(clamping: count), leaf: Leaf(words)))
            count += 1
        }
    }

    /// Takes UIDs away; answers the sequence numbers they had, highest first, which is the order in which EXPUNGE
    /// responses can name them unchanged (RFC 3501 §7.4.1). Their blocks must be loaded.
    package mutating func remove(_ set: NumberSet) -> [UInt32] {
        let gone = confined(set)
        var numbers: [UInt32] = []
        gone.forEach { if let number = sequenceNumber(of: $0) { numbers.append(number) } }
        withdraw(gone)
        return numbers.reversed()
    }

    /// Takes away UIDs that are known to be here, whether their blocks are loaded or not.
    package mutating func withdraw(_ uids: NumberSet) {
        guard !uids.isEmpty else { return }
        var sizes = blocks.indices.map(size)
        for range in uids.ranges {
            var index = firstBlock { $0.number >= range.lowerBound / Self.blockSize }
            while index < blocks.count, blocks[index].number <= range.upperBound / Self.blockSize {
                let first = blocks[index].number * Self.blockSize
                let last = first + (Self.blockSize - 1)
                let piece = max(range.lowerBound, first)...min(range.upperBound, last)
                if let leaf = blocks[index].leaf {
                    var words = leaf.words
                    for uid in piece where Self.clear(uid, in: &words) { sizes[index] -= 1 }
                    blocks[index].leaf = Leaf(words)
                } else {
                    sizes[index] -= min(sizes[index], piece.count)
                }
                index += 1
            }
        }
        var kept: [Block] = []
        kept.reserveCapacity(blocks.count)
        count = 0
        for (index, block) in blocks.enumerated() where sizes[index] > 0 {
            kept.append(Block(number: block.number, before: UInt32(clamping: count), leaf: block.leaf))
            count += sizes[index]
        }
        blocks = kept
    }

    /// Whether a map of the same view holds the same messages: what lies below the top only ever becomes less.
    func isSame(as other: UIDMap) -> Bool { top == other.top && count == other.count }

    /// Takes over what a map with the same messages has loaded; says whether that was anything new.
    mutating func loadMore(from other: UIDMap) -> Bool {
        guard blocks.count == other.blocks.count else { return false }
        var isNew = false
        for index in blocks.indices where blocks[index].leaf == nil {
            guard let leaf = other.blocks[index].leaf else { continue }
            blocks[index].leaf = leaf
            isNew = true
        }
        return isNew
    }

    // MARK: - Loading

    /// The blocks to load before these UIDs are asked for, ascending.
    package func unloaded(for uids: NumberSet) -> [UInt32] {
        var result: [UInt32] = []
        for range in uids.ranges {
            var index = firstBlock { $0.number >= range.lowerBound / Self.blockSize }
            while index < blocks.count, blocks[index].number <= range.upperBound / Self.blockSize {
                if blocks[index].leaf == nil, result.last != blocks[index].number { result.append(blocks[index].number) }
                index += 1
            }
        }
        return result
    }

    /// The blocks to load before these sequence numbers are asked for, ascending.
    package func unloaded(forSequenceNumbers set: NumberSet) -> [UInt32] {
        var result: [UInt32] = []
        for range in set.ranges where range.lowerBound <= UInt32(clamping: count) && range.upperBound > 0 && count > 0 {
            let last = indexOfBlock(holding: min(range.upperBound, UInt32(clamping: count)))
            for block in blocks[indexOfBlock(holding: max(range.lowerBound, 1))...last]
            where block.leaf == nil && result.last != block.number {
                result.append(block.number)
            }
        }
        return result
    }

    /// The block to load before `lastUID` is asked for.
    package var unloadedLast: [UInt32] { blocks.last.map { $0.leaf == nil ? [$0.number] : [] } ?? [] }

    /// The UIDs that a block can hold.
    package static func range(of block: UInt32) -> ClosedRange<UInt32> {
        block * blockSize...block * blockSize + (blockSize - 1)
    }

    /// Says which UIDs a block holds; `false`, and nothing is loaded, if they are not as many as were counted.
    package mutating func load(_ block: UInt32, _ uids: some Sequence<UInt32>) -> Bool {
        let index = firstBlock { $0.number >= block }
        guard index < blocks.count, blocks[index].number == block else { return uids.allSatisfy { _ in false } }
        var words = Array(repeating: UInt64(0), count: Self.wordCount)
        for uid in uids where uid / Self.blockSize == block { Self.set(uid, in: &words) }
        guard words.reduce(0, { $0 + $1.nonzeroBitCount }) == size(index) else { return false }
        blocks[index].leaf = Leaf(words)
        return true
    }

    /// The same without what can be loaded again.
    package var withoutLoaded: UIDMap {
        var map = self
        for index in blocks.indices where blocks[index].leaf !== Self.full { map.blocks[index].leaf = nil }
        return map
    }

    /// How many blocks have their UIDs in memory.
    package var loadedCount: Int { blocks.reduce(0) { $0 + ($1.leaf == nil || $1.leaf === Self.full ? 0 : 1) } }

    /// About how many octets of memory it takes.
    package var octets: Int { 64 + blocks.count * MemoryLayout<Block>.stride + loadedCount * 200 }

    // MARK: - Blocks

    private func loaded(_ block: Block) -> Leaf? {
        assert(block.leaf != nil, "a block was asked for before it was loaded")
        return block.leaf
    }

    private func size(_ index: Int) -> Int {
        (index + 1 < blocks.count ? Int(blocks[index + 1].before) : count) - Int(blocks[index].before)
    }

    private mutating func setLeafIfFull(_ index: Int) {
        if size(index) == Int(Self.blockSize) { blocks[index].leaf = Self.full }
    }

    private func block(of uid: UInt32) -> Block? {
        let index = firstBlock { $0.number >= uid / Self.blockSize }
        return index < blocks.count && blocks[index].number == uid / Self.blockSize ? blocks[index] : nil
    }

    /// For a sequence number between 1 and `count`.
    private func indexOfBlock(holding sequenceNumber: UInt32) -> Int { firstBlock { $0.before >= sequenceNumber } - 1 }

    private func firstBlock(where isAtOrBehind: (Block) -> Bool) -> Int {
        var (low, high) = (0, blocks.count)
        while low < high {
            let middle = low + (high - low) / 2
            if isAtOrBehind(blocks[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    // MARK: - Bits

    private static func place(_ uid: UInt32) -> (word: Int, bit: UInt64) {
        let offset = uid % blockSize
        return (Int(offset / 64), UInt64(offset % 64))
    }

    private static func set(_ uid: UInt32, in words: inout [UInt64]) {
        let (word, bit) = place(uid)
        words[word] |= 1 << bit
    }

    /// Says whether it was set.
    private static func clear(_ uid: UInt32, in words: inout [UInt64]) -> Bool {
        let (word, bit) = place(uid)
        guard words[word] & (1 << bit) != 0 else { return false }
        words[word] &= ~(1 << bit)
        return true
    }

    /// How many bits stand before one.
    private static func rank(_ leaf: Leaf, _ word: Int, _ bit: UInt64) -> UInt32 {
        var ones = (leaf.words[word] & ((1 << bit) - 1)).nonzeroBitCount
        for index in 0..<word { ones += leaf.words[index].nonzeroBitCount }
        return UInt32(ones)
    }

    /// Where the n-th bit of a word stands, counted from 1.
    private static func bit(_ number: Int, of word: UInt64) -> UInt32 {
        var rest = word
        for _ in 1..<max(1, number) { rest &= rest &- 1 }
        return UInt32(rest.trailingZeroBitCount)
    }

    /// Adds what a leaf holds within a range of its UIDs, run by run.
    private static func insert(_ leaf: Leaf, _ first: UInt32, within range: ClosedRange<UInt32>, _ set: inout NumberSet) {
        guard leaf !== full else { return set.insert(range) }
        for (index, word) in leaf.words.enumerated() where word != 0 {
            let start = first + UInt32(index * 64)
            var (rest, offset) = (word, UInt32(0))
            while rest != 0 {
                let zeros = UInt32(rest.trailingZeroBitCount)
                offset += zeros
                rest >>= UInt64(zeros)
                let ones = UInt32((~rest).trailingZeroBitCount)
                let run = start + offset...start + offset + (ones - 1)
                if run.upperBound >= range.lowerBound, run.lowerBound <= range.upperBound {
                    set.insert(max(run.lowerBound, range.lowerBound)...min(run.upperBound, range.upperBound))
                }
                guard ones < 64 else { break }
                rest >>= UInt64(ones)
                offset += ones
            }
        }
    }
}
