import Desk
import IMAPProtocol
import MailTypes

/// What a client asked for by NOTIFY (RFC 5465), as far as it can be told without the database.
struct NotifyPlan: Sendable {
    /// What is told of the selected mailbox (§6.1).
    struct Selected: Sendable, Equatable {
        var events: MailboxEvents = []
        /// EXPUNGE waits until sequence numbers may shift (§6.1.2).
        var isDelayed = false
        var fetchItems: [FetchItem] = []
    }

    let selected: Selected
    private let groups: [EventGroup]

    /// Nothing at all.
    init() { (selected, groups) = (Selected(), []) }

    init(_ groups: [EventGroup]) {
        let own = groups.first(where: \.filter.isOfSelected)
        // To be told of a mail is not to have read it (§5.2).
        selected = Selected(
            events: own?.events ?? [], isDelayed: own?.filter == .selectedDelayed,
            fetchItems: own?.fetchItems.map(\.peeking) ?? [])
        self.groups = groups.filter { !$0.filter.isOfSelected && !$0.events.isEmpty }
    }

    /// Something is to be told without being asked.
    var isActive: Bool { !groups.isEmpty || !selected.events.isEmpty }
    /// Mailboxes other than the selected one are watched.
    var watchesOthers: Bool { !groups.isEmpty }

    /// Annotations are watched: of the server, whatever mailboxes the group is about (§5.7).
    var watchesServerMetadata: Bool { groups.contains { $0.events.contains(.serverMetadataChange) } }
    var watchesMetadata: Bool { groups.contains { !$0.events.isDisjoint(with: .ofMetadata) } }

    /// What is told of a mailbox while it is not selected; several groups may apply (§6).
    func events(of listed: ListedMailbox, in listing: MailboxListing) -> MailboxEvents {
        groups.reduce(into: []) { events, group in
            if Self.concerns(group.filter, listed, listing) { events.formUnion(group.events) }
        }
    }

    private static func concerns(
        _ filter: EventGroup.Filter, _ listed: ListedMailbox, _ listing: MailboxListing
    ) -> Bool {
        switch filter {
        case .selected, .selectedDelayed: false
        case .inboxes: listed.takesDeliveries
        case .personal: listed.isPersonal
        case .subscribed: listed.isSubscribed
        case .mailboxes(let names): names.contains { listed.isCalled($0) }
        case .subtree(let names):
            names.contains { name in
                if name.text.isEmpty || listed.isCalled(name) { return true }
                guard let root = listing.mailbox(called: name) else { return false }
                return listed.name.text.hasPrefix(root.name.text + "/")
            }
        }
    }
}

extension ListedMailbox {
    func isCalled(_ name: MailboxName) -> Bool { self.name == name || otherName == name }

    /// Of the account's own namespace (§6.2, RFC 2342).
    var isPersonal: Bool {
        switch place {
        case .own, .container(.personal): true
        case .container: false
        case .system(let kind):
            switch kind {
            case .inbox: otherRoot == nil
            case .group, .pool, .poolStatus, .department, .folder, .sharedTemplates: false
            default: true
            }
        }
    }

    /// Mail of customers comes in here (§6.3).
    var takesDeliveries: Bool {
        switch kind {
        case .inbox: otherRoot == nil
        case .new, .spam: true
        default: false
        }
    }

    /// The level above, for mailboxes that have one: a colleague's INBOX is below Team.
    private var otherRoot: Substring? { name.components.count > 1 ? name.components.first : nil }
}

extension FetchItem {
    /// The same without setting `\Seen`.
    fileprivate var peeking: FetchItem {
        switch self {
        case .rfc822(let part, _): .rfc822(part, isPeek: true)
        case .section(let section, let partial, _): .section(section, partial: partial, isPeek: true)
        case .binary(let part, let partial, _): .binary(part: part, partial: partial, isPeek: true)
        default: self
        }
    }
}
