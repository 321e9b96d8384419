import MailTypes

/// The head of a literal at the end of a line (RFC 3501 §4.3, RFC 7888, RFC 3516).
struct LiteralHead: Equatable {
    /// `nil`: more digits than any size has.
    var octetCount: Int?
    /// `{n}`, not `{n+}`: the client waits to be asked.
    var isSynchronizing: Bool

    /// Reads it from the end of a line without its line end.
    init?(endOf line: UnsafeRawBufferPointer) {
        var index = line.count - 1
        guard index >= 2, line[index] == UInt8(ascii: "}") else { return nil }
        index -= 1
        isSynchronizing = true
        if line[index] == UInt8(ascii: "+") {
            isSynchronizing = false
            index -= 1
        }
        let end = index + 1
        while index >= 0, ByteClass.isDigit(line[index]) { index -= 1 }
        guard index >= 0, line[index] == UInt8(ascii: "{"), end > index + 1 else { return nil }
        octetCount = 0
        for digit in line[(index + 1)..<end] {
            guard let value = octetCount, value <= Int.max / 10 - 1 else {
                octetCount = nil
                return
            }
            octetCount = value * 10 + Int(digit & 0x0F)
        }
    }
}

extension CommandParser {
    enum AppendHead {
        /// Another command, or a literal that is the mailbox's name.
        case none
        case message(tag: String, AppendCommand)
    }

    /// Reads a line that ends with the head of a literal: is that literal the message of an APPEND or REPLACE?
    mutating func appendHead() throws(SyntaxError) -> AppendHead {
        guard let tag = tag() else { return .none }
        var replaced: MessageSet?
        if takeWord("APPEND") {
            try space()
        } else {
            let numbers: MessageSet.Numbering = takeWord("UID") ? .uids : .sequenceNumbers
            if numbers == .uids, !takeSpaceBeforeMore() { return .none }
            guard takeWord("REPLACE") else { return .none }
            try space()
            let message = try bound()
            replaced = MessageSet(numbers, .ranges([SequenceSet.Range(message, message)]))
            try space()
        }
        // The literal whose octets are missing is the name.
        if next == UInt8(ascii: "{"), !hasLiteralContent { return .none }
        let name = try mailbox()
        try space()
        return .message(tag: tag, AppendCommand(name, try appendMessage(), replacing: replaced))
    }

    /// The options of one message and the head of its literal (RFC 3501 §9, RFC 3502, RFC 4466, RFC 6855).
    mutating func appendMessage() throws(SyntaxError) -> AppendMessage {
        var message = AppendMessage(octetCount: 0)
        if next == UInt8(ascii: "(") {
            message.flags = try parenthesizedFlags()
            try space()
        }
        if next == UInt8(ascii: "\"") {
            message.date = try dateTime()
            try space()
        }
        if takeWord("UTF8") {
            try space()
            try expect("(")
            message.isUTF8 = true
            guard next == UInt8(ascii: "~") else { throw SyntaxError("Expected a literal8") }
        }
        message.isBinary = take("~")
        try expect("{")
        message.octetCount = try count()
        _ = take("+")
        try expect("}")
        guard isAtEnd else { throw SyntaxError("Expected the message as the last argument") }
        return message
    }

    /// Whether a line end follows the head of a literal that comes next.
    private var hasLiteralContent: Bool {
        var distance = 0
        while let octet = peek(distance), octet != UInt8(ascii: "}") { distance += 1 }
        return peek(distance + 1) != nil
    }

    /// `"17-Jul-1996 02:44:25 -0700"`, the day with a space or a zero before it (RFC 3501 §9 date-time).
    mutating func dateTime() throws(SyntaxError) -> CivilTime {
        try expect("\"")
        _ = take(" ")
        var time = try dayMonthYear()
        try space()
        time.hour = try digits(2)
        try expect(":")
        time.minute = try digits(2)
        try expect(":")
        time.second = try digits(2)
        try space()
        let isWest = take("-")
        if !isWest { try expect("+") }
        let hours = try digits(2)
        let offset = hours * 60 + (try digits(2))
        time.offset = isWest ? -offset : offset
        try expect("\"")
        guard time.timestamp != nil else { throw SyntaxError("No such date") }
        return time
    }

    /// `1-Feb-1994`, in quotes or not (RFC 3501 §9 date).
    mutating func date() throws(SyntaxError) -> CivilTime {
        let isQuoted = take("\"")
        if isQuoted { _ = take(" ") }
        let day = try dayMonthYear()
        if isQuoted { try expect("\"") }
        guard day.timestamp != nil else { throw SyntaxError("No such date") }
        return day
    }

    private mutating func dayMonthYear() throws(SyntaxError) -> CivilTime {
        let day = try run("a day", where: ByteClass.isDigit)
        guard day.count <= 2 else { throw SyntaxError("Expected a day") }
        let dayNumber = day.reduce(0) { $0 * 10 + Int($1 & 0x0F) }
        try expect("-")
        let name = try run("a month", where: ByteClass.isLetter)
        guard name.count == 3, let month = (1...12).first(where: { Self.isMonth($0, name) }) else {
            throw SyntaxError("Expected a month")
        }
        try expect("-")
        return CivilTime(year: try digits(4), month: month, day: dayNumber)
    }

    private static func isMonth(_ month: Int, _ name: UnsafeRawBufferPointer) -> Bool {
        let expected = ByteClass.monthName(month)
        return (0..<3).allSatisfy { name[$0] | 0x20 == expected.utf8Start[$0] | 0x20 }
    }

    /// Exactly so many digits.
    private mutating func digits(_ count: Int) throws(SyntaxError) -> Int {
        var value = 0
        for _ in 0..<count {
            guard let next, ByteClass.isDigit(next) else { throw SyntaxError("Expected \(count) digits") }
            advance()
            value = value * 10 + Int(next & 0x0F)
        }
        return value
    }
}
