import Desk
import MailFormat
import MailTypes

/// A held mail leaves: what it makes of its case, in one transaction.
extension HeldMails {
    /// Files the mail into its case, moves the case, and puts the mail into the outbox.
    func depart(_ mail: HeldMail, _ work: CaseWork) throws -> TicketNumber {
        if mail.departure == .consultation { return try Consultations(held: self).depart(mail, work) }
        let transaction = work.transaction
        try transaction.stopWriting(in: mail.ticket, by: mail.agent)
        let recipients = try correspondents(mail, transaction, at: work.now)
        var ticket = try mail.departure == .newCase
            ? open(mail, recipients, work) : current(mail.ticket, transaction)
        if mail.departure == .answer || mail.departure == .newCase {
            for recipient in recipients { try transaction.addParticipant(recipient.address, to: ticket.number) }
        }
        if mail.departure == .answer { ticket = try wait(ticket, mail, work) }
        let key = try file(mail, ticket, work)
        try enqueue(mail, ticket, key, work)
        if mail.departure == .closing { try transaction.openInvitation(of: mail.ticket, at: work.now) }
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
        let reader = CommandReader(now: work.roster.clock(of: mail.agent).localTime(of: work.now))
        guard case .commands(let commands) = reader.read(mail.commands) else { return }
        let carrier = CaseCommands(work: work, agent: agent, opening: intake.opening, held: self, answered: [])
        var refused: [String] = []
        for command in commands {
            do {
                try carrier.carryOut(command, on: number)
            } catch let refusal as CaseRefusal {
                refused.append("\(command.line): \(refusal.sentence.text(in: agent.language))")
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
            throw CaseRefusal(.impossible, "There is no such case", "Nie ma takiej sprawy")
        }
        return ticket
    }

    private func open(_ mail: HeldMail, _ recipients: [Correspondent], _ work: CaseWork) throws -> Ticket {
        guard let waiting = work.roster.mailbox(.waiting(mail.agent)), work.roster.pools[mail.pool]?.isActive == true
        else { throw CaseRefusal(.impossible, "There is no such pool", "Nie ma takiej puli") }
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
        // A trainee's answer leaves by the word of who approved it.
        var actor = mail.agent
        if case .given(let judge) = mail.approval { actor = judge }
        return try work.move(ticket, to: changed, by: actor, reason: "answered").ticket
    }

    func file(_ mail: HeldMail, _ ticket: Ticket, _ work: CaseWork) throws -> MessageKey {
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
                ticket: ticket.number, kind: mail.messageKind, pool: ticket.pool, content: mail.shown.id,
                bodyOffset: mail.shown.bodyOffset, contentSize: mail.shown.size, header: header,
                envelope: IMAPEnvelope.render(served), structure: mail.shown.structure, keys: SortKeys(served),
                internalDate: work.now, sentAt: work.now, modSequence: sequence,
                keywords: try transaction.tags(of: ticket.number), messageID: mail.messageID,
                contentDigest: mail.shown.digest, agent: mail.isOfMachine ? nil : mail.agent))
        if !mail.isOfMachine { try transaction.markSeen(key, by: mail.agent, at: sequence) }
        try mark(mail, ticket, work)
        try work.place(key, of: ticket, isFirst: mail.departure == .newCase)
        let department = try mail.consultation.flatMap { try transaction.consultation($0)?.department }
        try transaction.record(
            TicketEvent(
                ticket: ticket.number, at: work.now, kind: mail.eventKind, agent: mail.isOfMachine ? nil : mail.agent,
                message: key, to: department?.description))
        if let copy = mail.clientMessageID { try transaction.setMessage(key, ofClientCopy: copy, by: mail.agent) }
        return key
    }

    func enqueue(_ mail: HeldMail, _ ticket: Ticket, _ key: MessageKey, _ work: CaseWork) throws {
        var submission = NewSubmission(
            ticket: ticket.number, message: key, agent: mail.isOfMachine ? nil : mail.agent, content: mail.leaving.id,
            bodyOffset: mail.leaving.bodyOffset, header: mail.header,
            // That a customer was not reached to be asked opens no case again.
            reversePath: mail.departure == .closing
                ? nil
                : intake.keys.signedAddress(
                    mail.address, ticket: ticket.number, purpose: .bounce, subject: key.rawValue),
            recipients: mail.recipients, isEightBit: mail.leaving.isEightBit,
            needsSMTPUTF8: !mail.recipients.allSatisfy(\.isASCII) || mail.header.contains { $0 >= 0x80 },
            clientMessageID: mail.clientMessageID, acceptedAt: work.now, expiresAt: work.now + expiry)
        submission.wishes = mail.wishes
        try work.transaction.enqueue(submission)
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
}

extension HeldMail.Departure {
    /// What the case remembers of it.
    var event: EventKind {
        switch self {
        case .answer, .newCase: .answered
        case .passOn: .forwarded
        case .notice, .closing: .answeredAutomatically
        case .consultation: .consulted
        }
    }
}
