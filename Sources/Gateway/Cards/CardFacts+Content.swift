package import Desk
package import MailFormat
package import MailTypes

extension CardFacts {
    /// What the card of the case shows, as of `now`.
    func content(_ roster: Roster, hostname: DomainName, now: Timestamp) -> CardContent {
        let pool = roster.pools[ticket.pool]?.definition
        let pattern = StampPattern(roster.definition.stamp)
        func name(_ agent: AgentID) -> String? { roster.agents[agent]?.definition.name }
        var content = CardContent(
            number: ticket.number,
            stamp: pattern?.text(.init(prefix: pool?.prefix ?? "", number: ticket.number.rawValue))
                ?? "#\(ticket.number)",
            subject: subject, pool: pool?.name ?? "", status: ticket.status, statusSince: ticket.statusSince,
            openedAt: ticket.openedAt,
            assignee: ticket.assignee.flatMap(name).map { owner in
                ticket.substitute.flatMap(name).map { "\(owner) → \($0)" } ?? owner
            },
            group: ticket.group.flatMap { roster.groups[$0]?.name }, priority: ticket.priority,
            category: ticket.category, source: ticket.source)
        content.deadlines = deadlines(roster.clock, calendar: pool?.calendar, now: now)
        content.heldMail = held.map { status in
            CardHeldMail(
                author: name(status.agent) ?? "?",
                wait: status.state == .approval
                    ? .approval : releases[status.id].map { .until($0) } ?? .confirmation,
                doubts: status.doubts.compactMap(CardHeldMail.Doubt.init(rawValue:)))
        }
        content.writers = writers.compactMap { writer in
            name(writer.agent).map { CardWriter(name: $0, since: writer.since) }
        }
        content.consultations = consultations.map { open in
            CardConsultation(
                department: roster.departments[open.department]?.definition.name ?? "?", askedAt: open.askedAt,
                due: open.dueAt, isOverdue: open.lapses > 0)
        }
        if let customer {
            content.customer = CardCustomer(
                name: customer.name, firm: customer.firm, phone: customer.phone, note: customer.note,
                addresses: addresses, fields: customerFields)
        }
        content.earlier = Array(recent.prefix(3))
        content.casesElsewhere = elsewhere
        content.tags = tags
        content.followers = followers.sorted().compactMap(name)
        content.mergedInto = ticket.mergedInto
        content.merged = merged
        content.linked = linked
        content.isAnswered = isAnswered
        content.questions = roster.questions(of: ticket).map { question in
            CardQuestion(
                name: question.name, text: question.text, choices: roster.definition.choices(of: question),
                isRequired: question.isRequired, answer: answers[question.id])
        }
        let last = lastHeader.map { HeaderSection($0) }
        content.warnings = warnings(pattern, last)
        content.authentication = last.map { AuthenticationFacts.read($0, hostname: hostname) } ?? []
        return content
    }

    private func deadlines(_ clock: any DeskClock, calendar: String?, now: Timestamp) -> [CardDeadline] {
        func deadline(_ kind: CardDeadline.Kind, _ due: Timestamp) -> CardDeadline {
            guard due > now else { return CardDeadline(kind: kind, due: due, state: .overdue) }
            let left = clock.workingTime(from: now, to: due, calendar: calendar)
            return CardDeadline(kind: kind, due: due, state: .running, left: left)
        }
        var result: [CardDeadline] = []
        if let due = ticket.clock.firstAnswerDue { result.append(deadline(.firstAnswer, due)) }
        if let due = ticket.clock.solutionDue {
            result.append(deadline(.solution, due))
        } else if let left = ticket.clock.solutionLeft, ticket.status == .waiting {
            result.append(CardDeadline(kind: .solution, due: ticket.statusSince, state: .paused, left: left))
        } else if let solved = ticket.clock.solved, let isInTime = solved.isInTime,
            [.done, .closed].contains(ticket.status)
        {
            result.append(CardDeadline(kind: .solution, due: solved.at, state: isInTime ? .met : .missed))
        }
        return result
    }

    private func warnings(_ pattern: StampPattern?, _ last: HeaderSection?) -> [CardWarning] {
        var result: [CardWarning] = []
        // The same matter, perhaps: what is merged or answered already is no question any more.
        if ticket.mergedInto == nil, ticket.status == .new || ticket.status == .assigned || ticket.status == .inProgress
        {
            result += recent.filter(\.isOpen).prefix(2).map(CardWarning.openCase)
        }
        if let pattern, let first = firstHeader.map({ HeaderSection($0) }) {
            let claimed = pattern.stamps(in: first.text("Subject") ?? "").map { TicketNumber(rawValue: $0.number) }
                .first { $0 != ticket.number && !linkedNumbers.contains($0) && !merged.contains($0) }
            if let claimed { result.append(.claims(claimed)) }
        }
        if let last, let author = last.addresses(of: "From").first?.address,
            let other = last.addresses(of: "Reply-To").first(where: { $0.address.domain != author.domain })
        {
            result.append(.replyTo(other.address.description))
        }
        result += undeliverable.map(CardWarning.undeliverable)
        result += unconfirmed.map(CardWarning.unconfirmed)
        return result
    }
}

extension CardCase {
    /// Somebody still has to do something about it.
    fileprivate var isOpen: Bool {
        switch status {
        case .new, .assigned, .inProgress, .consultation, .approval, .waiting: true
        case .done, .closed, .spam: false
        }
    }
}

/// What our own Authentication-Results field says (RFC 8601 §2.2).
package enum AuthenticationFacts {
    /// The verdict of each method that was checked, in the order of `AuthenticationMethod`. A method that passed once
    /// passed: of several signatures one that holds is enough. Only a field above the mark of the case is ours: below it
    /// stands what the sender wrote.
    package static func read(_ header: HeaderSection, hostname: DomainName) -> [CardAuthentication] {
        guard let field = header.first("Authentication-Results"), let mark = header.first("X-Stempel-Case"),
            field.range.lowerBound < mark.range.lowerBound
        else { return [] }
        let parts = String(decoding: header.unfolded(field), as: UTF8.self).split(separator: ";")
        guard let service = parts.first?.split(separator: " ").first, service.lowercased() == hostname.ascii else {
            return []
        }
        var verdicts: [AuthenticationMethod: AuthenticationVerdict] = [:]
        for part in parts.dropFirst().prefix(20) {
            let words = part.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "(" })
            guard let result = words.first?.split(separator: "=", maxSplits: 1), result.count == 2,
                let method = AuthenticationMethod(rawValue: result[0].lowercased())
            else { continue }
            let verdict: AuthenticationVerdict =
                switch result[1].lowercased() {
                case "pass": .pass
                case "fail", "softfail", "policy", "permerror": .fail
                default: .none
                }
            if verdicts[method] != .pass { verdicts[method] = verdict }
        }
        return AuthenticationMethod.allCases.compactMap { method in
            verdicts[method].map { CardAuthentication(method: method, verdict: $0) }
        }
    }
}
