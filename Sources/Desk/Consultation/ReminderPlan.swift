/// What happens when the time of a consultation has passed (FEATURES S26): the department is reminded, again after every
/// interval, and a supervisor hears of it once: at the first repetition, or at once where nothing is repeated.
///
///     lapse   remindEvery given            not given
///     1       reminder                     reminder, supervisor
///     2       reminder, supervisor         –
///     3…10    reminder                     –
package struct ReminderPlan: Equatable, Sendable {
    package var reminds: Bool
    package var tellsSupervisors: Bool
    /// After what time there is another lapse; `nil`: this was the last.
    package var next: WorkingTime?

    /// Nobody is reminded more often.
    package static let maximum = 10

    /// `lapse`: 1 for the first time.
    package init(lapse: Int, of department: DepartmentDefinition) {
        reminds = department.remind != nil && lapse <= Self.maximum
        tellsSupervisors = lapse == (department.remindEvery == nil ? 1 : 2)
        next = lapse < Self.maximum ? department.remindEvery : nil
    }
}
