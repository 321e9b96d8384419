import Desk
import Gateway
import IMAPProtocol
import MailTypes

/// STORE (RFC 3501 §6.4.6, RFC 7162 §3.1.3): flags of the agent, flags of the message, tags of the case.
extension IMAPSession {
    func store(_ command: StoreCommand, tag: String) async throws {
        let selected = try writableSelection()
        let isUID = command.messages.numbers == .uids
        if command.unchangedSince != nil { try await modSequencesAreKnown() }
        guard let view = selected.view else { return try await end(tag, .ok("STORE completed"), expunges: isUID) }
        let roster = currentRoster
        let person = try currentAgent(roster)
        let change = try FlagChange(command, view: view, roster: roster, person: person, now: services.clock.now)
        let named = try named(command.messages, selected)
        try await refuseDeparted(named, command, view, roster)
        var done = 0
        var pages = UIDPages(named, pageSize: configuration.pageSize)
        var (modified, isRefused) = (NumberSet(), false)
        while let page = pages.next() {
            storeAfterCopy(command, page)
            let outcome = try await services.store.write { try change.apply(to: page, in: $0) }
            isRefused = isRefused || !outcome.refused.isEmpty
            for uid in outcome.modified {
                if let number = isUID ? uid : selected.map.sequenceNumber(of: uid) { modified.insert(number) }
            }
            tell(outcome, command)
            try await flushIfLarge()
            done += page.count
            try await progressed(done, of: named.count)
        }
        let response: StatusResponse =
            if isRefused {
                .no(
                    "You may not delete cases; close them, or mark them as spam",
                    modified.isEmpty ? .noPermission : .modified(modified))
            } else if !modified.isEmpty {
                .ok("Some had changed meanwhile", .modified(modified))
            } else {
                .ok("STORE completed")
            }
        try await end(tag, response, expunges: isUID)
    }

    /// Deleting in To send recalls: where the mail has left, the client must hear when.
    private func refuseDeparted(
        _ uids: NumberSet, _ command: StoreCommand, _ view: MailboxView, _ roster: Roster
    ) async throws {
        guard view.kind.class == .toSend || view.kind.class == .approval, command.flags.flags.contains(.deleted), command.operation != .remove,
            let held = services.held
        else { return }
        var pages = UIDPages(uids, pageSize: configuration.pageSize)
        while let page = pages.next() {
            guard let person = roster.agents[view.agent] else { return }
            let gone = try await services.store.read { transaction in
                for uid in page {
                    let reason = try held.departure(UID(uid), in: view.kind, person, roster, transaction)
                    if let reason { return CaseRefusal?.some(reason) }
                }
                return nil
            }
            if let gone { throw CommandRefusal(gone, others: 0, try currentAgent(roster).language) }
        }
    }

    private func tell(_ outcome: FlagChange.Outcome, _ command: StoreCommand) {
        guard let map = selected?.map else { return }
        pendingFlags.remove(NumberSet(outcome.news.map(\.uid)))
        for news in outcome.news {
            guard let number = map.sequenceNumber(of: news.uid) else { continue }
            if let sequence = outcome.modSequence, news.shared == sequence.number || news.personal == sequence.number {
                selected?.ownChanges.note(news.uid, at: sequence)
            }
            if !command.isSilent || outcome.refused.contains(news.uid) || outcome.differing.contains(news.uid) {
                write(news, number)
            } else if usesModSequences, outcome.modSequence != nil {
                // Who knows mod-sequences must learn the new one, silent or not (RFC 7162 §3.1.3).
                writer.beginFetch(number)
                writer.fetchUID(UID(news.uid))
                writer.fetchModSequence(news.modSequence)
                writer.endFetch()
            }
        }
    }

    /// Messages that this session copied to a deciding mailbox are gone, but the client may still mark them deleted.
    private func storeAfterCopy(_ command: StoreCommand, _ uids: [UInt32]) {
        guard let selected, !selected.copiedAway.isEmpty else { return }
        for uid in uids where selected.copiedAway.contains(uid) {
            if command.flags.flags.contains(.deleted), command.operation != .remove {
                self.selected?.deletedAfterCopy.insert(uid)
            }
            guard !command.isSilent, let number = selected.map.sequenceNumber(of: uid) else { continue }
            writer.beginFetch(number)
            writer.fetchUID(UID(uid))
            if usesModSequences { writer.fetchModSequence(selected.toldHighest) }
            let isDeleted = self.selected?.deletedAfterCopy.contains(uid) ?? false
            writer.fetchFlags(isDeleted ? [.seen, .deleted] : .seen)
            writer.endFetch()
        }
    }
}
