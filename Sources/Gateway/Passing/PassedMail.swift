import Desk
import Logging
package import MailTypes
import Synchronization

/// A mail that goes on to the host behind.
package struct PassedMail: Sendable {
    /// As it goes on; empty where it has left already.
    package var content: [UInt8]
    package var messageID: MessageID?
    /// Its reverse-path may be told something: SPF passes, or is not checked.
    var isVouchedFor: Bool
}

/// What came of passing a mail on.
package struct PassingOutcome: Sendable {
    /// What the client hears.
    package var reply: Reply
    /// Recipients about whom the host behind tells no more though that was asked for, with its words.
    package var relayed: [(address: EmailAddress, words: String?)]
    /// The mail, if it went on.
    package var mail: PassedMail?
    /// Of the mail, as far as its header section was seen.
    package var messageID: MessageID?
    /// Who or what decided so, where the reply alone does not tell: the words of the host behind.
    package var cause: String?
    /// Taken, and thrown away.
    package var isDiscarded = false

    package init(
        _ reply: Reply, relayed: [(address: EmailAddress, words: String?)] = [], because cause: String? = nil,
        messageID: MessageID? = nil
    ) {
        (self.reply, self.relayed) = (reply, relayed)
        (self.cause, self.messageID) = (cause, messageID)
    }

    /// Says which mail it is about.
    package mutating func concerns(_ mail: PassedMail) { (self.mail, messageID) = (mail, mail.messageID) }
}

/// Reports of mail that was passed on, in the last ten minutes.
struct RelayReportCount: Sendable {
    private static let period = Duration.seconds(600)
    private var since = Timestamp(microseconds: 0)
    private var count = 0

    /// Whether there may be one more.
    mutating func admits(_ limit: Int, at now: Timestamp) -> Bool {
        if now - since >= Self.period { (since, count) = (now, 0) }
        guard count < limit else { return false }
        count += 1
        return true
    }
}

extension Intake {
    /// A mail was passed on, or not: noted, and told to its sender where a "relayed" report is due (RFC 3461 §5.2.2). Nothing of
    /// the mail goes into the report, since nothing of it is to be stored.
    package func passed(_ envelope: Envelope, _ peer: Peer, _ outcome: PassingOutcome) async {
        notePassed(envelope, peer, outcome)
        let limit = roster.current.definition.autoReplyLimits.inAll.tenMinutes
        let now = clock.now
        guard let mail = outcome.mail, mail.isVouchedFor, !outcome.relayed.isEmpty,
            relayReports.withLock({ $0.admits(limit, at: now) })
        else { return }
        let report = SuccessReport(way: .relayed, intake: self, now: now, messageID: mail.messageID)
        do throws(StoreFailure) {
            try await store.write { try report.send(envelope, about: outcome.relayed, in: $0) }
        } catch {
            // The mail has arrived behind: to say that it has not would have it sent twice.
            logger.error("sender not told that a mail was passed on", metadata: ["failure.reason": "\(error.reason.rawValue)"])
        }
    }
}
