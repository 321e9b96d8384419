package import MailTypes

/// The two clocks of a case (DESIGN §2): the time to the first answer, and the time to the solution, which stands still
/// while the desk waits for the customer.
package struct TicketClock: Sendable, Equatable {
    /// When the first answer is due; `nil`: no deadline, or met.
    package var firstAnswerDue: Timestamp?
    package var firstAnsweredAt: Timestamp?
    /// When the solution is due; `nil`: no deadline, met, or standing still.
    package var solutionDue: Timestamp?
    /// Working time left while the clock of the solution stands still.
    package var solutionLeft: Duration?
    /// The first time that the case was done or closed.
    package var solvedAt: Timestamp?
    /// A deadline has passed and nobody has met it: the case is in Overdue.
    package var isOverdue: Bool

    package init(
        firstAnswerDue: Timestamp? = nil, firstAnsweredAt: Timestamp? = nil, solutionDue: Timestamp? = nil,
        solutionLeft: Duration? = nil, solvedAt: Timestamp? = nil, isOverdue: Bool = false
    ) {
        (self.firstAnswerDue, self.firstAnsweredAt) = (firstAnswerDue, firstAnsweredAt)
        (self.solutionDue, self.solutionLeft, self.solvedAt) = (solutionDue, solutionLeft, solvedAt)
        self.isOverdue = isOverdue
    }
}
