import Desk
import MailTypes

/// Keeps what waits for approval in the Approval of those who may approve it, when the desk changes who that is; what they
/// are told follows.
struct ApprovalViews {
    let roster: Roster

    func settle(in transaction: any DeskTransaction, now: Timestamp) throws {
        let work = CaseWork(transaction, roster: roster, now: now)
        var (newcomers, others): (Set<AgentID>, Set<AgentID>) = ([], [])
        for id in try transaction.waitingApprovals() {
            guard let mail = try transaction.heldMail(id), let status = try transaction.heldMailStatus(id),
                status.state == .approval
            else { continue }
            let (came, left) = try settle(status, mail, work)
            newcomers.formUnion(came)
            others.formUnion(left)
        }
        try ApprovalNotices.outdate(of: newcomers.sorted(), isNews: true, work)
        try ApprovalNotices.outdate(of: others.subtracting(newcomers).sorted(), isNews: false, work)
    }

    /// Answers to whom the mail came, and from whom it went.
    private func settle(
        _ status: HeldMailStatus, _ mail: HeldMail, _ work: CaseWork
    ) throws -> (came: Set<AgentID>, left: Set<AgentID>) {
        let transaction = work.transaction
        let (old, new) = (Set(try transaction.places(of: status.message)), mail.mailboxes(in: roster))
        guard old != new else { return ([], []) }
        var views: [MailboxID: UID] = [:]
        for mailbox in old.union(new).sorted() {
            if !new.contains(mailbox) {
                _ = try transaction.leave([status.message], from: mailbox, at: work.modSequence(), now: work.now)
                if let viewer = roster.kinds[mailbox]?.owner, viewer != mail.agent {
                    try transaction.forgetFlags(of: status.message, by: viewer)
                }
            } else if !old.contains(mailbox) {
                views[mailbox] = try transaction.enter(
                    [status.message], into: mailbox, pool: .none, at: work.modSequence(), now: work.now
                ).first
            }
        }
        try transaction.setViews(views, of: status.id)
        transaction.note(Change(mailboxes: old.union(new)))
        func viewers(_ mailboxes: Set<MailboxID>) -> Set<AgentID> {
            Set(mailboxes.compactMap { roster.kinds[$0]?.owner }).subtracting([mail.agent])
        }
        return (viewers(new.subtracting(old)), viewers(old.subtracting(new)))
    }
}
