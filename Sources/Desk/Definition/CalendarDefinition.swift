/// Working hours of a week and the days off.
package struct CalendarDefinition: Equatable, Sendable {
    package var name: String
    /// Hours never overlap on any day; a day that is not named has none.
    package var weekly: [WeeklyHours]
    package var holidays: [CalendarDate]
    /// `nil`: the desk's.
    package var timeZone: String?

    package init(name: String, weekly: [WeeklyHours], holidays: [CalendarDate] = [], timeZone: String? = nil) {
        self.name = name
        self.weekly = weekly
        self.holidays = holidays
        self.timeZone = timeZone
    }

    /// The working hours of a day of the week, in order.
    package func hours(on weekday: Weekday) -> [TimeSpan] {
        weekly.filter { $0.days.contains(weekday) }.flatMap(\.hours).sorted { $0.start < $1.start }
    }
}

/// Hours that some days of the week have in common: `mon-fri: "08:00-16:00"`.
package struct WeeklyHours: Equatable, Sendable {
    package var days: [Weekday]
    package var hours: [TimeSpan]

    package init(days: [Weekday], hours: [TimeSpan]) {
        self.days = days
        self.hours = hours
    }
}

/// A day of the week; the raw value is what the desk file writes, the order begins on Monday (ISO 8601).
package enum Weekday: String, CaseIterable, Sendable {
    case monday = "mon"
    case tuesday = "tue"
    case wednesday = "wed"
    case thursday = "thu"
    case friday = "fri"
    case saturday = "sat"
    case sunday = "sun"

    /// The following day; Monday follows Sunday.
    package var next: Weekday {
        switch self {
        case .monday: .tuesday
        case .tuesday: .wednesday
        case .wednesday: .thursday
        case .thursday: .friday
        case .friday: .saturday
        case .saturday: .sunday
        case .sunday: .monday
        }
    }
}

/// A span within one day, in minutes since midnight; `end` is later than `start` and at most 1440 (24:00).
package struct TimeSpan: Equatable, Sendable {
    package var start: Int
    package var end: Int

    package init(start: Int, end: Int) {
        self.start = start
        self.end = end
    }
}

/// A day of the Gregorian calendar.
package struct CalendarDate: Hashable, Sendable {
    package var year: Int
    package var month: Int
    package var day: Int

    package init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }
}

/// A span of working time as it was written: `2d` is two working days of the calendar, `4h` four working hours. It
/// stays in the unit of the file, since a day's length depends on the calendar.
package enum WorkingTime: Hashable, Sendable, CustomStringConvertible {
    case minutes(Int)
    case hours(Int)
    case days(Int)

    /// `30m`, `4h`, `2d`.
    package var description: String {
        switch self {
        case .minutes(let count): "\(count)m"
        case .hours(let count): "\(count)h"
        case .days(let count): "\(count)d"
        }
    }
}
