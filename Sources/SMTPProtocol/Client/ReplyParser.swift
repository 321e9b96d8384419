import MailTypes
import NIOCore

/// Reads a remote's replies, forgiving what does not matter: bare LFs, codes without text, differing codes in one reply
/// (the last counts), any octets as text. What is no reply at all is `.garbage`.
struct ReplyParser {
    enum Output: Equatable {
        case reply(Reply)
        case needMoreInput
        case garbage
    }

    /// Octets of a line that are kept, and lines of a reply that are kept; the rest is read and dropped.
    private let keptLength: Int
    private let keptLines: Int
    /// Lines of one reply, and octets of one line: beyond is garbage.
    private let maximumLines: Int
    private let maximumLength: Int

    private var lines: [String] = []
    private var lineCount = 0
    private var status: EnhancedStatus?

    init(keptLength: Int = 512, keptLines: Int = 50, maximumLines: Int = 200, maximumLength: Int = 8192) {
        (self.keptLength, self.keptLines) = (keptLength, keptLines)
        (self.maximumLines, self.maximumLength) = (maximumLines, maximumLength)
    }

    /// Takes lines from the front of `buffer` until a reply is whole.
    mutating func receive(_ buffer: inout ByteBuffer) -> Output {
        while let end = buffer.withUnsafeReadableBytes({ $0.firstIndex(of: UInt8(ascii: "\n")) }) {
            guard end < maximumLength, let line = buffer.readBytes(length: end + 1) else { return .garbage }
            var text = line.dropLast()
            if text.last == UInt8(ascii: "\r") { text.removeLast() }
            guard let code = Self.code(text.prefix(3)), lineCount < maximumLines else { return .garbage }
            let separator = text.dropFirst(3).first
            guard separator == nil || separator == UInt8(ascii: " ") || separator == UInt8(ascii: "-") else {
                return .garbage
            }
            keep(text.dropFirst(4), of: code)
            if separator != UInt8(ascii: "-") { return .reply(finished(code)) }
        }
        return buffer.readableBytes > maximumLength ? .garbage : .needMoreInput
    }

    private mutating func finished(_ code: ReplyCode) -> Reply {
        defer { (lines, lineCount, status) = ([], 0, nil) }
        return Reply(code, status, lines: lines)
    }

    private mutating func keep(_ text: ArraySlice<UInt8>, of code: ReplyCode) {
        lineCount += 1
        guard lines.count < keptLines else { return }
        var text = text.prefix(keptLength)
        if let (found, rest) = Self.status(text) {
            if status == nil { status = found }
            text = rest
        }
        // The words go into logs and DSNs: no line ends, no escape sequences.
        lines.append(String(decoding: text.map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: " ") : $0 }, as: UTF8.self))
    }

    private static func code(_ digits: ArraySlice<UInt8>) -> ReplyCode? {
        guard digits.count == 3, let number = number(digits) else { return nil }
        return ReplyCode(Int(number))
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> UInt16? {
        guard (1...3).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 10 + UInt16($1 - 0x30) }
    }

    /// `5.1.1 words` (RFC 2034 §4); anything else is words.
    private static func status(_ text: ArraySlice<UInt8>) -> (EnhancedStatus, ArraySlice<UInt8>)? {
        let word = text.prefix { $0 != UInt8(ascii: " ") }
        let parts = word.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let first = number(parts[0]), [2, 4, 5].contains(first),
            let subject = number(parts[1]), let detail = number(parts[2])
        else { return nil }
        return (EnhancedStatus(UInt8(first), subject, detail), text.dropFirst(word.count).drop { $0 == 0x20 })
    }
}
