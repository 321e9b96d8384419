import MailFormat

/// A stretch of what a transfer encoding stands for (RFC 3516), undone piece by piece: what lies before and behind the
/// stretch is passed over, so that no more than a piece is ever in memory.
///
///     var stretch = DecodedStretch(decoder, 4..<6)    // of "SGVsbG8=", Hello
///     stretch.take(octets)                            // "o"
///     stretch.finish()                                // ""
struct DecodedStretch {
    private var decoder: TransferDecoder
    private let wanted: Range<Int>
    /// Decoded octets so far, wanted or not.
    private var position = 0

    init(_ decoder: TransferDecoder, _ wanted: Range<Int>) { (self.decoder, self.wanted) = (decoder, wanted) }

    /// Nothing that is wanted can come any more.
    var isOver: Bool { position >= wanted.upperBound }

    /// What is wanted of the next piece.
    mutating func take(_ octets: [UInt8]) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(octets.count)
        octets.withUnsafeBytes { decoder.decode($0, into: &decoded) }
        return cut(decoded)
    }

    /// The encoded octets ended: what is wanted of what was held back.
    mutating func finish() -> [UInt8] {
        var decoded: [UInt8] = []
        decoder.finish(into: &decoded)
        return cut(decoded)
    }

    private mutating func cut(_ decoded: [UInt8]) -> [UInt8] {
        let start = position
        position += decoded.count
        if wanted.lowerBound <= start, position <= wanted.upperBound { return decoded }
        let piece = wanted.clamped(to: start..<position)
        return Array(decoded[(piece.lowerBound - start)..<(piece.upperBound - start)])
    }
}

extension [UInt8] {
    /// NUL as 0x80: no literal may hold it (RFC 3501 §9 CHAR8), and the size must stay true. BINARY brings it as it is.
    func withoutNUL() -> [UInt8] {
        contains(0) ? map { $0 == 0 ? 0x80 : $0 } : self
    }
}
