/// What each character above ASCII becomes, read from `FoldingData` once: in blocks of 128 characters, most of which
/// nothing happens to and which share one empty block.
struct FoldingTable: Sendable {
    /// For searching: marks off, and the plain letter for those that Unicode does not take apart (DESIGN §7).
    static let search = FoldingTable(isPlain: true)
    /// For sorting: marks kept, letters as they are.
    static let sorting = FoldingTable(isPlain: false)

    /// What becomes of one character.
    enum Fate: Equatable {
        case kept
        case removed
        /// These octets of `pool`.
        case replaced(Range<Int>)
    }

    private static let blockSize: UInt32 = 128
    private static let isChanged: UInt32 = 0x8000_0000

    /// Octets in UTF-8 that the entries point into.
    private(set) var pool: [UInt8] = []
    private var blockNumbers = [UInt16](repeating: 0, count: 0x30000 / Int(blockSize))
    /// The first block is the empty one. An entry is 0 or `isChanged`, the offset in the pool << 7, the length.
    private var entries = [UInt32](repeating: 0, count: Int(blockSize))

    subscript(_ scalar: UInt32) -> Fate {
        let block = Int(scalar / Self.blockSize)
        guard block < blockNumbers.count else { return .kept }
        let entry = entries[Int(blockNumbers[block]) * Int(Self.blockSize) + Int(scalar % Self.blockSize)]
        guard entry != 0 else { return .kept }
        let (offset, length) = (Int((entry & ~Self.isChanged) >> 7), Int(entry & 0x7F))
        return length == 0 ? .removed : .replaced(offset..<offset + length)
    }

    // MARK: Reading

    private init(isPlain: Bool) {
        var marks: Set<UInt32> = []
        Self.eachWord(of: FoldingData.marks) { marks.formUnion($0..<$0 + $1) }
        func plain(_ scalar: UInt32) -> [UInt32] {
            if marks.contains(scalar) || Self.isInvisible(scalar) { return [] }
            return Unicode.Scalar(scalar).flatMap { Self.plainLetters[$0] }?.unicodeScalars.map(\.value) ?? [scalar]
        }
        Self.eachWord(of: FoldingData.decompositions) { first, count, step, targets in
            for index in 0..<count {
                let moved = targets.map { $0 + step * index }
                set(first + index, to: isPlain ? moved.flatMap(plain) : moved.filter { !Self.isInvisible($0) })
            }
        }
        guard isPlain else { return }
        for letter in Self.plainLetters.keys where letter.value >= 0x80 && self[letter.value] == .kept {
            set(letter.value, to: plain(letter.value))
        }
        for mark in marks where self[mark] == .kept { set(mark, to: []) }
        for scalar in Self.invisible.joined() { set(scalar, to: []) }
    }

    private mutating func set(_ scalar: UInt32, to targets: [UInt32]) {
        let block = Int(scalar / Self.blockSize)
        if blockNumbers[block] == 0 {
            blockNumbers[block] = UInt16(entries.count / Int(Self.blockSize))
            entries += [UInt32](repeating: 0, count: Int(Self.blockSize))
        }
        let offset = UInt32(pool.count)
        for target in targets { pool += String(Unicode.Scalar(target) ?? " ").utf8 }
        entries[Int(blockNumbers[block]) * Int(Self.blockSize) + Int(scalar % Self.blockSize)] =
            Self.isChanged | offset << 7 | (UInt32(pool.count) - offset)
    }

    private static func eachWord(of data: StaticString, _ body: (UInt32, UInt32) -> Void) {
        eachWord(of: data) { first, count, _, _ in body(first, count) }
    }

    /// First character, how many, 1 where the targets grow alike, targets.
    private static func eachWord(of data: StaticString, _ body: (UInt32, UInt32, UInt32, [UInt32]) -> Void) {
        var (number, first, count, step): (UInt32, UInt32, UInt32, UInt32) = (0, 0, 1, 1)
        var targets: [UInt32] = []
        var (hasDistance, isCount, isTarget) = (false, false, false)
        func finish(_ body: () -> Void) {
            if !hasDistance { first += number }
            if isCount { count = number }
            if isTarget { targets.append(number) }
            number = 0
            body()
        }
        for octet in UnsafeBufferPointer(start: data.utf8Start, count: data.utf8CodeUnitCount) {
            switch octet {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number * 36 + UInt32(octet - 0x30)
            case UInt8(ascii: "a")...UInt8(ascii: "z"): number = number * 36 + UInt32(octet - 0x61) + 10
            case UInt8(ascii: "*"), UInt8(ascii: "+"):
                finish { (hasDistance, isCount, step) = (true, true, octet == UInt8(ascii: "*") ? 1 : 0) }
            case UInt8(ascii: "="), UInt8(ascii: "."):
                finish { (hasDistance, isCount, isTarget) = (true, false, true) }
            default:
                finish { body(first, count, step, targets) }
                (count, step, targets) = (1, 1, [])
                (hasDistance, isCount, isTarget) = (false, false, false)
            }
        }
    }

    // MARK: Our own choice

    /// Letters that Unicode does not take apart, and punctuation that programs make of what people type.
    private static let plainLetters: [Unicode.Scalar: String] = [
        "ł": "l", "đ": "d", "ð": "d", "ø": "o", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t", "þ": "th",
        "ƚ": "l", "ɨ": "i", "ŋ": "n", "ĸ": "k", "ə": "e", "ƶ": "z", "ƀ": "b", "ɖ": "d",
        "\u{2018}": "'", "\u{2019}": "'", "\u{201A}": "'", "\u{201B}": "'", "\u{2BC}": "'", "\u{2032}": "'",
        "\u{201C}": "\"", "\u{201D}": "\"", "\u{201E}": "\"", "\u{201F}": "\"", "\u{AB}": "\"", "\u{BB}": "\"",
        "\u{2010}": "-", "\u{2011}": "-", "\u{2012}": "-", "\u{2013}": "-", "\u{2014}": "-", "\u{2015}": "-",
        "\u{2212}": "-", "\u{85}": " ", "\u{2028}": " ", "\u{2029}": " ", "\u{1680}": " ",
    ]

    /// Soft hyphen, joiners, marks of direction: nobody sees or types them.
    private static let invisible: [ClosedRange<UInt32>] = [
        0xAD...0xAD, 0x34F...0x34F, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x2064, 0x2066...0x2069,
        0xFEFF...0xFEFF,
    ]

    private static func isInvisible(_ scalar: UInt32) -> Bool { invisible.contains { $0.contains(scalar) } }
}
