import Calendars
package import Desk
import Patterns

extension DeskLibraries {
    /// As the appliance has them.
    package static let test = DeskLibraries(patterns: RegularExpressions(), clock: { OfficeHours($0) })
}
