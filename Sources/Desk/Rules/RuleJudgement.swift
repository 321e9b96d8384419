/// Asks one mail whether a condition holds, and remembers whether an expression gave up.
struct RuleJudgement<Mail: RuleMail> {
    let mail: Mail
    /// The name of the pool that the mail arrived at, folded.
    let pool: [UInt8]
    let isKnownCustomer: Bool
    private let budget: RuleBudget
    private(set) var isExhausted = false

    init(mail: Mail, pool: [UInt8], isKnownCustomer: Bool, budget: RuleBudget) {
        (self.mail, self.pool, self.isKnownCustomer, self.budget) = (mail, pool, isKnownCustomer, budget)
    }

    mutating func holds(_ condition: RuleProgram.Condition) -> Bool {
        switch condition {
        case .all(let parts):
            for part in parts where !holds(part) { return false }
            return true
        case .any(let parts):
            for part in parts where holds(part) { return true }
            return false
        case .not(let part):
            // What gave up does not match, and its opposite does not either.
            let wasExhausted = isExhausted
            isExhausted = false
            let holds = holds(part)
            let gaveUp = isExhausted
            isExhausted = wasExhausted || gaveUp
            return !holds && !gaveUp
        case .text(let source, let matcher): return isFound(matcher, in: mail.texts(of: source))
        default: return holdsFact(condition)
        }
    }

    /// Conditions without patterns.
    private func holdsFact(_ condition: RuleProgram.Condition) -> Bool {
        switch condition {
        case .sizeOver(let size): mail.size > size
        case .sizeUnder(let size): mail.size < size
        case .hasAttachment(let wanted): mail.hasAttachment == wanted
        case .isFromList(let wanted): (mail.list != nil) == wanted
        case .autoSubmitted(let wanted): mail.isAutomatic == wanted
        case .authentication(let method, let verdict): mail.verdict(of: method) == verdict
        case .pool(let name): name == pool
        case .customerIsKnown(let wanted): isKnownCustomer == wanted
        case .time(let days, let hours): Self.isWithin(mail.arrival, days, hours)
        case .calendar(let name, let isOpen): mail.isOpen(calendar: name) == isOpen
        default: preconditionFailure("a condition with a pattern was passed off as a fact")
        }
    }

    private mutating func isFound(_ matcher: TextMatcher, in texts: [RuleText]) -> Bool {
        for text in texts {
            guard budget.allowsSearch() else {
                isExhausted = true
                return false
            }
            switch matcher.search(text) {
            case .found: return true
            case .notFound: break
            case .limitReached: isExhausted = true
            }
        }
        return false
    }

    private static func isWithin(_ time: LocalTime, _ days: [Weekday], _ hours: [TimeSpan]) -> Bool {
        (days.isEmpty || days.contains(time.weekday))
            && (hours.isEmpty || hours.contains { $0.start <= time.minute && time.minute < $0.end })
    }
}
