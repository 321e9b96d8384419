/// The one primary mailbox of a case, from its status, whose it is and where it was filed (DESIGN §3).
package enum CasePlace {
    /// An unassigned case lies in New (or its group's mailbox, or Spam) whatever its status was. One that was split off a
    /// colleague's case is new and that colleague's at once: it waits in the INBOX.
    /// A custom folder is a place, not a status: a case stays in it whatever its status is.
    package static func mailbox(
        status: TicketStatus, assignee: AgentID?, group: GroupID?, folder: FolderID? = nil
    ) -> MailboxKind {
        if status == .spam { return .spam }
        if let folder { return .folder(folder) }
        if let group, assignee == nil { return .group(group) }
        guard let assignee else { return .new }
        switch status {
        case .new, .assigned, .inProgress, .approval: return .inbox(assignee)
        case .consultation: return .consultation(assignee)
        case .waiting: return .waiting(assignee)
        case .done: return .done(assignee)
        case .closed: return .closed(assignee)
        case .spam: return .spam
        }
    }
}
