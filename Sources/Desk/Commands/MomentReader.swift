/// Reads days and times as people write them, in English and Polish: `2026-12-01 09:00`, `1.12.2026`, `1 grudnia o 9.00`,
/// `tomorrow 9:00`, `monday`, `16:30`, `za 2 godziny`. What can be two days (`1/2/2026`) is a fault.
struct MomentReader {
    private let now: LocalTime
    private let whole: String
    /// What is not read yet.
    private var left: Substring

    init(_ text: String, now: LocalTime) {
        (self.now, whole) = (now, TypedText.squeezed(text))
        left = Substring(whole)
    }

    var isAtEnd: Bool { left.allSatisfy { $0 == " " || $0 == "." } }
    var rest: String { TypedText.squeezed(left) }

    private var fault: ArgumentFault { ArgumentFault(.noDate(whole)) }

    /// A day with or without a time, a time of the next hours, or a span from now on.
    mutating func moment() throws(ArgumentFault) -> LocalMoment {
        skip(words: Self.fillers)
        if let span = span() { return span }
        if let date = try optionalDay() {
            skip(words: Self.fillers)
            return LocalMoment(date: date, minute: time())
        }
        guard let minute = time() else { throw fault }
        skip(words: Self.fillers)
        if let date = try optionalDay() { return LocalMoment(date: date, minute: minute) }
        return LocalMoment(date: minute > now.minute ? now.date : now.date.adding(days: 1), minute: minute)
    }

    mutating func day() throws(ArgumentFault) -> CalendarDate {
        skip(words: Self.fillers)
        guard let date = try optionalDay() else { throw fault }
        return date
    }

    /// What stands between two days: `..`, a dash, `to`.
    mutating func skipRangeSign() -> Bool {
        skipSpaces()
        let signs = left.prefix { $0 == "." || $0 == "…" || TypedText.isDash($0) }
        if !signs.isEmpty, signs != "." {
            left = left.dropFirst(signs.count)
            return true
        }
        return skip(words: ["to", "till", "until", "do"])
    }

    // MARK: Days

    private mutating func optionalDay() throws(ArgumentFault) -> CalendarDate? {
        let start = left
        if let date = try writtenDay() { return date }
        left = start
        if let date = namedDay() { return date }
        left = start
        return nil
    }

    /// Three numbers, or one and the name of a month.
    private mutating func writtenDay() throws(ArgumentFault) -> CalendarDate? {
        skipSpaces()
        let start = left
        guard let first = number() else { return try monthFirst() }
        let afterFirst = left
        if let firstSign = sign(), let second = number(), let secondSign = sign(), firstSign == secondSign, let third = number() {
            return try date(first, second, third, sign: firstSign, written: start)
        }
        left = afterFirst
        if left.first == "." { left = left.dropFirst() }
        guard let month = CalendarWords.month(word()) else { return nil }
        return try date(day: first.value, month: month)
    }

    private mutating func monthFirst() throws(ArgumentFault) -> CalendarDate? {
        guard let month = CalendarWords.month(word()) else { return nil }
        skipSpaces()
        guard let day = number() else { return nil }
        if left.first == "," { left = left.dropFirst() }
        return try date(day: day.value, month: month)
    }

    /// The year may follow; without one the next such day is meant.
    private mutating func date(day: Int, month: Int) throws(ArgumentFault) -> CalendarDate {
        let afterMonth = left
        skipSpaces()
        if let year = number(), year.digits == 4, left.first != ":" {
            guard let date = CalendarDate(valid: year.value, month, day) else { throw fault }
            return date
        }
        left = afterMonth
        for year in now.date.year...now.date.year + 8 {
            if let date = CalendarDate(valid: year, month, day), !(date < now.date) { return date }
        }
        throw fault
    }

    private func date(
        _ first: Number, _ second: Number, _ third: Number, sign: Character, written: Substring
    ) throws(ArgumentFault) -> CalendarDate {
        var found: CalendarDate?
        if first.digits == 4 {
            found = CalendarDate(valid: first.value, second.value, third.value)
        } else if third.digits == 4 {
            found = CalendarDate(valid: third.value, second.value, first.value)
            let other = CalendarDate(valid: third.value, first.value, second.value)
            if sign != ".", let found, let other, found != other {
                throw ArgumentFault(.ambiguousDate(String(written.prefix(10))))
            }
        }
        guard let found else { throw fault }
        return found
    }

    private mutating func namedDay() -> CalendarDate? {
        guard let word = word() else { return nil }
        if let distance = CalendarWords.nearDays[word] { return now.date.adding(days: distance) }
        guard let weekday = CalendarWords.weekdays[word] else { return nil }
        let today = now.date
        return (1...7).map { today.adding(days: $0) }.first { $0.weekday == weekday }
    }

    // MARK: Times

    /// `9:00`, `09.00`, `9am`, `9:30 pm`.
    private mutating func time() -> Int? {
        let start = left
        skipSpaces()
        if left.first == "," { left = left.dropFirst() }
        skipSpaces()
        guard let hour = number(), hour.digits <= 2 else {
            left = start
            return nil
        }
        var minute: Int?
        if let sign = left.first, sign == ":" || sign == "." {
            left = left.dropFirst()
            guard let number = number(), number.digits == 2, number.value < 60 else {
                left = start
                return nil
            }
            minute = number.value
        }
        let afterDigits = left
        switch word() {
        case "am" where (1...12).contains(hour.value): return hour.value % 12 * 60 + (minute ?? 0)
        case "pm" where (1...12).contains(hour.value): return (hour.value % 12 + 12) * 60 + (minute ?? 0)
        default:
            left = afterDigits
            guard let minute, hour.value < 24, left.first?.isNumber != true, left.first != ":" else {
                left = start
                return nil
            }
            return hour.value * 60 + minute
        }
    }

    /// `2h`, `in 30 minutes`, `za 3 dni`.
    private mutating func span() -> LocalMoment? {
        let start = left
        skip(words: ["in", "za"])
        skipSpaces()
        guard let count = number(), count.digits <= 4, let unit = word().flatMap({ CalendarWords.units[$0] }) else {
            left = start
            return nil
        }
        guard unit != .day else { return LocalMoment(date: now.date.adding(days: count.value)) }
        let minutes = now.minute + count.value * (unit == .hour ? 60 : 1)
        return LocalMoment(date: now.date.adding(days: minutes / 1440), minute: minutes % 1440)
    }

    // MARK: Pieces

    private struct Number {
        let value: Int
        let digits: Int
    }

    private static let fillers: Set<String> = ["at", "on", "by", "o", "godz", "godzinie", "w", "we", "dnia", "na", "r"]

    private mutating func skipSpaces() { left = left.drop { $0 == " " } }

    private mutating func number() -> Number? {
        let digits = left.utf8.prefix { (0x30...0x39).contains($0) }
        guard (1...4).contains(digits.count), let value = Int(Substring(digits)) else { return nil }
        left = left[digits.endIndex...]
        return Number(value: value, digits: digits.count)
    }

    /// Between the numbers of a date; dashes of all kinds are one.
    private mutating func sign() -> Character? {
        guard let first = left.first, first == "." || first == "/" || TypedText.isDash(first) else { return nil }
        left = left.dropFirst()
        return TypedText.isDash(first) ? "-" : first
    }

    /// The next letters, folded, with the point of an abbreviation read away.
    private mutating func word() -> String? {
        skipSpaces()
        let letters = left.prefix(while: \.isLetter)
        guard !letters.isEmpty else { return nil }
        left = left[letters.endIndex...]
        // Two are a range.
        if left.first == ".", left.dropFirst().first != "." { left = left.dropFirst() }
        return TypedText.folded(letters)
    }

    @discardableResult
    private mutating func skip(words: Set<String>) -> Bool {
        var hasSkipped = false
        while true {
            let start = left
            skipSpaces()
            if left.first == "," { left = left.dropFirst() }
            guard let word = word(), words.contains(word) else {
                left = start
                return hasSkipped
            }
            hasSkipped = true
        }
    }
}
