/// Which mailbox of the desk something is (DESIGN §3): its identity, apart from any name.
package enum MailboxKind: Hashable, Sendable {
    case inbox(AgentID)
    case next(AgentID)
    case waiting(AgentID)
    case done(AgentID)
    case closed(AgentID)
    case drafts(AgentID)
    case sent(AgentID)
    case templates(AgentID)
    /// Templates that the whole desk uses, and supervisors keep.
    case sharedTemplates
    case trash(AgentID)
    /// A mailbox under Private/, with its row: its path is a matter of the account alone.
    case personal(AgentID, MailboxID)
    case new
    case spam
    case group(GroupID)
    case pool(PoolID)
    /// The cases of a pool that have a status, for its supervisors.
    case poolStatus(PoolID, TicketStatus)
    /// Mails that wait to leave, each by itself and never a case.
    case toSend(AgentID)
    /// Where a mail that is held with a doubt is moved to, so that it leaves all the same. Nothing stays there.
    case confirmed(AgentID)
    /// Mails that wait for a supervisor, each by itself: an agent's own, and those that the agent may approve.
    case approval(AgentID)
    /// An agent's cases that wait for a department.
    case consultation(AgentID)
    /// Where a case is dropped to ask a department. Nothing stays there.
    case department(DepartmentID)
    /// The cases whose deadline has passed.
    case overdue
    /// The cases that an agent follows.
    case followed(AgentID)
    /// A custom folder of the company.
    case folder(FolderID)
    /// An agent's cases that were closed in a year, in UTC.
    case archive(AgentID, year: Int)

    /// The class of the mailbox: what decides the meaning of a move.
    package var `class`: MailboxClass {
        switch self {
        case .inbox: .inbox
        case .next: .next
        case .waiting: .waiting
        case .done: .done
        case .closed: .closed
        case .drafts: .drafts
        case .sent: .sent
        case .templates: .templates
        case .sharedTemplates: .sharedTemplates
        case .trash: .trash
        case .personal: .personal
        case .new: .new
        case .spam: .spam
        case .group: .group
        case .pool: .pool
        case .poolStatus: .poolStatus
        case .toSend: .toSend
        case .confirmed: .confirmed
        case .approval: .approval
        case .consultation: .consultation
        case .department: .department
        case .overdue: .overdue
        case .followed: .followed
        case .folder: .folder
        case .archive: .archive
        }
    }

    /// The agent whose mailbox this is; `nil` for those of the whole desk.
    package var owner: AgentID? {
        switch self {
        case .inbox(let agent), .next(let agent), .waiting(let agent), .done(let agent), .closed(let agent),
            .drafts(let agent), .sent(let agent), .templates(let agent), .trash(let agent), .personal(let agent, _), .toSend(let agent),
            .confirmed(let agent), .approval(let agent), .consultation(let agent),
            .followed(let agent), .archive(let agent, _):
            agent
        case .new, .spam, .group, .pool, .poolStatus, .department, .overdue, .folder, .sharedTemplates: nil
        }
    }

    /// Pool and status as one number: there are fewer than 16 statuses.
    package static func reference(_ pool: PoolID, _ status: TicketStatus) -> Int64 { pool.rawValue << 4 | status.rawValue }

    /// The group, pool, folder or year that the mailbox stands for.
    package var reference: Int64? {
        switch self {
        case .group(let group): group.rawValue
        case .pool(let pool): pool.rawValue
        case .poolStatus(let pool, let status): Self.reference(pool, status)
        case .folder(let folder): folder.rawValue
        case .department(let department): department.rawValue
        case .archive(_, let year): Int64(year)
        default: nil
        }
    }
}

/// The classes of mailboxes. The number is what the database stores.
package enum MailboxClass: Int64, Sendable, CaseIterable {
    case inbox = 1
    case next = 2
    case new = 3
    case waiting = 4
    case done = 5
    case closed = 6
    case spam = 7
    case drafts = 8
    case sent = 9
    case templates = 10
    case trash = 11
    case personal = 12
    case group = 13
    case pool = 14
    case toSend = 15
    case confirmed = 16
    case overdue = 17
    case followed = 18
    case folder = 19
    case archive = 20
    case approval = 21
    case consultation = 22
    case department = 23
    case sharedTemplates = 24
    case poolStatus = 25

    /// Stored once for the desk; an agent sees the entries of the pools that the agent may read.
    package var isShared: Bool {
        switch self {
        case .new, .spam, .group, .pool, .poolStatus, .department, .overdue, .folder, .sharedTemplates: true
        default: false
        }
    }

    /// Holds an agent's own mail and no cases.
    package var isPersonal: Bool {
        switch self {
        case .drafts, .sent, .templates, .trash, .personal: true
        default: false
        }
    }

    /// Whole cases lie in it, with their cards; in others single mails.
    package var holdsCases: Bool {
        switch self {
        case .drafts, .sent, .templates, .sharedTemplates, .personal, .toSend, .confirmed, .approval: false
        default: true
        }
    }

    /// A view: what is there is also elsewhere.
    package var isView: Bool {
        switch self {
        case .next, .pool, .poolStatus, .overdue, .followed, .archive: true
        default: false
        }
    }
}
