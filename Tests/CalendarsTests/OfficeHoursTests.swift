import Calendars
import Desk
import MailTypes
import Testing

@Suite struct OfficeHoursTests {
    private static let hours: OfficeHours = {
        var desk = DeskDefinition(domain: DomainName("desk.example")!, postmaster: "Help")
        desk.timeZone = "Europe/Warsaw"
        desk.calendars = [
            CalendarDefinition(
                name: "office",
                weekly: [
                    WeeklyHours(
                        days: [.monday, .tuesday, .wednesday, .thursday, .friday], hours: [TimeSpan(start: 480, end: 960)])
                ],
                holidays: [CalendarDate(year: 2026, month: 12, day: 25)]),
            CalendarDefinition(
                name: "tokyo", weekly: [WeeklyHours(days: [.tuesday], hours: [TimeSpan(start: 0, end: 1440)])],
                timeZone: "Asia/Tokyo"),
        ]
        return OfficeHours(desk)
    }()

    private static func moment(_ year: Int, _ month: Int, _ day: Int, _ hour: Int, _ minute: Int) throws -> Timestamp {
        try #require(CivilTime(year: year, month: month, day: day, hour: hour, minute: minute).timestamp)
    }

    @Test func `local time follows the zone, summer and winter`() throws {
        let winter = Self.hours.localTime(of: try Self.moment(2026, 1, 31, 23, 30))
        #expect(winter == LocalTime(date: .init(year: 2026, month: 2, day: 1), weekday: .sunday, minute: 30))
        let summer = Self.hours.localTime(of: try Self.moment(2026, 7, 1, 22, 0))
        #expect(summer == LocalTime(date: .init(year: 2026, month: 7, day: 2), weekday: .thursday, minute: 0))
        // The night of the change: 01:00 UTC is 03:00.
        #expect(Self.hours.localTime(of: try Self.moment(2026, 3, 29, 0, 59)).minute == 119)
        #expect(Self.hours.localTime(of: try Self.moment(2026, 3, 29, 1, 0)).minute == 180)
    }

    static let rows: [(moment: (Int, Int, Int, Int, Int), isOpen: Bool)] = [
        // A Monday in winter: 08:00 there is 07:00 UTC.
        ((2026, 11, 23, 6, 59), false), ((2026, 11, 23, 7, 0), true), ((2026, 11, 23, 14, 59), true),
        ((2026, 11, 23, 15, 0), false), ((2026, 11, 22, 10, 0), false), ((2026, 12, 25, 10, 0), false),
        // In summer 06:00 UTC.
        ((2026, 7, 6, 6, 0), true), ((2026, 7, 6, 5, 59), false),
    ]

    @Test(arguments: rows) func `a calendar is open in its hours, but not on holidays`(
        moment: (Int, Int, Int, Int, Int), isOpen: Bool
    ) throws {
        let at = try Self.moment(moment.0, moment.1, moment.2, moment.3, moment.4)
        #expect(Self.hours.isOpen(calendar: "office", at: at) == isOpen)
    }

    @Test func `a calendar has a zone of its own, and one that is not there is closed`() throws {
        #expect(Self.hours.isOpen(calendar: "tokyo", at: try Self.moment(2026, 11, 23, 15, 0)))
        #expect(!Self.hours.isOpen(calendar: "tokyo", at: try Self.moment(2026, 11, 24, 15, 0)))
        #expect(!Self.hours.isOpen(calendar: "lunar", at: try Self.moment(2026, 11, 24, 15, 0)))
    }
}
