package import Desk
import MailFormat
import MailTypes

/// Questions to departments (DESIGN §3, §4; FEATURES S25): asked through To send, filed when they leave. Every step is part of
/// the caller's transaction.
package struct Consultations: Sendable {
    /// A question as an agent puts it.
    struct Request {
        var department: Roster.Department
        /// Empty: the default text of the house.
        var question: String
        var files: [AskedCorrespondence.File] = []
        /// What the agent's client sent, if it was a mail: recalled, it is a draft again.
        var original: HeldMail.Content?
        var clientMessageID: MessageID?
        var releaseAt: Timestamp?
    }

    let held: HeldMails

    package init(held: HeldMails) { self.held = held }

    private var intake: Intake { held.intake }

    // MARK: - Asking

    /// A case was dropped on a department: the question is the default text, and the case waits for the answer.
    package func ask(_ number: TicketNumber, _ department: DepartmentID, by agent: AgentID, _ work: CaseWork) throws {
        guard let department = work.roster.departments[department] else {
            throw CaseRefusal(.impossible, "There is no such department", "Nie ma takiego działu")
        }
        let person = try work.person(agent)
        let ticket = try claim(try work.decidable(number, by: agent), by: agent, work)
        try ask(Request(department: department, question: ""), of: ticket, by: person, work)
        guard person.definition.role != .trainee else { return }
        try wait(number, by: agent, anybodys: true, work)
    }

    /// Makes the mail and holds it for the undo time, a trainee's for approval.
    func ask(_ request: Request, of ticket: Ticket, by agent: Roster.Agent, _ work: CaseWork) throws {
        let transaction = work.transaction
        let definition = request.department.definition
        guard let pool = work.roster.pools[ticket.pool], pool.isActive,
            let address = work.roster.address(of: ticket.pool, preferring: ticket.address)
        else { throw CaseRefusal(.impossible, "There is no such pool", "Nie ma takiej puli") }
        guard ticket.status != .spam, !work.isTrashed(ticket) else {
            throw CaseRefusal(
                .impossible, "Nobody is asked about spam, or about what was deleted",
                "O spam ani o usunięte sprawy nikogo się nie pyta")
        }
        let words = ConsultationWords(work.roster.definition.language, clock: work.roster.clock)
        let releaseAt = max(work.now + work.roster.definition.undo, request.releaseAt ?? work.now)
        var consultation = Consultation(
            id: ConsultationID(rawValue: 0), ticket: ticket.number, department: request.department.id, agent: agent.id,
            question: request.question.isEmpty ? words.defaultQuestion : request.question, askedAt: work.now)
        let id = try transaction.insert(consultation)
        consultation = try transaction.consultation(id) ?? consultation
        let letter = ConsultationLetter(
            intake: intake, roster: work.roster, consultation: consultation, department: definition, agent: agent,
            ticket: ticket, subject: try transaction.subject(of: ticket.number), address: address,
            due: due(of: definition, from: releaseAt, work.roster), files: request.files)
        let messageID = letter.messageID
        let leaving = try store(try letter.octets(messageID, now: work.now, transaction), work)
        var mail = HeldMail(
            agent: agent.id, ticket: ticket.number, pool: ticket.pool, address: address, departure: .consultation,
            subject: letter.subject, messageID: messageID, header: leaving.header, leaving: leaving.content,
            original: request.original ?? leaving.content, recipients: definition.addresses, answered: nil, forwarded: [],
            followers: [], baseline: try transaction.newestMessage(in: ticket.number) ?? MessageKey(rawValue: 0),
            clientMessageID: request.clientMessageID, acceptedAt: work.now, releaseAt: releaseAt,
            isScheduled: request.releaseAt != nil)
        mail.consultation = id
        if agent.definition.role == .trainee { mail.approval = .needed }
        if mail.approval == .none, releaseAt <= work.now {
            _ = try held.depart(mail, work)
        } else {
            try held.hold(mail, [], work)
        }
    }

    private func due(of department: DepartmentDefinition, from start: Timestamp, _ roster: Roster) -> Timestamp? {
        department.answerWithin.flatMap { roster.clock.moment(after: $0, from: start, calendar: department.calendar) }
    }

    private func store(
        _ octets: [UInt8], _ work: CaseWork
    ) throws -> (header: [UInt8], content: HeldMail.Content) {
        let header = Array(octets.prefix(HeaderSection(octets).bodyStart))
        let nothing = HeldMail.Content(
            id: ContentID(rawValue: 0), bodyOffset: 0, size: 0, structure: [], digest: 0, isEightBit: false)
        let content = try StoredPlan(header: header, pieces: [.octets(Array(octets.dropFirst(header.count)))]).store(
            over: nothing, now: work.now, work.transaction)
        return (header, content)
    }

    /// A case that nobody has becomes the one's who asks.
    func claim(_ ticket: Ticket, by agent: AgentID, _ work: CaseWork) throws -> Ticket {
        guard ticket.assignee == nil || ticket.status == .new && ticket.assignee == agent else { return ticket }
        var changed = ticket
        (changed.assignee, changed.group, changed.status, changed.folder) = (agent, nil, .assigned, nil)
        return try work.move(ticket, to: changed, by: agent, reason: "a department is asked").ticket
    }

    /// The case waits for the department; a colleague's only where that colleague's case was dropped on it.
    private func wait(_ number: TicketNumber, by agent: AgentID, anybodys: Bool = false, _ work: CaseWork) throws {
        guard let ticket = try work.transaction.survivor(number), anybodys || ticket.worker == agent,
            ticket.status != .spam, !work.isTrashed(ticket)
        else { return }
        var changed = ticket
        (changed.status, changed.folder) = (.consultation, nil)
        _ = try work.move(ticket, to: changed, by: agent, reason: "a department was asked")
    }

    // MARK: - Leaving

    /// The question leaves: it is filed in its case, and the department's time begins.
    func depart(_ mail: HeldMail, _ work: CaseWork) throws -> TicketNumber {
        let transaction = work.transaction
        guard let ticket = try transaction.survivor(mail.ticket), let id = mail.consultation,
            var consultation = try transaction.consultation(id)
        else { throw CaseRefusal(.impossible, "There is no such case", "Nie ma takiej sprawy") }
        let claimed = try claim(ticket, by: mail.agent, work)
        let key = try held.file(mail, claimed, work)
        try held.enqueue(mail, claimed, key, work)
        (consultation.state, consultation.askedAt, consultation.message) = (.open, work.now, key)
        if let department = work.roster.departments[consultation.department] {
            consultation.dueAt = due(of: department.definition, from: work.now, work.roster)
        }
        consultation.ticket = claimed.number
        try transaction.update(consultation, at: work.now)
        if let due = consultation.dueAt {
            try transaction.setTimer(
                DeskTimer(kind: .consultation, ticket: claimed.number, subject: id.rawValue, dueAt: due))
        }
        var actor = mail.agent
        if case .given(let judge) = mail.approval { actor = judge }
        if claimed.worker == mail.agent { try wait(claimed.number, by: actor, anybodys: true, work) }
        return claimed.number
    }

    /// A question that was not asked after all.
    func recalled(_ id: ConsultationID, _ work: CaseWork) throws {
        guard var consultation = try work.transaction.consultation(id), consultation.state == .asked else { return }
        consultation.state = .cancelled
        try work.transaction.update(consultation, at: work.now)
    }

    /// A case is moved back from Consultation: questions that were asked by a move and have not left are not asked.
    package func recallMoved(_ number: TicketNumber, by agent: AgentID, _ work: CaseWork) throws {
        for status in try work.transaction.heldMail(of: number) where status.agent == agent {
            guard let mail = try work.transaction.heldMail(status.id), mail.departure == .consultation,
                mail.original.id == mail.leaving.id
            else { continue }
            try held.finish(status, mail, work)
            try work.transaction.record(
                TicketEvent(ticket: number, at: work.now, kind: .recalled, agent: agent))
        }
    }

    // MARK: - Time

    /// The time of a consultation has passed (FEATURES S26). Part of the timer's transaction, so that every reminder leaves
    /// once.
    package func lapse(_ timer: DeskTimer, _ work: CaseWork) throws {
        let transaction = work.transaction
        guard var consultation = try transaction.consultation(ConsultationID(rawValue: timer.subject)),
            consultation.state == .open, let ticket = try transaction.survivor(consultation.ticket),
            ticket.status != .spam, !work.isTrashed(ticket),
            let department = work.roster.departments[consultation.department]?.definition
        else { return }
        consultation.lapses += 1
        let plan = ReminderPlan(lapse: consultation.lapses, of: department)
        if consultation.lapses == 1 {
            try transaction.record(
                TicketEvent(
                    ticket: ticket.number, at: work.now, kind: .consultationOverdue,
                    to: consultation.department.description))
        }
        if plan.reminds { try remind(consultation, department, ticket, work) }
        if plan.tellsSupervisors { try tellSupervisors(consultation, department, ticket, work) }
        if let next = plan.next,
            let moment = work.roster.clock.moment(after: next, from: work.now, calendar: department.calendar)
        {
            try transaction.setTimer(
                DeskTimer(kind: .consultation, ticket: timer.ticket, subject: timer.subject, dueAt: moment))
        }
        try transaction.update(consultation, at: work.now)
    }

    private func remind(
        _ consultation: Consultation, _ department: DepartmentDefinition, _ ticket: Ticket, _ work: CaseWork
    ) throws {
        let transaction = work.transaction
        guard let agent = work.roster.agents[consultation.agent],
            let address = work.roster.address(of: ticket.pool, preferring: ticket.address)
        else { return }
        let letter = ConsultationLetter(
            intake: intake, roster: work.roster, consultation: consultation, department: department, agent: agent,
            ticket: ticket, subject: try transaction.subject(of: ticket.number), address: address,
            due: consultation.dueAt, files: [])
        let name = department.remind.map(foldedName)
        let template = work.roster.definition.templates.first { foldedName($0.name) == name }
        let messageID = letter.messageID
        let octets = try letter.reminder(
            template, facts(consultation, department, ticket, letter, work), messageID, now: work.now, transaction)
        let leaving = try store(octets, work)
        var mail = HeldMail(
            agent: agent.id, ticket: ticket.number, pool: ticket.pool, address: address, departure: .consultation,
            subject: letter.subject, messageID: messageID, header: leaving.header, leaving: leaving.content,
            original: leaving.content, recipients: department.addresses, answered: nil, forwarded: [], followers: [],
            baseline: MessageKey(rawValue: 0), clientMessageID: nil, acceptedAt: work.now, releaseAt: work.now,
            isScheduled: false)
        mail.isReminder = true
        mail.consultation = consultation.id
        let key = try held.file(mail, ticket, work)
        try held.enqueue(mail, ticket, key, work)
    }

    private func facts(
        _ consultation: Consultation, _ department: DepartmentDefinition, _ ticket: Ticket, _ letter: ConsultationLetter,
        _ work: CaseWork
    ) -> TemplateFacts {
        func local(_ moment: Timestamp) -> LocalMoment {
            let time = work.roster.clock.localTime(of: moment)
            return LocalMoment(date: time.date, minute: time.minute)
        }
        let pattern = StampPattern(work.roster.definition.stamp)
        guard let pattern else { return TemplateFacts(agentName: letter.agent.definition.name, now: local(work.now)) }
        var facts = TemplateFacts(
            ticket: ticket, subject: letter.subject, recipient: nil, pool: work.roster.pools[ticket.pool]?.definition,
            from: letter.address, known: nil, agent: letter.agent, stamp: pattern, clock: work.roster.clock, now: work.now)
        facts.consultation = .init(
            department: department.name, question: consultation.question, asked: local(consultation.askedAt),
            due: consultation.dueAt.map(local))
        return facts
    }

    private func tellSupervisors(
        _ consultation: Consultation, _ department: DepartmentDefinition, _ ticket: Ticket, _ work: CaseWork
    ) throws {
        let about = "#\(ticket.number) \(try work.transaction.subject(of: ticket.number))"
        for supervisor in work.roster.notifiedSupervisors(of: ticket.pool, at: work.now) {
            let told = ConsultationWords(supervisor.language, clock: work.roster.clock).overdue(
                department.name, about: about, asked: consultation.askedAt, due: consultation.dueAt)
            var notice = AgentNotice(subject: told.subject, text: told.text)
            notice.listsCases = true
            try notice.file(
                to: supervisor, cryptography: intake.cryptography, host: held.host, work)
        }
    }
}
