import Desk

/// What the rules say of a mail to one pool, found out before a transaction is open. Only the database knows whether the
/// author is a customer already, so where rules ask for that there are two verdicts.
struct RuleChoice: Sendable {
    private let unknown: RuleVerdict
    private let known: RuleVerdict

    /// `nil` for a desk without rules.
    init?(_ mail: IncomingRuleMail, pool: PoolID, roster: Roster, within budget: RuleBudget) {
        guard !roster.rules.isEmpty, let name = roster.pools[pool]?.definition.name else { return nil }
        func verdict(_ isKnownCustomer: Bool) -> RuleVerdict {
            roster.rules.judge(mail, pool: name, isKnownCustomer: isKnownCustomer, within: budget)
        }
        unknown = verdict(false)
        known = roster.rules.asksForCustomer ? verdict(true) : unknown
    }

    func verdict(isKnownCustomer: Bool) -> RuleVerdict { isKnownCustomer ? known : unknown }
}
