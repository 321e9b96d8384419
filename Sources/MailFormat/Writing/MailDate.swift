package import MailTypes

/// Dates as header fields have them (RFC 5322 §3.3).
package enum MailDate {
    /// `Thu, 13 Feb 1969 23:32:54 -0330`; `offset` is minutes east of UTC.
    package static func text(_ moment: Timestamp, offset: Int = 0) -> String {
        let civil = CivilTime(moment, offset: offset)
        let month = CivilTime.monthNames[min(max(civil.month - 1, 0), 11)]
        let clock = "\(padded(civil.hour)):\(padded(civil.minute)):\(padded(civil.second))"
        let year = String(civil.year)
        let paddedYear = String(repeating: "0", count: max(0, 4 - year.utf8.count)) + year
        let zone = "\(offset < 0 ? "-" : "+")\(padded(abs(offset) / 60))\(padded(abs(offset) % 60))"
        return "\(CivilTime.weekdayNames[civil.weekday]), \(civil.day) \(month) \(paddedYear) \(clock) \(zone)"
    }

    private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
}
