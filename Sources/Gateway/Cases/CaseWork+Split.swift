package import Desk
import MailFormat
package import MailTypes

/// What a case that opens here needs of the machine.
package struct CaseOpening: Sendable {
    package var host: DomainName
    package var cryptography: any Cryptography
    package init(host: DomainName, cryptography: any Cryptography) { (self.host, self.cryptography) = (host, cryptography) }

    /// The unguessable part of a root Message-ID.
    package func rootToken() -> String { Base32.encode(cryptography.randomOctets(10)) }
}

/// Taking a case apart (FEATURES S44).
extension CaseWork {
    /// Messages that one split or merge may move.
    package static let refiledAtOnce = 1000

    /// The new case, and what each message became in it.
    package struct Split: Sendable {
        package var ticket: Ticket
        package var messages: [MessageKey: MessageKey]
    }

    /// Makes messages of a case a case of their own, which inherits pool, assignee, priority and category; both say so.
    /// Throws a `CaseRefusal` before anything changed.
    package func split(
        _ messages: [MessageKey], from number: TicketNumber, by agent: AgentID, with opening: CaseOpening
    ) throws -> Split {
        try split(messages, from: number, by: agent, as: .new, with: opening)
    }

    /// A move of messages to Spam (DESIGN §2): the whole case, or, where it holds words of ours, these messages as a case of
    /// their own. The answer tells what each became, if it became another one.
    package func moveToSpam(
        _ messages: [MessageKey], of number: TicketNumber, by agent: AgentID, with opening: CaseOpening
    ) throws -> [MessageKey: MessageKey] {
        guard let ticket = try transaction.ticket(number), ticket.status != .spam,
            try transaction.holdsOwnWords(number)
        else {
            _ = try apply(.setStatus(.spam), to: number, by: agent)
            return [:]
        }
        return try split(messages, from: number, by: agent, as: .spam, with: opening).messages
    }

    private func split(
        _ messages: [MessageKey], from number: TicketNumber, by agent: AgentID, as status: TicketStatus,
        with opening: CaseOpening
    ) throws -> Split {
        let ticket = try decidable(number, by: agent)
        let moving = try moving(messages, of: ticket, as: status)
        let new = try open(moving, from: ticket, by: agent, as: status, with: opening)
        let copies = try CaseRefiling(work: self, host: opening.host).refile(moving, into: new, isUndoable: false)
        let sequence = try modSequence()
        let places = try transaction.mailboxes(of: number)
        for mailbox in places.sorted() {
            _ = try transaction.leave(copies.map(\.original), from: mailbox, at: sequence, now: now)
        }
        transaction.note(Change(mailboxes: places))
        for (original, copy) in copies {
            try transaction.hand(original, of: number, to: new.number, as: copy)
            try transaction.remove(original)
        }
        return Split(ticket: new, messages: Dictionary(copies, uniquingKeysWith: { first, _ in first }))
    }

    /// The messages in question, if they can go.
    private func moving(
        _ messages: [MessageKey], of ticket: Ticket, as status: TicketStatus
    ) throws -> [CaseMessage] {
        let all = try transaction.messages(of: ticket.number).compactMap(transaction.caseMessage)
            .filter { CaseRefiling.moves($0.kind) }
        let wanted = Set(messages)
        let moving = all.filter { wanted.contains($0.key) }
        guard !moving.isEmpty, moving.count <= Self.refiledAtOnce else {
            throw CaseRefusal(.impossible, "Choose mails of the case", "Wybierz wiadomości tej sprawy")
        }
        if status == .spam {
            guard moving.allSatisfy({ $0.kind == .inbound || $0.kind == .unconfirmed || $0.kind == .automatic }) else {
                throw CaseRefusal(
                    .impossible, "What the desk wrote is no spam; choose the mail that came from outside",
                    "To, co napisaliśmy, nie jest spamem; wybierz wiadomość z zewnątrz")
            }
        } else if moving.count == all.count {
            throw CaseRefusal(.impossible, "Nothing would be left in the case", "W sprawie nic by nie zostało")
        }
        return moving
    }

    private func open(
        _ messages: [CaseMessage], from old: Ticket, by agent: AgentID, as status: TicketStatus,
        with opening: CaseOpening
    ) throws -> Ticket {
        let authors = messages.filter { $0.kind == .inbound || $0.kind == .unconfirmed }
        var new = Ticket(
            number: try transaction.takeTicketNumber(), pool: old.pool, status: status,
            assignee: status == .spam ? nil : old.assignee, group: status == .spam ? nil : old.group,
            mailbox: old.mailbox, customer: authors.compactMap(\.customer).first ?? old.customer, address: old.address,
            rootToken: opening.rootToken(), openedAt: now, statusSince: now, priority: old.priority,
            category: old.category, source: old.source)
        if status.needsWork { new.substitute = old.substitute }
        let place = CasePlace.mailbox(status: status, assignee: new.worker, group: new.group)
        guard let mailbox = roster.mailbox(place) else {
            throw CaseRefusal(.impossible, "There is no mailbox for that", "Nie ma na to folderu")
        }
        new.mailbox = mailbox
        new = try open(new, subject: subject(of: messages), by: agent)
        if let wrote = authors.map(\.internalDate).max() { try transaction.customerWrote(in: new.number, at: wrote) }
        try addParticipants(authors.compactMap(\.author), of: old, to: new)
        if status != .spam { try carryAnswers(from: old.number, to: new.number, by: agent) }
        try transaction.record(
            TicketEvent(ticket: new.number, at: now, kind: .split, agent: agent, from: old.number.description))
        try transaction.record(
            TicketEvent(
                ticket: old.number, at: now, kind: .split, agent: agent, to: new.number.description,
                reason: status == .spam ? "spam" : nil))
        try transaction.link(new.number, with: old.number)
        return new
    }

    /// Who took part goes on to take part; a stranger's mail takes nobody with it.
    private func addParticipants(_ authors: [AddressID], of old: Ticket, to new: Ticket) throws {
        let known = try transaction.participants(of: old.number)
        let isOfStrangers = !authors.isEmpty && Set(authors).isDisjoint(with: known)
        for address in Set(authors + (isOfStrangers || new.status == .spam ? [] : known)).sorted() {
            try transaction.addParticipant(address, to: new.number)
        }
    }

    /// The subject of the first, without the stamps.
    private func subject(of messages: [CaseMessage]) -> String {
        guard let first = messages.first else { return "" }
        var text = HeaderSection(first.header).text("Subject") ?? ""
        if let pattern = StampPattern(roster.definition.stamp) {
            for stamp in pattern.stamps(in: text).prefix(20) {
                text = text.replacing(pattern.text(stamp) + " ", with: "").replacing(pattern.text(stamp), with: "")
            }
        }
        return String(text.prefix(500))
    }
}
