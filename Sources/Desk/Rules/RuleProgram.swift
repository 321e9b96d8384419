/// The rules of a desk made ready: patterns compiled and folded once, asked for every mail (DESIGN §2, FEATURES S9).
///
///     let program = RuleProgram(desk.rules, patterns: compiler)
///     let verdict = program.judge(mail, pool: "Help", isKnownCustomer: false, within: budget)
///
/// Rules are asked in order until one that holds says `stop`, or the budget is used up.
package struct RuleProgram: Sendable {
    struct Rule: Sendable {
        var name: String
        var condition: Condition
        var actions: [RuleAction]
        var stop: Bool
    }

    /// A condition of the file with its patterns made ready.
    indirect enum Condition: Sendable {
        case all([Condition])
        case any([Condition])
        case not(Condition)
        case header(String, TextMatcher)
        case from(AddressMatcher)
        case to(AddressMatcher)
        case envelopeFrom(AddressMatcher)
        case envelopeTo(AddressMatcher)
        case subject(TextMatcher)
        case body(TextMatcher)
        case sizeOver(Int)
        case sizeUnder(Int)
        case hasAttachment(Bool)
        case attachmentName(TextMatcher)
        case attachmentType(TextMatcher)
        case isFromList(Bool)
        case list(TextMatcher)
        case autoSubmitted(Bool)
        case authentication(AuthenticationMethod, AuthenticationVerdict)
        case pool(String)
        case customerIsKnown(Bool)
        case time(days: [Weekday], hours: [TimeSpan])
        case calendar(String, isOpen: Bool)
    }

    let rules: [Rule]
    /// Whether the answer depends on the author being a customer already, which only the database knows.
    package let asksForCustomer: Bool

    /// An expression that cannot be compiled never matches: a desk file with such a one is refused before.
    package init(_ definitions: [RuleDefinition], patterns: any PatternCompiler) {
        let reader = ConditionCompiler(patterns: patterns)
        rules = definitions.map { Rule(name: $0.name, condition: reader.compile($0.when), actions: $0.then, stop: $0.stop) }
        asksForCustomer = rules.contains { $0.condition.asksForCustomer }
    }

    /// No rules.
    package static let empty = RuleProgram()
    private init() { (rules, asksForCustomer) = ([], false) }

    package var isEmpty: Bool { rules.isEmpty }

    /// What the rules want of a mail that arrived at an address of `pool`.
    package func judge(
        _ mail: some RuleMail, pool: String, isKnownCustomer: Bool, within budget: RuleBudget
    ) -> RuleVerdict {
        var verdict = RuleVerdict()
        steps(mail, pool: pool, isKnownCustomer: isKnownCustomer, within: budget) { step in
            if step.isExhausted { verdict.exhausted.append(step.rule) }
            guard step.holds else { return }
            verdict.rules.append(step.rule)
            for action in step.actions { verdict.add(action) }
        }
        return verdict
    }

    /// One rule that was asked.
    package struct Step: Sendable {
        package var rule: String
        package var holds: Bool
        package var actions: [RuleAction]
        /// It ends the list.
        package var stops: Bool
        package var isExhausted: Bool
    }

    /// Asks rule after rule, telling of each. The rule at which the budget is used up is exhausted, and the last.
    package func steps(
        _ mail: some RuleMail, pool: String, isKnownCustomer: Bool, within budget: RuleBudget, _ tell: (Step) -> Void
    ) {
        let folded = RuleText(pool).folded
        for rule in rules {
            guard !budget.isUsedUp else { return }
            var judgement = RuleJudgement(mail: mail, pool: folded, isKnownCustomer: isKnownCustomer, budget: budget)
            let holds = judgement.holds(rule.condition)
            tell(
                Step(
                    rule: rule.name, holds: holds, actions: holds ? rule.actions : [], stops: holds && rule.stop,
                    isExhausted: judgement.isExhausted))
            if holds, rule.stop { return }
        }
    }
}

extension RuleProgram.Condition {
    fileprivate var asksForCustomer: Bool {
        switch self {
        case .all(let parts), .any(let parts): parts.contains(where: \.asksForCustomer)
        case .not(let part): part.asksForCustomer
        case .customerIsKnown: true
        default: false
        }
    }
}

/// Turns conditions of the file into those of a program.
private struct ConditionCompiler {
    let patterns: any PatternCompiler

    func compile(_ condition: RuleCondition) -> RuleProgram.Condition {
        switch condition {
        case .all(let parts): .all(parts.map(compile))
        case .any(let parts): .any(parts.map(compile))
        case .not(let part): .not(compile(part))
        case .header(let name, let pattern): .header(name, text(pattern))
        case .from(let pattern): .from(address(pattern))
        case .to(let pattern): .to(address(pattern))
        case .envelopeFrom(let pattern): .envelopeFrom(address(pattern))
        case .envelopeTo(let pattern): .envelopeTo(address(pattern))
        case .subject(let pattern): .subject(text(pattern))
        case .body(let pattern): .body(text(pattern))
        case .sizeOver(let size): .sizeOver(size)
        case .sizeUnder(let size): .sizeUnder(size)
        case .hasAttachment(let wanted): .hasAttachment(wanted)
        case .attachmentName(let pattern): .attachmentName(text(pattern))
        case .attachmentType(let pattern): .attachmentType(text(pattern))
        case .isFromList(let wanted): .isFromList(wanted)
        case .list(let pattern): .list(text(pattern))
        case .autoSubmitted(let wanted): .autoSubmitted(wanted)
        case .authentication(let method, let verdict): .authentication(method, verdict)
        case .pool(let name): .pool(name)
        case .customerIsKnown(let wanted): .customerIsKnown(wanted)
        case .time(let days, let hours): .time(days: days, hours: hours)
        case .calendar(let name, let isOpen): .calendar(name, isOpen: isOpen)
        }
    }

    private func text(_ pattern: TextPattern) -> TextMatcher { TextMatcher(pattern, patterns) }

    /// A plain text is a whole address.
    private func address(_ pattern: TextPattern) -> AddressMatcher {
        if case .text(let address) = pattern { return .whole(RuleText(address).folded) }
        return .pattern(text(pattern))
    }
}
