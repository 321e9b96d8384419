/// Going over octets a word at a time.
enum OctetScan {
    /// The index of the first word from `start` on that holds an octet below 14 (so CR, LF or NUL), or of the last
    /// octets that fill no word.
    static func skipText(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var hasEightBit = false
        return skipText(bytes, from: start, hasEightBit: &hasEightBit)
    }

    /// As above; `hasEightBit` becomes true if an octet above 127 was passed over.
    static func skipText(_ bytes: UnsafeRawBufferPointer, from start: Int, hasEightBit: inout Bool) -> Int {
        var index = start
        var seen: UInt64 = 0
        while bytes.count - index >= 8 {
            let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            // A byte that borrows has its top bit set now and had it clear before; a borrow beyond it only adds more.
            let isLow = (word &- 0x0E0E_0E0E_0E0E_0E0E) & ~word & 0x8080_8080_8080_8080
            guard isLow == 0 else { break }
            seen |= word
            index += 8
        }
        if seen & 0x8080_8080_8080_8080 != 0 { hasEightBit = true }
        return index
    }
}
