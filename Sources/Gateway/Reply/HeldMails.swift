package import Desk
import MailFormat
package import MailTypes

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

    package init(intake: Intake, expiry: Duration = .seconds(4 * 86400)) {
        (self.intake, self.expiry) = (intake, expiry)
    }

    private var host: DomainName { intake.configuration.hostname }

    // MARK: - Holding

    /// Puts a mail into its agent's To send, with its doubts if there are any.
    func hold(_ mail: HeldMail, _ doubts: [SendingDoubt], _ work: CaseWork) throws {
        let transaction = work.transaction
        let shown = try show(mail, doubts, work)
        _ = try transaction.insert(
            mail, doubts.isEmpty ? .waiting : .doubted, doubts: doubts.map(\.word), message: shown.message,
            uid: shown.uid)
        if mail.departure != .newCase {
            try transaction.record(
                TicketEvent(
                    ticket: mail.ticket, at: work.now, kind: doubts.isEmpty ? .held : .doubted, agent: mail.agent,
                    reason: doubts.isEmpty ? nil : doubts.map(\.word).joined(separator: " ")))
        }
        transaction.note(Change(isOutboxChange: true))
    }

    /// What To send shows is what will leave; doubts stand on top of the text.
    private func show(
        _ mail: HeldMail, _ doubts: [SendingDoubt], _ work: CaseWork
    ) throws -> (message: MessageKey, uid: UID) {
        let transaction = work.transaction
        guard let mailbox = work.roster.mailbox(.toSend(mail.agent)) else {
            throw CaseRefusal(.impossible, "There is no mailbox for that")
        }
        var content = mail.leaving
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
            leaving = HeaderSection(top.header)
            content = try StoredPlan(header: top.header, pieces: top.pieces).store(
                over: content, now: work.now, transaction)
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
        guard
            let uid = try transaction.enter([key], into: mailbox, pool: .none, at: sequence, now: work.now).first
        else { preconditionFailure("a message that enters a mailbox gets a UID") }
        transaction.note(Change(mailboxes: [mailbox], agents: [mail.agent]))
        return (key, uid)
    }

    /// Answering our own mail goes on talking to whom it went to, not to the desk: the signed Reply-To is for the customer.
    private func kept(_ fields: HeaderWriter, _ mail: HeldMail) throws -> [UInt8] {
        var fields = fields
        let header = HeaderSection(mail.header)
        let written = header.addresses(of: "To") + header.addresses(of: "Cc")
        try fields.addresses(
            "Reply-To", mail.recipients.map { recipient in written.first { $0.address == recipient } ?? NamedAddress(address: recipient) })
        return fields.octets
    }

    /// What To send showed goes.
    private func hide(_ status: HeldMailStatus, _ mail: HeldMail, _ work: CaseWork) throws {
        guard let mailbox = work.roster.mailbox(.toSend(mail.agent)) else { return }
        _ = try work.transaction.leave([status.message], from: mailbox, at: work.modSequence(), now: work.now)
        try work.transaction.discard(status.message)
        work.transaction.note(Change(mailboxes: [mailbox], agents: [mail.agent]))
    }

    // MARK: - Leaving

    /// The mail's time has come, or its agent said that it shall leave whatever speaks against it.
    package func release(_ id: HeldMailID, isConfirmed: Bool, _ work: CaseWork) throws -> Release {
        let transaction = work.transaction
        guard let status = try transaction.heldMailStatus(id), let mail = try transaction.heldMail(id) else {
            return .nothing
        }
        if !isConfirmed {
            if try transaction.personalFlags(of: status.message, for: mail.agent).contains(.deleted) {
                _ = try recall(status, work)
                return .recalled
            }
            let changes = mail.departure == .answer ? try CaseChanges(mail, work).list : []
            if !changes.isEmpty {
                let facts = SendingFacts(
                    meaning: .answer, recipients: mail.recipients.map { SentRecipient($0, .participant) },
                    changes: changes, scheduledAt: mail.isScheduled ? mail.acceptedAt : nil)
                try doubt(status, mail, facts.doubts, work)
                return .doubted
            }
        }
        let ticket = try depart(mail, work)
        try hide(status, mail, work)
        try transaction.end(id, .left, at: work.now)
        return .left(ticket)
    }

    /// The mail cannot leave as its case is now: it is held, with the reason.
    package func refuse(_ id: HeldMailID, _ refusal: CaseRefusal, _ work: CaseWork) throws {
        guard let status = try work.transaction.heldMailStatus(id), let mail = try work.transaction.heldMail(id) else {
            return
        }
        try doubt(status, mail, [.impossible(refusal.sentence)], work)
    }

    private func doubt(
        _ status: HeldMailStatus, _ mail: HeldMail, _ doubts: [SendingDoubt], _ work: CaseWork
    ) throws {
        // The new one first: a message's number must not be given to another at once.
        let shown = try show(mail, doubts, work)
        try hide(status, mail, work)
        try work.transaction.doubt(status.id, doubts.map(\.word), message: shown.message, uid: shown.uid)
        guard mail.departure != .newCase else { return }
        try work.transaction.record(
            TicketEvent(
                ticket: mail.ticket, at: work.now, kind: .doubted, agent: mail.agent,
                reason: doubts.map(\.word).joined(separator: " ")))
    }

    /// Files the mail into its case, moves the case, and puts the mail into the outbox.
    func depart(_ mail: HeldMail, _ work: CaseWork) throws -> TicketNumber {
        let transaction = work.transaction
        let recipients = try correspondents(mail, transaction, at: work.now)
        var ticket = try mail.departure == .newCase
            ? open(mail, recipients, work) : current(mail.ticket, transaction)
        if mail.departure != .passOn {
            for recipient in recipients { try transaction.addParticipant(recipient.address, to: ticket.number) }
        }
        if mail.departure == .answer { ticket = try wait(ticket, mail, work) }
        let key = try file(mail, ticket, work)
        try enqueue(mail, ticket, key, work)
        for follower in mail.followers {
            // Who may not see the case follows nothing.
            do { try work.setFollowing(true, ticket.number, by: follower) } catch is CaseRefusal {}
        }
        try obey(mail, ticket.number, work)
        return ticket.number
    }

    /// Carries out what the mail's commands say of the case, now that it left. What cannot be done any more is told: the
    /// mail has left all the same.
    private func obey(_ mail: HeldMail, _ number: TicketNumber, _ work: CaseWork) throws {
        guard !mail.commands.isEmpty, let agent = work.roster.agents[mail.agent] else { return }
        let reader = CommandReader(now: work.roster.clock.localTime(of: work.now))
        guard case .commands(let commands) = reader.read(mail.commands) else { return }
        let carrier = CaseCommands(work: work, agent: agent, opening: intake.opening, held: self, answered: [])
        var refused: [String] = []
        for command in commands {
            do {
                try carrier.carryOut(command, on: number)
            } catch let refusal as CaseRefusal {
                refused.append("\(command.line): \(refusal.sentence)")
            } catch let problem as CommandProblem {
                refused.append("\(command.line): \(problem.sentence(in: agent.language))")
            }
        }
        guard !refused.isEmpty else { return }
        let subject =
            switch agent.language {
            case .english: "Sent, but not all was done: \(mail.subject)"
            case .polish: "Wysłano, ale nie wszystko wykonano: \(mail.subject)"
            }
        try AgentNotice(subject: subject, text: refused.joined(separator: "\n\n") + "\n", about: mail.clientMessageID)
            .file(to: agent, cryptography: intake.cryptography, host: host, work)
    }

    private func correspondents(
        _ mail: HeldMail, _ transaction: any DeskTransaction, at now: Timestamp
    ) throws -> [Correspondent] {
        let header = HeaderSection(mail.header)
        let written = header.addresses(of: "To") + header.addresses(of: "Cc")
        return try mail.recipients.map { recipient in
            let named = written.first { $0.address == recipient } ?? NamedAddress(address: recipient)
            return try transaction.correspondent(named, at: now)
        }
    }

    /// The case, or the one that took it in since.
    private func current(_ number: TicketNumber, _ transaction: any DeskTransaction) throws -> Ticket {
        guard let ticket = try transaction.survivor(number) else {
            throw CaseRefusal(.impossible, "There is no such case")
        }
        return ticket
    }

    private func open(_ mail: HeldMail, _ recipients: [Correspondent], _ work: CaseWork) throws -> Ticket {
        guard let waiting = work.roster.mailbox(.waiting(mail.agent)), work.roster.pools[mail.pool]?.isActive == true
        else { throw CaseRefusal(.impossible, "There is no such pool") }
        let ticket = Ticket(
            number: mail.ticket, pool: mail.pool, status: .waiting, assignee: mail.agent, group: nil,
            mailbox: waiting, customer: recipients.first?.customer, address: mail.address,
            rootToken: Base32.encode(intake.cryptography.randomOctets(10)), openedAt: work.now, statusSince: work.now)
        return try work.open(ticket, subject: mail.subject, by: mail.agent)
    }

    /// An answer takes the case if nobody has it, and leaves it waiting for the customer.
    private func wait(_ ticket: Ticket, _ mail: HeldMail, _ work: CaseWork) throws -> Ticket {
        var changed = ticket
        if ticket.assignee.flatMap({ work.roster.agents[$0] })?.isActive != true {
            (changed.assignee, changed.group) = (mail.agent, nil)
        }
        (changed.status, changed.folder) = (.waiting, nil)
        return try work.move(ticket, to: changed, by: mail.agent, reason: "answered").ticket
    }

    private func file(_ mail: HeldMail, _ ticket: Ticket, _ work: CaseWork) throws -> MessageKey {
        let transaction = work.transaction
        var fields = HeaderWriter()
        try fields.structured("X-Stempel-Case", ticket.number.description)
        let header = try HeaderRewriter(
            added: kept(fields, mail), root: ticket.rootMessageID(host: host), removedNames: ["Reply-To"]
        ).rewrite(HeaderSection(mail.header))
        let served = HeaderSection(header)
        let sequence = try work.modSequence()
        let key = try transaction.insert(
            NewMessage(
                ticket: ticket.number, kind: .outbound, pool: ticket.pool, content: mail.leaving.id,
                bodyOffset: mail.leaving.bodyOffset, contentSize: mail.leaving.size, header: header,
                envelope: IMAPEnvelope.render(served), structure: mail.leaving.structure, keys: SortKeys(served),
                internalDate: work.now, sentAt: work.now, modSequence: sequence,
                keywords: try transaction.tags(of: ticket.number), messageID: mail.messageID,
                contentDigest: mail.leaving.digest, agent: mail.agent))
        try transaction.markSeen(key, by: mail.agent, at: sequence)
        try mark(mail, ticket, work)
        try work.place(key, of: ticket, isFirst: mail.departure == .newCase)
        try transaction.record(
            TicketEvent(
                ticket: ticket.number, at: work.now, kind: mail.departure == .passOn ? .forwarded : .answered,
                agent: mail.agent, message: key))
        if let copy = mail.clientMessageID { try transaction.setMessage(key, ofClientCopy: copy, by: mail.agent) }
        return key
    }

    private func enqueue(_ mail: HeldMail, _ ticket: Ticket, _ key: MessageKey, _ work: CaseWork) throws {
        try work.transaction.enqueue(
            NewSubmission(
                ticket: ticket.number, message: key, agent: mail.agent, content: mail.leaving.id,
                bodyOffset: mail.leaving.bodyOffset, header: mail.header,
                reversePath: intake.keys.signedAddress(
                    mail.address, ticket: ticket.number, purpose: .bounce, subject: key.rawValue),
                recipients: mail.recipients, isEightBit: mail.leaving.isEightBit,
                needsSMTPUTF8: !mail.recipients.allSatisfy(\.isASCII) || mail.header.contains { $0 >= 0x80 },
                clientMessageID: mail.clientMessageID, acceptedAt: work.now, expiresAt: work.now + expiry))
        work.transaction.note(Change(isOutboxChange: true))
    }

    /// `\Answered` on the mail that was answered and `$Forwarded` on what was forwarded, for everybody.
    private func mark(_ mail: HeldMail, _ ticket: Ticket, _ work: CaseWork) throws {
        var marks = mail.forwarded.prefix(10).map { (id: $0, flag: Flags.forwarded) }
        if let answered = mail.answered { marks.append((answered, mail.departure == .passOn ? .forwarded : .answered)) }
        for mark in marks {
            for message in try work.transaction.messages(withID: mark.id, in: ticket.number) {
                try work.transaction.addSharedFlags(mark.flag, to: message, at: work.modSequence())
            }
        }
    }

    // MARK: - Recall

    /// The mail does not leave: what the agent's client sent is a draft again. Answers the draft's UID in Drafts; throws a
    /// `CaseRefusal` where the mail is gone.
    package func recall(uid: UID, of agent: AgentID, _ work: CaseWork) throws -> UID {
        guard let status = try work.transaction.heldMailStatus(uid: uid, of: agent) else {
            throw CaseRefusal(.impossible, "That mail is gone")
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

    private func recall(_ status: HeldMailStatus, _ work: CaseWork) throws -> UID {
        let transaction = work.transaction
        guard let mail = try transaction.heldMail(status.id), let drafts = work.roster.mailbox(.drafts(mail.agent))
        else { throw refusal(status, work.roster) }
        let uid = try draft(mail, in: drafts, work)
        try hide(status, mail, work)
        try transaction.end(status.id, .recalled, at: work.now)
        if mail.departure != .newCase {
            try transaction.record(
                TicketEvent(ticket: mail.ticket, at: work.now, kind: .recalled, agent: mail.agent))
        }
        try takeBackCopy(mail, work)
        return uid
    }

    /// What a client may be told that comes too late: when the mail left.
    package func refusal(_ status: HeldMailStatus, _ roster: Roster) -> CaseRefusal {
        let language = roster.agents[status.agent]?.language ?? roster.definition.language
        guard status.state == .left, let left = status.endedAt else {
            return CaseRefusal(.impossible, "That mail is gone")
        }
        return CaseRefusal(.impossible, SendingWords(language, clock: roster.clock).alreadySent(at: left))
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
    private func draft(
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
    private func withBlindCopies(_ header: [UInt8], to recipients: [EmailAddress]) throws -> [UInt8] {
        let section = HeaderSection(header)
        let shown = Set(["To", "Cc", "Bcc"].flatMap { section.addresses(of: $0) }.map(\.address))
        let blind = recipients.filter { !shown.contains($0) }
        guard !blind.isEmpty else { return header }
        var fields = HeaderWriter()
        try fields.addresses("Bcc", blind.map { NamedAddress(address: $0) })
        return fields.octets + header
    }
}
