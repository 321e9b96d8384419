import Desk
import MailTypes

/// The one notice in a supervisor's INBOX that lists what waits for approval: replaced whenever that changes, new to the eye
/// only when something came to it, gone when nothing waits.
struct ApprovalNotices {
    private static let lines = 20

    let held: HeldMails

    /// Renews the notices of those who are told about a mail.
    func renew(for mail: HeldMail, isNews: Bool, _ work: CaseWork) throws {
        for supervisor in work.roster.notifiedApprovers(in: mail.pool, of: mail.agent, at: work.now) {
            try renew(of: supervisor, isNews: isNews, work)
        }
    }

    private func renew(of supervisor: Roster.Agent, isNews: Bool, _ work: CaseWork) throws {
        let transaction = work.transaction
        let pools = work.roster.pools.keys.filter { pool in
            work.roster.notifiedSupervisors(of: pool, at: work.now).contains { $0.id == supervisor.id }
        }
        let waiting = try transaction.waitingApprovals(in: pools.sorted(), except: supervisor.id, limit: Self.lines)
        var notice: AgentNotice?
        if !waiting.rows.isEmpty {
            let mails = waiting.rows.map { row in
                WaitingApproval(
                    author: work.roster.agents[row.agent]?.definition.name ?? "?", subject: row.subject,
                    askedAt: row.askedAt)
            }
            let words = ApprovalWords(supervisor.language, clock: work.roster.clock).waiting(
                mails, more: waiting.count - mails.count)
            notice = AgentNotice(subject: words.subject, text: words.text)
            notice?.listsCases = true
        }
        let filed = try AgentNotice.replace(
            try transaction.approvalNotice(of: supervisor.id), by: notice, isNews: isNews, for: supervisor,
            cryptography: held.intake.cryptography, host: held.host, work)
        try transaction.setApprovalNotice(filed, of: supervisor.id)
    }
}
