import MailTypes

/// When a mail shall leave (RFC 4865): HOLDFOR names seconds, HOLDUNTIL a moment.
enum HoldRequest: Equatable {
    case seconds(Int)
    case until(Timestamp)

    /// The moment, or `nil` where it lies behind the limit. What has passed already is now.
    func moment(now: Timestamp, limit: Duration) -> Timestamp? {
        switch self {
        case .seconds(let seconds):
            let longest = Int(clamping: limit.components.seconds)
            return seconds <= longest ? now + .seconds(seconds) : nil
        case .until(let moment): return moment - now <= limit ? max(moment, now) : nil
        }
    }
}

/// Date and time as RFC 3339 §5.6 writes them.
enum InternetDateTime {
    /// `2026-12-01T09:00:00Z`, `2026-12-01T09:00:00.5+01:00`.
    static func read(_ octets: some Collection<UInt8>) -> Timestamp? {
        var rest = Array(octets)[...]
        guard let year = number(&rest, 4), mark(&rest, "-"), let month = number(&rest, 2), mark(&rest, "-"),
            let day = number(&rest, 2), mark(&rest, "T") || mark(&rest, "t"), let hour = number(&rest, 2),
            mark(&rest, ":"), let minute = number(&rest, 2), mark(&rest, ":"), let second = number(&rest, 2)
        else { return nil }
        if mark(&rest, ".") {
            let digits = rest.prefix { (0x30...0x39).contains($0) }.count
            guard digits > 0 else { return nil }
            rest = rest.dropFirst(digits)
        }
        guard let offset = offset(&rest), rest.isEmpty else { return nil }
        return CivilTime(
            year: year, month: month, day: day, hour: hour, minute: minute, second: second, offset: offset
        ).timestamp
    }

    static func text(_ moment: Timestamp) -> String {
        let time = CivilTime(moment)
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(time.year, 4))-\(padded(time.month, 2))-\(padded(time.day, 2))T"
            + "\(padded(time.hour, 2)):\(padded(time.minute, 2)):\(padded(time.second, 2))Z"
    }

    private static func offset(_ rest: inout ArraySlice<UInt8>) -> Int? {
        if mark(&rest, "Z") || mark(&rest, "z") { return 0 }
        let isWest = rest.first == UInt8(ascii: "-")
        guard mark(&rest, "+") || mark(&rest, "-"), let hours = number(&rest, 2), mark(&rest, ":"),
            let minutes = number(&rest, 2), hours < 24, minutes < 60
        else { return nil }
        return (hours * 60 + minutes) * (isWest ? -1 : 1)
    }

    private static func mark(_ rest: inout ArraySlice<UInt8>, _ mark: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: mark) else { return false }
        rest = rest.dropFirst()
        return true
    }

    private static func number(_ rest: inout ArraySlice<UInt8>, _ digits: Int) -> Int? {
        let found = rest.prefix(digits)
        guard found.count == digits, found.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        rest = rest.dropFirst(digits)
        return found.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
}
