import Desk

extension DeskReader {
    mutating func readCalendars(_ field: Field) -> [CalendarDefinition] {
        guard let mapping = field.mapping else { return [] }
        return mapping.entries.compactMap { name, field in
            let name = Self.declare(name, at: field, in: &calendars)
            guard var part = field.mapping else { return nil }
            let weekly = part.require("weekly", "give working hours: { mon-fri: \"08:00-16:00\" }").map(weeklyHours)
            let holidays = part.take("holidays").map(readHolidays) ?? []
            let zone = part.take("timeZone").flatMap(timeZone)
            part.finish()
            return CalendarDefinition(name: name, weekly: weekly ?? [], holidays: holidays, timeZone: zone)
        }
    }

    private func weeklyHours(_ field: Field) -> [WeeklyHours] {
        guard let mapping = field.mapping else { return [] }
        var taken: [Weekday: [TimeSpan]] = [:]
        var result: [WeeklyHours] = []
        for (key, value) in mapping.entries {
            let days = weekdays(key, at: value)
            let hours = value.isNull ? [] : timeSpans(value)
            for day in days {
                for span in hours {
                    if taken[day, default: []].contains(where: { $0.start < span.end && span.start < $0.end }) {
                        value.report("hours of \(day.rawValue) overlap", "name every hour once")
                    }
                    taken[day, default: []].append(span)
                }
            }
            result.append(WeeklyHours(days: days, hours: hours))
        }
        if taken.isEmpty { field.report("holds no working hours", "give some: { mon-fri: \"08:00-16:00\" }") }
        return result
    }

    private func readHolidays(_ field: Field) -> [CalendarDate] {
        var seen: Set<CalendarDate> = []
        return field.items.compactMap { item in
            guard let text = item.line else { return nil }
            guard let date = Quantities.date(text) else {
                item.report("\(item.shown(text)) is no day", "write year-month-day: 2026-12-25")
                return nil
            }
            guard seen.insert(date).inserted else {
                item.report("\(text) is in the list twice", "keep one of them")
                return nil
            }
            return date
        }
    }

    func weekdays(_ text: String, at field: Field) -> [Weekday] {
        if let days = Quantities.weekdays(text) { return days }
        field.report("\(field.shown(text)) names no days of the week", "write mon-fri, sat or mon,wed")
        return []
    }

    func timeSpans(_ field: Field) -> [TimeSpan] {
        field.itemsOrSelf.compactMap { item in
            guard let text = item.line else { return nil }
            if let span = Quantities.timeSpan(text) { return span }
            item.report(
                "\(item.shown(text)) is no span of hours",
                "write \"08:00-16:00\"; a span over midnight is two, up to 24:00 and from 00:00")
            return nil
        }
    }
}
