package import MailTypes

/// Civil time as the desk reckons it; Desk knows no time zones.
package protocol DeskClock: Sendable {
    /// In the desk's time zone.
    func localTime(of moment: Timestamp) -> LocalTime
    /// Whether a calendar is within its working hours then; `false` for one that is not there.
    func isOpen(calendar name: String, at moment: Timestamp) -> Bool

    /// The moment at which this much working time of a calendar has passed since `start`; around the clock without a
    /// calendar. `nil`: never, since the calendar has no hours then, or is not there.
    ///
    /// What lies outside working hours does not count: the time begins at the next opening. It ends within working hours,
    /// at the latest at a closing: with 08:00–16:00, `4h` from 12:00 end at 16:00, from 13:00 at 09:00 of the next
    /// working day. A `d` is a step to the same time of day on the next working day, however long that is, so `2d` from
    /// Friday 15:00 end on Tuesday at 15:00, and from Friday 20:00 on Wednesday at 08:00; where that day has no work at
    /// that time of day they end at the next opening. Without a calendar a `d` is 24 hours.
    func moment(after time: WorkingTime, from start: Timestamp, calendar: String?) -> Timestamp?
    /// The same for a span that was measured by `workingTime`; with none of it, `start` itself or the next opening.
    func moment(after span: Duration, from start: Timestamp, calendar: String?) -> Timestamp?
    /// The working time that passes between two moments: what lies within working hours, as the clock on the wall does
    /// not show it on the days when summer time begins and ends. None where `end` is not later.
    func workingTime(from start: Timestamp, to end: Timestamp, calendar: String?) -> Duration
}

/// Time around the clock, which needs no calendar.
package enum AroundTheClock {
    /// How long a working time is where every hour counts.
    package static func span(of time: WorkingTime) -> Duration {
        switch time {
        case .minutes(let count): .seconds(Int64(count) * 60)
        case .hours(let count): .seconds(Int64(count) * 3600)
        case .days(let count): .seconds(Int64(count) * 86400)
        }
    }

    /// What passes between two moments; none where `end` is not later.
    package static func time(from start: Timestamp, to end: Timestamp) -> Duration { max(.zero, end - start) }
}

/// The clock of a desk that is not set up yet: UTC, and no calendars.
package struct UniversalTime: DeskClock {
    package init() {}

    package func moment(after time: WorkingTime, from start: Timestamp, calendar: String?) -> Timestamp? {
        moment(after: AroundTheClock.span(of: time), from: start, calendar: calendar)
    }
    package func moment(after span: Duration, from start: Timestamp, calendar: String?) -> Timestamp? {
        calendar == nil ? start + span : nil
    }
    package func workingTime(from start: Timestamp, to end: Timestamp, calendar: String?) -> Duration {
        calendar == nil ? AroundTheClock.time(from: start, to: end) : .zero
    }

    package func localTime(of moment: Timestamp) -> LocalTime { LocalTime(CivilTime(moment)) }
    package func isOpen(calendar name: String, at moment: Timestamp) -> Bool { false }
}

extension LocalTime {
    /// `2026-03-03 14:05`.
    package var text: String {
        func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(date.text) \(padded(minute / 60)):\(padded(minute % 60))"
    }

    package init(_ civil: CivilTime) {
        // CivilTime counts from Sunday.
        self.init(
            date: CalendarDate(year: civil.year, month: civil.month, day: civil.day),
            weekday: Weekday.allCases[(civil.weekday + 6) % 7], minute: civil.hour * 60 + civil.minute)
    }
}
