import MailTypes
package import NIOCore

/// Writes responses (RFC 3501 §7) behind one another into a buffer. Nothing checks that they make sense together: the
/// session decides what is said, this decides how it is spelt. No method lets a line end in from text or names.
///
/// Order of calls for FETCH: `beginFetch`, any of the `fetch…` methods, `endFetch`; see `ResponseWriter+Fetch.swift`.
package struct ResponseWriter: Sendable {
    /// What was written and not yet taken.
    package private(set) var buffer: ByteBuffer
    /// After ENABLE UTF8=ACCEPT or IMAP4rev2: mailbox names and strings go out as UTF-8 (RFC 6855 §3).
    package var usesUTF8: Bool
    /// After ENABLE IMAP4rev2: what that protocol has no more is not said.
    package var isRev2 = false
    /// Whether a space is due before the next item of a FETCH.
    var isBehindItem = false
    /// For `plainFetch`.
    var plainFlags = RenderedFlags()

    package init(buffer: ByteBuffer = ByteBuffer(), usesUTF8: Bool = false) {
        (self.buffer, self.usesUTF8) = (buffer, usesUTF8)
    }

    /// Octets that wait.
    package var count: Int { buffer.readableBytes }
    package var isEmpty: Bool { buffer.readableBytes == 0 }

    /// Hands over what was written; may be called anywhere, within a literal too.
    package mutating func take() -> ByteBuffer {
        let taken = buffer
        buffer = ByteBuffer()
        return taken
    }

    /// As `take()`, where `NIOCore` is not at hand.
    package mutating func takeOctets() -> [UInt8] {
        let taken = Array(buffer.readableBytesView)
        buffer.clear()
        return taken
    }

    /// Makes room at once for what is about to be written.
    package mutating func reserve(_ octetCount: Int) {
        buffer.reserveCapacity(minimumWritableBytes: octetCount)
    }

    /// Octets as they stand: the content of a literal announced before, or a stored piece.
    package mutating func raw(_ octets: UnsafeRawBufferPointer) { buffer.writeBytes(octets) }

    /// As above.
    package mutating func raw(_ octets: [UInt8]) { buffer.writeBytes(octets) }

    /// As above.
    package mutating func raw(_ octets: ArraySlice<UInt8>) { buffer.writeBytes(octets) }

    /// As above; the buffer's readable part.
    package mutating func raw(_ octets: ByteBuffer) { buffer.writeImmutableBuffer(octets) }
}

// MARK: The small change

extension ResponseWriter {
    @inline(__always)
    mutating func write(_ text: StaticString) { buffer.writeStaticString(text) }

    @inline(__always)
    mutating func write(octet: UInt8) { buffer.writeInteger(octet) }

    mutating func crlf() { write("\r\n") }

    /// Exactly so many octets, filled in by the closure.
    @inline(__always)
    mutating func writeInPlace(_ count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) {
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { target in
            fill(UnsafeMutableRawBufferPointer(rebasing: target[..<count]))
            return count
        }
    }

    /// So many octets at most, filled in by the closure, which says how many they are.
    @inline(__always)
    mutating func writeAtMost(_ count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Int) {
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count, fill)
    }

    /// Decimal digits, without a string in between.
    mutating func write(number: some FixedWidthInteger) {
        var rest = UInt64(clamping: number)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 20) { target in
            var length = 1
            var bound: UInt64 = 10
            while rest >= bound {
                length += 1
                guard length < 20 else { break }
                bound *= 10
            }
            var index = length
            while index > 0 {
                index -= 1
                target[index] = UInt8(truncatingIfNeeded: rest % 10) | 0x30
                rest /= 10
            }
            return length
        }
    }

    /// Text up to the end of a line; line ends and other controls become spaces, so that it cannot pose as a response.
    mutating func write(lineText text: String) {
        for octet in text.utf8 { write(octet: octet < 0x20 || octet == 0x7F ? 0x20 : octet) }
    }

    /// Text of our own that is known to be an atom or the like: a capability, an object's identifier.
    mutating func write(atom text: String) {
        for octet in text.utf8 where octet > 0x20 && octet != 0x7F { write(octet: octet) }
    }

    /// A string (RFC 3501 §4.3): quoted if it can be, else a literal.
    mutating func write(string text: String) {
        var text = text
        text.withUTF8 { write(string: UnsafeRawBufferPointer($0)) }
    }

    mutating func write(string octets: UnsafeRawBufferPointer) {
        var escapes = 0
        var isQuotable = octets.count <= 4096
        for octet in octets {
            switch octet {
            case 0, 0x0A, 0x0D: isQuotable = false
            case 0x80...: isQuotable = isQuotable && usesUTF8
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): escapes += 1
            default: break
            }
            if !isQuotable { break }
        }
        guard isQuotable else {
            writeLiteralHeader(octets.count)
            buffer.writeBytes(octets)
            return
        }
        write(octet: UInt8(ascii: "\""))
        if escapes == 0 {
            buffer.writeBytes(octets)
        } else {
            for octet in octets {
                if octet == UInt8(ascii: "\"") || octet == UInt8(ascii: "\\") { write(octet: UInt8(ascii: "\\")) }
                write(octet: octet)
            }
        }
        write(octet: UInt8(ascii: "\""))
    }

    /// A string, as a literal8 if NUL is in it (RFC 3516 §4.4).
    mutating func write(string8 octets: UnsafeRawBufferPointer) {
        if octets.contains(0) { write(octet: UInt8(ascii: "~")) }
        write(string: octets)
    }

    /// A string or NIL.
    mutating func write(nstring text: String?) {
        if let text { write(string: text) } else { write("NIL") }
    }

    mutating func writeLiteralHeader(_ count: Int) {
        write(octet: UInt8(ascii: "{"))
        write(number: count)
        write("}\r\n")
    }

    /// A mailbox name, always as a string, for `NIL` and `LIST` are names too.
    mutating func write(mailbox name: MailboxName) { write(mailboxText: name.text) }

    mutating func write(mailboxText text: String) {
        if usesUTF8 || text.utf8.allSatisfy({ $0 < 0x80 && $0 != UInt8(ascii: "&") }) {
            write(string: text)
        } else {
            ModifiedUTF7.encode(text).withUnsafeBytes { write(string: $0) }
        }
    }

    /// A delimiter as a quoted character, or NIL.
    mutating func write(delimiter: UInt8?) {
        guard let delimiter else { return write("NIL") }
        write(octet: UInt8(ascii: "\""))
        if delimiter == UInt8(ascii: "\\") || delimiter == UInt8(ascii: "\"") { write(octet: UInt8(ascii: "\\")) }
        write(octet: delimiter)
        write(octet: UInt8(ascii: "\""))
    }

    /// `1:3,7` of a set that is not empty.
    mutating func write(set: NumberSet) {
        var isFirst = true
        for range in set.ranges {
            if !isFirst { write(octet: UInt8(ascii: ",")) }
            isFirst = false
            write(number: range.lowerBound)
            if range.upperBound > range.lowerBound {
                write(octet: UInt8(ascii: ":"))
                write(number: range.upperBound)
            }
        }
    }

    /// UIDs in the order given, runs that ascend by one drawn together (RFC 4315 §3).
    mutating func write(uids: [UID]) {
        var index = 0
        while index < uids.count {
            var end = index
            while end + 1 < uids.count, uids[end].number < .max, uids[end + 1].number == uids[end].number + 1 {
                end += 1
            }
            if index > 0 { write(octet: UInt8(ascii: ",")) }
            write(number: uids[index].number)
            if end > index {
                write(octet: UInt8(ascii: ":"))
                write(number: uids[end].number)
            }
            index = end + 1
        }
    }

    /// Flags in parentheses.
    mutating func write(flags: Flags, keywords: [String], isRecent: Bool = false, allowsNewKeywords: Bool = false) {
        write(octet: UInt8(ascii: "("))
        var needsSpace = false
        if isRecent {
            write("\\Recent")
            needsSpace = true
        }
        FlagSpellings.shared.write(flags, into: &buffer, needsSpace: &needsSpace)
        for keyword in keywords {
            if needsSpace { write(octet: 0x20) }
            write(atom: keyword)
            needsSpace = true
        }
        if allowsNewKeywords { write(needsSpace ? " \\*" : "\\*") }
        write(octet: UInt8(ascii: ")"))
    }
}

/// The spellings of the flags with a bit as octets, each behind a space, by number of the bit.
private struct FlagSpellings: Sendable {
    static let shared = FlagSpellings()

    private let octets: [UInt8]
    private let bounds: [Int]

    private init() {
        var octets: [UInt8] = []
        var bounds = [0]
        for bit in 0..<64 {
            let spelling = Flags.spellings.first { UInt64(bitPattern: $0.flag.rawValue) == 1 << UInt64(bit) }
            if let spelling { octets += " \(spelling.text)".utf8 }
            bounds.append(octets.count)
        }
        (self.octets, self.bounds) = (octets, bounds)
    }

    func write(_ flags: Flags, into buffer: inout ByteBuffer, needsSpace: inout Bool) {
        var rest = UInt64(bitPattern: flags.rawValue)
        guard rest != 0 else { return }
        octets.withUnsafeBytes { octets in
            while rest != 0 {
                let bit = rest.trailingZeroBitCount
                rest &= rest - 1
                var (start, end) = (bounds[bit], bounds[bit + 1])
                guard start < end else { continue }
                if !needsSpace { start += 1 }
                end = max(start, end)
                buffer.writeBytes(UnsafeRawBufferPointer(rebasing: octets[start..<end]))
                needsSpace = true
            }
        }
    }
}
