package import Desk
import MailFormat
import MailTypes

/// Mail on its way out through To send (DESIGN §4): shown there, released at its time or by its agent's word, recalled to
/// Drafts. Every step is part of the caller's transaction; the state in the database decides who was first.
package struct HeldMails: Sendable {
    /// What came of a mail whose time had come.
    package enum Release: Sendable, Equatable {
        case left(TicketNumber)
        /// Something speaks against it now: it stays.
        case doubted
        /// Its agent had marked it deleted.
        case recalled
        /// It was gone already.
        case nothing
    }

    let intake: Intake
    /// How long delivery is tried.
    let expiry: Duration
    /// Where a large mail with a doubt on top comes from.
    var copies = LargeCopies.within

    package init(intake: Intake, expiry: Duration = .seconds(4 * 86400)) {
        (self.intake, self.expiry) = (intake, expiry)
    }

    var host: DomainName { intake.configuration.hostname }

    // MARK: - Holding

    /// Puts a mail into its agent's To send, with its doubts if there are any.
    func hold(_ mail: HeldMail, _ doubts: [SendingDoubt], _ work: CaseWork) throws {
        let transaction = work.transaction
        try transaction.stopWriting(in: mail.ticket, by: mail.agent)
        let shown = try show(mail, doubts, work)
        let state: HeldMail.State = mail.approval == .needed ? .approval : doubts.isEmpty ? .waiting : .doubted
        let id = try transaction.insert(
            mail, state, doubts: doubts.map(\.word), message: shown.message, uid: shown.uid)
        try transaction.setViews(shown.views, of: id)
        if state == .approval { try Approvals(held: self).asked(id, mail, work) }
        if mail.departure != .newCase {
            try transaction.record(
                TicketEvent(
                    ticket: mail.ticket, at: work.now, kind: doubts.isEmpty ? .held : .doubted, agent: mail.agent,
                    reason: doubts.isEmpty ? nil : doubts.map(\.word).joined(separator: " ")))
        }
        transaction.note(Change(isOutboxChange: true))
    }

    /// What To send or Approval shows is what will leave; doubts stand on top of the text.
    func show(_ mail: HeldMail, _ doubts: [SendingDoubt], _ work: CaseWork) throws -> ShownMail {
        let transaction = work.transaction
        let mailboxes = mail.mailboxes(in: work.roster)
        guard !mailboxes.isEmpty else {
            throw CaseRefusal(.impossible, "There is no mailbox for that", "Nie ma na to folderu")
        }
        var content = mail.shown
        var leaving = HeaderSection(mail.header)
        var fields = HeaderWriter()
        try fields.structured("X-Stempel-Case", mail.ticket.description)
        if !doubts.isEmpty {
            try fields.structured("X-Stempel-Held", doubts.map(\.word).joined(separator: ", "))
            let agent = work.roster.agents[mail.agent]
            let line = SendingWords(agent?.language ?? work.roster.definition.language, clock: work.roster.clock)
                .line(doubts)
            let section = HeaderSection(mail.header)
            let top = TopLine(
                line, header: section, structure: MIMEStructure(encoded: content.structure),
                bodySize: content.size - content.bodyOffset,
                isSealed: MailTraits(section).contains(.signedOrEncrypted), entropy: intake.cryptography.randomOctets(16))
            let plan = StoredPlan(header: top.header, pieces: top.pieces)
            let copy = try copies.content(
                "\(content.id) \(content.size) \(content.digest) \(line)", of: plan.segments(over: content), isCommitted: false)
            leaving = copy?.header ?? HeaderSection(top.header)
            let source = content
            content =
                try copy?.leaving(digest: source.digest, in: transaction)
                ?? plan.store(over: source, now: work.now, transaction)
            if copy != nil { try transaction.shareAcceptances(of: source.id, with: content.id) }
        }
        let root = mail.departure == .newCase
            ? nil : try transaction.ticket(mail.ticket)?.rootMessageID(host: host)
        let header = try HeaderRewriter(added: kept(fields, mail), root: root, removedNames: ["Reply-To"])
            .rewrite(leaving)
        let served = HeaderSection(header)
        let sequence = try work.modSequence()
        let key = try transaction.insert(
            NewMessage(
                ticket: nil, kind: .personal, pool: .none, content: content.id, bodyOffset: content.bodyOffset,
                contentSize: content.size, header: header, envelope: IMAPEnvelope.render(served),
                structure: content.structure, keys: SortKeys(served), internalDate: work.now, sentAt: served.date,
                modSequence: sequence, messageID: mail.messageID, agent: mail.agent))
        // A doubt is news, a mail of one's own that goes its way is none.
        if doubts.isEmpty { try transaction.markSeen(key, by: mail.agent, at: sequence) }
        var shown = ShownMail(message: key)
        for mailbox in mailboxes.sorted() {
            let uids = try transaction.enter([key], into: mailbox, pool: .none, at: sequence, now: work.now)
            if mailbox == work.roster.mailbox(.toSend(mail.agent)) {
                shown.uid = uids.first
            } else if let uid = uids.first {
                shown.views[mailbox] = uid
            }
        }
        transaction.note(Change(mailboxes: mailboxes, agents: [mail.agent]))
        return shown
    }

    /// Answering our own mail goes on talking to whom it went to, not to the desk: the signed Reply-To is for the customer.
    func kept(_ fields: HeaderWriter, _ mail: HeldMail) throws -> [UInt8] {
        var fields = fields
        if mail.approval == .needed {
            // What a supervisor answers is for the author alone.
            try fields.addresses("Reply-To", [NamedAddress(address: intake.roster.current.noteAddress)])
            return fields.octets
        }
        let header = HeaderSection(mail.header)
        let written = header.addresses(of: "To") + header.addresses(of: "Cc")
        try fields.addresses(
            "Reply-To", mail.recipients.map { recipient in written.first { $0.address == recipient } ?? NamedAddress(address: recipient) })
        return fields.octets
    }

    /// What To send or Approval showed goes.
    func hide(_ status: HeldMailStatus, _ mail: HeldMail, _ work: CaseWork) throws {
        let transaction = work.transaction
        let mailboxes = Set(try transaction.places(of: status.message))
        for mailbox in mailboxes.sorted() {
            _ = try transaction.leave([status.message], from: mailbox, at: work.modSequence(), now: work.now)
            if let viewer = work.roster.kinds[mailbox]?.owner, viewer != mail.agent {
                try transaction.forgetFlags(of: status.message, by: viewer)
            }
        }
        try transaction.discard(status.message)
        transaction.note(Change(mailboxes: mailboxes, agents: [mail.agent]))
    }

    // MARK: - Leaving

    /// Whether a closing mail still has what it tells of.
    func isStillOver(_ mail: HeldMail, _ work: CaseWork) throws -> Bool {
        guard let ticket = try work.transaction.ticket(mail.ticket) else { return false }
        return work.isOverByItself(ticket)
    }

    /// The mail's time has come, or its agent said that it shall leave whatever speaks against it.
    package func release(_ id: HeldMailID, isConfirmed: Bool, _ work: CaseWork) throws -> Release {
        let transaction = work.transaction
        // What waits for a supervisor leaves by nobody else's word.
        guard let status = try transaction.heldMailStatus(id), status.state != .approval,
            let mail = try transaction.heldMail(id)
        else { return .nothing }
        if mail.departure == .closing, try !isStillOver(mail, work) {
            try finish(status, mail, work)
            return .recalled
        }
        if !isConfirmed {
            if try transaction.personalFlags(of: status.message, for: mail.agent).contains(.deleted) {
                _ = try recall(status, work)
                return .recalled
            }
            let doubts = try changes(since: mail, work)
            if !doubts.isEmpty {
                try doubt(status, mail, doubts, work)
                return .doubted
            }
        }
        let ticket = try depart(mail, work)
        try hide(status, mail, work)
        try transaction.end(id, .left, at: work.now)
        if mail.approval != .none { try Approvals(held: self).settle(ticket, work) }
        return .left(ticket)
    }

    /// A customer wrote into a case: answers that were to leave later are held back at once, so that their agents hear of it
    /// in time (DESIGN §4). Those within their undo time are looked at when it is over.
    func customerWrote(in number: TicketNumber, _ work: CaseWork) throws {
        for status in try work.transaction.heldMail(of: number) where status.state == .waiting {
            guard let mail = try work.transaction.heldMail(status.id), mail.isScheduled else { continue }
            let doubts = try changes(since: mail, work)
            if !doubts.isEmpty { try doubt(status, mail, doubts, work) }
        }
    }

    /// What came into the case since an answer was written.
    private func changes(since mail: HeldMail, _ work: CaseWork) throws -> [SendingDoubt] {
        guard mail.departure == .answer else { return [] }
        return SendingFacts(
            meaning: .answer, recipients: mail.recipients.map { SentRecipient($0, .participant) },
            changes: try CaseChanges(mail, work).list, scheduledAt: mail.isScheduled ? mail.acceptedAt : nil
        ).doubts
    }

    /// The mail cannot leave as its case is now: it is held, with the reason.
    package func refuse(_ id: HeldMailID, _ refusal: CaseRefusal, _ work: CaseWork) throws {
        guard let status = try work.transaction.heldMailStatus(id), let mail = try work.transaction.heldMail(id) else {
            return
        }
        try doubt(status, mail, [.impossible(refusal.sentence.text(in: work.roster.agents[mail.agent]?.language ?? work.roster.definition.language))], work)
    }

    private func doubt(
        _ status: HeldMailStatus, _ mail: HeldMail, _ doubts: [SendingDoubt], _ work: CaseWork
    ) throws {
        guard mail.approval == .none else { return try Approvals(held: self).doubt(status, mail, doubts, work) }
        // The new one first: a message's number must not be given to another at once.
        let shown = try show(mail, doubts, work)
        try hide(status, mail, work)
        try work.transaction.hold(
            status.id, .doubted, doubts: doubts.map(\.word), releaseAt: nil, message: shown.message, uid: shown.uid)
        try tellSubstitute(of: mail, work)
        guard mail.departure != .newCase else { return }
        try work.transaction.record(
            TicketEvent(
                ticket: mail.ticket, at: work.now, kind: .doubted, agent: mail.agent,
                reason: doubts.map(\.word).joined(separator: " ")))
    }

    /// Nobody looks into To send of who is away.
    private func tellSubstitute(of mail: HeldMail, _ work: CaseWork) throws {
        guard let author = work.roster.agents[mail.agent],
            let worker = work.roster.worker(for: mail.agent, in: mail.pool, at: work.now), worker != mail.agent,
            let substitute = work.roster.agents[worker]
        else { return }
        let about = mail.departure == .newCase ? mail.subject : "#\(mail.ticket) \(mail.subject)"
        let told = AbsenceWords(substitute.language).doubt(author.definition.name, subject: about)
        var notice = AgentNotice(subject: told.subject, text: told.text)
        notice.listsCases = true
        try notice.file(
            to: substitute, cryptography: intake.cryptography, host: host, work)
    }
}
