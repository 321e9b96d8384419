extension WorkingTime {
    /// Which case of the noun a Polish sentence asks for.
    enum PolishCase {
        /// `4 godziny robocze`
        case nominative
        /// `w ciągu 4 godzin roboczych`
        case genitive
    }

    /// The span in words: `4 working hours`, `4 godziny robocze`. `isWorkingTime`: counted in a calendar; without one it
    /// is `4 hours`.
    func words(in language: Language, isWorkingTime: Bool = true, _ polishCase: PolishCase = .nominative) -> String {
        switch language {
        case .english:
            let (count, unit) = english
            return "\(count) \(isWorkingTime ? "working " : "")\(unit)\(count == 1 ? "" : "s")"
        case .polish: return polish(isWorkingTime, polishCase)
        }
    }

    private var english: (count: Int, unit: String) {
        switch self {
        case .minutes(let count): (count, "minute")
        case .hours(let count): (count, "hour")
        case .days(let count): (count, "day")
        }
    }

    private func polish(_ isWorkingTime: Bool, _ polishCase: PolishCase) -> String {
        let (count, forms): (Int, PolishForms) =
            switch self {
            case .minutes(let count): (count, .minute)
            case .hours(let count): (count, .hour)
            case .days(let count): (count, .day)
            }
        let form = polishCase == .genitive ? (count == 1 ? forms.genitiveOne : forms.many) : forms.nominative(count)
        return "\(count) \(form.noun)\(isWorkingTime ? " \(form.adjective)" : "")"
    }
}

/// A Polish noun with its adjective in the forms that numbers ask for.
private struct PolishForms {
    typealias Form = (noun: String, adjective: String)
    /// With 1.
    let one: Form
    /// With 2, 3, 4 and what ends so, but not with 12, 13, 14.
    let few: Form
    /// With all other numbers, and in the genitive plural.
    let many: Form
    let genitiveOne: Form

    func nominative(_ count: Int) -> Form {
        if count == 1 { return one }
        let isTeen = (12...14).contains(count % 100)
        return !isTeen && (2...4).contains(count % 10) ? few : many
    }

    static let minute = PolishForms(
        one: ("minuta", "robocza"), few: ("minuty", "robocze"), many: ("minut", "roboczych"),
        genitiveOne: ("minuty", "roboczej"))
    static let hour = PolishForms(
        one: ("godzina", "robocza"), few: ("godziny", "robocze"), many: ("godzin", "roboczych"),
        genitiveOne: ("godziny", "roboczej"))
    static let day = PolishForms(
        one: ("dzień", "roboczy"), few: ("dni", "robocze"), many: ("dni", "roboczych"),
        genitiveOne: ("dnia", "roboczego"))
}
