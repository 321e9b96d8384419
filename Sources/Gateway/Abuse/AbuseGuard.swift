package import Desk
package import MailTypes
import Synchronization

/// Watches what hosts and accounts ask of the appliance, all listeners together, and says when it is too much. Hosts on the
/// allow list are neither counted nor held up.
package final class AbuseGuard: Sendable {
    /// Where a connection comes to.
    package enum Door: Sendable {
        /// Mail from outside.
        case exchange
        /// Whoever logs in: submission, IMAP.
        case login
        /// Pages that anybody may open, where requests are counted and not connections.
        case open
    }

    private let ledger: Mutex<RateLedger>
    private let allowed: [IPNetwork]
    private let clock: any WallClock
    /// How long a host that is not on the allow list waits for the greeting of the port for mail from outside: who does not
    /// wait is no mail server (RFC 5321 §4.3.1).
    package let greetingDelay: Duration

    package init(
        limits: RateLimits = RateLimits(), allowed: [IPNetwork] = IPNetwork.loopback, greetingDelay: Duration = .zero,
        clock: any WallClock
    ) {
        ledger = Mutex(RateLedger(limits: limits))
        (self.allowed, self.greetingDelay, self.clock) = (allowed, greetingDelay, clock)
    }

    /// Whether a host is on the allow list.
    package func isAllowed(_ address: IPAddress) -> Bool { allowed.contains { $0.contains(address) } }

    /// A host connects: `nil` where it may, else why not.
    package func connected(_ address: IPAddress, to door: Door) -> Reply? {
        guard door != .open, !isAllowed(address) else { return nil }
        let now = clock.now
        return ledger.withLock { ledger in
            if ledger.ban(of: address, at: now) != nil { return .bannedForLogins }
            guard door == .exchange else { return nil }
            return ledger.admits(.connection, of: address, at: now) ? nil : .tooManyConnectionsOfLate
        }
    }

    /// A host that does not log in begins a mail, or names a recipient: `nil` where it may, else why not.
    package func asks(_ measure: RateLedger.Measure, from address: IPAddress) -> Reply? {
        guard !isAllowed(address) else { return nil }
        let now = clock.now
        return ledger.withLock { ledger in
            if measure == .recipient, ledger.isGuessing(address, at: now) { return .tooManyUnknownRecipients }
            return ledger.admits(measure, of: address, at: now) ? nil : Self.refusal(measure)
        }
    }

    /// An account begins a mail, or names a recipient.
    package func asks(_ measure: RateLedger.Measure, from account: AgentID) -> Reply? {
        let now = clock.now
        return ledger.withLock { $0.admits(measure, of: account, at: now) } ? nil : Self.refusal(measure)
    }

    /// A host named a recipient that does not exist: how long it waits for the answer.
    package func askedForUnknown(from address: IPAddress) -> Duration {
        guard !isAllowed(address) else { return .zero }
        let now = clock.now
        return ledger.withLock { $0.askedForUnknown(from: address, at: now) }
    }

    /// Whether a host may not log in at present.
    package func isBanned(_ address: IPAddress) -> Bool {
        guard !isAllowed(address) else { return false }
        let now = clock.now
        return ledger.withLock { $0.ban(of: address, at: now) } != nil
    }

    /// A login failed.
    package func failedLogin(from address: IPAddress, credential: Int?) -> RateLedger.LoginPenalty {
        guard !isAllowed(address) else { return .init(delay: .zero) }
        let now = clock.now
        return ledger.withLock { $0.failedLogin(from: address, credential: credential, at: now) }
    }

    /// Whether a refusal of a connection is to be written down: of one host once a minute.
    package func mustNote(_ address: IPAddress) -> Bool {
        let now = clock.now
        return ledger.withLock { $0.mustNote(address, at: now) }
    }

    private static func refusal(_ measure: RateLedger.Measure) -> Reply {
        switch measure {
        case .connection: .tooManyConnectionsOfLate
        case .mail: .tooManyMailsOfLate
        case .recipient: .tooManyRecipientsOfLate
        }
    }
}

extension Reply {
    package static let tooManyConnectionsOfLate = Reply(
        421, EnhancedStatus(4, 7, 0), "Too many connections in a short time, try again later")
    package static let bannedForLogins = Reply(
        421, EnhancedStatus(4, 7, 0), "Too many failed logins from your address, try again later")
    package static let tooManyMailsOfLate = Reply(
        451, EnhancedStatus(4, 7, 1), "Too many mails in a short time, try again later")
    package static let tooManyRecipientsOfLate = Reply(
        450, EnhancedStatus(4, 7, 1), "Too many recipients in a short time, try again later")
    package static let tooManyUnknownRecipients = Reply(
        450, EnhancedStatus(4, 7, 1), "Too many unknown recipients in a short time, try again later")
}
