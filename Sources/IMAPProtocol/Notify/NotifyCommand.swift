/// NOTIFY (RFC 5465): what the client wants to be told without asking.
package enum NotifyCommand: Equatable, Sendable {
    /// Nothing at all.
    case none
    /// From now on what these groups say, and nothing else. `tellsStatus`: with STATUS responses to begin with.
    case set(tellsStatus: Bool, [EventGroup])
}

/// Some mailboxes, and the events in them that are to be told (RFC 5465 §8 event-group).
package struct EventGroup: Equatable, Sendable {
    /// Which mailboxes (RFC 5465 §6).
    package enum Filter: Equatable, Sendable {
        /// Whichever is selected, told at once.
        case selected
        /// Whichever is selected, EXPUNGE only where sequence numbers may shift.
        case selectedDelayed
        /// Those of the account where mail arrives.
        case inboxes
        /// Those of the account.
        case personal
        case subscribed
        /// These, and all below them.
        case subtree([MailboxName])
        case mailboxes([MailboxName])

        /// Only one group may be about the selected mailbox (§6.1).
        package var isOfSelected: Bool { self == .selected || self == .selectedDelayed }
    }

    package var filter: Filter
    /// Empty for `NONE`.
    package var events: MailboxEvents
    /// What to tell of a new message in the selected mailbox beside EXISTS.
    package var fetchItems: [FetchItem]

    package init(_ filter: Filter, _ events: MailboxEvents, fetchItems: [FetchItem] = []) {
        (self.filter, self.events, self.fetchItems) = (filter, events, fetchItems)
    }
}

/// Events (RFC 5465 §5).
package struct MailboxEvents: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let messageNew = MailboxEvents(rawValue: 1 << 0)
    package static let messageExpunge = MailboxEvents(rawValue: 1 << 1)
    package static let flagChange = MailboxEvents(rawValue: 1 << 2)
    package static let mailboxName = MailboxEvents(rawValue: 1 << 3)
    package static let subscriptionChange = MailboxEvents(rawValue: 1 << 4)
    package static let mailboxMetadataChange = MailboxEvents(rawValue: 1 << 5)
    /// Of the server: whatever mailboxes the group is about (§5.7).
    package static let serverMetadataChange = MailboxEvents(rawValue: 1 << 6)

    /// Events of messages, the only ones that a selected mailbox can be watched for.
    package static let ofMessages: MailboxEvents = [.messageNew, .messageExpunge, .flagChange]
    /// Events of the list of mailboxes.
    package static let ofNames: MailboxEvents = [.mailboxName, .subscriptionChange]
    /// Events of annotations, which must be supported together with METADATA (§5.6).
    package static let ofMetadata: MailboxEvents = [.mailboxMetadataChange, .serverMetadataChange]
    /// Every event that is known.
    package static let all: MailboxEvents = ofMessages.union(ofNames).union(ofMetadata)

    /// The events by their names; BADEVENT lists those that are supported (§3.1).
    package static let names: [(event: MailboxEvents, name: String)] = [
        (.messageNew, "MessageNew"), (.messageExpunge, "MessageExpunge"), (.flagChange, "FlagChange"),
        (.mailboxName, "MailboxName"), (.subscriptionChange, "SubscriptionChange"),
        (.mailboxMetadataChange, "MailboxMetadataChange"), (.serverMetadataChange, "ServerMetadataChange"),
    ]
}
