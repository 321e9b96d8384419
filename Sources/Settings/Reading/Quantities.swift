import Desk

/// Numbers with units as the settings files write them.
enum Quantities {
    /// `30s 10m 2h 14d`, up to a hundred years.
    static func duration(_ text: String) -> Duration? {
        guard let (count, unit) = split(text) else { return nil }
        let seconds: Int
        switch unit {
        case "s": seconds = 1
        case "m": seconds = 60
        case "h": seconds = 3600
        case "d": seconds = 86400
        default: return nil
        }
        let (total, overflow) = count.multipliedReportingOverflow(by: seconds)
        return overflow || total > 36525 * 86400 ? nil : .seconds(total)
    }

    /// The shortest spelling: `14d`, `90m`.
    static func text(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        if seconds == 0 { return "0s" }
        if seconds % 86400 == 0 { return "\(seconds / 86400)d" }
        if seconds % 3600 == 0 { return "\(seconds / 3600)h" }
        return seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds)s"
    }

    /// `30m 4h 2d` of a calendar; at least one.
    static func workingTime(_ text: String) -> WorkingTime? {
        guard let (count, unit) = split(text), (1...100_000).contains(count) else { return nil }
        switch unit {
        case "m": return .minutes(count)
        case "h": return .hours(count)
        case "d": return .days(count)
        default: return nil
        }
    }

    /// Octets: MB = 1,000,000, MiB = 1,048,576 (DESIGN §7); a bare number counts octets.
    static func byteCount(_ text: String) -> Int? {
        guard let (count, unit) = split(text) else { return nil }
        let factor: Int
        switch unit {
        case "", "B": factor = 1
        case "kB", "KB": factor = 1000
        case "MB": factor = 1_000_000
        case "GB": factor = 1_000_000_000
        case "TB": factor = 1_000_000_000_000
        case "KiB": factor = 1 << 10
        case "MiB": factor = 1 << 20
        case "GiB": factor = 1 << 30
        case "TiB": factor = 1 << 40
        default: return nil
        }
        let (total, overflow) = count.multipliedReportingOverflow(by: factor)
        return overflow ? nil : total
    }

    /// The shortest spelling of octets.
    static func text(byteCount: Int) -> String {
        let units: [(String, Int)] = [
            ("TB", 1_000_000_000_000), ("TiB", 1 << 40), ("GB", 1_000_000_000), ("GiB", 1 << 30), ("MB", 1_000_000),
            ("MiB", 1 << 20), ("KB", 1000), ("KiB", 1 << 10),
        ]
        for (unit, factor) in units where byteCount > 0 && byteCount % factor == 0 {
            return "\(byteCount / factor)\(unit)"
        }
        return "\(byteCount)"
    }

    /// `08:00-16:00`; the end may be 24:00.
    static func timeSpan(_ text: String) -> TimeSpan? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let start = minutes(parts[0]), let end = minutes(parts[1]), start < end else {
            return nil
        }
        return TimeSpan(start: start, end: end)
    }

    /// `08:00-16:00` again.
    static func text(_ span: TimeSpan) -> String { "\(clock(span.start))-\(clock(span.end))" }

    /// `mon-fri`, `sat`, `mon,wed,fri`, `fri-mon`; `nil` for an unknown or repeated day.
    static func weekdays(_ text: String) -> [Weekday]? {
        var days: [Weekday] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map {
                Weekday(rawValue: trimmed($0))
            }
            guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1] else { return nil }
            days.append(first)
            while days.last != last, let day = days.last { days.append(day.next) }
        }
        return Set(days).count == days.count ? days : nil
    }

    /// Days in their order, neighbours as a range.
    static func text(_ days: [Weekday]) -> String {
        var runs: [(first: Weekday, last: Weekday)] = []
        for day in days {
            if let run = runs.last, run.last.next == day, run.first != day {
                runs[runs.count - 1].last = day
            } else {
                runs.append((day, day))
            }
        }
        return runs.map { $0.first == $0.last ? $0.first.rawValue : "\($0.first.rawValue)-\($0.last.rawValue)" }
            .joined(separator: ",")
    }

    /// `2026-12-25`, a day that exists.
    static func date(_ text: String) -> CalendarDate? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].utf8.count == 4, parts[1].utf8.count == 2, parts[2].utf8.count == 2,
            let year = number(parts[0]), let month = number(parts[1]), let day = number(parts[2]),
            (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let last = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
        return day <= last ? CalendarDate(year: year, month: month, day: day) : nil
    }

    /// `2026-12-25` again.
    static func text(_ date: CalendarDate) -> String {
        "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))"
    }

    /// Decimal digits only, at most 18 of them.
    static func number(_ text: some StringProtocol) -> Int? {
        guard (1...18).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }

    private static func split(_ text: String) -> (count: Int, unit: String)? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = number(digits) else { return nil }
        return (count, trimmed(text.dropFirst(digits.count)))
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text.drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    private static func minutes(_ text: Substring) -> Int? {
        let parts = trimmed(text).split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...2).contains(parts[0].utf8.count), parts[1].utf8.count == 2,
            let hour = number(parts[0]), let minute = number(parts[1]), hour <= 24, minute < 60
        else { return nil }
        let total = hour * 60 + minute
        return total <= 1440 ? total : nil
    }

    private static func clock(_ minutes: Int) -> String { "\(padded(minutes / 60, 2)):\(padded(minutes % 60, 2))" }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
