package import MailTypes

/// Civil time as the desk reckons it; Desk knows no time zones.
package protocol DeskClock: Sendable {
    /// In the desk's time zone.
    func localTime(of moment: Timestamp) -> LocalTime
    /// Whether a calendar is within its working hours then; `false` for one that is not there.
    func isOpen(calendar name: String, at moment: Timestamp) -> Bool
}

/// The clock of a desk that is not set up yet: UTC, and no calendars.
package struct UniversalTime: DeskClock {
    package init() {}

    package func localTime(of moment: Timestamp) -> LocalTime { LocalTime(CivilTime(moment)) }
    package func isOpen(calendar name: String, at moment: Timestamp) -> Bool { false }
}

extension LocalTime {
    package init(_ civil: CivilTime) {
        // CivilTime counts from Sunday.
        self.init(
            date: CalendarDate(year: civil.year, month: civil.month, day: civil.day),
            weekday: Weekday.allCases[(civil.weekday + 6) % 7], minute: civil.hour * 60 + civil.minute)
    }
}
