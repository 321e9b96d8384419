package import Desk
import MailFormat
import MailTypes

/// Mail that a supervisor has to approve before it leaves (DESIGN §3, §4). Every step is part of the caller's transaction;
/// the state in the database decides who of two was first.
package struct Approvals: Sendable {
    /// What came of an approval.
    package enum Approved: Sendable {
        /// It leaves after the time in which it can be recalled.
        case waits(ShownMail)
        /// It left at once.
        case left
        /// The case changed since the mail was shown: it is shown anew, and waits.
        case shownAnew
    }

    let held: HeldMails

    package init(held: HeldMails) { self.held = held }

    // MARK: - Asking

    /// A mail was put into Approval: its case waits for a supervisor, who is told.
    func asked(_ id: HeldMailID, _ mail: HeldMail, _ work: CaseWork) throws {
        let transaction = work.transaction
        try transaction.askApproval(of: id, at: work.now)
        if mail.departure != .newCase {
            try record(.approvalAsked, mail, by: mail.agent, work)
            // A case that is over stays so while its closing mail waits.
            if mail.departure != .closing { try claim(mail, work) }
        }
        try ApprovalNotices.outdate(for: mail, isNews: true, work)
    }

    /// The author's case waits for approval; an answer takes one that nobody has.
    private func claim(_ mail: HeldMail, _ work: CaseWork) throws {
        guard var ticket = try work.transaction.survivor(mail.ticket), !work.isTrashed(ticket) else { return }
        if mail.departure == .answer, ticket.assignee == nil || ticket.status == .new, ticket.status != .spam {
            guard ticket.assignee == nil || ticket.assignee == mail.agent else { return }
            var taken = ticket
            (taken.assignee, taken.group, taken.status) = (mail.agent, nil, .assigned)
            ticket = try work.move(ticket, to: taken, by: mail.agent, reason: "answered").ticket
        }
        guard ticket.worker == mail.agent,
            Transition.isAllowed(from: ticket.status, to: .approval, by: .system)
        else { return }
        var changed = ticket
        changed.status = .approval
        _ = try work.move(ticket, to: changed, by: nil, reason: "waits for approval")
    }

    /// Something speaks against a mail that was approved, or came in between: it waits anew, with the reason.
    func doubt(_ status: HeldMailStatus, _ mail: HeldMail, _ doubts: [SendingDoubt], _ work: CaseWork) throws {
        var mail = mail
        mail.approval = .needed
        try showAnew(status, mail, doubts, work)
        try work.transaction.askApproval(of: status.id, at: work.now)
        if mail.departure != .newCase {
            try record(.doubted, mail, by: mail.agent, reason: doubts.map(\.word).joined(separator: " "), work)
        }
        try ApprovalNotices.outdate(for: mail, isNews: true, work)
    }

    private func showAnew(
        _ status: HeldMailStatus, _ mail: HeldMail, _ doubts: [SendingDoubt], _ work: CaseWork
    ) throws {
        let transaction = work.transaction
        // The new one first: a message's number must not be given to another at once.
        let shown = try held.show(mail, doubts, work)
        try held.hide(status, mail, work)
        let words = status.doubts + doubts.map(\.word).filter { !status.doubts.contains($0) }
        try transaction.hold(
            status.id, .approval, doubts: words, releaseAt: nil, message: shown.message, uid: shown.uid)
        try transaction.setViews(shown.views, of: status.id)
        // What stands on top of it is known from now on.
        try transaction.setApproval(.needed, baseline: try newest(mail, transaction), of: status.id)
    }

    private func newest(_ mail: HeldMail, _ transaction: any DeskTransaction) throws -> MessageKey {
        try transaction.newestMessage(in: mail.ticket).map { max($0, mail.baseline) } ?? mail.baseline
    }

    /// A customer wrote into a case: what waits there is shown anew, with that on top.
    package func customerWrote(in number: TicketNumber, _ work: CaseWork) throws {
        for status in try work.transaction.heldMail(of: number) where status.state == .approval {
            guard let mail = try work.transaction.heldMail(status.id) else { continue }
            _ = try showChanges(status, mail, work)
        }
    }

    /// `false`: nothing came into the case since the mail was shown.
    private func showChanges(_ status: HeldMailStatus, _ mail: HeldMail, _ work: CaseWork) throws -> Bool {
        guard mail.departure == .answer else { return false }
        let changes = try CaseChanges(mail, work).list
        guard !changes.isEmpty else { return false }
        try showAnew(status, mail, [.caseChanged(changes)], work)
        return true
    }

    // MARK: - Judging

    /// A supervisor lets a mail leave.
    package func approve(_ status: HeldMailStatus, by judge: AgentID, _ work: CaseWork) throws -> Approved {
        var mail = try waiting(status, for: judge, work)
        if try showChanges(status, mail, work) { return .shownAnew }
        if mail.departure == .closing, try !held.isStillOver(mail, work) {
            // A timer takes it back.
            throw CaseRefusal(.impossible, "That mail is gone", "Tej wiadomości już nie ma")
        }
        let transaction = work.transaction
        mail.approval = .given(by: judge)
        mail.baseline = try newest(mail, transaction)
        mail.releaseAt = max(work.now + work.roster.definition.undo, mail.isScheduled ? mail.releaseAt : work.now)
        try transaction.setApproval(mail.approval, baseline: mail.baseline, of: status.id)
        try transaction.endApproval(of: status.id, .approved, by: judge, at: work.now)
        if mail.departure != .newCase { try record(.approved, mail, by: judge, work) }
        defer { work.transaction.note(Change(isOutboxChange: true)) }
        guard mail.releaseAt <= work.now else {
            let shown = try held.show(mail, [], work)
            try held.hide(status, mail, work)
            try transaction.hold(
                status.id, .waiting, doubts: [], releaseAt: mail.releaseAt, message: shown.message, uid: shown.uid)
            try transaction.setViews(shown.views, of: status.id)
            try ApprovalNotices.outdate(for: mail, isNews: false, work)
            return .waits(shown)
        }
        let ticket = try held.depart(mail, work)
        try held.hide(status, mail, work)
        try transaction.end(status.id, .left, at: work.now)
        try settle(ticket, work)
        try ApprovalNotices.outdate(for: mail, isNews: false, work)
        return .left
    }

    /// What was approved and has not left waits again. Answers how it is shown.
    package func withdraw(_ status: HeldMailStatus, by judge: AgentID, _ work: CaseWork) throws -> ShownMail {
        guard status.state == .waiting, var mail = try work.transaction.heldMail(status.id), mail.approval != .none,
            let person = work.roster.agents[judge],
            work.roster.mayApprove(person, in: mail.pool, by: mail.agent)
        else { throw held.refusal(status, work.roster) }
        mail.approval = .needed
        let transaction = work.transaction
        let shown = try held.show(mail, [], work)
        try held.hide(status, mail, work)
        try transaction.hold(
            status.id, .approval, doubts: [], releaseAt: nil, message: shown.message, uid: shown.uid)
        try transaction.setViews(shown.views, of: status.id)
        try transaction.setApproval(.needed, baseline: mail.baseline, of: status.id)
        try transaction.askApproval(of: status.id, at: work.now)
        if mail.departure != .newCase { try record(.approvalWithdrawn, mail, by: judge, work) }
        try ApprovalNotices.outdate(for: mail, isNews: false, work)
        return shown
    }

    /// The author is to write better: the mail is a draft again, and a notice says why.
    package func sendBack(
        _ status: HeldMailStatus, by judge: AgentID, words: String, _ work: CaseWork
    ) throws {
        let mail = try waiting(status, for: judge, work)
        _ = try held.takeBack(status, mail, work)
        try ended(status, mail, .sentBack, by: judge, words: words, work)
    }

    /// The judge writes instead: the text is the judge's draft, the case the judge's. A closing mail has no text that anybody
    /// wrote: it does not leave, and its case stays over.
    package func takeOver(_ status: HeldMailStatus, by judge: AgentID, _ work: CaseWork) throws {
        let mail = try waiting(status, for: judge, work)
        guard mail.departure != .closing else {
            try held.finish(status, mail, work)
            return try ended(status, mail, .takenOver, by: judge, work)
        }
        guard let person = work.roster.agents[judge], let drafts = work.roster.mailbox(.drafts(judge)) else { return }
        if mail.departure != .newCase, let ticket = try work.transaction.survivor(mail.ticket), ticket.worker != judge {
            _ = try work.take(ticket.number, by: judge, with: held.intake.opening)
        }
        let octets = try work.transaction.octets(0..<mail.original.bodyOffset, of: mail.original.id)
        let blind = HeaderSection(try held.withBlindCopies(octets, to: mail.recipients))
        _ = try held.draft(mail.original, try Self.header(blind, of: person), of: judge, in: drafts, work)
        try held.finish(status, mail, work)
        try ended(status, mail, .takenOver, by: judge, work)
    }

    /// A supervisor wrote to the same people: what waited does not leave beside that.
    func replace(_ status: HeldMailStatus, by judge: AgentID, _ work: CaseWork) throws {
        let mail = try waiting(status, for: judge, work)
        _ = try held.takeBack(status, mail, work)
        try ended(status, mail, .replaced, by: judge, work)
    }

    /// The header section of a draft that another goes on with.
    private static func header(_ header: HeaderSection, of person: Roster.Agent) throws -> HeaderSection {
        var writer = HeaderWriter()
        if let address = EmailAddress(person.definition.login) {
            try writer.addresses("From", [NamedAddress(displayName: person.definition.name, address: address)])
        }
        for field in header.fields
        where !["From", "Sender", "Message-ID", "Reply-To"].contains(where: { header.isNamed(field, $0) }) {
            writer.copy(field, of: header)
        }
        return HeaderSection(writer.octets + [0x0D, 0x0A])
    }

    // MARK: - The end of it

    /// The mail that waits, if this agent may judge it; throws a `CaseRefusal` else.
    private func waiting(_ status: HeldMailStatus, for judge: AgentID, _ work: CaseWork) throws -> HeldMail {
        let person = try work.person(judge)
        guard status.state == .approval, let mail = try work.transaction.heldMail(status.id) else {
            throw held.refusal(status, work.roster)
        }
        guard work.roster.mayApprove(person, in: mail.pool, by: mail.agent) else {
            throw CaseRefusal(
                .noPermission, "Only a supervisor of the pool approves, and nobody a mail of one's own",
                "Akceptuje tylko kierownik puli, a swojej wiadomości nikt")
        }
        return mail
    }

    /// Writes what became of a request; the author is told, the case goes on.
    func ended(
        _ status: HeldMailStatus, _ mail: HeldMail, _ outcome: ApprovalOutcome, by agent: AgentID, words: String = "",
        _ work: CaseWork
    ) throws {
        try work.transaction.endApproval(of: status.id, outcome, by: agent, at: work.now)
        if mail.departure != .newCase {
            let kind: EventKind? =
                switch outcome {
                case .sentBack: .sentBack
                case .takenOver: .takenOver
                case .replaced: .replaced
                case .waiting, .approved, .recalled: nil
                }
            if let kind { try record(kind, mail, by: agent, reason: words.isEmpty ? nil : words, work) }
            try settle(mail.ticket, work)
        }
        if let author = work.roster.agents[mail.agent], author.isActive {
            let name = work.roster.agents[agent]?.definition.name ?? "Stempel"
            let language = ApprovalWords(author.language, clock: work.roster.clock)
            let told =
                mail.departure == .closing
                ? language.closingEnded(outcome, by: name, about: "#\(mail.ticket) \(mail.subject)", words: words)
                : language.ended(outcome, by: name, subject: mail.subject, words: words)
            if let told {
                try AgentNotice(subject: told.subject, text: told.text, about: mail.clientMessageID).file(
                    to: author, cryptography: held.intake.cryptography, host: held.host, work)
            }
        }
        try ApprovalNotices.outdate(for: mail, isNews: false, work)
    }

    /// A case that waited for approval goes on when nothing of it waits any more.
    func settle(_ number: TicketNumber, _ work: CaseWork) throws {
        guard let ticket = try work.transaction.survivor(number), ticket.status == .approval else { return }
        for status in try work.transaction.heldMail(of: number) {
            if status.state == .approval { return }
            if try work.transaction.heldMail(status.id)?.approval != HeldMail.Approval.none { return }
        }
        var changed = ticket
        changed.status = ticket.assignee == nil ? .new : .assigned
        _ = try work.move(ticket, to: changed, by: nil, reason: "nothing waits for approval")
    }

    private func record(
        _ kind: EventKind, _ mail: HeldMail, by agent: AgentID, reason: String? = nil, _ work: CaseWork
    ) throws {
        let author = agent == mail.agent ? nil : mail.agent.description
        try work.transaction.record(
            TicketEvent(
                ticket: mail.ticket, at: work.now, kind: kind, agent: agent, from: author,
                reason: reason.map { String($0.prefix(500)) }))
    }
}
