/// What somebody may do in a mailbox, in the words of IMAP's ACL (RFC 4314 §2.1). Nobody gives them out: they follow from
/// the desk, and a test enumerates every kind of mailbox.
package struct MailboxRights: OptionSet, Hashable, Sendable {
    package let rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    /// `l`: LIST shows it.
    package static let lookup = MailboxRights(rawValue: 1 << 0)
    /// `r`: it can be selected.
    package static let read = MailboxRights(rawValue: 1 << 1)
    /// `s`: `\Seen` is kept.
    package static let keepSeen = MailboxRights(rawValue: 1 << 2)
    /// `w`: other flags and tags.
    package static let write = MailboxRights(rawValue: 1 << 3)
    /// `i`: mail or cases can be put there.
    package static let insert = MailboxRights(rawValue: 1 << 4)
    /// `k`: mailboxes can be made below it.
    package static let createMailboxes = MailboxRights(rawValue: 1 << 5)
    /// `x`: it can be deleted and renamed.
    package static let deleteMailbox = MailboxRights(rawValue: 1 << 6)
    /// `t`: `\Deleted` can be set.
    package static let deleteMessages = MailboxRights(rawValue: 1 << 7)
    /// `e`: EXPUNGE removes.
    package static let expunge = MailboxRights(rawValue: 1 << 8)

    private static let letters: [(right: MailboxRights, letter: Character)] = [
        (.lookup, "l"), (.read, "r"), (.keepSeen, "s"), (.write, "w"), (.insert, "i"), (.createMailboxes, "k"),
        (.deleteMailbox, "x"), (.deleteMessages, "t"), (.expunge, "e"),
    ]

    /// As ACL responses write them. For clients of RFC 2086 `c` and `d` stand beside what they became (RFC 4314 §2.1.1).
    package var text: String {
        var text = String(Self.letters.filter { contains($0.right) }.map(\.letter))
        if !isDisjoint(with: [.createMailboxes, .deleteMailbox]) { text += "c" }
        if !isDisjoint(with: [.deleteMessages, .expunge]) { text += "d" }
        return text
    }

    /// The rights of somebody in a mailbox of the desk or of an account.
    package init(_ kind: MailboxKind, of agent: Roster.Agent, in roster: Roster) {
        guard agent.isActive, Self.isKnown(kind, to: agent, roster) else {
            self = []
            return
        }
        // Mail or cases go nearly everywhere: the table of moves refuses only some of what may go there.
        self = [.lookup, .read, .insert]
        let pools = roster.visiblePools(in: kind, for: agent)
        if !pools.isEmpty { formUnion([.keepSeen, .write]) }
        if Self.mayTakeOut(kind, pools) { formUnion([.deleteMessages, .expunge]) }
        switch kind.class {
        case .sharedTemplates:
            if agent.keepsSharedTemplates {
                formUnion([.deleteMessages, .expunge])
            } else {
                subtract([.insert, .write])
            }
        case .personal: formUnion([.createMailboxes, .deleteMailbox])
        case .trash: formUnion(.createMailboxes)
        case .inbox, .next, .new, .consultation, .department, .waiting, .done, .closed, .spam, .drafts, .sent, .templates, .group, .pool, .confirmed,
            .archive:
            break
        case .folder: if agent.definition.rights.contains(.folders) { insert(.deleteMailbox) }
        // Taken out of there, a case is followed no more.
        case .followed: formUnion([.deleteMessages, .expunge])
        // What is there is there by itself.
        case .overdue, .poolStatus: remove(.insert)
        case .toSend, .approval: formUnion([.deleteMessages, .expunge])
        }
    }

    /// The rights of somebody at a level above mailboxes.
    package init(_ container: MailboxContainer, of agent: Roster.Agent) {
        guard agent.isActive else {
            self = []
            return
        }
        switch container {
        case .personal: self = [.lookup, .read, .createMailboxes]
        case .folders:
            self = [.lookup, .read]
            if agent.definition.rights.contains(.folders) { insert(.createMailboxes) }
        case .team, .groups, .departments, .pools: self = [.lookup, .read]
        }
    }

    /// Whether it has a name for this agent: of colleagues only the INBOX has one, `Team/x`.
    private static func isKnown(_ kind: MailboxKind, to agent: Roster.Agent, _ roster: Roster) -> Bool {
        if case .poolStatus(let pool, _) = kind { return roster.supervises(pool, agent) }
        guard let owner = kind.owner, owner != agent.id else { return true }
        return kind.class == .inbox && roster.agents[owner]?.isActive == true
    }

    /// MOVE needs the rights to delete and to expunge at its source (RFC 6851 §4), and clients that do not see them copy
    /// instead of moving: so they are told wherever cases may be moved away. Deleting a case needs a right of the desk's
    /// own; without it STORE itself is refused (DESIGN §3).
    private static func mayTakeOut(_ kind: MailboxKind, _ pools: Set<PoolID>) -> Bool {
        kind.class.isPersonal || !pools.subtracting([.none]).isEmpty
    }
}
