import Calendars
import Desk
import Patterns

extension DeskLibraries {
    /// libpcre2 and the system's time zones.
    static let system = DeskLibraries(patterns: RegularExpressions(), clock: { OfficeHours($0) })
}
