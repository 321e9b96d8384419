import Calendars
import Desk
import MailTypes
import Testing

@Suite struct WorkingTimeTests {
    private static let hours: OfficeHours = {
        let weekdays: [Weekday] = [.monday, .tuesday, .wednesday, .thursday, .friday]
        var desk = DeskDefinition(domain: DomainName("desk.example")!, postmaster: "Help")
        desk.timeZone = "Europe/Warsaw"
        desk.calendars = [
            CalendarDefinition(
                name: "office", weekly: [WeeklyHours(days: weekdays, hours: [TimeSpan(start: 480, end: 960)])],
                holidays: [CalendarDate(year: 2026, month: 12, day: 25), CalendarDate(year: 2026, month: 5, day: 1)]),
            CalendarDefinition(
                name: "shop",
                weekly: [
                    WeeklyHours(
                        days: weekdays, hours: [TimeSpan(start: 780, end: 1020), TimeSpan(start: 480, end: 720)]),
                    WeeklyHours(days: [.saturday], hours: [TimeSpan(start: 540, end: 720)]),
                ]),
            CalendarDefinition(
                name: "night", weekly: [WeeklyHours(days: Weekday.allCases, hours: [TimeSpan(start: 60, end: 240)])]),
            CalendarDefinition(
                name: "always",
                weekly: [
                    WeeklyHours(days: Weekday.allCases, hours: [TimeSpan(start: 0, end: 720), TimeSpan(start: 720, end: 1440)])
                ]),
            CalendarDefinition(
                name: "gap", weekly: [WeeklyHours(days: Weekday.allCases, hours: [TimeSpan(start: 150, end: 180)])]),
            CalendarDefinition(
                name: "tokyo", weekly: [WeeklyHours(days: weekdays, hours: [TimeSpan(start: 540, end: 1080)])],
                timeZone: "Asia/Tokyo"),
            CalendarDefinition(name: "never", weekly: [WeeklyHours(days: [.monday], hours: [])]),
            CalendarDefinition(
                name: "over", weekly: [WeeklyHours(days: [.friday], hours: [TimeSpan(start: 480, end: 960)])],
                holidays: (1...28).map { CalendarDate(year: 2026, month: 2, day: $0) }),
        ]
        return OfficeHours(desk)
    }()

    /// `2026-05-08 15:00` in Warsaw, or with another offset in minutes.
    private static func moment(_ text: String) throws -> Timestamp {
        let numbers = text.split { "-: ".contains($0) }.compactMap { Int($0) }
        let summer = text >= "2026-03-29 03:00" && text < "2026-10-25 03:00"
        return try #require(
            CivilTime(
                year: numbers[0], month: numbers[1], day: numbers[2], hour: numbers[3], minute: numbers[4],
                second: numbers.count > 5 ? numbers[5] : 0, offset: summer ? 120 : 60
            ).timestamp)
    }

    static let rows: [(from: String, time: WorkingTime, calendar: String?, to: String?)] = [
        // Hours end at a closing at the latest; what lies outside hours does not count.
        ("2026-05-05 12:00", .hours(4), "office", "2026-05-05 16:00"),
        ("2026-05-05 13:00", .hours(4), "office", "2026-05-06 09:00"),
        ("2026-05-05 15:59:30", .minutes(1), "office", "2026-05-06 08:00:30"),
        ("2026-05-05 16:00", .hours(4), "office", "2026-05-06 12:00"),
        ("2026-05-05 07:00", .hours(4), "office", "2026-05-05 12:00"),
        ("2026-05-08 15:00", .hours(4), "office", "2026-05-11 11:00"),
        ("2026-05-09 10:00", .hours(4), "office", "2026-05-11 12:00"),
        ("2026-05-05 08:00", .hours(40), "office", "2026-05-11 16:00"),
        // Days are steps to the same time of a working day.
        ("2026-05-08 15:00", .days(2), "office", "2026-05-12 15:00"),
        ("2026-05-08 20:00", .days(2), "office", "2026-05-13 08:00"),
        ("2026-05-05 15:59:30", .days(1), "office", "2026-05-06 15:59:30"),
        // 1 May is a holiday, then comes a weekend.
        ("2026-04-30 15:30", .hours(1), "office", "2026-05-04 08:30"),
        ("2026-04-30 15:30", .days(1), "office", "2026-05-04 15:30"),
        ("2026-05-01 10:00", .days(1), "office", "2026-05-05 08:00"),
        // A break, and a short Saturday: 15:00 is not worked there.
        ("2026-05-05 11:30", .hours(1), "shop", "2026-05-05 13:30"),
        ("2026-05-05 12:30", .minutes(30), "shop", "2026-05-05 13:30"),
        ("2026-05-08 15:00", .days(1), "shop", "2026-05-11 08:00"),
        ("2026-05-08 10:00", .days(1), "shop", "2026-05-09 10:00"),
        // 29 March has no 02:00 to 03:00, 25 October has it twice.
        ("2026-03-27 15:00", .hours(2), "office", "2026-03-30 09:00"),
        ("2026-10-23 15:00", .hours(2), "office", "2026-10-26 09:00"),
        ("2026-03-29 01:00", .hours(2), "night", "2026-03-29 04:00"),
        ("2026-03-28 01:00", .hours(3), "night", "2026-03-28 04:00"),
        ("2026-03-28 03:00", .hours(3), "night", "2026-03-29 04:00"),
        ("2026-10-25 01:00", .hours(4), "night", "2026-10-25 04:00"),
        ("2026-10-24 23:00", .hours(4), "night", "2026-10-25 04:00"),
        ("2026-03-28 12:00", .days(1), "always", "2026-03-29 12:00"),
        ("2026-03-28 12:00", .hours(24), "always", "2026-03-29 13:00"),
        ("2026-03-28 02:30", .days(1), "always", "2026-03-29 03:00"),
        ("2026-10-24 12:00", .hours(24), "always", "2026-10-25 11:00"),
        ("2026-03-28 02:30", .minutes(40), "gap", "2026-03-30 02:40"),
        // Without calendar, around the clock.
        ("2026-03-28 12:00", .hours(24), nil, "2026-03-29 13:00"),
        ("2026-05-09 10:00", .days(2), nil, "2026-05-11 10:00"),
        ("2026-05-09 10:00", .minutes(30), nil, "2026-05-09 10:30"),
        // A zone of its own: 09:00 in Tokyo is 02:00 in Warsaw in summer.
        ("2026-05-05 12:00", .hours(1), "tokyo", "2026-05-06 03:00"),
        ("2026-05-05 10:00", .days(1), "tokyo", "2026-05-06 10:00"),
        // No hours, no deadline.
        ("2026-05-05 12:00", .hours(1), "never", nil), ("2026-05-05 12:00", .days(1), "never", nil),
        ("2026-05-05 12:00", .hours(1), "lunar", nil), ("2026-05-05 12:00", .days(100_000), "office", nil),
        ("2026-02-02 12:00", .hours(1), "over", "2026-03-06 09:00"),
    ]

    @Test(arguments: rows) func `working time ends where the calendar says`(
        from: String, time: WorkingTime, calendar: String?, to: String?
    ) throws {
        let end = Self.hours.moment(after: time, from: try Self.moment(from), calendar: calendar)
        #expect(end == (try to.map(Self.moment)))
    }

    static let spans: [(from: String, to: String, calendar: String?, minutes: Int)] = [
        ("2026-05-05 12:00", "2026-05-05 16:00", "office", 240), ("2026-05-05 12:00", "2026-05-06 09:00", "office", 300),
        ("2026-05-08 15:00", "2026-05-11 08:30", "office", 90), ("2026-05-09 10:00", "2026-05-10 10:00", "office", 0),
        ("2026-05-06 09:00", "2026-05-05 12:00", "office", 0), ("2026-05-05 11:00", "2026-05-05 14:00", "shop", 120),
        ("2026-03-29 00:00", "2026-03-30 00:00", "always", 23 * 60),
        ("2026-10-25 00:00", "2026-10-26 00:00", "always", 25 * 60),
        ("2026-03-29 00:00", "2026-03-30 00:00", "night", 120), ("2026-10-25 00:00", "2026-10-26 00:00", "night", 240),
        ("2026-03-28 12:00", "2026-03-29 12:00", nil, 23 * 60), ("2026-05-06 09:00", "2026-05-05 12:00", nil, 0),
        ("2026-01-01 00:00", "2026-12-31 00:00", "never", 0), ("2026-01-01 00:00", "2026-12-31 00:00", "lunar", 0),
    ]

    @Test(arguments: spans) func `the working time between two moments lies within hours`(
        from: String, to: String, calendar: String?, minutes: Int
    ) throws {
        let time = Self.hours.workingTime(
            from: try Self.moment(from), to: try Self.moment(to), calendar: calendar)
        #expect(time == .seconds(minutes * 60))
    }

    @Test(arguments: ["office", "shop", "night", "always", "gap", "tokyo"])
    func `a measured span ends where it was measured, over both changes of the clocks`(calendar: String) throws {
        for day in ["2026-03-28 12:00", "2026-10-24 12:00", "2026-05-01 12:00"] {
            let start = try Self.moment(day)
            for minutes in stride(from: 0, through: 4000, by: 97) {
                let span = Duration.seconds(minutes * 60)
                let end = try #require(Self.hours.moment(after: span, from: start, calendar: calendar))
                #expect(Self.hours.workingTime(from: start, to: end, calendar: calendar) == span)
            }
        }
    }

    @Test func `moments before all clocks and after all calendars do no harm`() {
        for seconds in [Int64(-62_000_000_000), -1, 250_000_000_000] {
            let moment = Timestamp(seconds: seconds)
            for calendar in ["office", "always"] {
                #expect(Self.hours.moment(after: .hours(1), from: moment, calendar: calendar) != nil)
                #expect(Self.hours.workingTime(from: moment, to: moment + .seconds(604_800), calendar: calendar) > .zero)
            }
        }
    }
}
