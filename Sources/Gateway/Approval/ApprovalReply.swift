import Desk
import MailFormat
import MailTypes

/// A supervisor's answer to a mail that waits in Approval (DESIGN §4): it goes to nobody but the author. Its words send the
/// mail back, unless a command in it says that it shall leave.
struct ApprovalReply {
    let sending: Sending
    let text: SentText
    let original: HeldMail.Content

    private var agent: Roster.Agent { sending.agent }
    private var approvals: Approvals { Approvals(held: sending.held) }

    /// The waiting mail that a mail answers, if its sender may judge it.
    static func answered(
        by header: HeaderSection, _ agent: Roster.Agent, _ roster: Roster, _ transaction: any DeskTransaction
    ) throws -> HeldMailStatus? {
        guard agent.definition.role != .trainee, !agent.supervisedPools.isEmpty || agent.definition.role == .admin else {
            return nil
        }
        for id in header.inReplyTo.suffix(10).reversed() {
            guard let found = try transaction.waitingApproval(id), let mail = try transaction.heldMail(found),
                roster.mayApprove(agent, in: mail.pool, by: mail.agent)
            else { continue }
            return try transaction.heldMailStatus(found)
        }
        return nil
    }

    /// Sends back, or does what the commands say.
    func carryOut(_ status: HeldMailStatus, _ thread: SentThread, _ work: CaseWork) throws -> Sending.Outcome {
        let instructions = try SentInstructions(text.commands, leaves: false, agent: agent)
        let number = try work.transaction.heldMail(status.id)?.ticket
        guard let judgement = instructions.judgement else {
            try sendBack(status, number, [], work)
            return number.map { .noted($0) } ?? .commanded
        }
        try judge(judgement, status, number, work)
        return .commanded
    }

    /// Carries out `#approve` or `#reject` in a mail that names a case: about the one mail that waits there.
    func carryOut(_ judgement: TypedCommand, in number: TicketNumber, _ work: CaseWork) throws {
        var waiting: [HeldMailStatus] = []
        for status in try work.transaction.heldMail(of: number) where status.state == .approval {
            guard let mail = try work.transaction.heldMail(status.id),
                sending.roster.mayApprove(agent, in: mail.pool, by: mail.agent)
            else { continue }
            waiting.append(status)
        }
        guard let status = waiting.first, waiting.count == 1 else {
            throw SendingExplanation(
                [Self.whichOne(judgement.line, none: waiting.isEmpty, agent.language)], language: agent.language)
        }
        try judge(judgement, status, number, work)
    }

    private func judge(
        _ judgement: TypedCommand, _ status: HeldMailStatus, _ number: TicketNumber?, _ work: CaseWork
    ) throws {
        do {
            guard case .reject(let why) = judgement.command else {
                if case .shownAnew = try approvals.approve(status, by: agent.id, work) {
                    try tell(judgement, work)
                }
                return
            }
            try sendBack(status, number, [why].compactMap { $0 }, work)
        } catch let refusal as CaseRefusal {
            let sentence = refusal.sentence.text(in: agent.language)
            throw SendingExplanation(["\(judgement.line): \(sentence)."], language: agent.language)
        }
    }

    /// The mail was not approved, and is shown anew: that stays, so it is told in a notice.
    private func tell(_ judgement: TypedCommand, _ work: CaseWork) throws {
        let sentence = ApprovalWords(agent.language, clock: sending.roster.clock).changed
        try SendingExplanation(["\(judgement.line): \(sentence)."], language: agent.language)
            .notice(sending.content.header, to: agent)
            .file(
                to: agent, cryptography: sending.intake.cryptography, host: sending.host, work)
    }

    /// The words go to the author, and stay in the case as a note.
    private func sendBack(
        _ status: HeldMailStatus, _ number: TicketNumber?, _ why: [String], _ work: CaseWork
    ) throws {
        let own = text.text?.ownText ?? ""
        let words = (why + [own]).joined(separator: "\n").trimmed
        try approvals.sendBack(status, by: agent.id, words: String(words.prefix(5000)), work)
    }

    private static func whichOne(_ line: String, none: Bool, _ language: Language) -> String {
        switch (language, none) {
        case (.english, true): "“\(line)”: nothing of this case waits for your approval."
        case (.english, false): "“\(line)”: several mails of this case wait; answer the one that you mean."
        case (.polish, true): "„\(line)”: nic w tej sprawie nie czeka na Twoją akceptację."
        case (.polish, false): "„\(line)”: czeka kilka wiadomości; odpowiedz na tę, o którą chodzi."
        }
    }
}

extension String {
    /// Without white space at both ends.
    var trimmed: String {
        var text = Substring(self)
        while text.first?.isWhitespace == true { text = text.dropFirst() }
        while text.last?.isWhitespace == true { text = text.dropLast() }
        return String(text)
    }
}
