import Desk
import MailFormat
import MailTypes

/// What a sent mail hangs on: the case that its thread, a signed address or the stamp names, what in it is answered,
/// and which of the identifiers in its header may leave.
struct SentThread {
    private(set) var ticket: Ticket?
    /// What stands in the case that the mail answers.
    private(set) var answers = SentMail.Answered.nothing
    /// The mail that is answered, by the identifier that it has in the case.
    private(set) var answered: MessageID?
    /// The mails that are passed on.
    private(set) var forwarded: [MessageID] = []
    /// Who wrote what is answered, if it came from outside.
    private(set) var authors: Set<AddressID> = []
    /// The newest message of the case that the header names.
    private(set) var baseline: MessageKey?
    /// A message that never leaves is passed on.
    private(set) var forwardsInternal = false
    /// In-Reply-To and References as they may leave.
    private(set) var parents: [MessageID] = []
    private(set) var ancestors: [MessageID] = []

    private let intake: Intake
    private let roster: Roster
    private let agent: Roster.Agent
    private var known: [MessageID: Named] = [:]

    /// What an identifier names.
    private struct Named {
        var messages: [FiledMessage] = []
        /// By a signature, a card's identifier or a client's copy.
        var ticket: TicketNumber?
        var kind: MessageKind?
        /// What the outside knows it by; `nil`: it does not.
        var outward: MessageID?
    }

    init(
        _ header: HeaderSection, _ envelope: Envelope, agent: Roster.Agent, stamp: StampPattern, roster: Roster,
        intake: Intake, _ transaction: any DeskTransaction
    ) throws {
        (self.intake, self.roster, self.agent) = (intake, roster, agent)
        let passedOn = Array((header.unfolded("X-Forwarded-Message-Id").map(MessageIDs.read) ?? []).prefix(10))
        let (replied, references) = (header.inReplyTo.suffix(10), header.references.suffix(30))
        for id in replied + references + passedOn where known[id] == nil { known[id] = try named(id, transaction) }
        ticket = try find(replied.reversed() + references.reversed() + passedOn, header, envelope, stamp, transaction)
        parents = replied.compactMap { known[$0]?.outward }
        ancestors = references.compactMap { known[$0]?.outward }
        guard let number = ticket?.number else { return }
        let direct = replied.last ?? (passedOn.isEmpty ? references.last : nil)
        if let direct, let named = known[direct] {
            answered = named.outward ?? direct
            let filed = named.messages.first { $0.ticket == number }
            if let kind = filed?.kind ?? named.kind { answers = SentMail.Answered(kind) }
            authors = Set(named.messages.filter { $0.ticket == number }.compactMap(\.author))
        }
        for id in passedOn {
            guard let named = known[id] else { continue }
            forwarded.append(named.outward ?? id)
            let kinds = named.messages.map(\.kind) + [named.kind].compactMap { $0 }
            if kinds.contains(where: { [.internalMessage, .consultation].contains(SentMail.Answered($0)) }) {
                forwardsInternal = true
            }
        }
        baseline = known.values.flatMap(\.messages).filter { $0.ticket == number }.map(\.key).max()
    }

    // MARK: - Which case

    /// By thread, by signed address, by stamp: an agent is trusted to name any case that she may read.
    private func find(
        _ references: [MessageID], _ header: HeaderSection, _ envelope: Envelope, _ stamp: StampPattern,
        _ transaction: any DeskTransaction
    ) throws -> Ticket? {
        for reference in references {
            guard let named = known[reference] else { continue }
            for message in named.messages {
                if let found = try transaction.survivor(message.ticket), agent.readablePools.contains(found.pool) {
                    return found
                }
            }
            if let number = named.ticket, let found = try transaction.survivor(number) { return found }
        }
        let written =
            envelope.recipients + header.addresses(of: "To").map(\.address) + header.addresses(of: "Cc").map(\.address)
        for address in written {
            if let token = intake.keys.token(in: address), token.purpose == .reply,
                let found = try transaction.survivor(token.ticket)
            {
                return found
            }
        }
        for number in stamp.stamps(in: header.text("Subject") ?? "").prefix(20) {
            if let found = try transaction.survivor(TicketNumber(rawValue: number.number)) { return found }
        }
        return nil
    }

    // MARK: - What identifiers name

    private func named(_ id: MessageID, _ transaction: any DeskTransaction) throws -> Named {
        let host = intake.configuration.hostname
        let filed = try transaction.filedMessages(id)
        if !filed.isEmpty {
            let isOutward = filed.contains { [.customersMail, .outbound].contains(SentMail.Answered($0.kind)) }
            return Named(messages: filed, outward: isOutward ? id : nil)
        }
        if let (number, token) = Ticket.rootParts(of: id, host: host) {
            let ticket = try transaction.ticket(number, rootToken: token)
            return Named(ticket: ticket?.number, kind: ticket == nil ? nil : .card)
        }
        if let copy = try transaction.clientCopies(id).first(where: { $0.agent == agent.id }) {
            guard let message = copy.message, let ours = try transaction.messageID(of: message) else {
                return Named(ticket: copy.ticket, kind: .outbound)
            }
            let messages = try transaction.filedMessages(ours)
            let isOutward = messages.contains { $0.kind == .outbound }
            return Named(messages: messages, ticket: copy.ticket, outward: isOutward ? ours : nil)
        }
        if let token = intake.keys.token(in: id, host: host) {
            return Named(
                ticket: token.ticket, kind: token.purpose == .reply ? .outbound : nil,
                outward: token.purpose == .reply ? id : nil)
        }
        // Nobody outside can have made one of our domains: it is a client's of ours, and names its machine.
        let domain = id.text.lastIndex(of: "@").flatMap { DomainName(id.text[id.text.index(after: $0)...]) }
        let isOurs = domain.map { $0 == host || roster.isOwnDomain($0) } ?? true
        return Named(outward: isOurs ? nil : id)
    }
}
