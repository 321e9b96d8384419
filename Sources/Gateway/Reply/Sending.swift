import Desk
import MailFormat
import MailTypes

/// One mail of an agent, within the transaction that accepts it (DESIGN §4): find its case, judge what it means, and hold
/// it until it leaves, keep it as a note, or refuse it.
struct Sending: Sendable {
    /// What became of the mail.
    enum Outcome: Sendable {
        case held(TicketNumber, doubts: [SendingDoubt])
        case left(TicketNumber)
        case noted(TicketNumber)
        /// A case on a customer's behalf.
        case opened(TicketNumber)
        case commanded
        case dropped
        /// The same mail came before.
        case known(TicketNumber)
        /// Cases are to be looked for, too.
        indirect case searching(Outcome, for: [String])
    }

    let submission: Submission
    let roster: Roster
    let stamp: StampPattern
    let content: ReceivedContent
    let envelope: Envelope
    let agent: Roster.Agent
    let now: Timestamp
    /// When it shall leave, if the sender said so.
    let requestedAt: Timestamp?
    /// The connection it came from.
    let origin: MailOrigin
    /// What was made ready of a large mail.
    var prepared: PreparedMail?
    /// Where copies of large content come from.
    var copies = LargeCopies.beside(of: [])

    /// Mail that waits to leave.
    var held: HeldMails {
        var held = submission.held
        held.copies = copies
        return held
    }

    var intake: Intake { submission.intake }
    var host: DomainName { intake.configuration.hostname }

    func run(in transaction: any DeskTransaction) throws -> Outcome {
        if let known = try repeated(transaction) {
            try dropContent(transaction)
            return .known(known)
        }
        let work = CaseWork(transaction, roster: roster, now: now)
        let thread = try SentThread(
            content.header, envelope, agent: agent, stamp: stamp, roster: roster, intake: intake, transaction)
        if let found = thread.ticket, !agent.readablePools.contains(found.pool) {
            throw SendingRefusal(reply: .notYourCase)
        }
        let recipients = try roles(of: envelope.recipients, thread, transaction)
        if kind(thread) == .ordinary,
            let waiting = try ApprovalReply.answered(by: content.header, agent, roster, transaction)
        {
            return try judge(waiting, thread, recipients, work)
        }
        let mail = SentMail(
            kind: kind(thread), answers: thread.answers, recipients: recipients, hasCase: thread.ticket != nil,
            allowsReceipts: thread.ticket.flatMap { roster.pools[$0.pool]?.definition.receipts } ?? false,
            isByTrainee: agent.definition.role == .trainee)
        let meaning = SentMeaning(mail)
        switch meaning {
        case .answer, .passOn, .newCase, .consult, .note, .commands, .refuse(.nobodyOutside):
            // A mail to nobody outside can hold what a customer said; else it is refused below.
            let original = try stored(transaction)
            let text = try prepared?.text
                ?? SentText(original, content.header, roster: roster, agent: agent, now: now, transaction)
            return try SentLetter(sending: self, text: text, original: original, thread: thread, recipients: recipients)
                .carryOut(meaning, work)
        case .receipt: return try sendReceipt(thread, recipients, work)
        case .nothing:
            try dropContent(transaction)
            return .dropped
        case .refuse(let refusal): throw SendingRefusal(refusal)
        }
    }

    /// An answer to what waits in Approval; with `#replace` it is an answer of its own.
    private func judge(
        _ waiting: HeldMailStatus, _ thread: SentThread, _ recipients: [SentRecipient], _ work: CaseWork
    ) throws -> Outcome {
        let original = try stored(work.transaction)
        let text = try prepared?.text
            ?? SentText(original, content.header, roster: roster, agent: agent, now: now, work.transaction)
        if text.commands.contains(where: { $0.command == .replace }), thread.ticket != nil {
            return try SentLetter(sending: self, text: text, original: original, thread: thread, recipients: recipients)
                .carryOut(.answer, work)
        }
        let outcome = try ApprovalReply(sending: self, text: text, original: original).carryOut(waiting, thread, work)
        try work.transaction.releaseContent(original.id)
        return outcome
    }

    private func stored(_ transaction: any DeskTransaction) throws -> HeldMail.Content {
        let original = self.original(try content.file(in: transaction))
        try transaction.record(Acceptance(at: now, origin: origin, size: content.size), of: original.id)
        return original
    }

    /// A client that did not hear our answer sends the same mail again; it leaves once.
    private func repeated(_ transaction: any DeskTransaction) throws -> TicketNumber? {
        guard let id = content.header.messageID else { return nil }
        let copies = try transaction.clientCopies(id)
        return copies.first {
            $0.agent == agent.id && $0.digest == content.digest && $0.recipients == Self.key(envelope.recipients)
                && now - $0.at <= intake.configuration.duplicateWindow
        }?.ticket
    }

    private static func key(_ recipients: [EmailAddress]) -> String {
        recipients.map(\.identity).sorted().joined(separator: "\n")
    }

    func dropContent(_ transaction: any DeskTransaction) throws {
        guard case .staged(let staging) = content.octets, let unused = staging.content else { return }
        try transaction.dropStaged(unused)
    }

    // MARK: - What it is

    private func kind(_ thread: SentThread) -> SentMail.Kind {
        let header = content.header
        let traits = MailTraits(header)
        if traits.contains(.dispositionNotification) { return .receipt }
        if traits.contains(.calendar) { return .calendarReply }
        if !traits.isDisjoint(with: [.autoSubmitted, .deliveryStatus]) { return .automatic }
        if ["Resent-From", "Resent-To", "Resent-Date", "Resent-Message-ID"].contains(where: { header.contains($0) }) {
            return .redirected
        }
        // Clients that do not name what they forward still write it into the subject.
        return !thread.forwarded.isEmpty || ForwardSubject.isOne(header.text("Subject") ?? "") ? .forward : .ordinary
    }

    /// What these addresses are to the desk and to the case.
    func roles(
        of addresses: [EmailAddress], _ thread: SentThread, _ transaction: any DeskTransaction
    ) throws -> [SentRecipient] {
        var participants = try thread.ticket.map { try transaction.participantAddresses(of: $0.number) } ?? []
        var seen: Set<EmailAddress> = []
        var result: [SentRecipient] = []
        var customer = thread.ticket?.customer
        for address in addresses where seen.insert(address).inserted {
            if let role = internalRole(address) {
                result.append(SentRecipient(address, role))
                continue
            }
            let standing = try transaction.standing(of: address, outside: thread.ticket?.number)
            // An unconfirmed author takes part from the first answer on (DESIGN §5).
            if let known = try transaction.knownAddress(address), thread.authors.contains(known) {
                participants.insert(address)
            }
            // A case that is opened is opened for the first of them.
            if thread.ticket == nil, participants.isEmpty {
                participants.insert(address)
                customer = standing?.customer
            }
            let isSame = standing.map { $0.customer == customer } ?? false
            result.append(
                SentRecipient(
                    address,
                    SentRecipient.Role(
                        address, participants: participants, isSameCustomer: isSame,
                        isCustomerElsewhere: standing?.isElsewhere ?? false)))
        }
        return result
    }

    func internalRole(_ address: EmailAddress) -> SentRecipient.Role? {
        if roster.isNoteAddress(address) { return .note }
        if roster.isCommandAddress(address) { return .commands }
        if let colleague = roster.agent(address: address) { return .agent(colleague.id) }
        if roster.isDepartment(address) { return .department }
        // What Stempel itself writes from has no mailbox: an answer to a notice goes nowhere.
        return MailFacts.isInternal(address, roster) || address.domain == host ? .supervised : nil
    }

    /// Colleagues among the recipients.
    func followers(_ recipients: [SentRecipient]) -> [AgentID] {
        recipients.compactMap { recipient in
            if case .agent(let colleague) = recipient.role, colleague != agent.id { return colleague }
            return nil
        }
    }

    func remember(_ ticket: TicketNumber, _ message: MessageKey?, _ transaction: any DeskTransaction) throws {
        guard let id = content.header.messageID else { return }
        try transaction.insert(
            ClientCopy(
                messageID: id, agent: agent.id, ticket: ticket, message: message, digest: content.digest,
                recipients: Self.key(envelope.recipients), at: now))
    }

    // MARK: - Words

    /// The pool of a new case: the one that the mail is written from, else the agent's first.
    func pool(from author: EmailAddress?) throws -> PoolID {
        let byPriority = agent.memberships.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map(\.key)
        guard
            let pool = author.flatMap({ roster.pool(address: $0) }) ?? byPriority.first
                ?? agent.readablePools.sorted().first
        else { throw SendingRefusal(reply: .notYourCase) }
        return pool
    }

    func named(_ address: EmailAddress) -> NamedAddress {
        let written = content.header.addresses(of: "To") + content.header.addresses(of: "Cc")
        return written.first { $0.address == address } ?? NamedAddress(address: address)
    }

    /// Whether words of notes and consultations stand in the mail.
    func quotesSecrets(_ mail: HeldMail, _ transaction: any DeskTransaction) throws -> Bool {
        let texts = CaseTexts(transaction)
        let secrets = try texts.texts(of: mail.ticket, [.note, .consultationOut, .consultationIn])
        guard !secrets.isEmpty else { return false }
        let known = try texts.texts(of: mail.ticket, [.inbound, .outbound, .unconfirmed])
        let overlap = TextOverlap(secrets: secrets, known: known)
        let own = StoredBody(
            content: mail.leaving.id, bodyOffset: mail.leaving.bodyOffset, size: mail.leaving.size,
            structure: mail.leaving.structure)
        return overlap.isQuoted(in: try texts.texts(in: own))
    }
}

/// Why a mail of an agent is not sent; thrown within the transaction, so that nothing of it remains.
struct SendingRefusal: Error {
    let reply: Reply

    init(reply: Reply) { self.reply = reply }

    init(_ refusal: SentMeaning.Refusal) {
        let code: ReplyCode = refusal == .nobodyOutside ? 554 : 550
        reply = Reply(code, EnhancedStatus(5, 7, 1), refusal.sentence)
    }
}
