import Desk
import MailFormat
import MailTypes

/// The one notice in a supervisor's INBOX that lists what waits for approval: replaced whenever that changes, new to the eye
/// only when something came to it, gone when nothing waits.
struct ApprovalNotices {
    private static let lines = 20

    let held: HeldMails

    /// Renews the notices of those who are told about a mail.
    func renew(for mail: HeldMail, isNews: Bool, _ work: CaseWork) throws {
        for supervisor in work.roster.notifiedApprovers(in: mail.pool, of: mail.agent) {
            try renew(of: supervisor, isNews: isNews, work)
        }
    }

    private func renew(of supervisor: Roster.Agent, isNews: Bool, _ work: CaseWork) throws {
        let transaction = work.transaction
        try remove(of: supervisor, work)
        let pools = work.roster.pools.keys.filter { pool in
            work.roster.notifiedApprovers(in: pool, of: AgentID(rawValue: 0)).contains { $0.id == supervisor.id }
        }
        let waiting = try transaction.waitingApprovals(in: pools.sorted(), except: supervisor.id, limit: Self.lines)
        guard !waiting.rows.isEmpty else { return }
        let mails = waiting.rows.map { row in
            WaitingApproval(
                author: work.roster.agents[row.agent]?.definition.name ?? "?", subject: row.subject,
                askedAt: row.askedAt)
        }
        let words = ApprovalWords(supervisor.language, clock: work.roster.clock).waiting(
            mails, more: waiting.count - mails.count)
        var notice = AgentNotice(subject: words.subject, text: words.text)
        notice.listsCases = true
        let filed = try notice.file(
            to: supervisor, cryptography: held.intake.cryptography, host: held.host, work)
        guard let filed else { return }
        if !isNews { try transaction.markSeen(filed, by: supervisor.id, at: work.modSequence()) }
        try transaction.setApprovalNotice(try transaction.messageID(of: filed), of: supervisor.id)
    }

    /// One that was filed elsewhere stays: it is its reader's own mail.
    private func remove(of supervisor: Roster.Agent, _ work: CaseWork) throws {
        let transaction = work.transaction
        guard let old = try transaction.approvalNotice(of: supervisor.id) else { return }
        try transaction.setApprovalNotice(nil, of: supervisor.id)
        guard let inbox = work.roster.mailbox(.inbox(supervisor.id)), let found = try transaction.ownMessage(old, in: inbox)
        else { return }
        _ = try transaction.leave([found.message], from: inbox, at: work.modSequence(), now: work.now)
        try transaction.discard(found.message)
        transaction.note(Change(mailboxes: [inbox], agents: [supervisor.id]))
    }
}
