package import Desk
package import Gateway
package import MailTypes

/// Mail that waits for a supervisor.
extension Transaction {
    package func askApproval(of id: HeldMailID, at now: Timestamp) throws {
        try connection.run(
            """
            INSERT INTO approval (held_mail_id, asked_at, outcome) VALUES (\(id), \(now), \(ApprovalOutcome.waiting))
            ON CONFLICT (held_mail_id) DO UPDATE
               SET asked_at = excluded.asked_at, outcome = excluded.outcome, decided_by = NULL, decided_at = NULL
            """)
    }

    package func endApproval(of id: HeldMailID, _ outcome: ApprovalOutcome, by agent: AgentID, at now: Timestamp) throws {
        try connection.run(
            """
            UPDATE approval SET outcome = \(outcome), decided_by = \(agent), decided_at = \(now)
             WHERE held_mail_id = \(id)
            """)
    }

    package func approval(of id: HeldMailID) throws -> ApprovalRow? {
        try connection.first("SELECT outcome, decided_by, decided_at FROM approval WHERE held_mail_id = \(id)") { row in
            ApprovalRow(
                outcome: try row.value(0), decidedBy: row.optionalInteger(1).map(AgentID.init(rawValue:)),
                decidedAt: row.optionalTimestamp(2))
        }
    }

    package func setApproval(_ approval: HeldMail.Approval, baseline: MessageKey, of id: HeldMailID) throws {
        try connection.run(
            """
            UPDATE held_mail_text SET needs_approval = \(approval != .none), approver_id = \(approval.judge),
                   baseline_id = \(baseline)
             WHERE held_mail_id = \(id)
            """)
    }

    package func setViews(_ views: [MailboxID: UID], of id: HeldMailID) throws {
        for (mailbox, uid) in views.sorted(by: { $0.key < $1.key }) {
            try connection.run(
                "INSERT INTO held_mail_view (mailbox_id, uid, held_mail_id) VALUES (\(mailbox), \(uid), \(id))")
        }
    }

    package func heldMail(shownAs uid: UID, in mailbox: MailboxID) throws -> HeldMailID? {
        try connection.integer(
            "SELECT held_mail_id FROM held_mail_view WHERE mailbox_id = \(mailbox) AND uid = \(uid)"
        ).map(HeldMailID.init(rawValue:))
    }

    package func waitingApproval(_ messageID: MessageID) throws -> HeldMailID? {
        try connection.integer(
            """
            SELECT t.held_mail_id FROM held_mail_text t JOIN held_mail h ON h.id = t.held_mail_id
             WHERE t.rfc_message_id = \(messageID.text) AND h.state = \(HeldMail.State.approval)
            """
        ).map(HeldMailID.init(rawValue:))
    }

    package func places(of message: MessageKey) throws -> [MailboxID] {
        try connection.all("SELECT mailbox_id FROM entry WHERE message_id = \(message) ORDER BY mailbox_id") {
            MailboxID(rawValue: $0.integer(0))
        }
    }

    package func waitingApprovals(
        in pools: [PoolID], except agent: AgentID, limit: Int
    ) throws -> (rows: [WaitingApprovalRow], count: Int) {
        let waiting: SQL = """
              FROM approval a JOIN held_mail h ON h.id = a.held_mail_id
              JOIN held_mail_text t ON t.held_mail_id = a.held_mail_id
             WHERE a.outcome = \(ApprovalOutcome.waiting) AND t.pool_id IN (\(list: pools)) AND h.agent_id <> \(agent)
            """
        var select: SQL = "SELECT h.agent_id, t.subject, a.asked_at "
        select += waiting
        select += " ORDER BY a.asked_at, a.held_mail_id LIMIT \(limit)"
        let rows = try connection.all(select) { row in
            WaitingApprovalRow(
                agent: AgentID(rawValue: row.integer(0)), subject: row.text(1), askedAt: row.timestamp(2))
        }
        guard rows.count == limit else { return (rows, rows.count) }
        var count: SQL = "SELECT count(*) "
        count += waiting
        return (rows, Int(try connection.integer(count) ?? 0))
    }

    package func waitingApprovals() throws -> [HeldMailID] {
        try connection.all(
            "SELECT held_mail_id FROM approval WHERE outcome = \(ApprovalOutcome.waiting) ORDER BY asked_at, held_mail_id"
        ) { HeldMailID(rawValue: $0.integer(0)) }
    }

    package func approvalNotice(of agent: AgentID) throws -> MessageID? {
        try connection.first("SELECT rfc_message_id FROM approval_notice WHERE agent_id = \(agent)") {
            MessageID($0.text(0))
        } ?? nil
    }

    package func approvalNoticeReaders() throws -> Set<AgentID> {
        Set(try connection.all("SELECT agent_id FROM approval_notice") { AgentID(rawValue: $0.integer(0)) })
    }

    package func setApprovalNotice(_ messageID: MessageID?, of agent: AgentID) throws {
        guard let messageID else {
            try connection.run("DELETE FROM approval_notice WHERE agent_id = \(agent)")
            return
        }
        try connection.run(
            """
            INSERT INTO approval_notice (agent_id, rfc_message_id) VALUES (\(agent), \(messageID.text))
            ON CONFLICT (agent_id) DO UPDATE SET rfc_message_id = excluded.rfc_message_id
            """)
    }
}
