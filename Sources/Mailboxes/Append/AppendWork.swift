import Desk
import Gateway
import IMAPProtocol
import MailFormat
import MailTypes

/// Filing appended messages, as a value that goes into a transaction.
struct AppendWork: Sendable {
    let view: MailboxView
    let messages: [FinishedAppend]
    /// What the one message takes the place of (RFC 8508).
    var replaced: ReplacedMessage?
    let roster: Roster
    let now: Timestamp

    /// Files all; answers the UIDs in the order in which the messages came. A mail that a case holds already has none.
    func carryOut(_ transaction: any MailboxTransaction) throws -> [UID] {
        let work = CaseWork(transaction, roster: roster, now: now)
        let before = try transaction.ownMail(of: view.agent)
        let old = try replaced.map { try own($0, transaction) }
        let uids = try messages.compactMap { message in
            switch message {
            case .own(let own): try file(own, work, old?.message, transaction)
            case .filed(let filing, let flags, let isTaken): try file(filing, flags, isTaken, work, transaction)
            }
        }
        if let replaced, let old {
            _ = try transaction.leave([old.message], from: replaced.view.mailbox, at: work.modSequence(), now: now)
            try transaction.discard(old.message)
            transaction.note(Change(mailboxes: [replaced.view.mailbox]))
        }
        if let person = roster.agents[view.agent] {
            try OwnMailQuota(person, roster).check(try transaction.ownMail(of: view.agent), since: before)
        }
        transaction.note(Change(mailboxes: [view.mailbox], agents: [view.agent]))
        return uids
    }

    /// The message to be replaced, as it is now. Cases are decided about, not replaced.
    private func own(_ replaced: ReplacedMessage, _ transaction: any MailboxTransaction) throws -> MessageRow {
        var found: MessageRow?
        try transaction.eachMessage([replaced.uid], in: replaced.view, []) { row in
            found = row
            return true
        }
        guard let found else { throw CommandRefusal.no("That message is gone", .expungeIssued) }
        guard found.ticket == nil else { throw CommandRefusal.no("Mail of a case is not replaced", .cannot) }
        return found
    }

    // MARK: - Mail of the desk

    private func file(
        _ filing: AgentFiling, _ flags: Flags, _ isTaken: Bool, _ work: CaseWork,
        _ transaction: any MailboxTransaction
    ) throws -> UID? {
        guard let ticket = try filing.run(in: transaction), let message = try transaction.messages(of: ticket).last
        else { return nil }
        let personal = flags.intersection(.personal).subtracting(.deleted)
        try transaction.setPersonalFlags(personal, of: message, for: view.agent, at: work.modSequence())
        if isTaken {
            // Where a colleague has the case, the mail is in it all the same, and the colleague sees it.
            do {
                _ = try work.apply(.take, to: ticket, by: view.agent)
            } catch is CaseRefusal {}
        }
        if let uid = try transaction.uids(of: [message], in: view.mailbox)[message] { return uid }
        // Not here: the mailbox names a UID all the same and lets it go at once (DESIGN §3).
        guard let pool = try transaction.ticket(ticket)?.pool else { return nil }
        let sequence = try work.modSequence()
        let uid = try transaction.enter([message], into: view.mailbox, pool: pool, at: sequence, now: now).first
        _ = try transaction.leave([message], from: view.mailbox, at: sequence, now: now)
        return uid
    }

    // MARK: - Mail of the agent's own

    private func file(
        _ message: OwnAppend, _ work: CaseWork, _ replaced: MessageKey?, _ transaction: any MailboxTransaction
    ) throws -> UID {
        let sequence = try work.modSequence()
        let keepsOne = view.kind.class == .sent || view.kind.class == .drafts
        let messageID = keepsOne ? message.header.messageID : nil
        let earlier = try messageID.flatMap { try transaction.ownMessage($0, in: view.mailbox) }
        // Clients append a sent mail again when they are not sure: the same mail twice is one UID (DESIGN §3).
        if view.kind.class == .sent, let earlier, earlier.message != replaced {
            try discard(message, transaction)
            return earlier.uid
        }
        let content: ContentID
        switch message.octets {
        case .memory(let octets):
            content = try transaction.insertContent(octets, headerSize: message.header.octets.count)
        case .staged(let staged):
            try transaction.commitStaged(staged, size: message.size, headerSize: message.header.octets.count)
            content = staged
        }
        let key = try transaction.insert(newMessage(message, content, sequence))
        try transaction.setPersonalFlags(
            message.flags.flags.intersection(.personal), of: key, for: view.agent, at: sequence)
        if view.kind.class == .drafts { try beginWork(message.header, key, work, transaction) }
        // An autosaved draft takes the place of the one before it.
        if view.kind.class == .drafts, let earlier {
            _ = try transaction.leave([earlier.message], from: view.mailbox, at: sequence, now: now)
            try transaction.discard(earlier.message)
        }
        guard let uid = try transaction.enter([key], into: view.mailbox, pool: .none, at: sequence, now: now).first
        else {
            throw CommandRefusal.gone
        }
        return uid
    }

    /// A draft of an answer puts the case in progress (DESIGN §2), once; its card says who is writing since when.
    private func beginWork(
        _ header: HeaderSection, _ draft: MessageKey, _ work: CaseWork, _ transaction: any MailboxTransaction
    ) throws {
        guard let id = header.inReplyTo.last ?? header.references.last else { return }
        for message in try transaction.filedMessages(id) {
            guard let ticket = try transaction.survivor(message.ticket) else { continue }
            _ = try work.beginWork(on: ticket, by: view.agent, reason: "began an answer")
            guard roster.agents[view.agent]?.readablePools.contains(ticket.pool) == true else { continue }
            try transaction.startWriting(draft, in: ticket.number, by: view.agent, at: now)
        }
    }

    private func newMessage(
        _ message: OwnAppend, _ content: ContentID, _ sequence: ModSequence
    ) -> NewMessage {
        let header = message.header
        return NewMessage(
            ticket: nil, kind: .personal, pool: .none, content: content, bodyOffset: header.octets.count,
            contentSize: message.size, header: header.octets, envelope: IMAPEnvelope.render(header),
            structure: message.structure, keys: SortKeys(header),
            internalDate: message.internalDate ?? now, sentAt: header.date,
            modSequence: sequence, flags: message.flags.flags.intersection(.shared), keywords: message.flags.keywords,
            messageID: header.messageID, agent: view.agent)
    }

    private func discard(_ message: OwnAppend, _ transaction: any MailboxTransaction) throws {
        if case .staged(let content) = message.octets { try transaction.dropStaged(content) }
    }
}
