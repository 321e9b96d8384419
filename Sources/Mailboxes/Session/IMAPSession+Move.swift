import Desk
import Gateway
import IMAPProtocol
import MailTypes

/// COPY and MOVE (RFC 3501 §6.4.7, RFC 6851, RFC 4315).
extension IMAPSession {
    func copy(_ messages: MessageSet, to name: MailboxName, tag: String) async throws {
        let selected = try selection()
        let (work, uidValidity) = try await moveWork(to: name, selected, isCopy: true)
        let uids = try named(messages, selected)
        guard let work, !uids.isEmpty else { return try await end(tag, .ok("COPY completed")) }
        guard uids.count <= configuration.messagesPerCopy else {
            throw CommandRefusal.no("Copy at most \(configuration.messagesPerCopy) messages at once", .limit)
        }
        let told = selected.copiedAway
        let all = UIDPages(uids, pageSize: uids.count).first
        let outcome = try await copied(all, told: told, work)
        for uid in outcome.left { self.selected?.copiedAway.insert(uid) }
        noteOwnArrivals(outcome.copied.map(\.destination), in: work.destinationID)
        try await end(tag, .ok("COPY completed", Self.copyUID(outcome, uidValidity)))
    }

    func move(_ messages: MessageSet, to name: MailboxName, tag: String) async throws {
        let selected = try writableSelection()
        let (work, uidValidity) = try await moveWork(to: name, selected, isCopy: false)
        guard let work else { return try await end(tag, .ok("MOVE completed")) }
        let told = selected.copiedAway
        var refusals: [CaseRefusal] = []
        var remarks: [String] = []
        let named = try named(messages, selected)
        try await checkNumberOfCases(named, work)
        var done = 0
        var pages = UIDPages(named, pageSize: configuration.messagesPerMove)
        while let page = pages.next() {
            let outcome = try await services.store.write { try work.carryOut(page, told: told, in: $0) }
            // Untagged, before the EXPUNGEs (RFC 6851 §4.3).
            if let code = Self.copyUID(outcome, uidValidity) { writer.status(.ok("Moved", code)) }
            refusals += outcome.refusals
            remarks += outcome.remarks.filter { !remarks.contains($0) }
            done += page.count
            try await progressed(done, of: named.count)
            noteOwnArrivals(outcome.copied.map(\.destination), in: work.destinationID)
        }
        notices.markDirty()
        tellsOwnRemovals = true
        guard let first = refusals.first else {
            let text = (["MOVE completed"] + remarks.prefix(5)).joined(separator: "; ")
            return try await end(tag, .ok(text), tellsHighest: true)
        }
        let language = try currentAgent(currentRoster).language
        throw CommandRefusal(Self.combined(refusals, language) ?? first, others: 0, language)
    }

    private enum CopyStep: Sendable {
        case at(Int)
        case ended(Result<MoveWork.Outcome, StoreFailure>)
    }

    /// Carries a COPY out, which is all or nothing and so one transaction, and says meanwhile how far it is.
    private func copied(_ uids: [UInt32], told: NumberSet, _ work: MoveWork) async throws -> MoveWork.Outcome {
        let (steps, continuation) = AsyncStream.makeStream(of: CopyStep.self)
        let (progress, clock) = (progress, services.clock)
        services.store.write(octets: 0) { transaction in
            var progress = progress
            return try work.carryOut(uids, told: told, in: transaction) { done in
                if progress?.isDue(at: clock.now) == true { continuation.yield(.at(done)) }
            }
        } completion: { result in
            continuation.yield(.ended(result))
            continuation.finish()
        }
        for await step in steps {
            switch step {
            case .at(let done): try await tellProgress(done, of: uids.count)
            case .ended(let result): return try result.get()
            }
        }
        throw CancellationError()
    }

    /// Of what does not fit into one transaction the cases are counted before anything is moved.
    private func checkNumberOfCases(_ uids: NumberSet, _ work: MoveWork) async throws {
        guard work.countsCases, uids.count > configuration.messagesPerMove else { return }
        var cases: Set<TicketNumber> = []
        var pages = UIDPages(uids, pageSize: configuration.messagesPerMove)
        while let page = pages.next() {
            cases.formUnion(try await services.store.read { try work.cases(of: page, in: $0) })
            try work.check(numberOfCases: cases.count)
        }
    }

    /// Several refusals as one sentence that names each colleague once.
    private static func combined(_ refusals: [CaseRefusal], _ language: Language) -> CaseRefusal? {
        guard var first = refusals.first else { return nil }
        var sentences: [String] = []
        for sentence in refusals.map({ $0.sentence.text(in: language) }) where !sentences.contains(sentence) {
            sentences.append(sentence)
        }
        let shown = sentences.prefix(5)
        var text = shown.joined(separator: "; ")
        let rest = sentences.count - shown.count
        if rest > 0 { text += Sentence("; and \(rest) more", "; i jeszcze \(rest)").text(in: language) }
        first.sentence = Sentence(worded: text)
        return first
    }

    /// `nil` as work where the selected mailbox is a container, which holds nothing to move.
    private func moveWork(
        to name: MailboxName, _ selected: SelectedMailbox, isCopy: Bool
    ) async throws -> (MoveWork?, UInt32) {
        let roster = currentRoster
        let person = try currentAgent(roster)
        switch try await resolve(name, roster, person, orTryCreate: true) {
        case .container: throw CommandRefusal.no(MoveRules.Refusal.noPlace.sentence.text(in: person.language), .cannot)
        case .mailbox(let kind, let id):
            guard let view = selected.view else { return (nil, 0) }
            let target = MailboxView(mailbox: id, kind: kind, roster: roster, agent: person)
            let summary = try await services.store.read { try ViewSummary(target, person, in: $0) }
            guard let summary else { throw CommandRefusal.gone }
            let work = MoveWork(
                source: view, destination: kind, destinationID: id, isCopy: isCopy, roster: roster, person: person,
                now: services.clock.now, casesPerCommand: configuration.casesPerCommand, held: services.held,
                opening: services.intake?.opening)
            return (work, summary.uidValidity)
        }
    }

    private static func copyUID(_ outcome: MoveWork.Outcome, _ uidValidity: UInt32) -> ResponseCode? {
        guard !outcome.copied.isEmpty else { return nil }
        return .copyUID(
            uidValidity: uidValidity, from: outcome.copied.map { UID($0.source) }, to: outcome.copied.map(\.destination)
        )
    }
}

extension UIDPages {
    /// All of the first page.
    fileprivate var first: [UInt32] {
        var pages = self
        return pages.next() ?? []
    }
}
