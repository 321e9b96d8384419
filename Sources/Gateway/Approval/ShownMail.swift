package import Desk
package import MailTypes

/// How a held mail is shown: one message under a UID in each mailbox that shows it.
package struct ShownMail: Sendable {
    package var message: MessageKey
    /// In its agent's To send.
    package var uid: UID?
    /// Elsewhere.
    package var views: [MailboxID: UID] = [:]

    package init(message: MessageKey) { self.message = message }
}

extension HeldMail {
    /// Where it is shown: in its agent's To send; while it waits for approval in Approval of its agent and of all who may
    /// approve it; once it is approved in To send of both.
    func mailboxes(in roster: Roster) -> Set<MailboxID> {
        let kinds: [MailboxKind] =
            switch approval {
            case .none: [.toSend(agent)]
            case .needed: [.approval(agent)] + roster.approvers(in: pool, of: agent).map { .approval($0.id) }
            case .given(let judge): [.toSend(agent), .toSend(judge)]
            }
        return Set(kinds.compactMap(roster.mailbox))
    }
}

extension HeldMails {
    /// What is, or was, shown under a UID of To send or Approval.
    package func status(
        _ uid: UID, in kind: MailboxKind, _ roster: Roster, _ transaction: any DeskTransaction
    ) throws -> HeldMailStatus? {
        if let mailbox = roster.mailbox(kind), let id = try transaction.heldMail(shownAs: uid, in: mailbox) {
            return try transaction.heldMailStatus(id)
        }
        guard case .toSend(let agent) = kind else { return nil }
        return try transaction.heldMailStatus(uid: uid, of: agent)
    }

    /// Why a mail that was shown under a UID is not there any more; `nil` where the agent knows.
    package func departure(
        _ uid: UID, in kind: MailboxKind, _ person: Roster.Agent, _ roster: Roster, _ transaction: any DeskTransaction
    ) throws -> CaseRefusal? {
        guard let status = try status(uid, in: kind, roster, transaction) else { return nil }
        if kind.class == .approval, status.agent != person.id,
            let row = try transaction.approval(of: status.id), row.outcome != .waiting, row.decidedBy != person.id
        {
            let name = row.decidedBy.flatMap { roster.agents[$0]?.definition.name } ?? "Stempel"
            let words = ApprovalWords(person.language, clock: roster.clock)
            return CaseRefusal(.impossible, Sentence(worded: words.judged(row.outcome, by: name, at: row.decidedAt)))
        }
        return status.state == .left ? refusal(status, roster) : nil
    }
}
