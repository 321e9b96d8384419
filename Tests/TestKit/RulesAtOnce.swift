package import Desk
internal import Gateway

/// Asks rules on the calling thread, without a limit.
package struct RulesAtOnce: RuleThread {
    package init() {}

    package func run(_ work: @escaping @Sendable (RuleBudget) -> Void) -> Bool {
        work(RuleBudget { false })
        return true
    }
}
