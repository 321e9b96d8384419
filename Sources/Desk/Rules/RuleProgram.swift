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
        /// Any text of a source matches.
        case text(TextSource, TextMatcher)
        case sizeOver(Int)
        case sizeUnder(Int)
        case hasAttachment(Bool)
        case isFromList(Bool)
        case autoSubmitted(Bool)
        case authentication(AuthenticationMethod, AuthenticationVerdict)
        /// The name, folded.
        case pool([UInt8])
        case customerIsKnown(Bool)
        case time(days: [Weekday], hours: [TimeSpan])
        case calendar(String, isOpen: Bool)
    }

    let rules: [Rule]
    private let index: RuleIndex
    /// Whether the answer depends on the author being a customer already, which only the database knows.
    package let asksForCustomer: Bool

    /// An expression that cannot be compiled never matches: a desk file with such a one is refused before.
    package init(_ definitions: [RuleDefinition], patterns: any PatternCompiler) {
        let reader = ConditionCompiler(patterns: patterns)
        rules = definitions.map { Rule(name: $0.name, condition: reader.compile($0.when), actions: $0.then, stop: $0.stop) }
        index = RuleIndex(rules.map(\.condition))
        asksForCustomer = rules.contains { $0.condition.asksForCustomer }
    }

    /// No rules.
    package static let empty = RuleProgram()
    private init() { (rules, index, asksForCustomer) = ([], RuleIndex([]), false) }

    package var isEmpty: Bool { rules.isEmpty }

    /// What the rules want of a mail that arrived at an address of `pool`.
    package func judge(
        _ mail: some RuleMail, pool: String, isKnownCustomer: Bool, within budget: RuleBudget
    ) -> RuleVerdict {
        var verdict = RuleVerdict()
        ask(mail, pool, isKnownCustomer, budget) { rule, holds, isExhausted in
            if isExhausted { verdict.exhausted.append(rule.name) }
            guard holds else { return }
            verdict.rules.append(rule.name)
            for action in rule.actions { verdict.add(action) }
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

    /// As `judge`, rule by rule. The rule at which the budget is used up is exhausted, and the last.
    package func steps(
        _ mail: some RuleMail, pool: String, isKnownCustomer: Bool, within budget: RuleBudget
    ) -> [Step] {
        var steps: [Step] = []
        ask(mail, pool, isKnownCustomer, budget) { rule, holds, isExhausted in
            steps.append(
                Step(
                    rule: rule.name, holds: holds, actions: holds ? rule.actions : [], stops: holds && rule.stop,
                    isExhausted: isExhausted))
        }
        return steps
    }

    private func ask(
        _ mail: some RuleMail, _ pool: String, _ isKnownCustomer: Bool, _ budget: RuleBudget,
        _ tell: (_ rule: Rule, _ holds: Bool, _ isExhausted: Bool) -> Void
    ) {
        guard !rules.isEmpty, !budget.isUsedUp else { return }
        let pool = RuleText(pool).folded
        for (rule, isCandidate) in zip(rules, index.candidates(mail)) {
            guard !budget.isUsedUp else { return }
            guard isCandidate else {
                tell(rule, false, false)
                continue
            }
            var judgement = RuleJudgement(mail: mail, pool: pool, isKnownCustomer: isKnownCustomer, budget: budget)
            let holds = judgement.holds(rule.condition)
            tell(rule, holds, judgement.isExhausted)
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
        case .header(let name, let pattern): text(.header(name.lowercased()), pattern)
        case .from(let pattern): address(.author, pattern)
        case .to(let pattern): address(.addressees, pattern)
        case .envelopeFrom(let pattern): address(.reversePath, pattern)
        case .envelopeTo(let pattern): address(.recipients, pattern)
        case .subject(let pattern): text(.subject, pattern)
        case .body(let pattern): text(.body, pattern)
        case .attachmentName(let pattern): text(.attachmentName, pattern)
        case .attachmentType(let pattern): text(.attachmentType, pattern)
        case .list(let pattern): text(.list, pattern)
        case .sizeOver(let size): .sizeOver(size)
        case .sizeUnder(let size): .sizeUnder(size)
        case .hasAttachment(let wanted): .hasAttachment(wanted)
        case .isFromList(let wanted): .isFromList(wanted)
        case .autoSubmitted(let wanted): .autoSubmitted(wanted)
        case .authentication(let method, let verdict): .authentication(method, verdict)
        case .pool(let name): .pool(RuleText(name).folded)
        case .customerIsKnown(let wanted): .customerIsKnown(wanted)
        case .time(let days, let hours): .time(days: days, hours: hours)
        case .calendar(let name, let isOpen): .calendar(name, isOpen: isOpen)
        }
    }

    private func text(_ source: TextSource, _ pattern: TextPattern) -> RuleProgram.Condition {
        .text(source, TextMatcher(pattern, patterns))
    }

    private func address(_ source: TextSource, _ pattern: TextPattern) -> RuleProgram.Condition {
        .text(source, TextMatcher(address: pattern, patterns))
    }
}
