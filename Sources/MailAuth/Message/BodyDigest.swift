package import OpenSSL

/// The SHA-256 digest of a message body in canonical form (RFC 6376 §3.4.3, §3.4.4), computed while the body passes in
/// pieces of any size. Octets are hashed where they lie: only where the canonical form differs is a run cut.
package struct BodyDigest: Sendable {
    /// A finished body: its digest, and how many octets the canonical form has.
    package struct Finished: Sendable, Equatable {
        package var digest: [UInt8]
        package var length: Int

        package init(digest: [UInt8], length: Int) { (self.digest, self.length) = (digest, length) }
    }

    private let form: Canonicalization
    private var hash = SHA256()
    private var length = 0
    /// Line ends that count only if something follows: the empty lines at the end of a body do not.
    private var heldLineEnds = 0
    /// White space that counts, as one space, only if something follows on the line.
    private var holdsSpace = false
    /// A CR at the end of the last piece.
    private var holdsReturn = false

    package init(_ form: Canonicalization) { self.form = form }

    /// Takes the next octets of the body.
    package mutating func update(_ octets: UnsafeRawBufferPointer) {
        var position = 0
        if holdsReturn, let first = octets.first {
            holdsReturn = false
            if first == 0x0A {
                endLine()
                position = 1
            } else {
                release()
                add([0x0D])
            }
        }
        switch form {
        case .simple: updateSimple(octets, from: position)
        case .relaxed: updateRelaxed(octets, from: position)
        }
    }

    /// The digest of the whole body. Nothing may follow.
    package consuming func finish() -> Finished {
        if holdsReturn {
            release()
            add([0x0D])
        }
        // §3.4.3: a body always ends with one line end; §3.4.4: one with nothing in it stays empty.
        if form == .simple || length > 0 { add([0x0D, 0x0A]) }
        return Finished(digest: hash.digest(), length: length)
    }

    // MARK: - Forms

    private mutating func updateSimple(_ octets: UnsafeRawBufferPointer, from position: Int) {
        var end = octets.count
        while end > position, octets[end - 1] == 0x0A || octets[end - 1] == 0x0D { end -= 1 }
        if end > position {
            release()
            add(octets, position, end)
        }
        addLineEnds(octets, from: max(end, position))
    }

    /// Only CR and LF are left from here on.
    private mutating func addLineEnds(_ octets: UnsafeRawBufferPointer, from start: Int) {
        var position = start
        while position < octets.count {
            if octets[position] == 0x0D, position + 1 == octets.count {
                holdsReturn = true
                return
            }
            if octets[position] == 0x0D, octets[position + 1] == 0x0A {
                endLine()
                position += 2
            } else {
                release()
                add(octets, position, position + 1)
                position += 1
            }
        }
    }

    private mutating func updateRelaxed(_ octets: UnsafeRawBufferPointer, from start: Int) {
        var position = start
        /// Where the octets begin that go into the hash as they are.
        var run = start
        let count = octets.count
        while true {
            // In the midst of a run most text needs no change for long.
            position = Self.nextSpecial(octets, from: position > run ? Self.nextChange(octets, from: position) : position)
            guard position < count else { break }
            let octet = octets[position]
            let hasNext = position + 1 < count
            if octet == 0x20, hasNext, octets[position + 1] > 0x20, position > run {
                position += 2
                continue
            }
            if octet == 0x0D, hasNext, octets[position + 1] == 0x0A, position + 2 < count, octets[position + 2] > 0x20,
                position > run
            {
                position += 3
                continue
            }
            let isSpace = octet == 0x20 || octet == 0x09
            guard isSpace || (octet == 0x0D && (!hasNext || octets[position + 1] == 0x0A)) else {
                position += 1
                continue
            }
            flush(octets, run, position)
            if isSpace {
                holdsSpace = true
                position += 1
            } else if hasNext {
                endLine()
                position += 2
            } else {
                holdsReturn = true
                position += 1
            }
            run = position
        }
        flush(octets, run, count)
    }

    /// A place at or after one in the midst of a run, before which the canonical form is what stands there: single spaces
    /// between words, and ends of lines that are followed by a letter. Sixteen octets at a time.
    private static func nextChange(_ octets: UnsafeRawBufferPointer, from start: Int) -> Int {
        typealias Octets = SIMD16<UInt8>
        var position = start
        // One more octet is looked at behind the sixteen, and one before them has been.
        while position + 17 <= octets.count {
            let here = octets.loadUnaligned(fromByteOffset: position, as: Octets.self)
            let next = octets.loadUnaligned(fromByteOffset: position + 1, as: Octets.self)
            let isLineEnd = (here .== Octets(repeating: 0x0D)) .& (next .== Octets(repeating: 0x0A))
            let isPair = (here .< Octets(repeating: 0x21)) .& (next .< Octets(repeating: 0x21))
            let changes = (isPair .& .!isLineEnd) .| (here .== Octets(repeating: 0x09))
            let halves = unsafeBitCast(changes, to: SIMD2<UInt64>.self)
            if halves.x | halves.y != 0 { break }
            position += 16
        }
        // A line end that was begun is looked at whole.
        return position > start && octets[position - 1] == 0x0D ? position - 1 : position
    }

    /// The first octet at or after a place that may need a change: a space or a control character. Eight at a time.
    static func nextSpecial(_ octets: UnsafeRawBufferPointer, from start: Int) -> Int {
        var position = start
        while position + 8 <= octets.count {
            let word = octets.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            // A borrow into the top bit of an octet that had none there: it was below 0x21.
            let isSmall = (word &- 0x2121_2121_2121_2121) & ~word & 0x8080_8080_8080_8080
            if isSmall != 0 { return position + UInt64(littleEndian: isSmall).trailingZeroBitCount / 8 }
            position += 8
        }
        while position < octets.count, octets[position] > 0x20 { position += 1 }
        return position
    }

    // MARK: - Hash

    private mutating func flush(_ octets: UnsafeRawBufferPointer, _ start: Int, _ end: Int) {
        guard end > start else { return }
        release()
        add(octets, start, end)
    }

    private mutating func endLine() {
        holdsSpace = false
        heldLineEnds += 1
    }

    /// Something follows: what was held back counts.
    private mutating func release() {
        while heldLineEnds > 0 {
            let count = min(heldLineEnds, Self.lineEnds.count / 2)
            Self.lineEnds.withUnsafeBytes { add($0, 0, 2 * count) }
            heldLineEnds -= count
        }
        if holdsSpace { add([0x20]) }
        holdsSpace = false
    }

    private static let lineEnds = [UInt8]((0..<64).map { $0 % 2 == 0 ? 0x0D : 0x0A })

    private mutating func add(_ octets: [UInt8]) { octets.withUnsafeBytes { add($0, 0, $0.count) } }

    private mutating func add(_ octets: UnsafeRawBufferPointer, _ start: Int, _ end: Int) {
        hash.update(UnsafeRawBufferPointer(rebasing: octets[start..<end]))
        length += end - start
    }
}
