/// What rules ask of a mail. Texts are decoded; whoever answers keeps what was asked for once, since many rules ask for
/// the same.
package protocol RuleMail {
    /// The values of all fields of that name.
    func header(_ name: String) -> [RuleText]
    /// The author's address.
    var author: [RuleText] { get }
    /// The addresses of To and Cc.
    var addressees: [RuleText] { get }
    /// The reverse-path; empty for the null one.
    var reversePath: RuleText { get }
    /// The recipients of the envelope.
    var recipients: [RuleText] { get }
    var subject: RuleText { get }
    /// The text of the body.
    var body: [RuleText] { get }
    /// Octets of the whole mail.
    var size: Int { get }
    var attachmentNames: [RuleText] { get }
    var attachmentTypes: [RuleText] { get }
    var hasAttachment: Bool { get }
    /// The identifier of the mailing list it came through (RFC 2919), or empty; `nil`: through none.
    var list: RuleText? { get }
    var isAutomatic: Bool { get }
    func verdict(of method: AuthenticationMethod) -> AuthenticationVerdict
    /// The moment of arrival in the desk's time zone.
    var arrival: LocalTime { get }
    /// Whether the calendar of this name is within its working hours.
    func isOpen(calendar: String) -> Bool
}

/// A text as rules look at it.
package struct RuleText: Sendable {
    /// UTF-8 as it stands.
    package let octets: [UInt8]
    /// UTF-8 in lower case.
    package let folded: [UInt8]

    package init(_ text: String) {
        octets = Array(text.utf8)
        folded = octets.allSatisfy({ $0 < 0x80 }) ? octets.map(Self.lower) : Array(text.lowercased().utf8)
    }

    private static func lower(_ octet: UInt8) -> UInt8 { (0x41...0x5A).contains(octet) ? octet | 0x20 : octet }
}

/// A day of the week and the time of that day.
package struct LocalTime: Equatable, Sendable {
    package var date: CalendarDate
    package var weekday: Weekday
    /// Since midnight.
    package var minute: Int

    package init(date: CalendarDate, weekday: Weekday, minute: Int) {
        (self.date, self.weekday, self.minute) = (date, weekday, minute)
    }
}
