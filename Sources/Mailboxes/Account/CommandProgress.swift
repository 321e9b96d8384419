import MailTypes

/// When a command that takes long says how far it is (RFC 9585): first after ten seconds, then every ten.
struct CommandProgress {
    static let interval = Int64(10_000_000)

    let tag: String
    private var lastSaid: Timestamp

    init(tag: String, since now: Timestamp) { (self.tag, lastSaid) = (tag, now) }

    /// Whether it is time; the next time is counted from then.
    mutating func isDue(at now: Timestamp) -> Bool {
        let (waited, overflow) = now.microseconds.subtractingReportingOverflow(lastSaid.microseconds)
        // A clock that was set back begins anew.
        guard !overflow, waited >= 0 else {
            lastSaid = now
            return false
        }
        guard waited >= Self.interval else { return false }
        lastSaid = now
        return true
    }
}
