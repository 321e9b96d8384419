package import Desk
import Foundation
package import MailTypes

/// Local time and working hours of a desk's calendars, with the system's time zone database.
package struct OfficeHours: DeskClock {
    private let zone: TimeZone
    private let calendars: [String: (definition: CalendarDefinition, zone: TimeZone)]

    /// Zones were checked when the desk was applied; one that the system lost since is UTC.
    package init(_ desk: DeskDefinition) {
        let zone = TimeZone(identifier: desk.timeZone) ?? .gmt
        self.zone = zone
        calendars = Dictionary(
            desk.calendars.map { calendar in
                (calendar.name, (calendar, calendar.timeZone.flatMap { TimeZone(identifier: $0) } ?? zone))
            }, uniquingKeysWith: { first, _ in first })
    }

    package func localTime(of moment: Timestamp) -> LocalTime { Self.localTime(of: moment, zone) }

    package func isOpen(calendar name: String, at moment: Timestamp) -> Bool {
        guard let (calendar, zone) = calendars[name] else { return false }
        let local = Self.localTime(of: moment, zone)
        guard !calendar.holidays.contains(local.date) else { return false }
        return calendar.hours(on: local.weekday).contains { $0.start <= local.minute && local.minute < $0.end }
    }

    private static func localTime(of moment: Timestamp, _ zone: TimeZone) -> LocalTime {
        let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(moment.seconds)))
        return LocalTime(CivilTime(Timestamp(seconds: moment.seconds + Int64(offset))))
    }
}
