import Desk
import Gateway
import IMAPProtocol
import MailTypes

/// One STORE as a value that goes into transactions: what is asked, and who may have it.
struct FlagChange: Sendable {
    /// What came of it for one page.
    struct Outcome: Sendable {
        /// The flags as they are now, of every message that was there and not passed over by UNCHANGEDSINCE.
        var news: [FlagNews] = []
        /// Messages that were to be marked deleted and may not be.
        var refused: Set<UInt32> = []
        /// Messages whose flags are not what was asked for: the client must be told, silent or not (DESIGN §3).
        var differing: Set<UInt32> = []
        /// Messages that changed after UNCHANGEDSINCE.
        var modified: [UInt32] = []
        /// `nil`: nothing changed.
        var modSequence: ModSequence?
    }

    private static let tagsPerCase = 100
    private static let tagLength = 100

    private let operation: StoreCommand.Operation
    private let flags: FlagList
    private let unchangedSince: ModSequence?
    private let view: MailboxView
    private let roster: Roster
    private let person: Roster.Agent
    private let now: Timestamp

    /// What a client has after its command, if all of it happened.
    private struct Expectation {
        var flags: Flags
        var keywords: [String]

        func isMet(by news: FlagNews) -> Bool {
            news.flags == flags && Set(news.keywords.map { $0.lowercased() }) == Set(keywords.map { $0.lowercased() })
        }
    }

    /// One page of messages under work.
    private struct Page {
        let transaction: any MailboxTransaction
        let work: CaseWork
        var outcome = Outcome()
        /// Tags of cases as they are by now.
        var tags: [TicketNumber: [String]] = [:]
        var expected: [UInt32: Expectation] = [:]

        mutating func sequence() throws -> ModSequence {
            let sequence = try work.modSequence()
            outcome.modSequence = sequence
            return sequence
        }
    }

    init(
        _ command: StoreCommand, view: MailboxView, roster: Roster, person: Roster.Agent, now: Timestamp
    ) throws {
        (operation, flags, unchangedSince) = (command.operation, command.flags, command.unchangedSince)
        (self.view, self.roster, self.now) = (view, roster, now)
        self.person = person
        try Self.check(flags)
    }

    /// No more and no longer keywords than can be announced.
    static func check(_ flags: FlagList) throws {
        guard flags.keywords.count <= tagsPerCase else {
            throw CommandRefusal.no("A message has \(tagsPerCase) tags at most", .limit)
        }
        guard flags.keywords.allSatisfy({ $0.utf8.count <= tagLength }) else {
            throw CommandRefusal.no("A keyword has \(tagLength) octets at most", .limit)
        }
    }

    func apply(to uids: [UInt32], in transaction: any MailboxTransaction) throws -> Outcome {
        var rows: [MessageRow] = []
        try transaction.eachMessage(uids, in: view, []) {
            rows.append($0)
            return true
        }
        var page = Page(transaction: transaction, work: CaseWork(transaction, roster: roster, now: now))
        for row in rows {
            if let unchangedSince, row.modSequence > unchangedSince {
                page.outcome.modified.append(row.uid)
                continue
            }
            try apply(to: row, &page)
        }
        if page.outcome.modSequence != nil {
            transaction.note(Change(agents: [view.agent]))
            // What was written shows as it is now: a tag reaches every message of its case.
            let told = Set(page.outcome.news.map(\.uid))
            page.outcome.news = []
            try transaction.eachMessage(uids.filter(told.contains), in: view, []) {
                page.outcome.news.append(FlagNews($0))
                return true
            }
        }
        page.outcome.differing = Set(
            page.outcome.news.filter { page.expected[$0.uid]?.isMet(by: $0) == false }.map(\.uid))
        return page.outcome
    }

    private func apply(to row: MessageRow, _ page: inout Page) throws {
        page.outcome.news.append(FlagNews(row))
        let asked = changed(row.flags)
        page.expected[row.uid] = Expectation(flags: asked, keywords: changed(row.keywordList))
        guard !asked.contains(.deleted) || row.flags.contains(.deleted) || isDeletable(row) else {
            page.outcome.refused.insert(row.uid)
            return
        }
        // What a mark shows is not stored because a client says it again, but goes where it was set and is taken away.
        let shown: Flags = row.marks.isEmpty ? [] : .flagged
        var new = asked.subtracting(shown).union(row.ownFlags.intersection(shown).intersection(asked))
        if starMeansPriority(row) {
            new.remove(.flagged)
            try setPriority(row, isStarred: asked.contains(.flagged), &page)
        }
        let (personal, shared) = (new.intersection(.personal), mayMark ? new.intersection(.shared) : row.ownFlags.intersection(.shared))
        if personal != row.ownFlags.intersection(.personal) {
            try page.transaction.setPersonalFlags(personal, of: row.message, for: view.agent, at: page.sequence())
        }
        if shared != row.ownFlags.intersection(.shared) {
            let places = try page.transaction.setSharedFlags(shared, of: row.message, at: page.sequence())
            page.transaction.note(Change(mailboxes: Set(places)))
        }
        try applyKeywords(to: row, &page)
    }

    // MARK: - Stars

    private func starMeansPriority(_ row: MessageRow) -> Bool {
        row.ticket != nil && view.kind.class != .trash && roster.pools[row.pool]?.definition.starMeansPriority == true
    }

    /// A star makes the case urgent for everybody, its removal an ordinary one again. On a case that is overdue a star
    /// stands anyway: there only the removal says something.
    private func setPriority(_ row: MessageRow, isStarred: Bool, _ page: inout Page) throws {
        guard isStarred != row.flags.contains(.flagged), let number = row.ticket,
            let ticket = try page.transaction.ticket(number), ticket.priority.meansStar != isStarred
        else { return }
        var changed = ticket
        changed.priority = isStarred ? .high : .normal
        _ = try page.sequence()
        _ = try page.work.move(ticket, to: changed, by: person.id, reason: nil)
    }

    // MARK: - Tags

    private func applyKeywords(to row: MessageRow, _ page: inout Page) throws {
        guard mayMark, operation == .replace || !flags.keywords.isEmpty else { return }
        let old = row.ticket.flatMap { page.tags[$0] } ?? row.ownKeywordList
        var new = changed(old)
        if row.marks.contains(.overdue) {
            new.removeAll { word in
                word.lowercased() == MessageRow.overdueKeyword && !old.contains { $0.lowercased() == word.lowercased() }
            }
        }
        guard new != old else { return }
        guard new.count <= Self.tagsPerCase else { throw CommandRefusal.no("A message has \(Self.tagsPerCase) tags at most", .limit) }
        guard let ticket = row.ticket else {
            let places = try page.transaction.setKeywords(new, of: row.message, at: page.sequence())
            page.transaction.note(Change(mailboxes: Set(places)))
            return
        }
        new = Rating.keeping(old, in: new)
        guard new != old else { return }
        try page.transaction.setTags(new, of: ticket, at: page.sequence())
        page.tags[ticket] = new
        for tag in new where !old.contains(tag) { try record(.tagged, tag, ticket, page.transaction) }
        for tag in old where !new.contains(tag) { try record(.untagged, tag, ticket, page.transaction) }
    }

    private func record(
        _ kind: EventKind, _ tag: String, _ ticket: TicketNumber, _ transaction: any MailboxTransaction
    ) throws {
        try transaction.record(
            TicketEvent(
                ticket: ticket, at: now, kind: kind, agent: view.agent, from: kind == .untagged ? tag : nil,
                to: kind == .tagged ? tag : nil))
    }

    private func changed(_ old: Flags) -> Flags {
        switch operation {
        case .replace: flags.flags
        case .add: old.union(flags.flags)
        case .remove: old.subtracting(flags.flags)
        }
    }

    /// Keywords are the same in any case; the spelling that is there stays.
    private func changed(_ old: [String]) -> [String] {
        func holds(_ list: [String], _ word: String) -> Bool {
            list.contains { $0.lowercased() == word.lowercased() }
        }
        switch operation {
        case .replace: return old.filter { holds(flags.keywords, $0) } + flags.keywords.filter { !holds(old, $0) }
        case .add: return old + flags.keywords.filter { !holds(old, $0) }
        case .remove: return old.filter { !holds(flags.keywords, $0) }
        }
    }

    /// Templates that all use look as those say who keep them.
    private var mayMark: Bool { view.kind.class != .sharedTemplates || person.keepsSharedTemplates }

    /// Own mail needs no right; a case the right to delete, or a pool where deleting means done (DESIGN §3).
    private func isDeletable(_ row: MessageRow) -> Bool {
        row.ticket == nil && mayMark || view.kind.class == .trash || view.kind.class == .followed
            || person.definition.rights.contains(.delete)
            || roster.pools[row.pool]?.definition.deleteMeans == .done
    }
}
