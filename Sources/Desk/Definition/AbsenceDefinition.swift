/// Days on which an account is not there, as the desk file says them: on the account's own clock, both included.
package struct AbsenceDefinition: Equatable, Sendable {
    package var first: CalendarDate
    package var last: CalendarDate
    /// The login of who works instead; `nil`: nobody.
    package var substitute: String?

    package init(first: CalendarDate, last: CalendarDate, substitute: String? = nil) {
        (self.first, self.last, self.substitute) = (first, last, substitute)
    }
}
