import Desk
import Gateway
import MailTypes
import Storage
import TestKit
import Testing

extension DeskFixture {
    /// What waits in somebody's Approval.
    func approval(_ login: String) async throws -> [ShownMessage] { try await shown(.approval(agent(login))) }

    /// A supervisor says something about the mail under a UID of the supervisor's Approval or To send.
    func judge(
        _ judgement: ApprovalJudgement, _ uid: UID, in kind: MailboxKind? = nil, as login: String, words: String = ""
    ) async throws {
        let (now, roster, held, agent) = (clock.now, roster.current, submission.held, agent(login))
        do {
            try await store.write { (transaction: Transaction) in
                let work = CaseWork(transaction, roster: roster, now: now)
                let status = try #require(
                    try held.status(uid, in: kind ?? .approval(agent), roster, transaction))
                let approvals = Approvals(held: held)
                switch judgement {
                case .approve: _ = try approvals.approve(status, by: agent, work)
                case .sendBack: try approvals.sendBack(status, by: agent, words: words, work)
                case .takeOver: try approvals.takeOver(status, by: agent, work)
                case .withdraw: _ = try approvals.withdraw(status, by: agent, work)
                }
            }
        } catch {
            throw error.cause ?? error
        }
    }
}
