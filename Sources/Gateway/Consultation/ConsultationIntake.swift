import Desk
import MailFormat
import MailTypes

/// A department's answer on its way in (DESIGN §5): found by token, thread or mark, filed as internal, and nothing that an
/// agent answers to it can reach the customer.
struct ConsultationIntake {
    let filing: MailFiling
    let work: CaseWork

    private var facts: MailFacts { filing.facts }
    private var roster: Roster { work.roster }

    /// Files the mail if it is an answer; `nil`: it is mail like any other.
    func run() throws -> TicketNumber? {
        // Reports of mail systems are about mail, not answers.
        guard facts.report == nil, facts.mayAnswerConsultation, let found = try answered(),
            let ticket = try work.transaction.survivor(found.ticket)
        else { return nil }
        let known = try facts.messageID.map { try work.transaction.filedMessages($0) } ?? []
        if let copy = known.first(where: { $0.ticket == ticket.number && filing.isSameMail($0) }) {
            try work.transaction.record(
                TicketEvent(ticket: copy.ticket, at: work.now, kind: .duplicate, message: copy.key))
            return ticket.number
        }
        let placed = facts.isAutomatic ? ticket : try takeBack(ticket)
        let stored = try filing.content.file(in: work.transaction)
        let key = try file(stored, found, placed)
        if !facts.isAutomatic { try settle(found, placed, key) }
        return ticket.number
    }

    private func answered() throws -> Consultation? {
        let transaction = work.transaction
        func consultation(_ mark: ConsultationMark) throws -> Consultation? {
            guard let found = try transaction.consultation(mark.consultation), found.ticket == mark.ticket,
                found.state != .asked
            else { return nil }
            return found
        }
        var match = ConsultationFacts()
        match.signed = try facts.consultations.compactMap(consultation)
        match.threaded = try facts.references.compactMap { try $0.consultation.flatMap(consultation) }
        match.marked = try facts.marks.compactMap(consultation)
        match.departments = facts.departments
        match.failedDMARC = facts.failedDMARC
        if !facts.departments.isEmpty {
            var tickets = facts.signed + facts.returned + facts.references.compactMap(\.signed)
            for reference in facts.references.prefix(10) {
                tickets += try transaction.filedMessages(reference.messageID).map(\.ticket)
            }
            tickets += facts.stamps.prefix(20)
            for ticket in Set(tickets).sorted().prefix(20) {
                guard let survivor = try transaction.survivor(ticket) else { continue }
                match.ofCases += try transaction.consultations(of: survivor.number).filter { $0.state != .asked }
            }
        }
        if let author = facts.author, let known = try transaction.knownAddress(author.address) {
            for found in match.signed + match.threaded {
                guard let survivor = try transaction.survivor(found.ticket),
                    try transaction.isParticipant(known, in: survivor.number)
                else { continue }
                match.participates.insert(found.ticket)
            }
        }
        return ConsultationMatching.answered(by: match)
    }

    /// The case goes back to who works on it.
    private func takeBack(_ ticket: Ticket) throws -> Ticket {
        var changed = work.withWorker(ticket)
        changed.folder = nil
        if let status = ConsultationMatching.statusAfterAnswer(ticket.status, hasAssignee: changed.assignee != nil) {
            changed.status = status
        } else if changed.assignee == nil {
            // What waits for a supervisor waits on; what needs somebody goes to the queue.
            if ticket.status == .assigned || ticket.status == .inProgress {
                changed.status = .new
            } else {
                changed.assignee = ticket.assignee
            }
        }
        return try work.move(ticket, to: changed, by: nil, reason: "the department answered").ticket
    }

    /// The question is answered, and those that the department was asked about the case before.
    private func settle(_ found: Consultation, _ ticket: Ticket, _ key: MessageKey) throws {
        for var other in try work.transaction.consultations(of: found.ticket)
        where other.department == found.department && other.id <= found.id && other.state == .open {
            other.state = .answered
            try work.end(other, .consultationAnswered, message: key)
        }
    }

    private func file(_ stored: ContentID, _ found: Consultation, _ ticket: Ticket) throws -> MessageKey {
        let transaction = work.transaction
        let root = ticket.rootMessageID(host: filing.intake.configuration.hostname)
        let served = HeaderSection(try header(found, ticket, root))
        let key = try transaction.insert(
            NewMessage(
                ticket: ticket.number, kind: .consultationIn, pool: ticket.pool, content: stored,
                bodyOffset: filing.content.header.octets.count, contentSize: filing.content.size,
                header: served.octets, envelope: IMAPEnvelope.render(served), structure: facts.structure,
                keys: SortKeys(served), internalDate: work.now, sentAt: facts.sentAt, modSequence: try work.modSequence(),
                keywords: try transaction.tags(of: ticket.number), messageID: facts.messageID,
                contentDigest: filing.content.digest))
        try transaction.record(
            TicketEvent(
                ticket: ticket.number, at: work.now, kind: .received, message: key,
                from: found.department.rawValue.description))
        try work.place(key, of: ticket)
        return key
    }

    /// Whoever else the clerk wrote to is left out: Reply and Reply-All go to the department, and to nobody else.
    private func header(_ found: Consultation, _ ticket: Ticket, _ root: MessageID?) throws -> [UInt8] {
        var fields = HeaderWriter()
        fields.append(raw: filing.trace)
        try fields.structured("X-Stempel-Case", ticket.number.description)
        let pool = roster.pools[ticket.pool]?.definition
        if let department = roster.departments[found.department]?.definition {
            try fields.text("X-Stempel-Consultation", department.name)
            try fields.addresses(
                "Reply-To", department.addresses.map { NamedAddress(displayName: department.name, address: $0) })
        } else {
            try fields.addresses("Reply-To", [NamedAddress(address: roster.noteAddress)])
        }
        if let address = roster.address(of: ticket.pool, preferring: ticket.address) {
            try fields.addresses("To", [NamedAddress(displayName: pool?.name, address: address)])
        }
        return HeaderRewriter(
            added: fields.octets, stamp: .init(prefix: pool?.prefix ?? "", number: ticket.number.rawValue),
            pattern: filing.stamp, root: root,
            removedNames: ["Reply-To", "To", "Cc", "Bcc", "Mail-Followup-To", "Mail-Reply-To"],
            removedFields: facts.foreignResults
        ).rewrite(filing.content.header)
    }
}
