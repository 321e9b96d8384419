/// What a desk needs of libraries that Desk itself does not know: expressions of rules, time zones of calendars.
package struct DeskLibraries: Sendable {
    package let patterns: any PatternCompiler
    /// The clock of a desk with its zone and calendars.
    package let clock: @Sendable (DeskDefinition) -> any DeskClock

    package init(patterns: any PatternCompiler, clock: @escaping @Sendable (DeskDefinition) -> any DeskClock) {
        (self.patterns, self.clock) = (patterns, clock)
    }
}
