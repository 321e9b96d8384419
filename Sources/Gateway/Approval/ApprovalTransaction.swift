package import Desk
package import MailTypes

/// What approval needs of the database.
package protocol ApprovalTransaction {
    /// A mail waits for approval, for the first time or again.
    func askApproval(of id: HeldMailID, at now: Timestamp) throws
    /// What came of it, and who decided.
    func endApproval(of id: HeldMailID, _ outcome: ApprovalOutcome, by agent: AgentID, at now: Timestamp) throws
    func approval(of id: HeldMailID) throws -> ApprovalRow?
    /// Writes who approved a held mail, and the newest message that its case had then.
    func setApproval(_ approval: HeldMail.Approval, baseline: MessageKey, of id: HeldMailID) throws

    /// The UIDs under which a held mail is shown, beside the one in its agent's To send; earlier ones stay known.
    func setViews(_ views: [MailboxID: UID], of id: HeldMailID) throws
    /// The mail that is, or was, shown under a UID in a mailbox that is not its agent's To send.
    func heldMail(shownAs uid: UID, in mailbox: MailboxID) throws -> HeldMailID?
    /// The mail that waits for approval and has this Message-ID.
    func waitingApproval(_ messageID: MessageID) throws -> HeldMailID?
    /// The mailboxes in which a message lies.
    func places(of message: MessageKey) throws -> [MailboxID]
    /// An agent's flags of a message go with what the agent saw of it.
    func forgetFlags(of message: MessageKey, by agent: AgentID) throws

    /// What waits in some pools by others than an agent, the oldest first, and how many there are in all.
    func waitingApprovals(
        in pools: [PoolID], except agent: AgentID, limit: Int
    ) throws -> (rows: [WaitingApprovalRow], count: Int)
    /// Every mail that waits for approval.
    func waitingApprovals() throws -> [HeldMailID]
    /// The notice in INBOX that lists what waits for an agent.
    func approvalNotice(of agent: AgentID) throws -> MessageID?
    /// Those who have such a notice.
    func approvalNoticeReaders() throws -> Set<AgentID>
    /// `nil`: there is none any more.
    func setApprovalNotice(_ messageID: MessageID?, of agent: AgentID) throws
}

/// A request for approval as the database has it.
package struct ApprovalRow: Sendable, Equatable {
    package var outcome: ApprovalOutcome
    package var decidedBy: AgentID?
    package var decidedAt: Timestamp?

    package init(outcome: ApprovalOutcome, decidedBy: AgentID?, decidedAt: Timestamp?) {
        (self.outcome, self.decidedBy, self.decidedAt) = (outcome, decidedBy, decidedAt)
    }
}

/// A mail that waits, as a list names it.
package struct WaitingApprovalRow: Sendable, Equatable {
    package var agent: AgentID
    package var subject: String
    package var askedAt: Timestamp

    package init(agent: AgentID, subject: String, askedAt: Timestamp) {
        (self.agent, self.subject, self.askedAt) = (agent, subject, askedAt)
    }
}
