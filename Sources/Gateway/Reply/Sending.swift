import Desk
import MailFormat
import MailTypes

/// One mail of an agent on its way out, within one transaction: find its case, compose what leaves, file what the desk
/// keeps, put it into the outbox, move the case.
struct Sending: Sendable {
    let submission: Submission
    let roster: Roster
    let stamp: StampPattern
    let content: ReceivedContent
    let envelope: Envelope
    let agent: Roster.Agent
    let now: Timestamp

    private var intake: Intake { submission.intake }
    private var host: DomainName { intake.configuration.hostname }

    /// What the mail is to its case.
    private enum Meaning {
        /// To somebody who takes part, or to the author of the mail that it answers.
        case answer
        /// To nobody who takes part: it stops no clock and leaves the case where it is.
        case forward
    }

    /// The case that the mail belongs to now.
    func run(in transaction: any DeskTransaction) throws -> TicketNumber {
        let outside = envelope.recipients.filter { !isInternal($0) }
        guard !outside.isEmpty else { throw SendingRefusal(reply: .noOutsideRecipient) }
        let work = CaseWork(transaction, roster: roster, now: now)
        let recipients = try outside.map { try transaction.correspondent(named($0), at: now) }
        let found = try findTicket(transaction).map { try transaction.survivor(of: $0) }
        if let found, !agent.readablePools.contains(found.pool) { throw SendingRefusal(reply: .notYourCase) }
        var ticket = try found ?? open(for: recipients, transaction)
        let meaning = try found.map { try self.meaning(for: $0, recipients, transaction) } ?? .answer
        if meaning == .answer {
            for recipient in recipients { try transaction.addParticipant(recipient.address, to: ticket.number) }
            ticket = try wait(ticket, work)
        }
        try send(ticket, meaning, outside, recipients, work)
        return ticket.number
    }

    private func meaning(
        for ticket: Ticket, _ recipients: [Correspondent], _ transaction: any DeskTransaction
    ) throws -> Meaning {
        if try recipients.contains(where: { try transaction.isParticipant($0.address, in: ticket.number) }) {
            return .answer
        }
        // An unconfirmed author takes part from the first answer on (DESIGN §5).
        guard let answered else { return .forward }
        let authors = try transaction.filedMessages(answered).filter { $0.ticket == ticket.number }.map(\.author)
        return recipients.contains { authors.contains($0.address) } ? .answer : .forward
    }

    /// The mail that this one answers.
    private var answered: MessageID? {
        let header = content.header
        if let parent = header.inReplyTo.last { return parent }
        return forwarded.isEmpty ? header.references.last : nil
    }

    /// The mails that this one forwards, as Thunderbird and its kin name them.
    private var forwarded: [MessageID] {
        content.header.unfolded("X-Forwarded-Message-Id").map(MessageIDs.read) ?? []
    }

    // MARK: - Which case

    /// Ours: pools, their signed forms, agents. They are taken out of header and envelope of what leaves.
    private func isInternal(_ address: EmailAddress) -> Bool {
        MailFacts.isInternal(address, roster)
    }

    private func named(_ address: EmailAddress) -> NamedAddress {
        let written = content.header.addresses(of: "To") + content.header.addresses(of: "Cc")
        return written.first { $0.address == address } ?? NamedAddress(address: address)
    }

    /// By thread, by signed address, by stamp: an agent is trusted to name any case that she may read.
    private func findTicket(_ transaction: any DeskTransaction) throws -> Ticket? {
        let header = content.header
        let references =
            header.inReplyTo.suffix(10).reversed() + header.references.suffix(30).reversed() + forwarded.prefix(10)
        for reference in references {
            if let ticket = try ticket(of: reference, transaction) { return ticket }
        }
        let written =
            envelope.recipients + header.addresses(of: "To").map(\.address)
            + header.addresses(of: "Cc").map(\.address)
        for address in written {
            if let token = intake.keys.token(in: address), token.purpose == .reply,
                let ticket = try transaction.ticket(token.ticket)
            {
                return ticket
            }
        }
        for found in stamp.stamps(in: header.text("Subject") ?? "").prefix(20) {
            if let ticket = try transaction.ticket(TicketNumber(rawValue: found.number)) { return ticket }
        }
        return nil
    }

    private func ticket(of reference: MessageID, _ transaction: any DeskTransaction) throws -> Ticket? {
        let filed = try transaction.filedMessages(reference)
        if let readable = try filed.lazy.compactMap({ try transaction.ticket($0.ticket) })
            .first(where: { agent.readablePools.contains($0.pool) })
        {
            return readable
        }
        if let token = intake.keys.token(in: reference, host: host), let ticket = try transaction.ticket(token.ticket) {
            return ticket
        }
        guard let (number, rootToken) = Ticket.rootParts(of: reference, host: host) else { return nil }
        return try transaction.ticket(number, rootToken: rootToken)
    }

    // MARK: - What becomes of the case

    /// A mail to somebody outside that belongs to no case opens one, in the pool it is written from (DESIGN §4).
    private func open(for recipients: [Correspondent], _ transaction: any DeskTransaction) throws -> Ticket {
        let author = content.header.addresses(of: "From").first?.address
        let byPriority = agent.memberships.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map(\.key)
        guard
            let pool = author.flatMap({ roster.pool(address: $0) }) ?? byPriority.first
                ?? agent.readablePools.sorted().first,
            let waiting = roster.mailbox(.waiting(agent.id))
        else { throw SendingRefusal(reply: .notYourCase) }
        let ticket = Ticket(
            number: try transaction.takeTicketNumber(), pool: pool, status: .waiting, assignee: agent.id, group: nil,
            mailbox: waiting, customer: recipients.first?.customer,
            address: roster.address(of: pool, preferring: author),
            rootToken: Base32.encode(intake.cryptography.randomOctets(10)), openedAt: now, statusSince: now)
        try transaction.insert(ticket, subject: String((content.header.text("Subject") ?? "").prefix(500)))
        try transaction.record(TicketEvent(ticket: ticket.number, at: now, kind: .opened, agent: agent.id))
        return ticket
    }

    /// An answer takes the case if nobody has it, and leaves it waiting for the customer.
    private func wait(_ ticket: Ticket, _ work: CaseWork) throws -> Ticket {
        var changed = ticket
        if ticket.assignee == nil || roster.agents[ticket.assignee ?? agent.id]?.isActive != true {
            (changed.assignee, changed.group) = (agent.id, nil)
        }
        changed.status = .waiting
        return try work.move(ticket, to: changed, by: agent.id, reason: "answered").ticket
    }

    // MARK: - What leaves, and what stays

    private func send(
        _ ticket: Ticket, _ meaning: Meaning, _ outside: [EmailAddress], _ recipients: [Correspondent], _ work: CaseWork
    ) throws {
        let transaction = work.transaction
        guard let pool = roster.pools[ticket.pool]?.definition,
            let from = roster.address(of: ticket.pool, preferring: ticket.address)
        else { throw SendingRefusal(reply: .notYourCase) }
        let subject = recipients.first?.address.rawValue ?? 0
        let messageID = intake.keys.messageID(
            ticket: ticket.number, purpose: .reply, subject: subject,
            unique: Base32.encode(intake.cryptography.randomOctets(8)), host: host)
        let outgoing = try compose(ticket, pool, from: from, messageID, subject: subject)
        let stored = try content.file(in: transaction)
        let kept = HeaderRewriter(
            added: try keptFields(ticket, outside), root: ticket.rootMessageID(host: host), removedNames: ["Reply-To"]
        ).rewrite(HeaderSection(outgoing))
        let served = HeaderSection(kept)
        let sequence = try work.modSequence()
        let key = try transaction.insert(
            NewMessage(
                ticket: ticket.number, kind: .outbound, pool: ticket.pool, content: stored,
                bodyOffset: content.header.octets.count, contentSize: content.size,
                header: kept, envelope: IMAPEnvelope.render(served),
                structure: content.structure.encoded(), keys: SortKeys(served),
                internalDate: now, sentAt: now, modSequence: sequence,
                keywords: try transaction.tags(of: ticket.number),
                messageID: messageID, contentDigest: content.digest, agent: agent.id))
        try transaction.markSeen(key, by: agent.id, at: sequence)
        try mark(ticket, meaning, work, sequence)
        try work.place(key, of: ticket)
        try transaction.record(
            TicketEvent(
                ticket: ticket.number, at: now, kind: meaning == .answer ? .answered : .forwarded, agent: agent.id,
                message: key))
        try transaction.enqueue(
            NewSubmission(
                ticket: ticket.number, message: key, agent: agent.id, content: stored,
                bodyOffset: content.header.octets.count, header: outgoing,
                reversePath: intake.keys.signedAddress(
                    from, ticket: ticket.number, purpose: .bounce, subject: key.rawValue),
                recipients: outside, isEightBit: content.isEightBit,
                needsSMTPUTF8: !outside.allSatisfy(\.isASCII) || outgoing.contains { $0 >= 0x80 },
                clientMessageID: content.header.messageID, acceptedAt: now, expiresAt: now + submission.expiry))
        transaction.note(Change(isOutboxChange: true))
    }

    /// What stands on top of the copy that the desk keeps. Answering our own answer goes on talking to whom it went to,
    /// not to the desk: the signed Reply-To is for the customer.
    private func keptFields(_ ticket: Ticket, _ outside: [EmailAddress]) throws -> [UInt8] {
        var fields = HeaderWriter()
        try fields.structured("X-Stempel-Case", ticket.number.description)
        try fields.addresses("Reply-To", outside.map(named))
        return fields.octets
    }

    /// The header section that leaves: the pool's name and address, stamp, signed Reply-To and Message-ID, and nothing
    /// that names an agent or the case's root.
    private func compose(
        _ ticket: Ticket, _ pool: PoolDefinition, from: EmailAddress, _ messageID: MessageID, subject: Int64
    ) throws -> [UInt8] {
        let header = content.header
        var composer = HeaderComposer(
            from: NamedAddress(displayName: pool.senderName ?? pool.name, address: from),
            replyTo: NamedAddress(
                displayName: pool.senderName ?? pool.name,
                address: intake.keys.signedAddress(from, ticket: ticket.number, purpose: .reply, subject: subject)),
            messageID: messageID)
        composer.stamp = .init(prefix: pool.prefix ?? "", number: ticket.number.rawValue)
        composer.pattern = stamp
        let written = header.addresses(of: "To") + header.addresses(of: "Cc")
        composer.removedAddresses = Set(written.map(\.address).filter(isInternal))
        let parents = header.inReplyTo.filter { Ticket.rootParts(of: $0, host: host) == nil }
        let ancestors = header.references.filter { Ticket.rootParts(of: $0, host: host) == nil }
        composer.inReplyTo = parents
        // The customer's own program threads by References (RFC 5322 §3.6.4).
        composer.references = ancestors.isEmpty ? parents : ancestors
        return try composer.compose(header, now: now)
    }

    /// `\Answered` on the mail that was answered and `$Forwarded` on what was forwarded, for everybody.
    private func mark(_ ticket: Ticket, _ meaning: Meaning, _ work: CaseWork, _ sequence: ModSequence) throws {
        var marks = forwarded.prefix(10).map { (id: $0, flag: Flags.forwarded) }
        if let answered { marks.append((answered, meaning == .answer ? .answered : .forwarded)) }
        for mark in marks {
            for message in try work.transaction.messages(withID: mark.id, in: ticket.number) {
                try work.transaction.addSharedFlags(mark.flag, to: message, at: sequence)
            }
        }
    }
}
