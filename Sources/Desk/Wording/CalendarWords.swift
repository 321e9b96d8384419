/// The words of days, months and spans in English and Polish: folded for reading, spelled for writing.
enum CalendarWords {
    enum Unit { case minute, hour, day }

    static let nearDays = ["today": 0, "dzis": 0, "dzisiaj": 0, "tomorrow": 1, "jutro": 1, "pojutrze": 2]

    static let weekdays: [String: Weekday] = [
        "monday": .monday, "mon": .monday, "poniedzialek": .monday, "pon": .monday, "pn": .monday,
        "tuesday": .tuesday, "tue": .tuesday, "wtorek": .tuesday, "wt": .tuesday,
        "wednesday": .wednesday, "wed": .wednesday, "sroda": .wednesday, "srode": .wednesday, "sr": .wednesday,
        "thursday": .thursday, "thu": .thursday, "czwartek": .thursday, "czw": .thursday,
        "friday": .friday, "fri": .friday, "piatek": .friday, "pt": .friday,
        "saturday": .saturday, "sat": .saturday, "sobota": .saturday, "sobote": .saturday, "sob": .saturday,
        "sunday": .sunday, "sun": .sunday, "niedziela": .sunday, "niedziele": .sunday, "niedz": .sunday, "nd": .sunday,
    ]

    static let units: [String: Unit] = [
        "m": .minute, "min": .minute, "minute": .minute, "minutes": .minute, "minuta": .minute, "minuty": .minute,
        "minut": .minute, "h": .hour, "hour": .hour, "hours": .hour, "godz": .hour, "godzina": .hour, "godzine": .hour,
        "godziny": .hour, "godzin": .hour, "d": .day, "day": .day, "days": .day, "dzien": .day, "dni": .day,
    ]

    private static let englishMonths = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    /// In the genitive, as in dates.
    private static let polishMonths = [
        "stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia", "września", "października",
        "listopada", "grudnia",
    ]
    private static let polishNominatives = [
        "styczen", "luty", "marzec", "kwiecien", "maj", "czerwiec", "lipiec", "sierpien", "wrzesien", "pazdziernik",
        "listopad", "grudzien",
    ]

    /// The month of a folded name, whole or of three letters.
    static func month(_ word: String?) -> Int? { word.flatMap { monthsByName[$0] } }

    private static let monthsByName: [String: Int] = {
        var table: [String: Int] = [:]
        for names in [englishMonths, polishMonths, polishNominatives] {
            for (index, name) in names.enumerated() {
                let folded = TypedText.folded(name)
                table[folded] = index + 1
                table[String(folded.prefix(3))] = index + 1
            }
        }
        return table
    }()

    /// `1 December 2026`, `1 grudnia 2026`; with a time `1 December 2026, 09:00`, `1 grudnia 2026, godz. 9:00`.
    static func text(_ moment: LocalMoment, in language: Language) -> String {
        let date = moment.date
        let months = language == .english ? englishMonths : polishMonths
        let month = months.indices.contains(date.month - 1) ? months[date.month - 1] : String(date.month)
        let day = "\(date.day) \(month) \(date.year)"
        guard let minute = moment.minute else { return day }
        let (hour, rest) = (minute / 60, minute % 60)
        let minutes = rest < 10 ? "0\(rest)" : "\(rest)"
        switch language {
        case .english: return "\(day), \(hour < 10 ? "0" : "")\(hour):\(minutes)"
        case .polish: return "\(day), godz. \(hour):\(minutes)"
        }
    }
}
