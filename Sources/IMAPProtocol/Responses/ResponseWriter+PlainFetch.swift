package import MailTypes

/// The FETCH response that is written most often: of whole mailboxes, again and again.
extension ResponseWriter {
    /// Octets of a response but for its flags: its words and three numbers.
    private static let longestFrame = 128

    /// `* n FETCH (UID n FLAGS (…) MODSEQ (n))` with what is not `nil`, of a message without keywords, in one piece.
    package mutating func plainFetch(
        _ sequenceNumber: UInt32, uid: UInt32?, flags: Flags?, isRecent: Bool, modSequence: ModSequence?
    ) {
        if let flags { plainFlags.render(flags, isRecent: isRecent) }
        let flagOctets = flags == nil ? [] : plainFlags.octets
        writeAtMost(Self.longestFrame + flagOctets.count) { target in
            var pen = Pen(target)
            pen.put("* ")
            pen.put(sequenceNumber)
            pen.put(" FETCH (")
            if let uid {
                pen.put("UID ")
                pen.put(uid)
            }
            if flags != nil {
                if uid != nil { pen.put(" ") }
                flagOctets.withUnsafeBytes { pen.put($0) }
            }
            if let modSequence {
                pen.put(uid == nil && flags == nil ? "MODSEQ (" : " MODSEQ (")
                pen.put(UInt64(clamping: modSequence.number))
                pen.put(")")
            }
            pen.put(")\r\n")
            return pen.count
        }
    }
}

/// `FLAGS (…)` as it was written before: messages have few different sets of flags, mostly that of their neighbours.
struct RenderedFlags: Sendable {
    private struct Key: Hashable {
        var flags: Flags
        var isRecent: Bool
    }
    private static let limit = 64

    /// As asked for last.
    private(set) var octets: [UInt8] = []
    private var last: Key?
    private var known: [Key: [UInt8]] = [:]

    mutating func render(_ flags: Flags, isRecent: Bool) {
        let key = Key(flags: flags, isRecent: isRecent)
        guard key != last else { return }
        last = key
        if let octets = known[key] {
            self.octets = octets
            return
        }
        var writer = ResponseWriter()
        writer.fetchFlags(flags, isRecent: isRecent)
        octets = writer.takeOctets()
        if known.count >= Self.limit { known = [:] }
        known[key] = octets
    }
}

/// Writes into memory that is known to be large enough.
private struct Pen {
    private let start: UnsafeMutablePointer<UInt8>
    private(set) var count = 0

    init(_ target: UnsafeMutableRawBufferPointer) {
        guard let base = target.bindMemory(to: UInt8.self).baseAddress else {
            preconditionFailure("there is no room to write to")
        }
        start = base
    }

    @inline(__always)
    mutating func put(_ text: StaticString) {
        (start + count).update(from: text.utf8Start, count: text.utf8CodeUnitCount)
        count += text.utf8CodeUnitCount
    }

    @inline(__always)
    mutating func put(_ octets: UnsafeRawBufferPointer) {
        guard let base = octets.bindMemory(to: UInt8.self).baseAddress else { return }
        (start + count).update(from: base, count: octets.count)
        count += octets.count
    }

    /// Decimal digits.
    @inline(__always)
    mutating func put(_ number: some UnsignedInteger & FixedWidthInteger) {
        var (rest, length) = (number, 1)
        while rest >= 10 {
            rest /= 10
            length += 1
        }
        (rest, count) = (number, count + length)
        for place in 1...length {
            (start + count - place).pointee = UInt8(truncatingIfNeeded: rest % 10) | 0x30
            rest /= 10
        }
    }
}
