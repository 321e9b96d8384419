package import MailTypes

extension DeskClock {
    /// The moment that a clock on the wall of the desk shows so; in the hour that summer time leaves out, one close by. A
    /// day as such is its beginning, or the last minute of it.
    package func moment(of local: LocalMoment, endOfDay: Bool = false) -> Timestamp {
        let minute = local.minute ?? (endOfDay ? 24 * 60 - 1 : 0)
        let wanted = CivilTime(
            year: local.date.year, month: local.date.month, day: local.date.day, hour: minute / 60, minute: minute % 60)
        guard let asUTC = wanted.timestamp else { return Timestamp(seconds: 0) }
        // The difference to UTC at about that time, and once more at the time that follows from it.
        return (0..<2).reduce(asUTC) { guess, _ in
            let shown = localTime(of: guess)
            let civil = CivilTime(
                year: shown.date.year, month: shown.date.month, day: shown.date.day, hour: shown.minute / 60,
                minute: shown.minute % 60)
            return guess + (asUTC - (civil.timestamp ?? asUTC))
        }
    }
}
