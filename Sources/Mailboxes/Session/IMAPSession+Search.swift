import Desk
import Gateway
import IMAPProtocol
import MailFormat
import MailTypes

/// SEARCH (RFC 3501 §6.4.4, RFC 4731, RFC 5182): first what can be told without bodies, then those bodies that matter.
extension IMAPSession {
    /// Octets of messages that one transaction reads for a search in bodies.
    private static let bodiesPerTransaction = 1_048_576

    fileprivate struct Found: Sendable {
        var uids: [UInt32] = []
        /// Messages that only their body can tell about.
        var open: [UInt32] = []
        var modSequence = ModSequence(0)
        /// How many of the given messages were looked at.
        var done = 0
    }

    /// What a search program found.
    struct Matches: Sendable {
        var uids = NumberSet()
        /// The highest mod-sequence among them; `nil` where the program asks for none.
        var highest: ModSequence?
    }

    func search(_ command: SearchCommand, tag: String) async throws {
        let selected = try selection()
        if command.resultOptions?.contains(.save) == true { self.selected?.searchResult = NumberSet() }
        guard !command.hasUnknownCharset else { throw CommandRefusal(.unknownCharset) }
        let matches = try await matches(command, selected)
        try await answer(command, tag, matches, selected)
        try await end(tag, .ok("SEARCH completed"), expunges: allowsExpunge(.search(command)))
    }

    /// The messages of the selected mailbox that a program means.
    func matches(_ command: SearchCommand, _ selected: SelectedMailbox) async throws -> Matches {
        let program = SearchProgram(command.key, now: services.clock.now) { uids(of: $0, selected) }
        if program.asksForModSequence { try await modSequencesAreKnown() }
        guard let view = selected.view else { return Matches() }
        if case .constant(true) = program {
            // What is there is told from the entries alone.
            let uids = try await services.store.read { transaction in
                var uids = NumberSet()
                try transaction.eachUID(in: view, above: 0) { uids.insert($0) }
                return uids
            }
            return Matches(uids: selected.map.confined(uids))
        }
        var matches = Matches()
        var highest = ModSequence(0)
        var done = 0
        let reach = try await candidates(program.reach, view)
        let candidates = reach.map { $0.intersection(selected.map.uids) } ?? selected.map.uids
        var pages = UIDPages(candidates, pageSize: configuration.pageSize)
        while let page = pages.next() {
            let result = try await evaluate(program, page, view, recentFrom: selected.recentFrom)
            for uid in result.uids { matches.uids.insert(uid) }
            highest = max(highest, result.modSequence)
            done += page.count
            try await progressed(done, of: candidates.count)
        }
        if program.asksForModSequence { matches.highest = highest }
        return matches
    }

    /// Hits of the index that one transaction looks at.
    private static let hitsPerTransaction = 4000

    /// Where the index says that messages can be; `nil`: anywhere. What it cannot tell about is always among them.
    private func candidates(_ reach: SearchProgram.Reach, _ view: MailboxView) async throws(StoreFailure) -> NumberSet? {
        switch reach {
        case .anywhere: return nil
        case .uids(let set): return set
        case .texts(let trigrams): return try await hits(trigrams, view)
        case .all(let parts):
            var result: NumberSet?
            for part in parts {
                guard let set = try await candidates(part, view) else { continue }
                result = result?.intersection(set) ?? set
            }
            return result
        case .any(let parts):
            var result = NumberSet()
            for part in parts {
                guard let set = try await candidates(part, view) else { return nil }
                for range in set.ranges { result.insert(range) }
            }
            return result
        }
    }

    private func hits(_ trigrams: [UInt32], _ view: MailboxView) async throws(StoreFailure) -> NumberSet {
        // Before the hits: what is indexed meanwhile is then in both rather than in none.
        var uids = try await services.store.read { try $0.unindexedUIDs(in: view) }
        var last: MessageKey? = MessageKey(rawValue: 0)
        while let above = last {
            let page = try await services.store.read { transaction in
                try transaction.uids(holding: trigrams, in: view, above: above, limit: Self.hitsPerTransaction)
            }
            uids += page.uids
            last = page.last
        }
        return NumberSet(uids.sorted())
    }

    private func evaluate(
        _ program: SearchProgram, _ uids: [UInt32], _ view: MailboxView, recentFrom: UInt32
    ) async throws(StoreFailure) -> Found {
        let columns = program.columns
        var found = try await services.store.read { transaction -> Found in
            var found = Found()
            try transaction.eachMessage(uids, in: view, columns) { row in
                let header = columns.contains(.header) ? HeaderSection(row.header) : nil
                let subject = SearchProgram.Subject(
                    row: row, isRecent: row.uid >= recentFrom, header: header, texts: row.folded)
                switch program.matches(subject) {
                case true?: found.add(row)
                case nil: found.open.append(row.uid)
                case false?: break
                }
                return true
            }
            return found
        }
        var open = found.open[...]
        while !open.isEmpty {
            let candidates = Array(open)
            let result = try await services.store.read { transaction in
                try Self.lookInto(candidates, program, view, recentFrom, transaction)
            }
            found.uids += result.uids
            found.modSequence = max(found.modSequence, result.modSequence)
            open = open.dropFirst(max(1, result.done))
        }
        found.uids.sort()
        return found
    }

    /// Reads bodies until enough was read for one transaction.
    private static func lookInto(
        _ uids: [UInt32], _ program: SearchProgram, _ view: MailboxView, _ recentFrom: UInt32,
        _ transaction: any MailboxTransaction
    ) throws -> Found {
        var found = Found()
        var octets = 0
        found.done = uids.count
        try transaction.eachMessage(uids, in: view, [.facts, .structure, .header]) { row in
            let header = HeaderSection(row.header)
            let subject = SearchProgram.Subject(
                row: row, isRecent: row.uid >= recentFrom, header: header,
                texts: SearchTexts(header, try BodyTexts(row, transaction).texts))
            if program.matches(subject) == true { found.add(row) }
            octets += row.size
            guard octets >= bodiesPerTransaction else { return true }
            found.done = (uids.firstIndex(of: row.uid) ?? uids.count - 1) + 1
            return false
        }
        return found
    }

    private func answer(
        _ command: SearchCommand, _ tag: String, _ matches: Matches, _ selected: SelectedMailbox
    ) async throws {
        var numbers = matches.uids
        if command.numbers == .sequenceNumbers {
            numbers = NumberSet()
            matches.uids.forEach { uid in
                if let number = selected.map.sequenceNumber(of: uid) { numbers.insert(number) }
            }
        }
        guard let options = command.resultOptions else {
            writer.beginSearch()
            try await write(numbers: numbers)
            return writer.endSearch(modSequence: numbers.isEmpty ? nil : matches.highest)
        }
        let ends = [matches.uids.min, matches.uids.max].compactMap { $0 }
        guard let shown = keep(matches.uids, options, ends: ends) else { return }
        let sequence = try await modSequence(matches, shown, ends: ends, selected)
        let shownEnds = numbers.min.flatMap { min in numbers.max.map { (min, $0) } }
        writer.beginESearch(tag: tag, command.numbers, shown, ends: shownEnds)
        if shown.contains(.all) { try await write(ranges: numbers) }
        writer.endESearch(shown, count: numbers.count, modSequence: sequence)
    }

    /// Saves what SAVE asks for (RFC 5182 §2.1, §2.4): with MIN or MAX alone only those, of `ends`. Answers the options
    /// that are left to tell; `nil` where SAVE stood alone.
    func keep(_ uids: NumberSet, _ options: SearchResultOptions, ends: [UInt32]) -> SearchResultOptions? {
        guard options.contains(.save) else { return options }
        var kept = uids
        if options.isDisjoint(with: [.all, .count]), !options.isDisjoint(with: [.min, .max]) {
            kept = NumberSet()
            if options.contains(.min), let min = ends.first { kept.insert(min) }
            if options.contains(.max), let max = ends.last { kept.insert(max) }
        }
        selected?.searchResult = kept
        let rest = options.subtracting(.save)
        return rest.isEmpty ? nil : rest
    }

    /// The mod-sequence that an answer names: of MIN and MAX alone theirs, else the highest (RFC 7162 §3.1.10).
    func modSequence(
        _ matches: Matches, _ options: SearchResultOptions, ends: [UInt32], _ selected: SelectedMailbox
    ) async throws(StoreFailure) -> ModSequence? {
        guard let highest = matches.highest, options.isDisjoint(with: [.all, .count]), let view = selected.view,
            let min = ends.first, let max = ends.last
        else { return matches.highest }
        var shown: Set<UInt32> = []
        if options.contains(.min) { shown.insert(min) }
        if options.contains(.max) { shown.insert(max) }
        let uids = shown.sorted()
        let own = try await services.store.read { transaction in
            var own = ModSequence(0)
            try transaction.eachMessage(uids, in: view, []) { row in
                own = Swift.max(own, row.modSequence)
                return true
            }
            return own
        }
        return own == ModSequence(0) ? highest : own
    }
}

extension IMAPSession.Found {
    fileprivate mutating func add(_ row: MessageRow) {
        uids.append(row.uid)
        modSequence = max(modSequence, row.modSequence)
    }
}
