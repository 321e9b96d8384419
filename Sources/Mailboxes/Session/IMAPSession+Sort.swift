import Gateway
import IMAPProtocol
import MailTypes

/// SORT and THREAD (RFC 5256), SORT RETURN (RFC 5267 §3): the program finds, stored keys order.
extension IMAPSession {
    /// Messages whose keys one transaction reads.
    private static let keysPerTransaction = 10_000

    func sort(_ command: SortCommand, tag: String) async throws {
        let selected = try selection()
        let search = command.search
        if search.resultOptions?.contains(.save) == true { self.selected?.searchResult = NumberSet() }
        let matches = try await matches(search, selected)
        let table = SortTable(command.criteria)
        try await readKeys(of: matches.uids, selected, table.texts) { table.append($0) }
        let sorted = await Task.detached { table.sorted() }.value
        try await answer(search, tag, matches, sorted, selected)
        try await end(tag, .ok("SORT completed"), expunges: Self.allowsExpunge(search))
    }

    private func answer(
        _ command: SearchCommand, _ tag: String, _ matches: Matches, _ sorted: [UInt32], _ selected: SelectedMailbox
    ) async throws {
        let numbers =
            command.numbers == .uids ? sorted : sorted.compactMap { selected.map.sequenceNumber(of: $0) }
        guard let options = command.resultOptions else {
            writer.beginSort()
            try await write(numbers: numbers)
            return writer.endSearch(modSequence: numbers.isEmpty ? nil : matches.highest)
        }
        let ends = [sorted.first, sorted.last].compactMap { $0 }
        guard let shown = keep(matches.uids, options, ends: ends) else { return }
        let sequence = try await modSequence(matches, shown, ends: ends, selected)
        let shownEnds = numbers.first.flatMap { first in numbers.last.map { (first, $0) } }
        writer.beginESearch(tag: tag, command.numbers, shown, ends: shownEnds)
        if shown.contains(.all) { try await write(sorted: numbers) }
        writer.endESearch(shown, count: numbers.count, modSequence: sequence)
    }

    func thread(_ command: ThreadCommand, tag: String) async throws {
        let selected = try selection()
        guard let algorithm = ThreadTable.Algorithm(rawValue: command.algorithm) else {
            throw CommandRefusal.bad("Threads are made by REFERENCES or ORDEREDSUBJECT")
        }
        let search = command.search
        let matches = try await matches(search, selected)
        let table = ThreadTable()
        try await readKeys(of: matches.uids, selected, ThreadTable.texts) { table.append($0) }
        let map = search.numbers == .uids ? nil : selected.map
        let threads = await Task.detached {
            table.threads(algorithm).written { uid in map.map { $0.sequenceNumber(of: uid) } ?? uid }
        }.value
        writer.beginThread(isEmpty: threads.isEmpty)
        try await write(octets: threads)
        writer.endThread()
        try await end(tag, .ok("THREAD completed"), expunges: Self.allowsExpunge(search))
    }

    private func readKeys(
        of uids: NumberSet, _ selected: SelectedMailbox, _ texts: [SortKeys.Text],
        _ take: @escaping @Sendable (KeyRow) -> Void
    ) async throws(StoreFailure) {
        guard let view = selected.view else { return }
        var pages = UIDPages(uids, pageSize: Self.keysPerTransaction)
        while let page = pages.next() {
            try await services.store.read { try $0.eachKeys(page, in: view, texts, take) }
        }
    }
}
