/// The one primary mailbox of a case, from its status and whose it is (DESIGN §3).
package enum CasePlace {
    /// An unassigned case lies in New (or its group's mailbox, or Spam) whatever its status was.
    package static func mailbox(status: TicketStatus, assignee: AgentID?, group: GroupID?) -> MailboxKind {
        if status == .spam { return .spam }
        if let group, assignee == nil { return .group(group) }
        guard let assignee else { return .new }
        switch status {
        case .new: return .new
        case .assigned, .inProgress, .consultation, .approval: return .inbox(assignee)
        case .waiting: return .waiting(assignee)
        case .done: return .done(assignee)
        case .closed: return .closed(assignee)
        case .spam: return .spam
        }
    }
}
