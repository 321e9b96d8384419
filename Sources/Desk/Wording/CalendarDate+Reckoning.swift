import MailTypes

extension CalendarDate: Comparable {
    package static func < (left: CalendarDate, right: CalendarDate) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }

    /// `2026-12-01`
    package var text: String {
        func digits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(year)-\(digits(month))-\(digits(day))"
    }

    /// Reads `2026-12-01`; `nil` where there is no such day.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard text.utf8.count == 10, parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2] else {
            return nil
        }
        self.init(valid: year, month, day)
    }

    /// The day, if there is such a day.
    init?(valid year: Int, _ month: Int, _ day: Int) {
        guard (1900...9999).contains(year), CivilTime(year: year, month: month, day: day).timestamp != nil else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// So many days later; the same day where the calendar of this program ends.
    func adding(days: Int) -> CalendarDate {
        guard let noon = CivilTime(year: year, month: month, day: day, hour: 12).timestamp, abs(days) < 4_000_000 else {
            return self
        }
        let civil = CivilTime(noon + .seconds(days * 86400))
        return CalendarDate(year: civil.year, month: civil.month, day: civil.day)
    }

    /// The day of the week.
    var weekday: Weekday {
        // CivilTime counts from Sunday.
        Weekday.allCases[(CivilTime(year: year, month: month, day: day).weekday + 6) % 7]
    }
}
