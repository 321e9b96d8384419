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

    func search(_ command: SearchCommand, tag: String) async throws {
        let selected = try selection()
        if command.resultOptions?.contains(.save) == true { self.selected?.searchResult = NumberSet() }
        guard !command.hasUnknownCharset else { throw CommandRefusal(.unknownCharset) }
        let program = SearchProgram(command.key, now: services.clock.now) { uids(of: $0, selected) }
        if program.asksForModSequence { try await modSequencesAreKnown() }
        var (found, highest) = (NumberSet(), ModSequence(0))
        if let view = selected.view {
            var pages = UIDPages(selected.map.uids, pageSize: configuration.pageSize)
            while let page = pages.next() {
                let result = try await evaluate(program, page, view, recentFrom: selected.recentFrom)
                for uid in result.uids { found.insert(uid) }
                highest = max(highest, result.modSequence)
            }
        }
        answer(command, tag, found, highest: program.asksForModSequence ? highest : nil, selected.map)
        try await end(tag, .ok("SEARCH completed"), expunges: allowsExpunge(.search(command)))
    }

    private func evaluate(
        _ program: SearchProgram, _ uids: [UInt32], _ view: MailboxView, recentFrom: UInt32
    ) async throws(StoreFailure) -> Found {
        let columns = program.columns
        var found = try await services.store.read { transaction -> Found in
            var found = Found()
            try transaction.eachMessage(uids, in: view, columns) { row in
                let header = columns.contains(.header) ? HeaderSection(row.header) : nil
                let subject = SearchProgram.Subject(row: row, isRecent: row.uid >= recentFrom, header: header)
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
            let subject = SearchProgram.Subject(
                row: row, isRecent: row.uid >= recentFrom, header: HeaderSection(row.header),
                texts: try BodyTexts.read(row, transaction))
            if program.matches(subject) == true { found.add(row) }
            octets += row.size
            guard octets >= bodiesPerTransaction else { return true }
            found.done = (uids.firstIndex(of: row.uid) ?? uids.count - 1) + 1
            return false
        }
        return found
    }

    private func answer(
        _ command: SearchCommand, _ tag: String, _ uids: NumberSet, highest: ModSequence?, _ map: UIDMap
    ) {
        var numbers = uids
        if command.numbers == .sequenceNumbers {
            numbers = NumberSet()
            uids.forEach { uid in
                if let number = map.sequenceNumber(of: uid) { numbers.insert(number) }
            }
        }
        guard var options = command.resultOptions else { return writer.search(numbers, modSequence: highest) }
        if options.contains(.save) {
            selected?.searchResult = saved(uids, options)
            options.remove(.save)
            // SAVE alone asks for no answer (RFC 5182 §2.1).
            guard !options.isEmpty else { return }
        }
        writer.eSearch(tag: tag, command.numbers, options, numbers, modSequence: highest)
    }

    /// With MIN or MAX alone only those are kept (RFC 5182 §2.4).
    private func saved(_ uids: NumberSet, _ options: SearchResultOptions) -> NumberSet {
        guard options.isDisjoint(with: [.all, .count]), !options.isDisjoint(with: [.min, .max]) else { return uids }
        var kept = NumberSet()
        if options.contains(.min), let min = uids.min { kept.insert(min) }
        if options.contains(.max), let max = uids.max { kept.insert(max) }
        return kept
    }
}

extension IMAPSession.Found {
    fileprivate mutating func add(_ row: MessageRow) {
        uids.append(row.uid)
        modSequence = max(modSequence, row.modSequence)
    }
}
