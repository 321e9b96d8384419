/// Compiles the regular expressions of rules. Desk knows no library for it; whoever makes a `RuleProgram` brings one.
package protocol PatternCompiler: Sendable {
    func compile(_ expression: String) throws(PatternFault) -> any CompiledPattern
}

/// A regular expression made ready: found anywhere in a text, case not counting.
package protocol CompiledPattern: Sendable {
    /// `text` is UTF-8.
    func search(_ text: UnsafeBufferPointer<UInt8>) -> PatternOutcome
}

/// What came of a search.
package enum PatternOutcome: Equatable, Sendable {
    case found
    case notFound
    /// The search took more than it may: that counts as not found, and somebody should look at the expression.
    case limitReached
}

/// Why an expression is none.
package struct PatternFault: Error, Equatable {
    /// In words.
    package var description: String
    /// Where, in octets from the beginning of the expression.
    package var offset: Int
    package init(_ description: String, offset: Int) { (self.description, self.offset) = (description, offset) }
}
