import Desk
import Gateway
import MailTypes
import Storage
import TestKit
import Testing

extension DeskFixture {
    /// What waits in somebody's Approval.
    func approval(_ login: String) async throws -> [ShownMessage] { try await shown(.approval(agent(login))) }

    /// Writes the notices that are due, after a time; answers how many were written.
    @discardableResult
    func tellSupervisors(after time: Duration = .zero) async throws -> Int {
        clock.advance(by: time)
        let (now, roster, notices) = (clock.now, roster.current, ApprovalNotices(held: submission.held))
        return try await store.write { (transaction: Transaction) in
            var told = 0
            for timer in try transaction.dueTimers(at: now, limit: 1000)
            where timer.kind == .approvalNews || timer.kind == .approvalList {
                // Another may have done the work of it.
                guard try transaction.timer(timer.kind, of: timer.ticket, subject: timer.subject) == timer else { continue }
                told += 1
                try transaction.removeTimer(timer.kind, of: timer.ticket, subject: timer.subject)
                try notices.settle(timer, CaseWork(transaction, roster: roster, now: now))
            }
            return told
        }
    }

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
