import Desk
import MailFormat
import MailTypes

/// A mail of an agent whose meaning is known, with its commands: they are carried out, and the mail is kept as a note or
/// made ready to leave.
struct SentLetter {
    let sending: Sending
    let text: SentText
    let original: HeldMail.Content
    let thread: SentThread
    let recipients: [SentRecipient]

    private var roster: Roster { sending.roster }
    private var agent: Roster.Agent { sending.agent }
    private var header: HeaderSection { sending.content.header }
    private var intake: Intake { sending.intake }

    func carryOut(_ meaning: SentMeaning, _ work: CaseWork) throws -> Sending.Outcome {
        let isOutward = meaning == .answer || meaning == .passOn || meaning == .newCase
        let asksForNote = text.commands.contains { if case .note = $0.command { true } else { false } }
        let isQuestion = meaning == .consult && !asksForNote
        let instructions = try SentInstructions(
            text.commands, leaves: isOutward && !asksForNote || isQuestion, agent: agent)
        if isQuestion { return try consult(instructions, work) }
        let outcome: Sending.Outcome
        if let author = instructions.author {
            outcome = try fileOnBehalf(of: author, instructions, work)
        } else if case .refuse(let refusal) = meaning {
            throw SendingRefusal(refusal)
        } else {
            outcome =
                isOutward && !asksForNote
                ? try depart(meaning, instructions, work) : try stay(meaning, instructions, work)
        }
        return instructions.searches.isEmpty ? outcome : .searching(outcome, for: instructions.searches)
    }

    private func depart(
        _ meaning: SentMeaning, _ instructions: SentInstructions, _ work: CaseWork
    ) throws -> Sending.Outcome {
        if thread.ticket != nil { try obey(instructions.atOnce, work) }
        if let forward = instructions.forward { _ = try pass(on: forward, words: "", original: nil, work) }
        let later = thread.ticket == nil ? instructions.atOnce + instructions.afterwards : instructions.afterwards
        try check(later, work)
        var leaving = Leaving(meaning: meaning, commands: later.map(\.line), copies: instructions.copies)
        leaving.releaseAt = try instructions.sendAt.map(departure) ?? sending.requestedAt
        leaving.template = try instructions.template.map {
            try LeavingTemplate($0.name, line: $0.line, of: agent, roster, work.transaction)
        }
        try replaceWaiting(isAsked: instructions.replaces, work)
        guard instructions.isForEach else { return try leave(leaving, recipients, work) }
        guard meaning == .newCase else {
            throw SendingExplanation([Self.needsNewMail(agent.language)], language: agent.language)
        }
        var outcome = Sending.Outcome.dropped
        for recipient in recipients where recipient.isOutside {
            leaving.isOneOfMany = true
            outcome = try leave(leaving, [recipient], work)
        }
        return outcome
    }

    private static func needsNewMail(_ language: Language) -> String {
        switch language {
        case .english: "“#each” goes with a new mail, which opens one case for each customer."
        case .polish: "„#każdy” wymaga nowej wiadomości, która otworzy osobną sprawę dla każdego klienta."
        }
    }

    // MARK: - Commands

    func obey(_ commands: [TypedCommand], on opened: TicketNumber? = nil, _ work: CaseWork) throws {
        guard !commands.isEmpty, let number = opened ?? thread.ticket?.number else { return }
        let messages = try thread.answered.map { try work.transaction.messages(withID: $0, in: number) } ?? []
        let carrier = CaseCommands(
            work: work, agent: agent, opening: intake.opening, held: sending.held, answered: messages)
        for command in commands {
            do {
                try carrier.carryOut(command, on: number)
            } catch let refusal as CaseRefusal {
                let sentence = refusal.sentence.text(in: agent.language)
                throw SendingExplanation(["\(command.line): \(sentence)."], language: agent.language)
            } catch let problem as CommandProblem {
                throw SendingExplanation([problem], language: agent.language)
            }
        }
    }

    /// A name that is none stops the mail, even where the command waits until the mail has left.
    private func check(_ commands: [TypedCommand], _ work: CaseWork) throws {
        let carrier = CaseCommands(
            work: work, agent: agent, opening: intake.opening, held: sending.held, answered: [])
        for command in commands {
            do {
                try carrier.check(command)
            } catch let problem as CommandProblem {
                throw SendingExplanation([problem], language: agent.language)
            }
        }
    }

    private func departure(_ moment: LocalMoment) throws -> Timestamp {
        let time = roster.clock(of: agent.id).moment(of: moment)
        guard time > sending.now, time - sending.now <= FutureTime.longest else {
            throw SendingExplanation([FutureTime.sentence(agent.language)], language: agent.language)
        }
        return time
    }

    // MARK: - What stays

    private func stay(
        _ meaning: SentMeaning, _ instructions: SentInstructions, _ work: CaseWork
    ) throws -> Sending.Outcome {
        let transaction = work.transaction
        if let away = instructions.away { try AbsenceNoting(sending: sending, work: work).carryOut(away) }
        guard let ticket = thread.ticket else {
            if instructions.away != nil {
                try transaction.releaseContent(original.id)
                return .commanded
            }
            guard meaning == .commands else { throw SendingRefusal(.noteWithoutCase) }
            try transaction.releaseContent(original.id)
            if text.commands.allSatisfy({ if case .find = $0.command { true } else { false } }), !text.commands.isEmpty {
                return .commanded
            }
            try AgentNotice.noCommand(header, agent, roster).file(
                to: agent, cryptography: intake.cryptography, host: sending.host, work)
            return .commanded
        }
        try obey(instructions.atOnce, work)
        if let judgement = instructions.judgement {
            try ApprovalReply(sending: sending, text: text, original: original)
                .carryOut(judgement, in: ticket.number, work)
        }
        if !instructions.consulted.isEmpty {
            return try SentQuestion(letter: self).carryOut(
                try instructions.consulted.map { try department($0) }, of: ticket.number, releaseAt: nil, work)
        }
        if let forward = instructions.forward {
            guard instructions.isNote, !isBlank else {
                return try passOn(forward, isNote: instructions.isNote, ticket.number, work)
            }
            _ = try pass(on: forward, words: "", original: nil, work)
        }
        let isOnlyCommands = !text.commands.isEmpty && (meaning == .commands || isBlank)
        if isOnlyCommands, !instructions.isNote || isBlank {
            try transaction.releaseContent(original.id)
            return .commanded
        }
        if meaning == .commands, !instructions.isNote {
            try transaction.releaseContent(original.id)
            try AgentNotice.noCommand(header, agent, roster).file(
                to: agent, cryptography: intake.cryptography, host: sending.host, work)
            return .commanded
        }
        return try note(ticket.number, work)
    }

    /// Nothing but commands, and nothing attached.
    private var isBlank: Bool {
        guard let text = text.text else { return false }
        return text.ownText.allSatisfy(\.isWhitespace) && sending.content.structure.root.isTextOnly
    }

    private func note(_ number: TicketNumber, _ work: CaseWork) throws -> Sending.Outcome {
        let transaction = work.transaction
        guard let ticket = try transaction.ticket(number) else { throw SendingRefusal(.noteWithoutCase) }
        var (content, submitted) = (original, header)
        if let plan = notePlan(entropy: sending.prepared?.entropy ?? intake.cryptography.randomOctets(16)) {
            (content, submitted) = try sending.rewritten(original, by: plan, transaction)
            if content.id != original.id { try transaction.releaseContent(original.id) }
        }
        let filing = NoteFiling(
            keys: intake.keys, cryptography: intake.cryptography, host: sending.host, stamp: sending.stamp, agent: agent)
        let filed = try filing.file(
            submitted,
            NoteFiling.Body(
                content: content.id, bodyOffset: content.bodyOffset, size: content.size, structure: content.structure,
                digest: content.digest),
            into: ticket, work)
        try sending.remember(ticket.number, filed, transaction)
        for follower in sending.followers(recipients) {
            do { try work.setFollowing(true, ticket.number, by: follower) } catch is CaseRefusal {}
        }
        return .noted(ticket.number)
    }

    /// A note without its commands; `nil`: as it is.
    private func notePlan(entropy: [UInt8]) -> BodyPlan? {
        guard !text.commands.isEmpty else { return nil }
        return try? text.text?.plan(TextChanges(), entropy: entropy)
    }

    // MARK: - What leaves

    /// The body that the mail will have, by what the database says now; `nil`: as it is, or a different one for each of
    /// several recipients.
    func plan(entropy: [UInt8], _ transaction: any DeskTransaction) throws -> BodyPlan? {
        guard recipients.contains(where: \.isOutside),
            !text.commands.contains(where: { if case .note = $0.command { true } else { false } })
        else { return notePlan(entropy: entropy) }
        let instructions = try SentInstructions(text.commands, leaves: true, agent: agent)
        guard !instructions.isForEach else { return nil }
        let template = try instructions.template.map {
            try LeavingTemplate($0.name, line: $0.line, of: agent, roster, transaction)
        }
        return try LeavingText(sending: sending, text: text, facts: try facts(recipients, transaction)).plan(
            template: template, entropy: entropy)
    }

    /// How a mail leaves.
    private struct Leaving {
        var meaning: SentMeaning
        /// What is done with the case when it has left.
        var commands: [String]
        /// Further recipients, shown in Cc.
        var copies: [EmailAddress]
        var releaseAt: Timestamp?
        var template: LeavingTemplate?
        /// One recipient of several, who hear nothing of each other.
        var isOneOfMany = false

        var departure: HeldMail.Departure {
            switch meaning {
            case .newCase: .newCase
            case .passOn: .passOn
            default: .answer
            }
        }
    }

    private func leave(_ leaving: Leaving, _ recipients: [SentRecipient], _ work: CaseWork) throws -> Sending.Outcome {
        let transaction = work.transaction
        if leaving.departure == .answer, let ticket = thread.ticket { try takeFromNext(ticket, work) }
        let facts = try facts(recipients, transaction)
        let composed = try LeavingText(sending: sending, text: text, facts: facts).rewrite(
            original, template: leaving.template, transaction)
        let isSealed = MailTraits(header).contains(.signedOrEncrypted)
        let body = try LeavingBody(composed.content, isSealed: isSealed, roster: roster, host: sending.host, transaction)
        var content = composed.content
        if let pieces = body.pieces {
            content = try StoredPlan(header: composed.header.octets, pieces: pieces).store(
                over: composed.content, now: sending.now, transaction)
            if composed.content.id != original.id { try transaction.releaseContent(composed.content.id) }
        }
        let mail = try held(leaving, composed.header, recipients, content, transaction)
        let quotes = try body.holdsInternal || thread.forwardsInternal
            || [.internalMessage, .consultation].contains(thread.answers) || sending.quotesSecrets(mail, transaction)
        let changes = mail.departure == .answer ? try CaseChanges(mail, work).list : []
        let doubts = SendingFacts(
            meaning: leaving.meaning, recipients: recipients, changes: changes,
            scheduledAt: mail.isScheduled ? sending.now : nil, quotesInternal: quotes
        ).doubts
        try sending.remember(mail.ticket, nil, transaction)
        if doubts.isEmpty, mail.approval == .none, mail.releaseAt <= sending.now {
            let number = try sending.held.depart(mail, work)
            if content.id != original.id { try transaction.releaseContent(original.id) }
            return .left(number)
        }
        try sending.held.hold(mail, doubts, work)
        return .held(mail.ticket, doubts: doubts)
    }

    /// A question to the departments among the recipients.
    private func consult(_ instructions: SentInstructions, _ work: CaseWork) throws -> Sending.Outcome {
        guard let ticket = thread.ticket else { throw SendingRefusal(.questionWithoutCase) }
        try obey(instructions.atOnce, work)
        let asked = Set(recipients.filter(\.isOutside).flatMap { roster.departments(with: $0.address) })
        let releaseAt = try instructions.sendAt.map(departure) ?? sending.requestedAt
        return try SentQuestion(letter: self).carryOut(
            asked.sorted().compactMap { roster.departments[$0] }, of: ticket.number, releaseAt: releaseAt, work)
    }

    private func department(_ typed: TypedCommand) throws -> Roster.Department {
        guard case .consult(let name) = typed.command else { preconditionFailure("only a #consult names a department") }
        if let found = roster.department(named: name) { return found }
        let names = roster.departments.values.map(\.definition.name).sorted()
        throw SendingExplanation(
            [
                CommandProblem(
                    line: typed.line,
                    fault: .noSuch(.department, name, suggestion: Spelling.nearest(to: name, among: names)))
            ], language: agent.language)
    }

    /// What a supervisor writes to those to whom a mail of the case waits to go, goes instead of it ("Edit as new"), as does
    /// any mail with `#replace`.
    private func replaceWaiting(isAsked: Bool, _ work: CaseWork) throws {
        guard let number = thread.ticket?.number else { return }
        let outside = Set(recipients.filter(\.isOutside).map(\.address))
        var found: [HeldMailStatus] = []
        for status in try work.transaction.heldMail(of: number) where status.state == .approval {
            guard let mail = try work.transaction.heldMail(status.id),
                roster.mayApprove(agent, in: mail.pool, by: mail.agent), isAsked || Set(mail.recipients) == outside
            else { continue }
            found.append(status)
        }
        let approvals = Approvals(held: sending.held)
        for status in found { try approvals.replace(status, by: agent.id, work) }
        guard isAsked, found.isEmpty else { return }
        throw SendingExplanation([Self.nothingWaits(agent.language)], language: agent.language)
    }

    private static func nothingWaits(_ language: Language) -> String {
        switch language {
        case .english: "Nothing of this case waits for your approval, so nothing is replaced."
        case .polish: "Nic w tej sprawie nie czeka na Twoją akceptację, więc nie ma czego zastąpić."
        }
    }

    /// An answer takes what Next offered while it is still held, so that Next gives the following case; where only Next gives
    /// cases nobody answers out of turn.
    private func takeFromNext(_ ticket: Ticket, _ work: CaseWork) throws {
        guard ticket.assignee == nil, ticket.group == nil, ticket.status == .new else { return }
        let isOffered = try work.transaction.offer(of: ticket.number)?.agent == agent.id
        guard isOffered || roster.pools[ticket.pool]?.definition.takeNextOnly == true else { return }
        _ = try work.apply(.take, to: ticket.number, by: agent.id)
    }

    func facts(_ recipients: [SentRecipient], _ transaction: any DeskTransaction) throws -> TemplateFacts {
        let author = header.addresses(of: "From").first?.address
        let pool = try thread.ticket?.pool ?? sending.pool(from: author)
        let recipient = recipients.first(where: \.isOutside).map { sending.named($0.address) }
        let standing = try recipient.flatMap { try transaction.standing(of: $0.address, outside: nil) }
        return TemplateFacts(
            ticket: thread.ticket, subject: String((header.text("Subject") ?? "").prefix(500)), recipient: recipient,
            pool: roster.pools[pool]?.definition,
            from: roster.address(of: pool, preferring: thread.ticket == nil ? author : thread.ticket?.address),
            known: try standing.flatMap { try transaction.customer($0.customer) }, agent: agent, stamp: sending.stamp,
            clock: roster.clock, now: sending.now)
    }

    private func held(
        _ leaving: Leaving, _ submitted: HeaderSection, _ recipients: [SentRecipient], _ content: HeldMail.Content,
        _ transaction: any DeskTransaction
    ) throws -> HeldMail {
        let author = header.addresses(of: "From").first?.address
        let pool = try thread.ticket?.pool ?? sending.pool(from: author)
        guard let definition = roster.pools[pool]?.definition,
            let address = roster.address(of: pool, preferring: thread.ticket == nil ? author : thread.ticket?.address)
        else { throw SendingRefusal(reply: .notYourCase) }
        let copies = leaving.copies.filter { sending.internalRole($0) == nil }
        var outside = recipients.filter(\.isOutside).map(\.address)
        outside += copies.filter { !outside.contains($0) }
        let first = try outside.first.map { try transaction.correspondent(sending.named($0), at: sending.now) }
        let number = try thread.ticket?.number ?? transaction.takeTicketNumber()
        let written = (header.addresses(of: "To") + header.addresses(of: "Cc")).map(\.address)
        var removed = Set(written.filter { sending.internalRole($0) != nil })
        if leaving.isOneOfMany { removed.formUnion(written.filter { !outside.contains($0) }) }
        let outgoing = try OutgoingHeader(
            of: try Self.header(submitted, copiedTo: copies), from: address, of: definition, ticket: number,
            subject: first?.address.rawValue ?? 0, removing: removed, thread, sending.stamp, intake: intake,
            now: sending.now)
        let baseline = try thread.baseline ?? transaction.newestMessage(in: number) ?? MessageKey(rawValue: 0)
        let colleagues = leaving.copies.compactMap { roster.agent(address: $0)?.id }.filter { $0 != agent.id }
        var mail = HeldMail(
            agent: agent.id, ticket: number, pool: pool, address: address, departure: leaving.departure,
            subject: String((header.text("Subject") ?? "").prefix(500)), messageID: outgoing.messageID,
            header: outgoing.octets, leaving: content, original: original, recipients: outside,
            answered: thread.answered, forwarded: thread.forwarded,
            followers: sending.followers(recipients) + colleagues,
            baseline: baseline, clientMessageID: header.messageID, acceptedAt: sending.now,
            releaseAt: max(sending.now + roster.definition.undo, leaving.releaseAt ?? sending.now),
            isScheduled: leaving.releaseAt != nil, commands: leaving.commands)
        mail.wishes = sending.envelope.wishes.about(outside)
        if agent.definition.role == .trainee { mail.approval = .needed }
        return mail
    }

    /// The header section with more addresses in its one Cc field (RFC 5322 §3.6).
    private static func header(_ header: HeaderSection, copiedTo copies: [EmailAddress]) throws -> HeaderSection {
        let known = Set((header.addresses(of: "To") + header.addresses(of: "Cc")).map(\.address))
        let added = copies.filter { !known.contains($0) }
        guard !added.isEmpty else { return header }
        var writer = HeaderWriter()
        for field in header.fields where header.name(of: field).lowercased() != "cc" { writer.copy(field, of: header) }
        try writer.addresses("Cc", header.addresses(of: "Cc") + added.map { NamedAddress(address: $0) })
        return HeaderSection(writer.octets + [0x0D, 0x0A])
    }
}

/// How far ahead a mail may be sent (FEATURES S41).
private enum FutureTime {
    static let longest = Duration.seconds(14 * 86400)

    static func sentence(_ language: Language) -> String {
        switch language {
        case .english: "A mail can be sent at a time of the next 14 days."
        case .polish: "Wysłanie można zaplanować na najbliższe 14 dni."
        }
    }
}
