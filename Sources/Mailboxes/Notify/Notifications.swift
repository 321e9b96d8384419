import Desk
import Gateway
import IMAPProtocol
import MailTypes

/// What NOTIFY made of a session: what it watches, and what the client was told of it last.
struct Notifications {
    /// The most mailboxes that a connection can watch.
    static let limit = 500

    /// A mailbox other than the selected one.
    struct Watched {
        var view: MailboxView
        var name: MailboxName
        var events: MailboxEvents
        var told: Counts?
    }

    /// What STATUS tells of a watched mailbox.
    struct Counts: Sendable, Equatable {
        var messages: Int
        var uidNext: UInt32
        var uidValidity: UInt32
        /// `nil`: whatever it is, the client caused it.
        var modSequence: ModSequence?
        /// `nil`: not asked for, or the client caused what it is.
        var unseen: Int?
    }

    var plan: NotifyPlan
    /// All mailboxes as the client knows them; empty if only the selected one is of interest.
    var listing = MailboxListing()
    var watched: [MailboxID: Watched] = [:]
    /// Annotations as the client knows them; empty if they are of no interest.
    var annotations = AnnotationPicture()
    var subscriptions: [ChangeFeed.Subscription] = []
    /// Mailboxes that this client changed itself.
    var ownChanges: Set<MailboxListing.Identity> = []
    /// New messages up to this one were told of; and those that this client put there itself.
    var fetchedUpTo: UInt32 = 0
    var ownArrivals = NumberSet()

    init(_ plan: NotifyPlan) { self.plan = plan }
}

extension Notifications.Counts {
    /// `nil` for a mailbox that is gone.
    init?(
        _ view: MailboxView, _ person: Roster.Agent, unseen counts: UnseenCounts?,
        _ transaction: any MailboxTransaction
    ) throws {
        guard let summary = try ViewSummary(view, person, in: transaction) else { return nil }
        (messages, uidNext, uidValidity) = (summary.messages, summary.uidNext.number, summary.uidValidity)
        modSequence = summary.highestModSequence
        unseen = try counts?.count(of: view, in: transaction)
    }

    /// Whether this is news to somebody who was told `old`.
    func isNews(to old: Self, of events: MailboxEvents, usesModSequences: Bool) -> Bool {
        if (messages, uidNext, uidValidity) != (old.messages, old.uidNext, old.uidValidity) { return true }
        guard events.contains(.flagChange) else { return false }
        if usesModSequences, let before = old.modSequence, before != modSequence { return true }
        guard let unseen, let before = old.unseen else { return false }
        return unseen != before
    }

    func status() -> MailboxStatus {
        var status = MailboxStatus()
        status.messages = UInt32(clamping: messages)
        status.uidNext = UID(uidNext)
        status.uidValidity = uidValidity
        status.unseen = UInt32(clamping: unseen ?? 0)
        if let modSequence { status.highestModSequence = modSequence }
        return status
    }
}
