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
    private let mayDelete: Bool
    private let now: Timestamp

    init(
        _ command: StoreCommand, view: MailboxView, roster: Roster, person: Roster.Agent, now: Timestamp
    ) throws {
        (operation, flags, unchangedSince) = (command.operation, command.flags, command.unchangedSince)
        (self.view, self.roster, self.now) = (view, roster, now)
        mayDelete = person.definition.rights.contains(.delete)
        guard flags.keywords.allSatisfy({ $0.utf8.count <= Self.tagLength }) else {
            throw CommandRefusal.no("That keyword is too long", .limit)
        }
    }

    func apply(to uids: [UInt32], in transaction: any MailboxTransaction) throws -> Outcome {
        var rows: [MessageRow] = []
        try transaction.eachMessage(uids, in: view, []) {
            rows.append($0)
            return true
        }
        var outcome = Outcome()
        var tags: [TicketNumber: [String]] = [:]
        for row in rows {
            if let unchangedSince, row.modSequence > unchangedSince {
                outcome.modified.append(row.uid)
                continue
            }
            try apply(to: row, &tags, &outcome, transaction)
        }
        if outcome.modSequence != nil {
            transaction.note(Change(agents: [view.agent]))
            // What was written shows as it is now: a tag reaches every message of its case.
            let told = Set(outcome.news.map(\.uid))
            outcome.news = []
            try transaction.eachMessage(uids.filter(told.contains), in: view, []) {
                outcome.news.append(FlagNews($0))
                return true
            }
        }
        return outcome
    }

    private func apply(
        to row: MessageRow, _ tags: inout [TicketNumber: [String]], _ outcome: inout Outcome,
        _ transaction: any MailboxTransaction
    ) throws {
        outcome.news.append(FlagNews(row))
        let new = changed(row.flags)
        guard !new.contains(.deleted) || row.flags.contains(.deleted) || isDeletable(row) else {
            outcome.refused.insert(row.uid)
            return
        }
        func sequence() throws -> ModSequence {
            if let sequence = outcome.modSequence { return sequence }
            let sequence = try transaction.takeModSequence()
            outcome.modSequence = sequence
            return sequence
        }
        let (personal, shared) = (new.intersection(.personal), new.intersection(.shared))
        if personal != row.flags.intersection(.personal) {
            try transaction.setPersonalFlags(personal, of: row.message, for: view.agent, at: sequence())
        }
        if shared != row.flags.intersection(.shared) {
            let places = try transaction.setSharedFlags(shared, of: row.message, at: sequence())
            transaction.note(Change(mailboxes: Set(places)))
        }
        try applyKeywords(to: row, &tags, sequence, transaction)
    }

    private func applyKeywords(
        to row: MessageRow, _ tags: inout [TicketNumber: [String]], _ sequence: () throws -> ModSequence,
        _ transaction: any MailboxTransaction
    ) throws {
        guard operation == .replace || !flags.keywords.isEmpty else { return }
        let old = row.ticket.flatMap { tags[$0] } ?? row.keywordList
        let new = changed(old)
        guard new != old else { return }
        guard new.count <= Self.tagsPerCase else { throw CommandRefusal.no("Too many tags", .limit) }
        guard let ticket = row.ticket else {
            let places = try transaction.setKeywords(new, of: row.message, at: sequence())
            transaction.note(Change(mailboxes: Set(places)))
            return
        }
        try transaction.setTags(new, of: ticket, at: sequence())
        tags[ticket] = new
        for tag in new where !old.contains(tag) { try record(.tagged, tag, ticket, transaction) }
        for tag in old where !new.contains(tag) { try record(.untagged, tag, ticket, transaction) }
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

    /// Own mail needs no right; a case the right to delete, or a pool where deleting means done (DESIGN §3).
    private func isDeletable(_ row: MessageRow) -> Bool {
        row.ticket == nil || view.kind.class == .trash || view.kind.class == .followed || mayDelete
            || roster.pools[row.pool]?.definition.deleteMeans == .done
    }
}
