import Desk
import MailFormat
import MailTypes

/// Tells customers that their cases are over, and asks how it was (FEATURES S50). What an agent's decision sends out stands
/// in To send for the undo time like everything else, a trainee's in Approval (DESIGN §3); where Stempel itself closed a
/// case it leaves at once. Every step is part of the timer's transaction, so that no customer is asked twice.
package struct ClosingMails: Sendable {
    /// The newest mails of a case among which one of its customer is looked for.
    private static let mostMails = 50
    /// How much later a mail is tried that the caps on automatic mail hold back.
    private static let pause = Duration.seconds(600)

    let held: HeldMails
    let links: RatingLinks

    package init(held: HeldMails, links: RatingLinks) { (self.held, self.links) = (held, links) }

    private var intake: Intake { held.intake }

    /// Whom the mail goes to, and the mail of theirs that it follows.
    private struct Customer {
        var named: NamedAddress
        var address: AddressID
        var messageID: MessageID?
    }

    /// A case became over, goes on, or is no case by itself any more: the timer's subject is who decided that.
    package func settle(_ timer: DeskTimer, _ work: CaseWork) throws {
        let transaction = work.transaction
        guard let ticket = try transaction.ticket(timer.ticket) else { return }
        let decider = timer.subject == 0 ? nil : AgentID(rawValue: timer.subject)
        guard work.isOverByItself(ticket) else { return try takeBack(ticket, by: decider, work) }
        let facts = ClosingMail.Facts(
            status: ticket.status,
            isElsewhere: ticket.mergedInto != nil || ticket.folder != nil || work.isTrashed(ticket),
            lastAsked: try transaction.lastInvitation(of: ticket.number))
        guard ClosingMail.isDue(facts, now: work.now),
            let pool = work.roster.pools[ticket.pool]?.definition, let name = pool.closingMail.map(foldedName),
            let template = work.roster.definition.templates.first(where: { foldedName($0.name) == name }),
            let agent = (decider ?? ticket.assignee).flatMap({ work.roster.agents[$0] }),
            let customer = try customer(of: ticket, work)
        else { return }
        // Nothing mends that by itself: another try would come to the same.
        guard work.roster.address(of: ticket.pool, preferring: ticket.address) != nil else {
            return try omit(ticket, "the pool has no address to write from", work)
        }
        let gate = AutoReplyGate(
            transaction: transaction, limits: work.roster.definition.autoReplyLimits, now: work.now)
        guard try gate.counts(customer.named.address, in: ticket.pool) else {
            return try transaction.setTimer(
                DeskTimer(
                    kind: .closing, ticket: ticket.number, subject: timer.subject, dueAt: work.now + Self.pause))
        }
        let mail = try mail(template, pool, ticket, agent, to: customer, work)
        guard mail.approval != .none || decider != nil && mail.releaseAt > work.now else {
            return _ = try held.depart(mail, work)
        }
        try held.hold(mail, [], work)
    }

    /// The customer is not told, and will not be: the case says why.
    private func omit(_ ticket: Ticket, _ reason: String, _ work: CaseWork) throws {
        try work.transaction.record(
            TicketEvent(ticket: ticket.number, at: work.now, kind: .closingMailOmitted, reason: reason))
    }

    /// The newest mail of somebody who takes part and can be asked.
    private func customer(of ticket: Ticket, _ work: CaseWork) throws -> Customer? {
        let transaction = work.transaction
        for key in try transaction.messages(of: ticket.number).suffix(Self.mostMails).reversed() {
            guard let message = try transaction.caseMessage(key), message.kind == .inbound, let address = message.author
            else { continue }
            // Who was in copy takes part, too, and is no customer of this case.
            if let customer = ticket.customer, message.customer != customer { continue }
            let header = HeaderSection(message.header)
            guard let named = header.addresses(of: "From").first ?? header.addresses(of: "Sender").first else { continue }
            let traits = MailTraits(header)
            let mail = ClosingMail.Mail(
                author: named.address,
                isUnanswerable: traits.isAutomatic || !traits.isDisjoint(with: [.list, .suppressesAutoResponse]),
                isInternal: MailFacts.isInternal(named.address, work.roster) || work.roster.isDepartment(named.address),
                isParticipant: try transaction.isParticipant(address, in: ticket.number),
                isUndeliverable: try transaction.isUndeliverable(address))
            if mail.isOfCustomer { return Customer(named: named, address: address, messageID: header.messageID) }
        }
        return nil
    }

    // MARK: - The mail

    private func mail(
        _ template: TemplateDefinition, _ pool: PoolDefinition, _ ticket: Ticket, _ agent: Roster.Agent,
        to customer: Customer, _ work: CaseWork
    ) throws -> HeldMail {
        let transaction = work.transaction
        let letter = DeskLetter(held: held, work: work, agent: agent, ticket: ticket)
        let id = try transaction.insertInvitation(of: ticket.number, to: customer.address, at: work.now)
        let token = intake.keys.sign(ticket.number, for: .rating, subject: id.rawValue)
        let text = try ClosingText(template, pool, ticket, agent, to: customer.named, letter, work)
        var (fields, messageID, address) = try letter.fields(to: [customer.named], subject: text.subject)
        if let parent = customer.messageID {
            fields.messageIDs("In-Reply-To", [parent])
            fields.messageIDs("References", [parent])
        }
        try fields.structured("Auto-Submitted", "auto-generated")
        // Exchange does not know the field above (MS-OXCMAIL).
        try fields.structured("X-Auto-Response-Suppress", "All")
        let entropy = intake.cryptography.randomOctets(16)
        func store(_ text: String) throws -> (content: HeldMail.Content, header: HeaderSection) {
            var writer = ContentWriter(transaction, now: work.now)
            try writer.append(MessageWriter.alternative(fields, text, entropy: entropy))
            return try writer.finish(digest: 0)
        }
        let leaving = try store(text.filled { links.page(token, $0) } page: { links.page(token) })
        // People of the desk read it without the links: whoever has them rates.
        let hidden = RatingWords(text.language).hiddenLink
        let shown = try store(text.filled { _ in hidden } page: { hidden })
        var mail = HeldMail(
            agent: agent.id, ticket: ticket.number, pool: ticket.pool, address: address, departure: .closing,
            subject: try letter.subject(), messageID: messageID, header: leaving.header.octets, leaving: leaving.content,
            original: shown.content, recipients: [customer.named.address], answered: nil, forwarded: [], followers: [],
            baseline: try transaction.newestMessage(in: ticket.number) ?? MessageKey(rawValue: 0), clientMessageID: nil,
            acceptedAt: work.now, releaseAt: work.now + work.roster.definition.undo, isScheduled: false)
        if agent.definition.role == .trainee { mail.approval = .needed }
        return mail
    }

    // MARK: - Going on after all

    /// What has not left does not leave.
    private func takeBack(_ ticket: Ticket, by decider: AgentID?, _ work: CaseWork) throws {
        for status in try work.transaction.heldMail(of: ticket.number) {
            guard let mail = try work.transaction.heldMail(status.id), mail.departure == .closing else { continue }
            try held.finish(status, mail, work)
            if mail.approval != .none {
                try Approvals(held: held).ended(status, mail, .recalled, by: decider ?? mail.agent, work)
            }
            let reason =
                ticket.mergedInto != nil
                ? "it went into another"
                : work.isTrashed(ticket) ? "it was deleted" : ticket.folder != nil ? "it was filed away" : "it goes on"
            try omit(ticket, reason, work)
        }
    }
}
