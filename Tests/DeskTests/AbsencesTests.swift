import Desk
import MailTypes
import Testing

/// Who works for whom: chains and circles of substitutes end.
struct AbsencesTests {
    /// Absences as `agent>substitute` (0: none) from 100 to 200 seconds.
    static let rows: [(absences: [String], agent: Int64, at: Int64, worker: Int64?)] = [
        ([], 1, 150, 1), (["1>2"], 1, 150, 2), (["1>2"], 1, 99, 1), (["1>2"], 1, 100, 2), (["1>2"], 1, 200, 1),
        (["1>0"], 1, 150, nil), (["1>2", "2>3"], 1, 150, 3), (["1>2", "2>0"], 1, 150, nil),
        (["1>2", "2>1"], 1, 150, nil), (["1>1"], 1, 150, nil), (["1>2", "2>3", "3>2"], 1, 150, nil),
        (["1>2", "2>3", "3>4", "4>5"], 1, 150, 5), (["1>2", "1>3"], 1, 150, 3), (["2>1"], 1, 150, 1),
        // Number 9 may not stand in.
        (["1>9"], 1, 150, nil), (["1>9", "9>2"], 1, 150, 2),
    ]

    private static let day = CalendarDate(year: 1970, month: 1, day: 1)

    @Test(arguments: rows) func `the substitute works, as far as there is one`(
        absences: [String], agent: Int64, at: Int64, worker: Int64?
    ) {
        let periods = absences.map { text in
            let numbers = text.split(separator: ">").compactMap { Int64($0) }
            return AbsencePeriod(
                agent: AgentID(rawValue: numbers[0]), first: Self.day, last: Self.day, from: Timestamp(seconds: 100), until: Timestamp(seconds: 200),
                substitute: numbers[1] == 0 ? nil : AgentID(rawValue: numbers[1]))
        }
        let found = Absences(periods).worker(for: AgentID(rawValue: agent), at: Timestamp(seconds: at)) { $0.rawValue != 9 }
        #expect(found?.rawValue == worker)
    }

    @Test func `days are whole ones, on the clock of whoever is away`() {
        let absence = AbsencePeriod(
            agent: AgentID(rawValue: 1), first: CalendarDate(year: 2026, month: 3, day: 28),
            last: CalendarDate(year: 2026, month: 3, day: 29), substitute: nil, clock: UniversalTime())
        #expect(absence.from == CivilTime(year: 2026, month: 3, day: 28).timestamp)
        #expect(absence.until == CivilTime(year: 2026, month: 3, day: 30).timestamp)
        let absences = Absences([absence])
        #expect(absences.nextChange(of: AgentID(rawValue: 1), after: absence.from) == absence.until)
        #expect(absences.nextChange(of: AgentID(rawValue: 1), after: absence.until) == nil)
        #expect(absences.nextChange(of: AgentID(rawValue: 2), after: Timestamp(seconds: 0)) == nil)
    }
}
