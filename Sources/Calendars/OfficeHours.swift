package import Desk
import Foundation
package import MailTypes

/// Local time and working hours of a desk's calendars, with the system's time zone database.
package struct OfficeHours: DeskClock {
    private let zone: TimeZone
    private let calendars: [String: WorkingDays]

    /// Zones were checked when the desk was applied; one that the system lost since is UTC.
    package init(_ desk: DeskDefinition) {
        let zone = TimeZone(identifier: desk.timeZone) ?? .gmt
        self.zone = zone
        calendars = Dictionary(
            desk.calendars.map { calendar in
                (calendar.name, WorkingDays(calendar, calendar.timeZone.flatMap { TimeZone(identifier: $0) } ?? zone))
            }, uniquingKeysWith: { first, _ in first })
    }

    package func localTime(of moment: Timestamp) -> LocalTime { zone.localTime(of: moment) }

    package func isOpen(calendar name: String, at moment: Timestamp) -> Bool {
        calendars[name]?.isOpen(at: moment) ?? false
    }

    package func moment(after time: WorkingTime, from start: Timestamp, calendar: String?) -> Timestamp? {
        guard let calendar else { return start + AroundTheClock.span(of: time) }
        guard let days = calendars[calendar] else { return nil }
        switch time {
        case .minutes, .hours: return days.moment(after: AroundTheClock.span(of: time), from: start)
        case .days(let count): return days.moment(afterDays: count, from: start)
        }
    }

    package func moment(after span: Duration, from start: Timestamp, calendar: String?) -> Timestamp? {
        guard let calendar else { return start + span }
        return calendars[calendar]?.moment(after: span, from: start)
    }

    package func workingTime(from start: Timestamp, to end: Timestamp, calendar: String?) -> Duration {
        guard let calendar else { return AroundTheClock.time(from: start, to: end) }
        return calendars[calendar]?.workingTime(from: start, to: end) ?? .zero
    }
}
