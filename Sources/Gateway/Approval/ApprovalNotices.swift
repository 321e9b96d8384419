import Desk
import MailTypes

/// The one notice in a supervisor's INBOX that lists what waits for approval: written anew when that changed, new to the eye
/// only when something came to it, gone when nothing waits.
///
/// Writing it is a timer's work. Where fifty supervise a pool, no mail waits until fifty notices are written, and what happens
/// within moments is told together; a timer is a row of the database, so a notice that is owed outlives a crash.
package struct ApprovalNotices: Sendable {
    private static let lines = 20
    /// Who has a notice already reads of what came since so much later.
    package static let patience: Duration = .seconds(5)
    private static let noCase = TicketNumber(rawValue: 0)

    let held: HeldMails

    package init(held: HeldMails) { self.held = held }

    // MARK: - What is owed

    /// The notices of those who are told about a mail are out of date.
    static func outdate(for mail: HeldMail, isNews: Bool, _ work: CaseWork) throws {
        let told = work.roster.notifiedApprovers(in: mail.pool, of: mail.agent, at: work.now)
        try outdate(of: told.map(\.id), isNews: isNews, work)
    }

    /// Who has no notice, since nothing waited until now, gets one at once.
    static func outdate(of supervisors: [AgentID], isNews: Bool, _ work: CaseWork) throws {
        guard !supervisors.isEmpty else { return }
        let transaction = work.transaction
        var owed = try transaction.timerSubjects(.approvalNews, of: noCase)
        if !isNews { owed.formUnion(try transaction.timerSubjects(.approvalList, of: noCase)) }
        let readers = isNews ? try transaction.approvalNoticeReaders() : []
        for supervisor in supervisors where !owed.contains(supervisor.rawValue) {
            let isFirst = isNews && !readers.contains(supervisor)
            try transaction.setTimer(
                DeskTimer(
                    kind: isNews ? .approvalNews : .approvalList, ticket: noCase, subject: supervisor.rawValue,
                    dueAt: isFirst ? work.now : work.now + patience))
        }
    }

    // MARK: - Writing

    /// Writes a supervisor's notice as of now.
    package func settle(_ timer: DeskTimer, _ work: CaseWork) throws {
        let isNews = timer.kind == .approvalNews
        if isNews {
            try work.transaction.removeTimer(.approvalList, of: Self.noCase, subject: timer.subject)
        } else if try work.transaction.timer(.approvalNews, of: Self.noCase, subject: timer.subject) != nil {
            // What came will be told soon, with all the rest.
            return
        }
        guard let supervisor = work.roster.agents[AgentID(rawValue: timer.subject)] else { return }
        let filed = try AgentNotice.replace(
            try work.transaction.approvalNotice(of: supervisor.id), by: try notice(for: supervisor, work), isNews: isNews,
            for: supervisor, cryptography: held.intake.cryptography, host: held.host, work)
        try work.transaction.setApprovalNotice(filed, of: supervisor.id)
    }

    /// `nil`: nothing waits for this supervisor.
    private func notice(for supervisor: Roster.Agent, _ work: CaseWork) throws -> AgentNotice? {
        let pools = work.roster.pools.keys.filter { pool in
            work.roster.notifiedSupervisors(of: pool, at: work.now).contains { $0.id == supervisor.id }
        }
        guard !pools.isEmpty else { return nil }
        let waiting = try work.transaction.waitingApprovals(in: pools.sorted(), except: supervisor.id, limit: Self.lines)
        guard !waiting.rows.isEmpty else { return nil }
        let mails = waiting.rows.map { row in
            WaitingApproval(
                author: work.roster.agents[row.agent]?.definition.name ?? "?", subject: row.subject, askedAt: row.askedAt)
        }
        let words = ApprovalWords(supervisor.language, clock: work.roster.clock).waiting(
            mails, more: waiting.count - mails.count)
        var notice = AgentNotice(subject: words.subject, text: words.text)
        notice.listsCases = true
        return notice
    }
}
