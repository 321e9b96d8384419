import MailTypes
import Testing

@Suite struct CivilTimeTests {
    static let moments: [(seconds: Int64, civil: CivilTime, weekday: Int)] = [
        (0, CivilTime(year: 1970, month: 1, day: 1), 4),
        (-1, CivilTime(year: 1969, month: 12, day: 31, hour: 23, minute: 59, second: 59), 3),
        (951_782_400, CivilTime(year: 2000, month: 2, day: 29), 2),
        (1_709_164_800, CivilTime(year: 2024, month: 2, day: 29), 4),
        (1_772_539_200, CivilTime(year: 2026, month: 3, day: 3, hour: 12), 2),
        (1_772_539_200, CivilTime(year: 2026, month: 3, day: 3, hour: 17, minute: 30, offset: 330), 2),
        (1_772_539_200, CivilTime(year: 2026, month: 3, day: 3, hour: 4, offset: -480), 2),
        (4_107_542_400, CivilTime(year: 2100, month: 3, day: 1), 1),
        (-62_167_219_200, CivilTime(year: 0, month: 1, day: 1), 6),
    ]

    @Test(arguments: moments) func `civil time and moment are one`(seconds: Int64, civil: CivilTime, weekday: Int) {
        #expect(civil.timestamp == Timestamp(seconds: seconds))
        #expect(CivilTime(Timestamp(seconds: seconds), offset: civil.offset) == civil)
        #expect(civil.weekday == weekday)
    }

    @Test func `every day for four centuries follows the one before`() {
        var expected = CivilTime(Timestamp(seconds: -86400 * 366 * 100)).timestamp
        for _ in 0..<146_097 {
            let next = expected.map { Timestamp(seconds: $0.seconds + 86400) }
            #expect(next.map { CivilTime($0) }?.timestamp == next)
            expected = next
        }
    }

    @Test(arguments: [
        CivilTime(year: 2023, month: 2, day: 29), CivilTime(year: 1900, month: 2, day: 29),
        CivilTime(year: 2024, month: 13, day: 1),
        CivilTime(year: 2024, month: 0, day: 1), CivilTime(year: 2024, month: 4, day: 31),
        CivilTime(year: 2024, month: 1, day: 0),
        CivilTime(year: 2024, month: 1, day: 1, hour: 24), CivilTime(year: 2024, month: 1, day: 1, minute: 60),
        CivilTime(year: 2024, month: 1, day: 1, second: 61), CivilTime(year: 10000, month: 1, day: 1),
        CivilTime(year: -1, month: 1, day: 1), CivilTime(year: 2024, month: 1, day: 1, offset: 1440),
    ])
    func `what is no date has no moment`(civil: CivilTime) {
        #expect(civil.timestamp == nil)
    }

    @Test func `a leap second is the next second`() {
        let leap = CivilTime(year: 2016, month: 12, day: 31, hour: 23, minute: 59, second: 60)
        #expect(leap.timestamp == CivilTime(year: 2017, month: 1, day: 1).timestamp)
    }

    @Test(arguments: [(0, 0), (999_999, 0), (1_000_000, 1), (-1, -1), (-1_000_000, -1), (-1_000_001, -2)])
    func `whole seconds are rounded down`(microseconds: Int64, seconds: Int64) {
        #expect(Timestamp(microseconds: microseconds).seconds == seconds)
    }

    @Test func `durations are added and taken away to the microsecond`() {
        let moment = Timestamp(seconds: 100)
        #expect(moment + .microseconds(5) - .microseconds(5) == moment)
        #expect((moment + .seconds(7)) - moment == .seconds(7))
        #expect(Duration.nanoseconds(1999).microseconds == 1)
    }
}
