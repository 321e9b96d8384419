/// How soon a case of some urgency is answered and solved; `nil`: as the pool says.
package struct ActionTimes: Equatable, Sendable {
    package var firstAnswerWithin: WorkingTime?
    package var solveWithin: WorkingTime?

    package init(firstAnswerWithin: WorkingTime? = nil, solveWithin: WorkingTime? = nil) {
        (self.firstAnswerWithin, self.solveWithin) = (firstAnswerWithin, solveWithin)
    }
}

/// What a case's deadlines are reckoned by.
package struct DeadlineTerms: Equatable, Sendable {
    /// `nil`: no deadline.
    package var firstAnswerWithin: WorkingTime?
    /// `nil`: no deadline.
    package var solveWithin: WorkingTime?
    /// `nil`: around the clock.
    package var calendar: String?

    package init(firstAnswerWithin: WorkingTime? = nil, solveWithin: WorkingTime? = nil, calendar: String? = nil) {
        (self.firstAnswerWithin, self.solveWithin, self.calendar) = (firstAnswerWithin, solveWithin, calendar)
    }
}

extension DeskDefinition {
    /// The terms of a case: what its pool says for its priority, else what the house says for it, else the pool's own.
    package func deadlineTerms(pool: PoolDefinition, priority: Priority) -> DeadlineTerms {
        let (own, house) = (pool.priorities[priority], priorities[priority])
        return DeadlineTerms(
            firstAnswerWithin: own?.firstAnswerWithin ?? house?.firstAnswerWithin ?? pool.firstAnswerWithin,
            solveWithin: own?.solveWithin ?? house?.solveWithin ?? pool.solveWithin, calendar: pool.calendar)
    }
}
