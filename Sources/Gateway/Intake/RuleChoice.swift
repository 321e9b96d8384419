import Desk

/// What the rules say of a mail to one pool, found out before a transaction is open. Only the database knows whether the
/// author is a customer already, so where rules ask for that there are two verdicts.
struct RuleChoice: Sendable {
    private let unknown: RuleVerdict
    private let known: RuleVerdict

    /// `nil` for a desk without rules.
    init?(_ mail: IncomingRuleMail, pool: PoolID, roster: Roster) {
        guard !roster.rules.isEmpty, let name = roster.pools[pool]?.definition.name else { return nil }
        unknown = roster.rules.judge(mail, pool: name, isKnownCustomer: false)
        known = roster.rules.asksForCustomer ? roster.rules.judge(mail, pool: name, isKnownCustomer: true) : unknown
    }

    func verdict(isKnownCustomer: Bool) -> RuleVerdict { isKnownCustomer ? known : unknown }
}
