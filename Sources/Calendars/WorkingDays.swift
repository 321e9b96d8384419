import Desk
import Foundation
import MailTypes

/// The working hours of one calendar as stretches of real time, day after day. Summer time makes a stretch over the change
/// an hour shorter or longer than the clock on the wall says.
struct WorkingDays: Sendable {
    /// How far ahead working hours are looked for: a calendar that has none any more gives no deadline.
    private static let horizon = 20 * 366

    private let zone: TimeZone
    /// By weekday, from Monday; in order, spans that touch are one.
    private let week: [[TimeSpan]]
    private let holidays: Set<CalendarDate>

    init(_ calendar: CalendarDefinition, _ zone: TimeZone) {
        self.zone = zone
        holidays = Set(calendar.holidays)
        week = Weekday.allCases.map { weekday in
            calendar.hours(on: weekday).reduce(into: []) { spans, span in
                if let last = spans.last, span.start <= last.end {
                    spans[spans.count - 1].end = max(last.end, span.end)
                } else {
                    spans.append(span)
                }
            }
        }
    }

    func isOpen(at moment: Timestamp) -> Bool {
        let local = zone.localTime(of: moment)
        return hours(on: zone.day(of: moment)).contains { $0.start <= local.minute && local.minute < $0.end }
    }

    func moment(after span: Duration, from start: Timestamp) -> Timestamp? {
        var left = max(span, .zero)
        let first = zone.day(of: start)
        for day in first...(first + Self.horizon) {
            for (opening, closing) in stretches(on: day) where closing > start {
                let begin = max(opening, start)
                // An hour that the clocks skip is no opening.
                guard begin < closing else { continue }
                if left <= closing - begin { return begin + left }
                left -= closing - begin
            }
        }
        return nil
    }

    func moment(afterDays count: Int, from start: Timestamp) -> Timestamp? {
        guard let begin = moment(after: .zero, from: start) else { return nil }
        let first = zone.day(of: begin)
        var left = count
        var day = first
        while left > 0 {
            day += 1
            if day - first > Self.horizon { return nil }
            if !hours(on: day).isEmpty { left -= 1 }
        }
        // Seconds and less are kept beside the minute of the day.
        let rest = Timestamp(microseconds: begin.microseconds) - Timestamp(seconds: begin.seconds - begin.seconds % 60)
        let sameTime = zone.moment(on: day, minute: zone.localTime(of: begin).minute) + rest
        return moment(after: .zero, from: sameTime)
    }

    func workingTime(from start: Timestamp, to end: Timestamp) -> Duration {
        guard end > start else { return .zero }
        let first = zone.day(of: start)
        var total = Duration.zero
        for day in first...min(max(first, zone.day(of: end)), first + Self.horizon) {
            for (opening, closing) in stretches(on: day) {
                total += max(.zero, min(closing, end) - max(opening, start))
            }
        }
        return total
    }

    private func stretches(on day: Int) -> [(opening: Timestamp, closing: Timestamp)] {
        hours(on: day).map { (zone.moment(on: day, minute: $0.start), zone.moment(on: day, minute: $0.end)) }
    }

    /// Days are counted from 1 January 1970, a Thursday.
    private func hours(on day: Int) -> [TimeSpan] {
        let spans = week[((day + 3) % 7 + 7) % 7]
        guard !spans.isEmpty, !holidays.isEmpty else { return spans }
        let date = LocalTime(CivilTime(Timestamp(seconds: Int64(day) * 86400))).date
        return holidays.contains(date) ? [] : spans
    }
}

/// What is asked of a time zone, in seconds and days since 1 January 1970.
extension TimeZone {
    func localTime(of moment: Timestamp) -> LocalTime {
        LocalTime(CivilTime(Timestamp(seconds: moment.seconds + offset(at: moment.seconds))))
    }

    /// The local day of a moment.
    func day(of moment: Timestamp) -> Int {
        let local = moment.seconds + offset(at: moment.seconds)
        return Int((local - (local % 86400 + 86400) % 86400) / 86400)
    }

    /// The moment at which a local day shows this minute, up to 1440. Of two, the first; one that is skipped is the moment
    /// of the change.
    func moment(on day: Int, minute: Int) -> Timestamp {
        let local = Int64(day) * 86400 + Int64(minute) * 60
        let (before, after) = (offset(at: local - 86400), offset(at: local + 86400))
        if before == after || offset(at: local - before) == before { return Timestamp(seconds: local - before) }
        if offset(at: local - after) == after { return Timestamp(seconds: local - after) }
        // Skipped: the change lies between the two readings.
        var (early, late) = (local - after, local - before)
        while late - early > 1 {
            let middle = early + (late - early) / 2
            if offset(at: middle) == before { early = middle } else { late = middle }
        }
        return Timestamp(seconds: late)
    }

    private func offset(at second: Int64) -> Int64 {
        Int64(secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(second))))
    }
}
