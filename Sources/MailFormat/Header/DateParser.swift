package import MailTypes

/// Reads the date of a header field (RFC 5322 §3.3, obsolete forms of §4.3) and what else stands there in real mail:
/// missing seconds, zone or weekday, two-digit years, named zones, the form of ctime, ISO 8601.
package struct DateParser {
    private var day: Int?
    private var month: Int?
    private var year: Int?
    private var time: (hour: Int, minute: Int, second: Int)?
    private var offset: Int?
    private var isAfternoon: Bool?

    private init() {}

    /// `nil` unless at least day, month and year are there and possible.
    package static func parse(_ unfolded: [UInt8]) -> CivilTime? {
        var parser = DateParser()
        for token in tokens(unfolded) { parser.take(token) }
        return parser.result
    }

    private static func tokens(_ octets: [UInt8]) -> [ArraySlice<UInt8>] {
        var reader = StructuredReader(Array(octets.prefix(500)))
        var result: [ArraySlice<UInt8>] = []
        let colon = UInt8(ascii: ":")
        while result.count < 20 {
            reader.skipCFWS()
            guard !reader.isAtEnd else { break }
            let token = reader.readWhile {
                !$0.isFolding && $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "(") && $0 != 0
            }
            if token.isEmpty {
                reader.position += 1
            } else if let last = result.last, last.last == colon || token.first == colon {
                // White space around the colons of the clock (obs-time).
                result[result.count - 1] = (Array(last) + token)[...]
            } else {
                result.append(token[...])
            }
        }
        return result
    }

    private mutating func take(_ token: ArraySlice<UInt8>) {
        guard let first = token.first else { return }
        if (first == UInt8(ascii: "+") || first == UInt8(ascii: "-")), time != nil {
            offset = offset ?? Self.zone(token)
        } else if first.isDigit {
            takeNumeric(token)
        } else if let value = Self.month(token) {
            month = month ?? value
        } else {
            takeWord(token)
        }
    }

    private mutating func takeNumeric(_ token: ArraySlice<UInt8>) {
        if let mark = token.firstIndex(where: { $0 | 0x20 == UInt8(ascii: "t") }),
            token.distance(from: token.startIndex, to: mark) >= 8
        {
            takeNumeric(token[..<mark])
            takeNumeric(token[(mark + 1)...])
        } else if token.contains(UInt8(ascii: ":")) {
            takeTime(token)
        } else if token.contains(UInt8(ascii: "-")) || token.contains(UInt8(ascii: "/")) {
            takeDashed(token)
        } else if token.contains(UInt8(ascii: ".")), day != nil {
            takeTime(token)
        } else if let number = Self.number(token) {
            takeNumber(number, digits: token.count)
        }
    }

    private mutating func takeNumber(_ number: Int, digits: Int) {
        if digits <= 2, day == nil {
            day = number
        } else if year == nil {
            year = Self.fullYear(number, digits: digits)
        }
    }

    /// `12:00`, `12:00:00`, `12.00.00`, with fraction, zone or `Z` attached.
    private mutating func takeTime(_ token: ArraySlice<UInt8>) {
        guard time == nil else { return }
        let clock = token.prefix { $0.isDigit || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }
        let parts = clock.split(whereSeparator: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") })
        guard parts.count >= 2, let hour = Self.number(parts[0]), let minute = Self.number(parts[1]) else { return }
        time = (hour, minute, parts.count > 2 ? Self.number(parts[2]) ?? 0 : 0)
        let rest = token[clock.endIndex...]
        if let sign = rest.first {
            if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                offset = Self.zone(rest)
            } else {
                takeWord(rest)
            }
        }
    }

    /// `21-Nov-1997`, `2020-01-31`, `31/1/2020` is left alone, since nobody knows its order.
    private mutating func takeDashed(_ token: ArraySlice<UInt8>) {
        let parts = token.split(whereSeparator: { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "/") })
        guard parts.count == 3 else { return }
        if parts[0].count == 4, let first = Self.number(parts[0]), let second = Self.number(parts[1]),
            let third = Self.number(parts[2])
        {
            (year, month, day) = (first, second, third)
        } else if let first = Self.number(parts[0]), let second = Self.month(parts[1]),
            let third = Self.number(parts[2])
        {
            (day, month, year) = (first, second, Self.fullYear(third, digits: parts[2].count))
        }
    }

    private mutating func takeWord(_ token: ArraySlice<UInt8>) {
        // A weekday, mostly, which says nothing new.
        guard time != nil || token.count == 2 else { return }
        switch String(decoding: token.map(\.lowered), as: UTF8.self) {
        case "am": isAfternoon = false
        case "pm": isAfternoon = true
        case let word where offset == nil: offset = Self.namedZones[word] ?? Self.attachedZone(token)
        default: break
        }
    }

    private var result: CivilTime? {
        guard let day, let month, let year else { return nil }
        var hour = time?.hour ?? 0
        if isAfternoon == true, hour < 12 { hour += 12 }
        if isAfternoon == false, hour == 12 { hour = 0 }
        let civil = CivilTime(
            year: year, month: month, day: day, hour: hour, minute: time?.minute ?? 0, second: time?.second ?? 0,
            offset: offset ?? 0)
        return civil.timestamp == nil ? nil : civil
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard !digits.isEmpty, digits.count <= 6, digits.allSatisfy(\.isDigit) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 &- 0x30) }
    }

    /// RFC 5322 §4.3: two digits up to 49 are of this century, three digits count from 1900.
    private static func fullYear(_ number: Int, digits: Int) -> Int {
        switch digits {
        case ...2: number < 50 ? 2000 + number : 1900 + number
        case 3: 1900 + number
        default: number
        }
    }

    private static func month(_ token: ArraySlice<UInt8>) -> Int? {
        guard token.count >= 3 else { return nil }
        let start = token.prefix(3).reduce(UInt32(0)) { $0 << 8 | UInt32($1.lowered) }
        return monthLetters.firstIndex(of: start).map { $0 + 1 }
    }

    private static let monthLetters = CivilTime.monthNames.map { name in
        name.utf8.reduce(UInt32(0)) { $0 << 8 | UInt32($1.lowered) }
    }

    /// `+0100`, `-5`, `+01:00`; more than a day is no zone.
    private static func zone(_ token: ArraySlice<UInt8>) -> Int? {
        let digits = token.dropFirst().filter(\.isDigit)
        guard let value = number(digits[...]), digits.count <= 4 else { return nil }
        let minutes = digits.count <= 2 ? value * 60 : value / 100 * 60 + value % 100
        guard minutes < 24 * 60 else { return nil }
        return token.first == UInt8(ascii: "-") ? -minutes : minutes
    }

    /// `GMT+0100`, `UTC-5`.
    private static func attachedZone(_ token: ArraySlice<UInt8>) -> Int? {
        guard let sign = token.firstIndex(where: { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }) else {
            return nil
        }
        return zone(token[sign...])
    }

    /// RFC 5322 §4.3, and what else is met in Europe. Single letters but Z mean nothing there.
    private static let namedZones: [String: Int] = [
        "ut": 0, "gmt": 0, "utc": 0, "z": 0, "edt": -240, "est": -300, "cdt": -300, "cst": -360, "mdt": -360,
        "mst": -420,
        "pdt": -420, "pst": -480, "wet": 0, "west": 60, "bst": 60, "cet": 60, "met": 60, "mez": 60, "cest": 120,
        "mest": 120, "mesz": 120, "eet": 120, "eest": 180, "msk": 180, "jst": 540,
    ]
}
