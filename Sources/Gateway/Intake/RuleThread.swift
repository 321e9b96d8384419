package import Desk

/// Where rules are asked: beside the event loops and the writer, since anybody can write a mail that makes many expressions
/// run long.
package protocol RuleThread: Sendable {
    /// Runs `work` with what the rules may take of one mail. `false`: it does not, too many mails wait already.
    func run(_ work: @escaping @Sendable (RuleBudget) -> Void) -> Bool
}
