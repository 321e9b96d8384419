package import MailTypes

/// Several filters, asked in their order at each step of a connection: the first that does not accept ends the step, and
/// each sees the fields that those before it added.
package struct FilterChain: Sendable {
    private let filters: [any MailFilter]

    package init(_ filters: [any MailFilter]) { self.filters = filters }

    /// Begins to tell them of a connection; `nil`: there are none.
    package func connection() -> FilteredConnection? {
        filters.isEmpty ? nil : FilteredConnection(FilterPanel(filters))
    }
}

/// Why a filter does not let a client go on.
package struct FilterRefusal: Sendable, Equatable {
    package var reply: Reply
    /// Which filter says so.
    package var filter: String
    /// The filter, and whether it answered at all: for the log and the records.
    package var cause: String
}

/// The filters of one connection, and what they said of its mail so far.
struct FilterPanel: Sendable {
    private let sessions: [any FilterSession]
    private let thresholds: [ScoreThresholds?]
    /// Who throws the mail under way away.
    private var discarding: String?

    init(_ filters: [any MailFilter]) {
        (sessions, thresholds) = (filters.map { $0.session() }, filters.map(\.thresholds))
    }

    /// Asks about a step before the whole mail; `nil`: the client may go on.
    mutating func ask(_ question: FilterQuestion) async -> FilterRefusal? {
        switch question {
        case .greeting, .sender: discarding = nil
        case .connection, .recipient, .content, .mail: break
        }
        // What is thrown away in the end is of no interest to anybody any more.
        guard discarding == nil else { return nil }
        for session in sessions {
            let verdict = await session.ask(question)
            switch verdict.decision {
            case .accept: continue
            case .refuse(let reply):
                // Those who were asked before think that a mail has begun.
                if case .sender = question { await abort() }
                return FilterRefusal(reply: reply, filter: session.name, cause: verdict.words(of: session.name))
            case .discard:
                await abort()
                discarding = session.name
                return nil
            }
        }
        return nil
    }

    /// What they say of a mail together, and who said that it is not accepted.
    mutating func judge(_ mail: FilteredMail) async -> (verdict: FilterVerdict, by: String?) {
        if let discarding { return Self.discarded(by: discarding) }
        var mail = mail
        var together = FilterVerdict(.accept)
        for (index, session) in sessions.enumerated() {
            var verdict = await session.ask(.mail(mail))
            if let thresholds = thresholds[index] { verdict = thresholds.applied(to: verdict) }
            together.add(verdict, of: session.name)
            guard verdict.decision == .accept else {
                for session in sessions[(index + 1)...] { await session.abort() }
                return (together, session.name)
            }
            if !verdict.changes.isEmpty { mail.header = FilteredHeader(mail.header, verdict.changes).section }
        }
        return (together, nil)
    }

    /// The same of a mail whose body can be read but once: each has a reading of its own, and all read at the same time. What
    /// one of them adds the others do not see, and who has heard enough holds up nobody.
    func judge(apart mails: [FilteredMail]) async -> (verdict: FilterVerdict, by: String?) {
        if let discarding {
            for mail in mails { mail.closeBody() }
            return Self.discarded(by: discarding)
        }
        let verdicts = await withTaskGroup(of: (Int, FilterVerdict).self) { group in
            for (index, (session, mail)) in zip(sessions, mails).enumerated() {
                group.addTask {
                    defer { mail.closeBody() }
                    return (index, await session.ask(.mail(mail)))
                }
            }
            var verdicts: [Int: FilterVerdict] = [:]
            for await (index, verdict) in group { verdicts[index] = verdict }
            return verdicts
        }
        var together = FilterVerdict(.accept)
        for (index, session) in sessions.enumerated() {
            guard var verdict = verdicts[index] else { continue }
            if let thresholds = thresholds[index] { verdict = thresholds.applied(to: verdict) }
            together.add(verdict, of: session.name)
            guard verdict.decision == .accept else { return (together, session.name) }
        }
        return (together, nil)
    }

    private static func discarded(by filter: String) -> (verdict: FilterVerdict, by: String?) {
        var verdict = FilterVerdict(.discard)
        verdict.reason = verdict.words(of: filter)
        return (verdict, filter)
    }

    /// How many there are.
    var count: Int { sessions.count }

    /// The mail under way comes to nothing.
    mutating func abort() async {
        discarding = nil
        for session in sessions { await session.abort() }
    }

    /// The connection is over.
    func end() async {
        for session in sessions { await session.end() }
    }
}

extension FilterVerdict {
    /// What the next filter says counts, too; the first that does not accept has the last word.
    fileprivate mutating func add(_ verdict: FilterVerdict, of filter: String) {
        (decision, isSilent) = (verdict.decision, verdict.isSilent)
        isQuarantined = isQuarantined || verdict.isQuarantined
        isSuspicious = isSuspicious || verdict.isSuspicious
        changes += verdict.changes
        if verdict.decision != .accept {
            reason = verdict.words(of: filter)
        } else if verdict.isQuarantined {
            reason = [reason, verdict.words(of: filter)].compactMap(\.self).joined(separator: "; ")
        }
    }
}
