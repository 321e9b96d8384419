package import Desk
import MailFormat
package import MailTypes

/// A held mail does not leave, and is the draft again that its agent sent.
extension HeldMails {
    /// The mail does not leave: what the agent's client sent is a draft again. Answers the draft's UID in Drafts, `nil` for
    /// a closing mail, which nobody wrote; throws a `CaseRefusal` where the mail is gone.
    package func recall(uid: UID, of agent: AgentID, _ work: CaseWork) throws -> UID? {
        guard let status = try work.transaction.heldMailStatus(uid: uid, of: agent) else {
            throw CaseRefusal(.impossible, "That mail is gone", "Tej wiadomości już nie ma")
        }
        return try recall(status, work)
    }

    /// The same for the mail that was accepted last of those in a case; `false`: none of this agent waits there.
    func recallLatest(of agent: AgentID, in number: TicketNumber, _ work: CaseWork) throws -> Bool {
        guard let status = try work.transaction.heldMail(of: number).last(where: { $0.agent == agent }) else { return false }
        _ = try recall(status, work)
        return true
    }

    /// A mail that is not sent at all: it is a draft again, and a notice says why.
    func explain(
        _ explanation: SendingExplanation, _ content: HeldMail.Content, _ header: HeaderSection, to agent: Roster.Agent,
        recipients: [EmailAddress], _ work: CaseWork
    ) throws {
        if let drafts = work.roster.mailbox(.drafts(agent.id)) {
            let header = HeaderSection(try withBlindCopies(header.octets, to: recipients))
            _ = try draft(content, header, of: agent.id, in: drafts, work)
        }
        try explanation.notice(header, to: agent).file(to: agent, cryptography: intake.cryptography, host: host, work)
    }

    /// As `recall` by UID.
    package func recall(_ status: HeldMailStatus, _ work: CaseWork) throws -> UID? {
        let transaction = work.transaction
        guard let mail = try transaction.heldMail(status.id) else { throw refusal(status, work.roster) }
        let uid = try takeBack(status, mail, work)
        if mail.departure != .newCase {
            try transaction.record(
                TicketEvent(ticket: mail.ticket, at: work.now, kind: .recalled, agent: mail.agent))
        }
        if mail.approval != .none {
            try Approvals(held: self).ended(status, mail, .recalled, by: mail.agent, work)
        }
        return uid
    }

    /// The mail is its author's draft again; answers the UID there. A closing mail is dropped: Stempel wrote it, what the
    /// desk sees of it has no links, and as a draft it would only bring the case back.
    func takeBack(_ status: HeldMailStatus, _ mail: HeldMail, _ work: CaseWork) throws -> UID? {
        guard mail.departure != .closing else {
            try finish(status, mail, work)
            return nil
        }
        guard let drafts = work.roster.mailbox(.drafts(mail.agent)) else { throw refusal(status, work.roster) }
        let uid = try draft(mail, in: drafts, work)
        try finish(status, mail, work)
        return uid
    }

    /// The mail is not to leave any more.
    func finish(_ status: HeldMailStatus, _ mail: HeldMail, _ work: CaseWork) throws {
        try hide(status, mail, work)
        try work.transaction.end(status.id, .recalled, at: work.now)
        if mail.departure == .closing { try work.transaction.dropUnsentInvitation(of: mail.ticket) }
        if let question = mail.consultation { try Consultations(held: self).recalled(question, work) }
        try takeBackCopy(mail, work)
    }

    /// What a client may be told that comes too late: when the mail left.
    package func refusal(_ status: HeldMailStatus, _ roster: Roster) -> CaseRefusal {
        let language = roster.agents[status.agent]?.language ?? roster.definition.language
        guard status.state == .left, let left = status.endedAt else {
            return CaseRefusal(.impossible, "That mail is gone", "Tej wiadomości już nie ma")
        }
        return CaseRefusal(.impossible, Sentence(worded: SendingWords(language, clock: roster.clock).alreadySent(at: left)))
    }

    /// The copy that the client put into Sent was not sent after all.
    private func takeBackCopy(_ mail: HeldMail, _ work: CaseWork) throws {
        let transaction = work.transaction
        guard let copy = mail.clientMessageID else { return }
        try transaction.removeClientCopy(copy, by: mail.agent)
        guard let sent = work.roster.mailbox(.sent(mail.agent)),
            try transaction.clientCopies(copy).allSatisfy({ $0.agent != mail.agent }),
            let found = try transaction.ownMessage(copy, in: sent)
        else { return }
        _ = try transaction.leave([found.message], from: sent, at: work.modSequence(), now: work.now)
        try transaction.discard(found.message)
        transaction.note(Change(mailboxes: [sent], agents: [mail.agent]))
    }

    private func draft(_ mail: HeldMail, in drafts: MailboxID, _ work: CaseWork) throws -> UID {
        let octets = try work.transaction.octets(0..<mail.original.bodyOffset, of: mail.original.id)
        let header = HeaderSection(try withBlindCopies(octets, to: mail.recipients))
        return try draft(mail.original, header, of: mail.agent, in: drafts, work)
    }

    /// Puts what a client sent among the agent's drafts, in the place of the draft that it was made from.
    func draft(
        _ content: HeldMail.Content, _ header: HeaderSection, of agent: AgentID, in drafts: MailboxID, _ work: CaseWork
    ) throws -> UID {
        let transaction = work.transaction
        let earlier = try header.messageID.flatMap { try transaction.ownMessage($0, in: drafts) }
        let sequence = try work.modSequence()
        let key = try transaction.insert(
            NewMessage(
                ticket: nil, kind: .personal, pool: .none, content: content.id, bodyOffset: content.bodyOffset,
                contentSize: content.size, header: header.octets, envelope: IMAPEnvelope.render(header),
                structure: content.structure, keys: SortKeys(header), internalDate: work.now, sentAt: header.date,
                modSequence: sequence, messageID: header.messageID, agent: agent))
        try transaction.setPersonalFlags([.draft, .seen], of: key, for: agent, at: sequence)
        if let earlier {
            _ = try transaction.leave([earlier.message], from: drafts, at: sequence, now: work.now)
            try transaction.discard(earlier.message)
        }
        guard let uid = try transaction.enter([key], into: drafts, pool: .none, at: sequence, now: work.now).first
        else { preconditionFailure("a message that enters a mailbox gets a UID") }
        transaction.note(Change(mailboxes: [drafts], agents: [agent]))
        return uid
    }

    /// Clients keep Bcc to themselves when they send: a draft without it would lose those recipients.
    func withBlindCopies(_ header: [UInt8], to recipients: [EmailAddress]) throws -> [UInt8] {
        let section = HeaderSection(header)
        let shown = Set(["To", "Cc", "Bcc"].flatMap { section.addresses(of: $0) }.map(\.address))
        let blind = recipients.filter { !shown.contains($0) }
        guard !blind.isEmpty else { return header }
        var fields = HeaderWriter()
        try fields.addresses("Bcc", blind.map { NamedAddress(address: $0) })
        return fields.octets + header
    }
}
