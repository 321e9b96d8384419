import Desk
import MailFormat
import MailTypes

/// Opens a case on a customer's behalf (FEATURES S32): an agent wrote down what somebody said on the telephone, and the
/// case begins as if that customer had written it. Nobody is answered automatically.
struct CaseOnBehalf {
    let sending: Sending
    let text: SentText
    let original: HeldMail.Content
    let recipients: [SentRecipient]

    private var roster: Roster { sending.roster }
    private var intake: Intake { sending.intake }

    func file(from customer: NamedAddress, line: String, _ work: CaseWork) throws -> TicketNumber {
        guard sending.internalRole(customer.address) == nil else {
            throw SendingExplanation(
                [Self.isInside(line, customer.address, sending.agent.language)], language: sending.agent.language)
        }
        let transaction = work.transaction
        let (pool, address) = try destination()
        guard let new = roster.mailbox(.new) else { preconditionFailure("every desk has a mailbox New") }
        let correspondent = try transaction.correspondent(customer, at: work.now)
        let ticket = try work.open(
            Ticket(
                number: try transaction.takeTicketNumber(), pool: pool, status: .new, assignee: nil, group: nil,
                mailbox: new, customer: correspondent.customer, address: address, rootToken: intake.opening.rootToken(),
                openedAt: work.now, statusSince: work.now),
            subject: String((sending.content.header.text("Subject") ?? "").prefix(500)), by: sending.agent.id)
        try transaction.addParticipant(correspondent.address, to: ticket.number)
        let (content, submitted) = try withoutCommands(transaction)
        let header = HeaderSection(try header(submitted, from: customer, to: address, ticket))
        let sequence = try work.modSequence()
        let key = try transaction.insert(
            NewMessage(
                ticket: ticket.number, kind: .inbound, pool: pool, content: content.id, bodyOffset: content.bodyOffset,
                contentSize: content.size, header: header.octets, envelope: IMAPEnvelope.render(header),
                structure: content.structure, keys: SortKeys(header), internalDate: work.now, sentAt: work.now,
                modSequence: sequence, messageID: header.messageID, contentDigest: content.digest,
                address: correspondent.address))
        try transaction.markSeen(key, by: sending.agent.id, at: sequence)
        try transaction.record(
            TicketEvent(ticket: ticket.number, at: work.now, kind: .received, agent: sending.agent.id, message: key))
        try work.place(key, of: ticket, isFirst: true)
        try sending.remember(ticket.number, key, transaction)
        for follower in sending.followers(recipients) {
            do { try work.setFollowing(true, ticket.number, by: follower) } catch is CaseRefusal {}
        }
        return ticket.number
    }

    /// The pool that the mail is written to, if the agent may read it, else the agent's first.
    private func destination() throws -> (PoolID, EmailAddress) {
        for recipient in recipients {
            if let pool = roster.pool(address: recipient.address), sending.agent.readablePools.contains(pool) {
                return (pool, recipient.address)
            }
        }
        let author = sending.content.header.addresses(of: "From").first?.address
        let pool = try sending.pool(from: author)
        guard let address = roster.address(of: pool, preferring: author) else {
            throw SendingRefusal(reply: .notYourCase)
        }
        return (pool, address)
    }

    private func withoutCommands(
        _ transaction: any DeskTransaction
    ) throws -> (content: HeldMail.Content, header: HeaderSection) {
        guard let text = text.text,
            let plan = try? text.plan(TextChanges(), entropy: intake.cryptography.randomOctets(16))
        else { return (original, sending.content.header) }
        let content = try StoredPlan(header: plan.header.octets, pieces: plan.pieces).store(
            over: original, now: sending.now, transaction)
        try transaction.releaseContent(original.id)
        return (content, plan.header)
    }

    /// From the customer to the pool, with an identifier of ours: the one of the agent's program names a machine here.
    private func header(
        _ submitted: HeaderSection, from customer: NamedAddress, to address: EmailAddress, _ ticket: Ticket
    ) throws -> [UInt8] {
        let pool = roster.pools[ticket.pool]?.definition
        let unique = Base32.encode(intake.cryptography.randomOctets(16))
        guard let id = MessageID("behalf-\(unique)@\(sending.host.ascii)") else {
            preconditionFailure("a host name makes a Message-ID")
        }
        var composer = HeaderComposer(from: customer, messageID: id)
        composer.stamp = .init(prefix: pool?.prefix ?? "", number: ticket.number.rawValue)
        composer.pattern = sending.stamp
        (composer.inReplyTo, composer.references) = ([], [])
        let composed = HeaderSection(try composer.compose(submitted, now: sending.now))
        var added = HeaderWriter()
        try added.structured("X-Stempel-Case", ticket.number.description)
        try added.addresses("To", [NamedAddress(displayName: pool?.senderName ?? pool?.name, address: address)])
        return HeaderRewriter(
            added: added.octets, root: ticket.rootMessageID(host: sending.host), removedNames: ["To", "Cc"]
        ).rewrite(composed)
    }

    private static func isInside(_ line: String, _ address: EmailAddress, _ language: Language) -> String {
        switch language {
        case .english: "“\(line)”: \(address) is an address of the desk, not a customer's."
        case .polish: "„\(line)”: \(address) to adres zespołu, a nie klienta."
        }
    }
}
