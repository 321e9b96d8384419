import Desk
import MailFormat
import MailTypes

/// The automatic answer to a customer's mail, in the transaction that files the mail (RFC 3834): composed from a template
/// of the house, filed in the case, put into the outbox with the null reverse-path.
struct AutoReply {
    /// What came of it.
    enum Outcome: Equatable {
        /// Nobody asked for one, or the mail gets none by its nature.
        case none
        case sent
        /// The caps allow no more.
        case capped
    }

    /// How long delivery is tried: a day later nobody wants to know that a mail was received.
    private static let expiry = Duration.seconds(86400)
    /// The most of the customer's subject that is said again.
    private static let subjectLength = 200

    let filing: MailFiling
    let work: CaseWork

    private var facts: MailFacts { filing.facts }
    private var roster: Roster { filing.roster }
    private var intake: Intake { filing.intake }
    private var now: Timestamp { filing.now }
    private var host: DomainName { intake.configuration.hostname }

    /// Answers a mail that opened a case, or one into a case that is there, if a rule asks for that. `address`: where the
    /// mail was sent to.
    func send(for ticket: Ticket, to address: EmailAddress, rule: AutoReplyChoice?, opensCase: Bool) throws -> Outcome {
        guard let recipient = facts.answersTo, ticket.status != .spam, ticket.folder == nil,
            let pool = roster.pools[ticket.pool]?.definition,
            let from = roster.address(of: ticket.pool, preferring: ticket.address),
            case .template(let name) = choice(rule, pool, address, opensCase),
            let template = roster.definition.templates.first(where: { foldedName($0.name) == foldedName(name) })
        else { return .none }
        let gate = AutoReplyGate(
            transaction: work.transaction, limits: roster.definition.autoReplyLimits, now: now)
        guard try gate.takes(recipient, ticket) else { return .capped }
        let text = AutoReplyText(ticket: ticket, pool: pool, from: from, filing: filing)
        try file(template, text, ticket, from: from, to: recipient)
        return .sent
    }

    private func choice(
        _ rule: AutoReplyChoice?, _ pool: PoolDefinition, _ address: EmailAddress, _ opensCase: Bool
    ) -> AutoReplyChoice? {
        guard opensCase else { return rule }
        let isOpen = pool.calendar.map { roster.clock.isOpen(calendar: $0, at: now) } ?? true
        return AutomaticAnswer.choice(rule: rule, pool: pool, address: address, isOpen: isOpen)
    }

    private func file(
        _ template: TemplateDefinition, _ text: AutoReplyText, _ ticket: Ticket, from: EmailAddress,
        to recipient: EmailAddress
    ) throws {
        let transaction = work.transaction
        let to = NamedAddress(
            displayName: facts.author?.address == recipient ? facts.author?.displayName : nil, address: recipient)
        let octets = try compose(template, text, ticket, from: from, to: to)
        var scanner = MIMEScanner()
        scanner.consume(octets)
        let structure = scanner.finish()
        let header = scanner.header ?? HeaderSection([UInt8]())
        let content = try transaction.insertContent(octets, headerSize: header.octets.count)
        var kept = HeaderWriter()
        try kept.structured("X-Stempel-Case", ticket.number.description)
        // An agent who answers it goes on talking to the customer.
        try kept.addresses("Reply-To", [to])
        let served = HeaderSection(
            HeaderRewriter(added: kept.octets, root: ticket.rootMessageID(host: host), removedNames: ["Reply-To"])
                .rewrite(header))
        let key = try transaction.insert(
            NewMessage(
                ticket: ticket.number, kind: .automatic, pool: ticket.pool, content: content,
                bodyOffset: header.octets.count, contentSize: octets.count, header: served.octets,
                envelope: IMAPEnvelope.render(served), structure: structure.encoded(), keys: SortKeys(served),
                internalDate: now, sentAt: now, modSequence: try work.modSequence(),
                keywords: try transaction.tags(of: ticket.number), messageID: header.messageID))
        try work.place(key, of: ticket)
        try transaction.record(
            TicketEvent(
                ticket: ticket.number, at: now, kind: .answeredAutomatically, message: key, to: recipient.description,
                reason: template.name))
        try transaction.enqueue(
            NewSubmission(
                ticket: ticket.number, message: key, agent: nil, content: content, bodyOffset: header.octets.count,
                header: header.octets, reversePath: nil, recipients: [recipient], isEightBit: false,
                needsSMTPUTF8: header.octets.contains { $0 >= 0x80 } || !recipient.isASCII, acceptedAt: now,
                expiresAt: now + Self.expiry))
        transaction.note(Change(isOutboxChange: true))
    }

    /// The fields that RFC 3834 §3.1 asks for, and no word that the customer wrote but the subject.
    private func compose(
        _ template: TemplateDefinition, _ text: AutoReplyText, _ ticket: Ticket, from: EmailAddress, to: NamedAddress
    ) throws -> [UInt8] {
        let pool = roster.pools[ticket.pool]?.definition
        let name = pool?.senderName ?? pool?.name
        var header = HeaderWriter()
        header.date("Date", now)
        try header.addresses("From", [NamedAddress(displayName: name, address: from)])
        try header.addresses("To", [to])
        let replies = intake.keys.signedAddress(from, ticket: ticket.number, purpose: .reply, subject: 0)
        try header.addresses("Reply-To", [NamedAddress(displayName: name, address: replies)])
        try header.text("Subject", "\(text.stamp) \(subject(template, text))")
        header.messageIDs(
            "Message-ID",
            [
                intake.keys.messageID(
                    ticket: ticket.number, purpose: .reply, subject: 0,
                    unique: Base32.encode(intake.cryptography.randomOctets(8)), host: host)
            ])
        if let parent = facts.messageID {
            header.messageIDs("In-Reply-To", [parent])
            header.messageIDs("References", filing.content.header.references.suffix(20) + [parent])
        }
        try header.structured("Auto-Submitted", "auto-replied")
        // Exchange does not know the field above (MS-OXCMAIL).
        try header.structured("X-Auto-Response-Suppress", "All")
        return MessageWriter.alternative(
            header, text.filled(template.text), entropy: intake.cryptography.randomOctets(16))
    }

    /// Of a template without subject: `Auto:` and the customer's own (RFC 3834 §3.1.5).
    private func subject(_ template: TemplateDefinition, _ text: AutoReplyText) -> String {
        if let subject = template.subject { return text.filled(subject) }
        return facts.subject.isEmpty ? "Auto" : "Auto: \(facts.subject.prefix(Self.subjectLength))"
    }
}
