import Desk
import Gateway
import IMAPProtocol
import MailTypes

/// SELECT, EXAMINE, CLOSE and what they tell (RFC 3501 §6.3.1, RFC 7162 §3.1.2).
extension IMAPSession {
    /// The selected mailbox, or the refusal of a command that needs one.
    func selection() throws -> SelectedMailbox {
        guard agent != nil else { throw CommandRefusal.notAuthenticated }
        guard let selected else { throw CommandRefusal.notSelected }
        return selected
    }

    /// The selected mailbox and its view; `nil` as view for a container, which holds nothing.
    func writableSelection() throws -> SelectedMailbox {
        let selected = try selection()
        if selected.isReadOnly { throw CommandRefusal.readOnly }
        return selected
    }

    /// Lets go of the selected mailbox without a word.
    func deselect() {
        if let subscription = selected?.subscription { services.feed.cancel(subscription) }
        // It is one of the others again.
        if let view = selected?.view, notify?.watched[view.mailbox] != nil { notices.noteOther(view.mailbox) }
        selected = nil
        pendingFlags = PendingFlags()
        hasArrivals = false
    }

    func select(_ command: SelectCommand, tag: String) async throws {
        guard command.resynchronization == nil || usesVanished else {
            throw CommandRefusal.bad("Say ENABLE QRESYNC first")
        }
        let hadSelection = selected != nil
        deselect()
        // What happened there is told no more (RFC 7162 §3.2.11).
        if hadSelection { writer.status(.ok("The other mailbox is closed", .closed)) }
        let roster = currentRoster
        let person = try currentAgent(roster)
        if command.isCondstore || command.resynchronization != nil { usesModSequences = true }
        let resolved = try await resolve(command.mailbox, roster, person)
        selectedName = isRev2 ? try await selectedName(of: resolved, as: command.mailbox, roster, person) : nil
        switch resolved {
        case .container(let container): try await selectContainer(container, command, tag: tag)
        case .mailbox(let kind, let id):
            let view = MailboxView(mailbox: id, kind: kind, roster: roster, agent: person)
            await services.next?.looked(kind, agent: person.id)
            try await select(view, person, command, tag: tag)
        }
    }

    /// Messages among which SELECT looks for the first unseen one; beyond, it leaves the code out (RFC 3501 §6.3.1).
    private static let scannedForUnseen = 200

    private struct Opened: Sendable {
        var summary: ViewSummary
        var known: ModSequence
        var map = UIDMap()
        var firstUnseen: UInt32?
        var missed = MissedChanges()
        var keywords: [String] = []
    }

    private func select(
        _ view: MailboxView, _ person: Roster.Agent, _ command: SelectCommand, tag: String
    ) async throws {
        let isReadOnly = command.isReadOnly
        // Listen before looking, so that nothing falls between.
        let (notices, maps, recents) = (notices, services.maps, services.recents)
        let subscription = services.feed.subscribe(mailbox: view.mailbox) { notices.note($0) }
        _ = notices.takeDirty()
        let opened: Opened
        do {
            opened = try await services.store.read { transaction in
                guard let summary = try ViewSummary(view, person, in: transaction) else { throw CommandRefusal.gone }
                var opened = Opened(summary: summary, known: try transaction.currentModSequence())
                let reader = MapReader(view: view, asOf: opened.known)
                opened.map = try reader.open(summary, maps, transaction)
                try reader.load(opened.map.unloadedLast, of: &opened.map, transaction)
                let recentFrom = recents.peek(view.mailbox, view.agent, uidNext: summary.uidNext.number)
                try reader.load(for: NumberSet([recentFrom]), of: &opened.map, transaction)
                if let uid = try transaction.firstUnseen(in: view, among: Self.scannedForUnseen) {
                    try reader.load(for: NumberSet([uid]), of: &opened.map, transaction)
                    opened.firstUnseen = opened.map.sequenceNumber(of: uid)
                }
                // A client that knows another UIDVALIDITY starts afresh (RFC 7162 §3.2.5).
                if let last = command.resynchronization, last.uidValidity == summary.uidValidity {
                    opened.missed = try MissedChanges(since: last, reader, &opened.map, summary, transaction)
                }
                opened.keywords = try transaction.keywords(of: view.agent, limit: AnnouncedKeywords.limit / 4)
                return opened
            }
        } catch {
            services.feed.cancel(subscription)
            if error.cause is StaleMap { maps.forget(view) }
            throw CommandRefusal(error)
        }
        var selected = SelectedMailbox(
            view: view, uidValidity: opened.summary.uidValidity, isReadOnly: isReadOnly, map: opened.map,
            known: opened.known, highest: opened.summary.highestModSequence,
            toldHighest: opened.summary.highestModSequence, keywords: AnnouncedKeywords(opened.keywords),
            subscription: subscription)
        let uidNext = opened.summary.uidNext.number
        let recentFrom: UInt32? =
            if isRev2 {
                nil
            } else if isReadOnly {
                recents.peek(view.mailbox, view.agent, uidNext: uidNext)
            } else {
                recents.claim(view.mailbox, view.agent, uidNext: uidNext)
            }
        if let recentFrom, recentFrom < uidNext { selected.recentFrom = recentFrom }
        self.selected = selected
        shareMap()
        notify?.fetchedUpTo = opened.map.top
        writeFlagLists()
        writer.exists(opened.map.count)
        writer.recent(recentCount)
        if !isRev2, let number = opened.firstUnseen {
            writer.status(.ok("First unseen", .unseen(number)))
        }
        writer.status(.ok("UIDs are valid", .uidValidity(opened.summary.uidValidity)))
        writer.status(.ok("Next UID", .uidNext(opened.summary.uidNext)))
        writer.status(.ok("Highest", .highestModSequence(opened.summary.highestModSequence)))
        writer.status(.ok("Its identity", .mailboxID(Self.mailboxID(view.mailbox))))
        do {
            try await tell(opened.missed, view, selected)
        } catch {
            deselect()
            throw error
        }
        finishSelect(isReadOnly: isReadOnly, tag: tag)
    }

    private func selectContainer(_ container: MailboxContainer, _ command: SelectCommand, tag: String) async throws {
        selected = SelectedMailbox(view: nil, uidValidity: 1, isReadOnly: true)
        writeFlagLists()
        writer.exists(0)
        writer.recent(0)
        writer.status(.ok("UIDs are valid", .uidValidity(1)))
        writer.status(.ok("Next UID", .uidNext(UID(1))))
        writer.status(.ok("Highest", .highestModSequence(ModSequence(1))))
        writer.status(.ok("Its identity", .mailboxID(Self.mailboxID(container))))
        finishSelect(isReadOnly: true, tag: tag)
    }

    private func finishSelect(isReadOnly: Bool, tag: String) {
        tellSelectedName()
        writer.status(tag: tag, .ok("Selected", isReadOnly ? .readOnly : .readWrite))
    }

    /// The first command that shows that the client knows mod-sequences is answered with the highest one (RFC 7162
    /// §3.1.2).
    func modSequencesAreKnown() async throws {
        guard !usesModSequences else { return }
        usesModSequences = true
        try await tellHighestModSequence()
    }

    private func tellHighestModSequence() async throws {
        guard let view = selected?.view else { return }
        let person = try currentAgent(currentRoster)
        let summary = try await services.store.read { try ViewSummary(view, person, in: $0) }
        if let summary { writer.status(.ok("Highest", .highestModSequence(summary.highestModSequence))) }
    }

    /// CLOSE: what is marked deleted goes without a word (RFC 3501 §6.4.2).
    func closeMailbox(tag: String) async throws {
        let selected = try selection()
        releaseCopiedAway()
        if !selected.isReadOnly, let view = selected.view { _ = try await removeDeleted(view, among: nil) }
        deselect()
        writer.status(tag: tag, .ok("CLOSE completed"))
    }

    static func mailboxID(_ id: MailboxID) -> String { "M\(id)" }
    static func mailboxID(_ container: MailboxContainer) -> String { "C\(container.rawValue)" }
}

/// What SELECT and STATUS say of a mailbox without looking at messages.
struct ViewSummary: Sendable {
    var messages: Int
    var uidNext: UID
    /// The highest UID that ever was; 0 in a mailbox that never had any.
    var uidHighest: UInt32
    /// The latest change of what the view holds, or of what all see of it.
    var entriesModSequence: ModSequence
    var uidValidity: UInt32
    var highestModSequence: ModSequence

    /// `nil` for a mailbox that is gone.
    init?(_ view: MailboxView, _ person: Roster.Agent, in transaction: any MailboxTransaction) throws {
        guard let counters = try transaction.counters(of: view.mailbox, pools: view.pools) else { return nil }
        (messages, uidHighest) = (counters.messages, counters.uidHighest)
        entriesModSequence = counters.modSequenceHighest
        uidNext = UID(counters.uidHighest < .max ? counters.uidHighest + 1 : .max)
        uidValidity = view.uidValidity(counters.uidValidity, for: person)
        highestModSequence = try Self.highest(counters, view, transaction)
    }

    /// HIGHESTMODSEQ alone.
    static func highestModSequence(
        of view: MailboxView, in transaction: any MailboxTransaction
    ) throws -> ModSequence? {
        try transaction.counters(of: view.mailbox, pools: view.pools).map { try highest($0, view, transaction) }
    }

    private static func highest(
        _ counters: MailboxCounters, _ view: MailboxView, _ transaction: any MailboxTransaction
    ) throws -> ModSequence {
        max(counters.modSequenceHighest, try transaction.highestModSequence(of: view.agent), ModSequence(1))
    }
}
