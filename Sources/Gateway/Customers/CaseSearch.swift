import Desk
import MailFormat
import MailTypes

/// `#find`: cases by number, by what is known of their customers, and by the words of their mail. An agent is told of no
/// case that the agent's mailboxes would not show.
struct CaseSearch: Sendable {
    /// A case as the answer tells of it.
    struct Found: Sendable {
        var ticket: Ticket
        var subject: String
        var customer: Customer?
        var address: String?
    }

    struct Result: Sendable {
        var cases: [Found] = []
        /// There are more, or not all mail was looked through.
        var isCut = false
    }

    let words: String
    let agent: Roster.Agent
    let roster: Roster

    /// Cases that one answer tells of.
    static let limit = 50

    /// Looks in one snapshot of the database; takes as long as the number of customers asks for, so not within a write.
    func run(in transaction: any DeskTransaction) throws -> Result {
        var seen: Set<TicketNumber> = []
        var tickets: [Ticket] = []
        var isCut = false
        func take(_ ticket: Ticket) -> Bool {
            guard mayFind(ticket), seen.insert(ticket.number).inserted else { return true }
            guard tickets.count < Self.limit else {
                isCut = true
                return false
            }
            tickets.append(ticket)
            return true
        }
        if let number = CommandWords.ticketNumber(words), let ticket = try transaction.ticket(number) { _ = take(ticket) }
        let pieces = pieces
        if !pieces.isEmpty {
            try transaction.eachTicket(ofPeopleHolding: pieces, in: agent.readablePools, take)
            let needles = pieces.map(TextNeedle.init)
            let runs = needles.flatMap { Trigrams.some(of: $0.folded[...]) }
            // Less than three characters stand in too many texts to tell any apart.
            if !runs.isEmpty {
                let isWhole = try transaction.eachTicket(
                    withRuns: Array(runs.prefix(64)), in: agent.readablePools, where: { Self.holds($0, needles) }, take)
                if !isWhole { isCut = true }
            }
        }
        let found = try tickets.map { ticket in
            let customer = try ticket.customer.flatMap { try transaction.customer($0) }
            return Found(
                ticket: ticket, subject: try transaction.subject(of: ticket.number), customer: customer,
                address: try customer.flatMap { try transaction.addresses(of: $0.id).first?.spelling })
        }
        return Result(cases: found, isCut: isCut)
    }

    private static func holds(_ texts: [[UInt8]], _ needles: [TextNeedle]) -> Bool {
        needles.allSatisfy { needle in texts.contains { needle.isFound(inFolded: $0) } }
    }

    /// Some words; more than ten narrow nothing down any further.
    private var pieces: [String] { words.split(whereSeparator: \.isWhitespace).prefix(10).map(String.init) }

    /// Where the agent sees the whole pool, else where the case lies in a mailbox that shows it to the agent.
    private func mayFind(_ ticket: Ticket) -> Bool {
        guard agent.readablePools.contains(ticket.pool), let kind = roster.kinds[ticket.mailbox], kind.class != .trash
        else { return false }
        return roster.maySeeAll(of: ticket.pool, agent)
            || roster.visiblePools(in: kind, for: agent).contains(ticket.pool)
    }
}

extension CaseSearch.Result {
    /// The mail that tells an agent of it.
    func notice(for words: String, about id: MessageID?, stamp: StampPattern, roster: Roster, to agent: Roster.Agent)
        -> AgentNotice
    {
        let language = agent.language
        let count = isCut ? "\(cases.count)+" : "\(cases.count)"
        let title: String
        switch (language, cases.isEmpty) {
        case (.english, true): title = "Nothing found: \(words)"
        case (.english, false): title = "Found: \(words) (cases: \(count))"
        case (.polish, true): title = "Nic nie znaleziono: \(words)"
        case (.polish, false): title = "Znaleziono: \(words) (spraw: \(count))"
        }
        var lines = cases.map { $0.lines(stamp, roster, language) }
        if cases.isEmpty {
            lines.append(
                language == .english
                    ? "No case that you may see holds all of these words in its mail, its number or its customer's data."
                    : "Żadna sprawa, którą możesz zobaczyć, nie ma wszystkich tych słów w treści, w numerze ani w danych "
                        + "klienta.")
        }
        if isCut {
            lines.append(
                language == .english
                    ? "There are more; write more words." : "Jest ich więcej; podaj więcej słów.")
        }
        var notice = AgentNotice(subject: title, text: lines.joined(separator: "\n\n") + "\n", about: id)
        notice.listsCases = true
        return notice
    }
}

extension CaseSearch.Found {
    /// `[#1042] Where is my parcel?`, and below it where the case is and whose.
    fileprivate func lines(_ stamp: StampPattern, _ roster: Roster, _ language: Language) -> String {
        let pool = roster.pools[ticket.pool]?.definition
        let mark = stamp.text(.init(prefix: pool?.prefix ?? "", number: ticket.number.rawValue))
        let who = ticket.assignee.flatMap { roster.agents[$0]?.definition.name } ?? ticket.group.flatMap { roster.groups[$0]?.name }
        let merged = ticket.mergedInto.map { "→ #\($0)" }
        let people = [customer?.name, customer?.firm, address, customer?.phone]
        let opened = roster.clock.localTime(of: ticket.openedAt).date
        let facts = [pool?.name, ticket.status.name(in: language), merged, who, opened.text]
        func line(_ parts: [String?]) -> String {
            parts.compactMap(\.self).filter { !$0.isEmpty }.map { $0.replacing("\n", with: " ") }.joined(separator: " · ")
        }
        return ["\(mark) \(subject.replacing("\n", with: " "))", "  " + line(facts), "  " + line(people)]
            .filter { !$0.allSatisfy(\.isWhitespace) }.joined(separator: "\n")
    }
}
