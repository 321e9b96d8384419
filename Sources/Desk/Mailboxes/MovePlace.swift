/// Where a moved or copied message comes from or goes to, as far as the meaning of the move goes.
package enum MovePlace: Sendable, CaseIterable {
    case inbox, next, new, consultation, waiting, done, closed, spam
    /// A colleague's INBOX.
    case team
    case group, pool, poolStatus, department
    case toSend, confirmed, approval, overdue, followed, folder, archive
    case drafts, sent, templates, trash
    /// Templates that the whole desk uses.
    case sharedTemplates
    /// A mailbox of the account's own making.
    case personal
    /// `Team`, `Groups`, `Folders`, `Pools` or `Private` themselves: there to be selected, always empty.
    case container

    /// The place that a mailbox is for this agent.
    package init(_ kind: MailboxKind, for agent: AgentID) {
        switch kind {
        case .inbox(let owner): self = owner == agent ? .inbox : .team
        case .next: self = .next
        case .waiting: self = .waiting
        case .done: self = .done
        case .closed: self = .closed
        case .drafts: self = .drafts
        case .sent: self = .sent
        case .templates: self = .templates
        case .sharedTemplates: self = .sharedTemplates
        case .trash: self = .trash
        case .personal: self = .personal
        case .new: self = .new
        case .spam: self = .spam
        case .group: self = .group
        case .pool: self = .pool
        case .poolStatus: self = .poolStatus
        case .toSend: self = .toSend
        case .confirmed: self = .confirmed
        case .approval: self = .approval
        case .consultation: self = .consultation
        case .department: self = .department
        case .overdue: self = .overdue
        case .followed: self = .followed
        case .folder: self = .folder
        case .archive: self = .archive
        }
    }

    /// Holds mail that was sent and has not left.
    package var holdsSentMail: Bool { self == .toSend || self == .confirmed || self == .approval }

    /// Holds mail that is of no case; Trash can hold cases as well.
    package var isPersonal: Bool {
        switch self {
        case .drafts, .sent, .templates, .sharedTemplates, .trash, .personal: true
        case .inbox, .next, .new, .consultation, .waiting, .done, .closed, .spam, .team, .group, .pool, .poolStatus, .department,
            .container, .toSend,
            .confirmed, .approval, .overdue, .followed, .folder, .archive:
            false
        }
    }
}
