import Desk
import MailFormat
import MailTypes

/// The filing of one mail, within one transaction: for each pool it was sent to, find the case or open one, store the
/// message as IMAP will serve it, put it into its mailboxes, write the events.
struct MailFiling: Sendable {
    let intake: Intake
    let roster: Roster
    let stamp: StampPattern
    let content: ReceivedContent
    var facts: MailFacts
    /// Return-Path and Received.
    let trace: [UInt8]
    let now: Timestamp
    /// The connection it came from; `nil` for a mail that an agent files.
    var origin: MailOrigin?

    /// What became of the mail.
    struct Filed: Sendable {
        /// The cases that it is in now; none where it was a duplicate or refused.
        var tickets: [TicketNumber] = []
        /// The sentence of a rule that refuses it.
        var rejection: String?
        /// Rules that held.
        var rules: [String] = []
        /// Rules that gave up.
        var exhausted: [String] = []
        /// An automatic answer was wanted and the caps allow none.
        var isSilenced = false
    }

    /// Files the mail, or finds that a rule refuses it: then nothing is written.
    func run(in transaction: any DeskTransaction) throws -> Filed {
        // The desk changed since RCPT: the sender must ask again.
        guard !facts.destinations.isEmpty else { throw StoreFailure(.unavailable) }
        let verdicts = try verdicts(transaction)
        var filed = Filed(verdicts)
        if let sentence = filed.rejection {
            try dropUnused(transaction)
            if let origin {
                let reply = Reply.refusedByRule(sentence)
                try transaction.record([
                    Refusal(
                        at: now, origin: origin, messageID: facts.messageID, reply: "\(reply)",
                        cause: "rules: \(filed.rules.joined(separator: ", "))")
                ])
            }
            return filed
        }
        if let number = try ConsultationIntake(
            filing: self, work: CaseWork(transaction, roster: roster, now: now)
        ).run() {
            filed.tickets = [number]
            return filed
        }
        let destinations = destinations(verdicts)
        let correspondent = try facts.author.map { try transaction.correspondent($0, at: now) }
        let known = try facts.messageID.map { try transaction.filedMessages($0) } ?? []
        let copies = known.filter { isSameMail($0) }
        let matching = try matchingFacts(transaction, correspondent, known)
        let work = CaseWork(transaction, roster: roster, now: now)
        var storedContent: ContentID?
        for (destination, verdict) in destinations {
            if let copy = copies.first(where: { $0.pool == destination.pool }) {
                try transaction.record(
                    TicketEvent(ticket: copy.ticket, at: now, kind: .duplicate, message: copy.key))
                continue
            }
            let stored = try storedContent ?? content.file(in: transaction)
            storedContent = stored
            let match = Matching.match(
                matching, pool: destination.pool, isOnlyPool: destinations.count == 1, now: now,
                reopenWithin: roster.definition.reopenWithin)
            let number = try file(
                match, destination, verdict, stored, correspondent, work,
                sibling: filed.tickets.first ?? copies.first?.ticket)
            filed.tickets.append(number)
            if try answer(match, number, destination, verdict, work) == .capped { filed.isSilenced = true }
        }
        if let asked = facts.asked, let ticket = filed.tickets.first ?? copies.first?.ticket {
            try report(asked, ticket, transaction)
        }
        if let correspondent, !facts.isAutomatic { try transaction.clearBounce(of: correspondent.address) }
        if storedContent == nil { try dropUnused(transaction) }
        try recordAcceptance(filed, storedContent, copies.first, transaction)
        return filed
    }

    /// Tells the sender that the mail has arrived, as far as the caps on automatic mail allow.
    private func report(_ asked: Envelope, _ ticket: TicketNumber, _ transaction: any DeskTransaction) throws {
        guard asked.recipients.contains(where: { SuccessReport.isWanted($0, asked) }) else { return }
        let lately = try transaction.sentByItself(since: now - .seconds(600), sender: nil)
        guard lately.all < roster.definition.autoReplyLimits.inAll.tenMinutes else { return }
        let report = SuccessReport(
            way: .delivered, intake: intake, now: now, ticket: ticket, messageID: facts.messageID,
            header: content.header.octets)
        try report.send(asked, about: asked.recipients.map { ($0, nil) }, in: transaction)
    }

    /// The automatic answer: to a mail that opened a case, else only where a rule asks for one.
    private func answer(
        _ match: Match, _ number: TicketNumber, _ destination: Roster.Destination, _ verdict: RuleVerdict?,
        _ work: CaseWork
    ) throws -> AutoReply.Outcome {
        let opensCase: Bool
        switch match {
        case .newCase: opensCase = true
        case .customer: opensCase = false
        case .unconfirmed: return .none
        }
        guard facts.answersTo != nil, opensCase || verdict?.autoReply != nil,
            let ticket = try work.transaction.ticket(number)
        else { return .none }
        return try AutoReply(filing: self, work: work).send(
            for: ticket, to: destination.address, rule: verdict?.autoReply, opensCase: opensCase)
    }

    private func recordAcceptance(
        _ filed: Filed, _ content: ContentID?, _ copy: FiledMessage?, _ transaction: any DeskTransaction
    ) throws {
        guard let origin else { return }
        var acceptance = Acceptance(at: now, origin: origin, size: self.content.size, rules: filed.rules)
        if let content { return try transaction.record(acceptance, of: content) }
        guard let copy else { return }
        acceptance.isDuplicate = true
        try transaction.record(acceptance, like: copy.key)
    }

    private func dropUnused(_ transaction: any DeskTransaction) throws {
        guard case .staged(let staging) = content.octets, let unused = staging.content else { return }
        try transaction.dropStaged(unused)
    }

    // MARK: - Rules

    private func verdicts(_ transaction: any DeskTransaction) throws -> [PoolID: RuleVerdict] {
        guard !facts.rules.isEmpty else { return [:] }
        var isKnown = false
        if roster.rules.asksForCustomer, let author = facts.author {
            isKnown = try transaction.knownAddress(author.address) != nil
        }
        return facts.rules.mapValues { $0.verdict(isKnownCustomer: isKnown) }
    }

    /// Where the mail goes after the rules: two destinations can become one.
    private func destinations(_ verdicts: [PoolID: RuleVerdict]) -> [(Roster.Destination, RuleVerdict?)] {
        var result: [(Roster.Destination, RuleVerdict?)] = []
        for destination in facts.destinations {
            let verdict = verdicts[destination.pool]
            var pool = destination.pool
            if let name = verdict?.pool, let other = roster.pool(named: name) { pool = other }
            if result.contains(where: { $0.0.pool == pool }) { continue }
            result.append((Roster.Destination(pool: pool, address: destination.address), verdict))
        }
        return result
    }

    /// Whose the case is from the beginning, and in which status. Who is not there any more, or may not read the pool, gets
    /// nothing.
    private func apply(_ verdict: RuleVerdict, to ticket: inout Ticket) {
        switch verdict.assignment {
        case .agent(let login):
            if let agent = roster.agent(login: login), agent.isActive, agent.readablePools.contains(ticket.pool) {
                (ticket.assignee, ticket.status) = (agent.id, .assigned)
            }
        case .group(let name):
            if let group = roster.group(named: name),
                group.members.contains(where: { roster.agents[$0]?.readablePools.contains(ticket.pool) == true })
            {
                ticket.group = group.id
            }
        case nil: break
        }
        if let priority = verdict.priority { ticket.priority = priority }
        if let folder = verdict.folder { ticket.folder = roster.folder(named: folder)?.id }
        (ticket.priority, ticket.category) = (verdict.priority ?? ticket.priority, verdict.category ?? ticket.category)
        switch verdict.status {
        case .waiting: ticket.status = .waiting
        case .done: ticket.status = .done
        case .closed: ticket.status = .closed
        case .spam: (ticket.status, ticket.assignee, ticket.group) = (.spam, nil, nil)
        case .new, nil: break
        }
    }

    private func record(_ verdict: RuleVerdict, _ ticket: Ticket, _ work: CaseWork, isNew: Bool) throws {
        guard !verdict.rules.isEmpty else { return }
        func event(_ kind: EventKind, _ from: String?, _ to: String?) throws {
            try work.transaction.record(
                TicketEvent(
                    ticket: ticket.number, at: now, kind: kind, from: from, to: to,
                    reason: kind == .ruled ? verdict.rules.joined(separator: ", ") : nil))
        }
        try event(.ruled, nil, nil)
        if isNew {
            if let assignee = ticket.assignee { try event(.assigned, nil, assignee.description) }
            if let group = ticket.group { try event(.groupAssigned, nil, group.description) }
            if let folder = ticket.folder { try event(.filed, nil, folder.description) }
            if verdict.priority != nil { try event(.priorityChanged, nil, ticket.priority.rawValue) }
            if verdict.category != nil { try event(.categoryChanged, nil, ticket.category) }
            // Quarantine tells of that itself, with its reason.
            if ticket.status != .new, facts.quarantine == nil {
                try event(.statusChanged, TicketStatus.new.word, ticket.status.word)
            }
        }
        try tag(verdict.tags, ticket, work)
    }

    /// What rules say of the author, where nobody else can have written in the author's name.
    private func setFields(_ verdict: RuleVerdict, of correspondent: Correspondent?, _ work: CaseWork) throws {
        guard let correspondent, facts.report == nil, !facts.isAuthorInternal, !facts.failedDMARC else { return }
        let values = verdict.customerFields.compactMap { name, value in
            CustomerField(name).map { (field: $0, value: String?.some(value)) }
        }
        guard !values.isEmpty else { return }
        // One too many is the desk's mistake, and no reason to refuse a mail.
        do {
            try CustomerWork(work.transaction, by: nil, now: now).set(values, of: correspondent.customer)
        } catch is CaseRefusal {}
    }

    private func tag(_ tags: [String], _ ticket: Ticket, _ work: CaseWork) throws {
        guard !tags.isEmpty else { return }
        let known = try work.transaction.tags(of: ticket.number)
        var seen = Set(known.map { $0.lowercased() })
        let wanted = tags.map(TagKeyword.keyword).filter { seen.insert($0.lowercased()).inserted }
        let fresh = Rating.keeping([], in: wanted)
        guard !fresh.isEmpty else { return }
        try work.transaction.setTags(known + fresh, of: ticket.number, at: work.modSequence())
        for tag in fresh {
            try work.transaction.record(TicketEvent(ticket: ticket.number, at: now, kind: .tagged, to: tag))
        }
    }

    // MARK: - Where to

    func isSameMail(_ filed: FiledMessage) -> Bool {
        filed.contentDigest == content.digest && now - filed.internalDate <= intake.configuration.duplicateWindow
    }

    private func matchingFacts(
        _ transaction: any DeskTransaction, _ correspondent: Correspondent?, _ known: [FiledMessage]
    ) throws -> MatchingFacts {
        func candidate(_ number: TicketNumber) throws -> Candidate? {
            guard let ticket = try transaction.survivor(number) else { return nil }
            guard let correspondent, !facts.isAuthorInternal else {
                return Candidate(ticket: ticket, isParticipant: false)
            }
            return Candidate(
                ticket: ticket, isParticipant: try transaction.isParticipant(correspondent.address, in: ticket.number))
        }
        var result = MatchingFacts()
        result.signed = try facts.signed.compactMap(candidate)
        // A mail of ours that comes back by a detour belongs where it came from, and opens no case.
        var threaded = facts.returned + known.filter { $0.kind == .outbound }.map(\.ticket)
        for reference in facts.references {
            let filed = try transaction.filedMessages(reference.messageID)
            threaded += filed.filter { $0.kind == .inbound || $0.kind == .outbound }.map(\.ticket)
            if let signed = reference.signed { threaded.append(signed) }
        }
        var seen: Set<TicketNumber> = []
        for number in threaded where seen.insert(number).inserted {
            guard let found = try candidate(number), !result.threaded.contains(where: { $0.ticket.number == found.ticket.number })
            else { continue }
            result.threaded.append(found)
        }
        result.stamped = try facts.stamps.prefix(20).compactMap(candidate)
        if facts.failedDMARC {
            // Anybody could have written the participant's address.
            for index in result.stamped.indices { result.stamped[index].isParticipant = false }
        }
        return result
    }

    // MARK: - Filing

    private func file(
        _ match: Match, _ destination: Roster.Destination, _ verdict: RuleVerdict?, _ stored: ContentID, _ correspondent: Correspondent?,
        _ work: CaseWork, sibling: TicketNumber?
    ) throws -> TicketNumber {
        let transaction = work.transaction
        switch match {
        case .newCase(let linked, let claimed):
            let ticket = try open(destination, verdict, correspondent, work)
            if let verdict {
                try record(verdict, ticket, work, isNew: true)
                try setFields(verdict, of: correspondent, work)
            }
            if let reason = facts.quarantine {
                try transaction.record(
                    TicketEvent(
                        ticket: ticket.number, at: now, kind: .statusChanged, from: TicketStatus.new.word,
                        to: TicketStatus.spam.word, reason: reason))
            }
            let message = try fileMessage(
                .inbound, ticket, stored, correspondent, work, isFirst: true, hasTags: verdict?.tags.isEmpty == false)
            try sendOn(message, ticket, verdict, stored, correspondent, work)
            for other in Set([linked, sibling].compactMap { $0 }).sorted() where other != ticket.number {
                try transaction.link(ticket.number, with: other)
                try transaction.record(
                    TicketEvent(ticket: ticket.number, at: now, kind: .linked, to: other.description))
            }
            if let claimed {
                try transaction.record(
                    TicketEvent(
                        ticket: ticket.number, at: now, kind: .linked, to: claimed.description,
                        reason: "claims to belong to it"))
            }
            return ticket.number
        case .customer(let number):
            guard let ticket = try transaction.ticket(number) else { return number }
            let placed = facts.report == nil ? try receive(ticket, verdict, work) : try reported(ticket, work)
            try addParticipants(to: number, work)
            if let verdict {
                try record(verdict, placed, work, isNew: false)
                try setFields(verdict, of: correspondent, work)
            }
            let message = try fileMessage(facts.report == nil ? .inbound : .notice, placed, stored, correspondent, work)
            if !facts.isAutomatic {
                let held = HeldMails(intake: intake)
                try held.customerWrote(in: number, work)
                if placed.status == .approval { try Approvals(held: held).customerWrote(in: number, work) }
            }
            try sendOn(message, placed, verdict, stored, correspondent, work)
            return number
        case .unconfirmed(let number):
            guard let ticket = try transaction.ticket(number) else { return number }
            let placed = facts.report == nil ? ticket : try reported(ticket, work)
            _ = try fileMessage(facts.report == nil ? .unconfirmed : .notice, placed, stored, correspondent, work)
            return number
        }
    }

    /// A customer's mail brings the case to its assignee, or to New (DESIGN §2); an automatic one moves nothing.
    /// Out of a custom folder only a person's mail brings a case, and none that rules put there themselves.
    private func receive(_ ticket: Ticket, _ verdict: RuleVerdict?, _ work: CaseWork) throws -> Ticket {
        guard !facts.isAutomatic else { return ticket }
        let transaction = work.transaction
        try transaction.customerWrote(in: ticket.number, at: now)
        if ticket.folder != nil, !work.isTrashed(ticket), verdict?.folder.flatMap(roster.folder(named:)) != nil {
            return ticket
        }
        let isAnswered = ticket.status == .spam ? try transaction.isAnswered(ticket.number) : false
        let owned = work.withWorker(ticket)
        var changed = ticket
        changed.folder = nil
        let next = Matching.afterCustomerMail(ticket, hasActiveAssignee: owned.assignee != nil, isAnswered: isAnswered)
        if let next { (changed.status, changed.assignee) = (next.status, next.keepsAssignee ? changed.assignee : nil) }
        if changed.status.needsWork, changed.assignee != nil { changed.substitute = owned.substitute }
        // Even where nothing else changes: a case that somebody put into Trash comes back to where it belongs.
        return try work.move(ticket, to: changed, by: nil, reason: "the customer wrote", isCustomersMail: true).ticket
    }

    /// A mail of ours that did not arrive brings the case back; other reports move nothing.
    private func reported(_ ticket: Ticket, _ work: CaseWork) throws -> Ticket {
        try noteFailures(in: ticket, work)
        guard facts.report == .failed else { return ticket }
        let isQuestion = try facts.returnedMessages.contains { try work.questionCameBack($0) }
        guard
            ticket.status == .waiting || ticket.status == .done || ticket.status == .closed
                || isQuestion && ticket.status == .consultation
        else { return ticket }
        var changed = work.withWorker(ticket)
        changed.status = changed.assignee == nil ? .new : .assigned
        return try work.move(ticket, to: changed, by: nil, reason: "a mail of ours came back").ticket
    }

    /// Who did not get which mail, and why; an address that is of no use any more is marked. What the report says counts for
    /// those only whom the mail went to.
    private func noteFailures(in ticket: Ticket, _ work: CaseWork) throws {
        guard let report = facts.reported, let message = facts.returnedMessages.first else { return }
        let transaction = work.transaction
        let written = try transaction.recipients(of: message)
        for recipient in report.recipients where recipient.action == .failed {
            let named = recipient.address.flatMap { address in written.first { $0 == address } }
            guard let address = named ?? (written.count == 1 ? written.first : nil) else { continue }
            let reason = [recipient.status.map { "\($0)" }, recipient.diagnostic].compactMap { $0 }
            try transaction.record(
                TicketEvent(
                    ticket: ticket.number, at: now, kind: .deliveryFailed, message: message, to: address.description,
                    reason: reason.joined(separator: " ")))
            if recipient.isHard, let status = recipient.status {
                try transaction.markBounced(address, status: status, at: now)
            }
        }
    }

    private func open(
        _ destination: Roster.Destination, _ verdict: RuleVerdict?, _ correspondent: Correspondent?, _ work: CaseWork
    ) throws -> Ticket {
        let transaction = work.transaction
        guard let new = roster.mailbox(.new) else { preconditionFailure("every desk has a mailbox New") }
        var ticket = Ticket(
            number: try transaction.takeTicketNumber(), pool: destination.pool, status: .new, assignee: nil, group: nil,
            mailbox: new, customer: correspondent?.customer, address: destination.address,
            rootToken: facts.rootToken, openedAt: now, statusSince: now)
        if let verdict { apply(verdict, to: &ticket) }
        if facts.quarantine != nil { (ticket.status, ticket.assignee, ticket.group) = (.spam, nil, nil) }
        ticket = work.withWorker(ticket)
        if ticket.assignee == nil, ticket.status == .assigned { ticket.status = .new }
        let place = CasePlace.mailbox(
            status: ticket.status, assignee: ticket.worker, group: ticket.group, folder: ticket.folder)
        ticket.mailbox = roster.mailbox(place) ?? new
        ticket = try work.open(ticket, subject: facts.subject)
        if let correspondent, !facts.isAuthorInternal {
            try transaction.addParticipant(correspondent.address, to: ticket.number)
        }
        try addParticipants(to: ticket.number, work)
        return ticket
    }

    /// Whom the customer copied in takes part, too.
    private func addParticipants(to ticket: TicketNumber, _ work: CaseWork) throws {
        guard !facts.isAutomatic, !facts.others.isEmpty else { return }
        let transaction = work.transaction
        for other in facts.others {
            let correspondent = try transaction.correspondent(other, at: now)
            try transaction.addParticipant(correspondent.address, to: ticket)
        }
    }

    private func fileMessage(
        _ kind: MessageKind, _ ticket: Ticket, _ stored: ContentID, _ correspondent: Correspondent?, _ work: CaseWork,
        isFirst: Bool = false, hasTags: Bool = true
    ) throws -> MessageKey {
        let transaction = work.transaction
        let root = ticket.rootMessageID(host: intake.configuration.hostname)
        let served = served(for: ticket, root)
        // A case that was opened just now has no tags but those that a rule gave it.
        let tags = isFirst && !hasTags ? [] : try transaction.tags(of: ticket.number)
        let sequence = try work.modSequence()
        let key = try transaction.insert(
            NewMessage(
                ticket: ticket.number, kind: kind, pool: ticket.pool, content: stored,
                bodyOffset: content.header.octets.count, contentSize: content.size,
                header: served.header, envelope: facts.envelope.render(subject: served.subject),
                structure: facts.structure, keys: facts.keys.keys(subject: served.subject, root: root),
                internalDate: now, sentAt: facts.sentAt, modSequence: sequence,
                keywords: tags, messageID: facts.messageID, contentDigest: content.digest,
                address: correspondent?.address))
        try transaction.record(
            TicketEvent(
                ticket: ticket.number, at: now, kind: kind == .unconfirmed ? .unconfirmed : .received, message: key,
                to: facts.isAutomatic ? "automatic" : nil))
        try work.place(key, of: ticket, isFirst: isFirst)
        return key
    }

    private func sendOn(
        _ message: MessageKey, _ ticket: Ticket, _ verdict: RuleVerdict?, _ stored: ContentID,
        _ correspondent: Correspondent?, _ work: CaseWork
    ) throws {
        guard let verdict, facts.report == nil else { return }
        try RuleSending(filing: self, work: work).send(message, of: ticket, verdict, stored, correspondent?.address)
    }

    /// What IMAP serves (DESIGN §6): the stamp once in the Subject, the case's root first in References, nothing that only
    /// Stempel may write; every other octet as it was.
    private func served(for ticket: Ticket, _ root: MessageID?) -> (header: [UInt8], subject: [UInt8]?) {
        HeaderRewriter(
            // What filters add stands below the mark of the case: what stands above it is our own word.
            added: trace + Array("X-Stempel-Case: \(ticket.number)\r\n".utf8) + (content.filtered?.added ?? []),
            stamp: .init(
                prefix: roster.pools[ticket.pool]?.definition.prefix ?? "", number: ticket.number.rawValue),
            pattern: stamp, root: root,
            removedFields: facts.foreignResults.union(content.filtered?.removed ?? [])
        ).rewriteWithSubject(content.header, isStamped: facts.stamps.contains(ticket.number))
    }
}

extension MailFiling.Filed {
    /// What rules want of the mail, whatever pools it was sent to. One that refuses it refuses it for all: the sender has
    /// one answer only, and nothing may be lost behind it.
    fileprivate init(_ verdicts: [PoolID: RuleVerdict]) {
        for verdict in verdicts.sorted(by: { $0.key < $1.key }).map(\.value) {
            rejection = rejection ?? verdict.rejection
            rules += verdict.rules.filter { !rules.contains($0) }
            exhausted += verdict.exhausted.filter { !exhausted.contains($0) }
        }
    }
}
