package import MailTypes

/// When a deferred delivery is tried again (RFC 5321 §4.5.4.1): soon at first, then less and less often.
package struct RetrySchedule: Sendable {
    /// The time from one failed attempt to the next; the last one repeats.
    package var delays: [Duration]
    /// The part of a delay by which it may be longer, so that what failed together does not come back together.
    package var jitter: Double

    package init(
        delays: [Duration] = [300, 900, 1800, 3600, 7200, 14_400].map { .seconds($0) }, jitter: Double = 0.1
    ) {
        precondition(!delays.isEmpty, "a retry schedule needs a delay")
        (self.delays, self.jitter) = (delays, jitter)
    }

    /// The next attempt after `attempts` failed ones, the last of them now; `nil`: the mail has expired. The last
    /// attempt falls on the expiry itself. `chance` lies in 0..<1.
    package func nextAttempt(after attempts: Int, now: Timestamp, expiresAt: Timestamp, chance: Double) -> Timestamp? {
        guard now < expiresAt else { return nil }
        let delay = delays[min(max(attempts, 1), delays.count) - 1]
        let lengthened = Double(delay.microseconds) * (1 + jitter * chance)
        return min(now + .microseconds(Int64(lengthened)), expiresAt)
    }
}
