import Desk
import IMAPProtocol
import MailTypes

/// A mailbox as LIST shows it to an account.
struct ListedMailbox: Sendable {
    var place: MailboxPlace
    var kind: MailboxKind?
    var id: MailboxID?
    var name: MailboxName
    /// The name in the other language, where that differs.
    var otherName: MailboxName?
    /// Further names that it answers to.
    var aliases: [MailboxName] = []
    var isSubscribed: Bool
    var attributes: MailboxAttributes
}

/// All mailboxes as a client was told of them, for telling what changed (RFC 5465 §5.4, §5.5).
struct MailboxListing: Sendable {
    /// What stays when a mailbox gets another name.
    enum Identity: Hashable, Sendable {
        case mailbox(MailboxID)
        case container(MailboxContainer)
    }

    /// What happened to a mailbox.
    enum Change {
        case created(ListedMailbox)
        case deleted(ListedMailbox)
        case renamed(ListedMailbox, from: MailboxName)
        case subscription(ListedMailbox)
        /// Something came or went directly below.
        case children(ListedMailbox)

        var mailbox: ListedMailbox {
            switch self {
            case .created(let mailbox), .deleted(let mailbox), .renamed(let mailbox, _), .subscription(let mailbox),
                .children(let mailbox):
                mailbox
            }
        }
    }

    let mailboxes: [ListedMailbox]
    private let places: [Identity: Int]
    private let names: [MailboxName: Int]

    init(_ mailboxes: [ListedMailbox] = []) {
        self.mailboxes = mailboxes
        var (places, names): ([Identity: Int], [MailboxName: Int]) = ([:], [:])
        for (index, mailbox) in mailboxes.enumerated() {
            if let identity = mailbox.identity { places[identity] = index }
            if let other = mailbox.otherName, names[other] == nil { names[other] = index }
            names[mailbox.name] = index
        }
        (self.places, self.names) = (places, names)
    }

    /// A mailbox by either name.
    func mailbox(called name: MailboxName) -> ListedMailbox? { names[name].map { mailboxes[$0] } }
    subscript(identity: Identity) -> ListedMailbox? { places[identity].map { mailboxes[$0] } }

    /// What led from `old` to this, but for the mailboxes that the client itself made, removed, renamed or (un)subscribed.
    func changes(since old: MailboxListing, causedByClient own: Set<Identity>) -> [Change] {
        var changes: [Change] = []
        var parents: [MailboxName] = []
        for mailbox in old.mailboxes {
            guard let identity = mailbox.identity, self[identity] == nil, !own.contains(identity) else { continue }
            parents.append(mailbox.parent)
            changes.append(.deleted(mailbox))
        }
        for mailbox in mailboxes {
            guard let identity = mailbox.identity, !own.contains(identity) else { continue }
            guard let before = old[identity] else {
                parents.append(mailbox.parent)
                changes.append(.created(mailbox))
                continue
            }
            if before.name != mailbox.name {
                // Those below go along without a word (§5.4).
                if !went(along: mailbox, from: before, old) { changes.append(.renamed(mailbox, from: before.name)) }
            }
            if before.isSubscribed != mailbox.isSubscribed { changes.append(.subscription(mailbox)) }
        }
        return changes + levels(above: parents, changes, since: old)
    }

    private func went(along mailbox: ListedMailbox, from before: ListedMailbox, _ old: MailboxListing) -> Bool {
        guard let oldParent = old.mailbox(called: before.parent), let identity = oldParent.identity,
            let parent = self[identity]
        else { return false }
        return parent.name != oldParent.name && parent.name == mailbox.parent
            && mailbox.name.components.last == before.name.components.last
    }

    /// The levels directly above what came or went, each once, that are not told of anyway.
    private func levels(above parents: [MailboxName], _ changes: [Change], since old: MailboxListing) -> [Change] {
        var told = Set(changes.map(\.mailbox.name))
        return parents.compactMap { name in
            guard let parent = mailbox(called: name), told.insert(name).inserted,
                old.mailbox(called: name)?.attributes != parent.attributes
            else { return nil }
            return .children(parent)
        }
    }
}

extension ListedMailbox {
    var identity: MailboxListing.Identity? {
        if let id { return .mailbox(id) }
        if case .container(let container) = place { return .container(container) }
        return nil
    }

    /// The name of the level above; empty at the root.
    fileprivate var parent: MailboxName {
        MailboxName(name.components.dropLast().joined(separator: "/"))
    }
}
