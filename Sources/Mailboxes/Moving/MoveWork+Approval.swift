import Desk
import Gateway
import MailTypes

/// What a supervisor says about mails in Approval by moving them (DESIGN §3).
extension MoveWork {
    /// The held mail that a row shows.
    func status(
        of row: MessageRow, _ held: HeldMails, _ transaction: any MailboxTransaction
    ) throws -> HeldMailStatus {
        guard let status = try held.status(UID(row.uid), in: source.kind, roster, transaction) else {
            throw CaseRefusal(.impossible, "That mail is gone", "Tej wiadomości już nie ma")
        }
        return status
    }

    func judge(
        _ judgement: ApprovalJudgement, _ rows: [MessageRow], _ work: CaseWork, _ transaction: any MailboxTransaction,
        _ outcome: inout Outcome
    ) throws {
        guard let held else { throw CaseRefusal(.impossible, MoveRules.Refusal.heldMail.sentence) }
        let approvals = Approvals(held: held)
        for row in rows {
            let status = try status(of: row, held, transaction)
            var uid: UID?
            switch judgement {
            case .approve:
                switch try approvals.approve(status, by: person.id, work) {
                case .waits(let shown): uid = shown.views[destinationID]
                case .left: break
                case .shownAnew:
                    let words = ApprovalWords(person.language, clock: roster.clock)
                    outcome.refusals.append(CaseRefusal(.impossible, Sentence(worded: words.changed)))
                    continue
                }
            case .withdraw: uid = try approvals.withdraw(status, by: person.id, work).views[destinationID]
            case .sendBack:
                guard destination.owner == status.agent else {
                    let name = roster.team.name(of: status.agent) ?? "its author"
                    throw CaseRefusal(
                        .impossible, "That mail goes back to \(name) only",
                        "Tę wiadomość można odesłać tylko do \(name)")
                }
                try approvals.sendBack(status, by: person.id, words: "", work)
            case .takeOver: try approvals.takeOver(status, by: person.id, work)
            }
            outcome.left.append(row.uid)
            if let uid = try uid ?? passThrough(row.message, work, transaction) {
                outcome.copied.append((row.uid, uid))
            }
        }
    }
}
