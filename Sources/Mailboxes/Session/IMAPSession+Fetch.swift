import Desk
import Gateway
import IMAPProtocol
import MailFormat
import MailTypes
import NIOCore

/// FETCH (RFC 3501 §6.4.5, RFC 7162 §3.1.4), a page of messages per transaction.
extension IMAPSession {
    /// Whether messages may be told gone at the end of a command: not while it speaks of sequence numbers (RFC 3501
    /// §7.4.1).
    func allowsExpunge(_ command: Command) -> Bool {
        switch command {
        case .fetch(let fetch): fetch.messages.numbers == .uids
        case .store(let store): store.messages.numbers == .uids
        case .search(let search): Self.allowsExpunge(search)
        case .sort(let sort): Self.allowsExpunge(sort.search)
        case .thread(let thread): Self.allowsExpunge(thread.search)
        default: true
        }
    }

    static func allowsExpunge(_ search: SearchCommand) -> Bool {
        search.numbers == .uids && !search.key.namesSequenceNumbers
    }

    /// The UIDs that a command names, of those that the client knows. To name a sequence number that no message has is a
    /// mistake (RFC 9051 §9 seq-number); a UID may have gone.
    func named(_ messages: MessageSet, _ selected: SelectedMailbox) throws -> NumberSet {
        if messages.numbers == .sequenceNumbers, messages.set.exceeds(UInt32(clamping: selected.map.count)) {
            throw CommandRefusal.bad("The mailbox has no message of that number")
        }
        return uids(of: messages, selected)
    }

    /// The UIDs that a set means, of those that the client knows.
    func uids(of messages: MessageSet, _ selected: SelectedMailbox) -> NumberSet {
        switch messages.numbers {
        case .uids:
            guard let set = messages.set.resolved(largest: selected.map.lastUID) else { break }
            return selected.map.confined(set)
        case .sequenceNumbers:
            guard let set = messages.set.resolved(largest: UInt32(clamping: selected.map.count)) else { break }
            return selected.map.uids(ofSequenceNumbers: set)
        }
        return selected.map.confined(selected.searchResult)
    }

    func fetch(_ command: FetchCommand, tag: String) async throws {
        let selected = try selection()
        let isUID = command.messages.numbers == .uids
        guard !command.includesVanished || usesVanished else { throw CommandRefusal.bad("Say ENABLE QRESYNC first") }
        if command.changedSince != nil || command.items.contains(.modSequence) { try await modSequencesAreKnown() }
        let plan = FetchPlan(
            command.items, isUID: isUID, needsModSequence: command.changedSince != nil,
            tellsModSequences: usesModSequences)
        var metUnknownEncoding = false
        if let view = selected.view {
            var uids = try named(command.messages, selected)
            if let since = command.changedSince {
                let missed = try await missed(since, command, view, selected)
                try await tellVanished(missed.vanished, isEarlier: true)
                uids = uids.intersection(missed.changed)
            }
            metUnknownEncoding = try await fetch(uids, view, plan, selected)
        }
        if metUnknownEncoding {
            throw CommandRefusal.no("A part has a transfer encoding that is not known here", .unknownCTE)
        }
        try await end(tag, .ok("FETCH completed"), expunges: isUID)
    }

    /// Octets up to which responses wait for the tagged one: one packet wakes the client once.
    private static let sentTogether = 16_384

    /// Says whether a part was asked for whose transfer encoding is not known.
    func fetch(
        _ uids: NumberSet, _ view: MailboxView, _ plan: FetchPlan, _ selected: SelectedMailbox
    ) async throws -> Bool {
        let (map, recentFrom, chunkSize) = (selected.map, selected.recentFrom, configuration.chunkSize)
        let usesUTF8 = writer.usesUTF8
        var metUnknownEncoding = false
        // A plain answer is short, so that more of it fits into a transaction.
        var pages = UIDPages(uids, pageSize: configuration.pageSize * (plan.isPlain ? 4 : 1))
        while let page = pages.next() {
            let seen = plan.setsSeen && !selected.isReadOnly ? try await markSeen(page, view) : []
            var rest = page
            while !rest.isEmpty {
                let piece = rest
                let keywords = self.selected?.keywords ?? AnnouncedKeywords()
                let result = try await services.store.read { transaction in
                    try FetchPage.read(
                        piece, view, plan, map: map, recentFrom: recentFrom, seen: seen, keywords: keywords,
                        chunkSize: chunkSize, usesUTF8: usesUTF8, transaction)
                }
                services.screens.shown(result.cards, at: services.clock.now)
                if let keywords = result.keywords {
                    self.selected?.keywords = keywords
                    writeFlagLists()
                }
                if result.output.readableBytes < Self.sentTogether {
                    writer.raw(result.output)
                    try await flushIfLarge()
                } else {
                    try await flush()
                    try await sink.write(result.output)
                }
                rest.removeFirst(result.done)
                if result.metUnknownEncoding { metUnknownEncoding = true }
                if let large = result.large {
                    if try await stream(large, plan, isSeenNow: seen.contains(large.uid)) { metUnknownEncoding = true }
                    if !rest.isEmpty { rest.removeFirst() }
                }
            }
        }
        return metUnknownEncoding
    }

    /// Sets `\Seen` where it is missing; answers for which.
    private func markSeen(_ uids: [UInt32], _ view: MailboxView) async throws(StoreFailure) -> [UInt32] {
        let unseen = try await services.store.read { try unseenMessages(uids, view, $0) }
        guard !unseen.isEmpty else { return [] }
        let sequence = try await services.store.write { transaction in
            let sequence = try transaction.takeModSequence()
            for (_, message, flags) in try unseenMessages(uids, view, transaction) {
                try transaction.setPersonalFlags(
                    flags.union(.seen).intersection(.personal), of: message, for: view.agent, at: sequence)
            }
            transaction.note(Change(agents: [view.agent]))
            return sequence
        }
        for (uid, _, _) in unseen { selected?.ownChanges.note(uid, at: sequence) }
        return unseen.map { $0.0 }
    }

    /// A message whose octets do not fit into one transaction, piece by piece. What was announced must follow whole, so
    /// a failure in the middle ends the connection. Says whether a part has an unknown transfer encoding.
    private func stream(_ row: MessageRow, _ plan: FetchPlan, isSeenNow: Bool) async throws -> Bool {
        guard let selected, let number = selected.map.sequenceNumber(of: row.uid) else { return false }
        var metUnknownEncoding = false
        let structure = plan.structure(of: row)
        let isRecent = selected.isRecent(row.uid)
        if plan.showsFlags { announceKeywords(row.keywordList) }
        writer.beginFetch(number)
        for item in plan.items {
            let octets = try await services.store.read { transaction in
                try plan.octets(of: item, row, structure) { try row.servedBody($0, transaction) }
            }
            switch octets {
            case nil: plan.write(item, row, structure, isRecent: isRecent, to: &writer)
            case .absent: writer.fetchAbsent(item)
            case .ready(let octets): writer.fetchOctets(item, octets.withoutNUL())
            case .range(let range):
                writer.fetchLiteral(item, octetCount: range.count)
                try await stream(range, of: row)
            case .encoded(let range, let decoder, let wanted):
                try await stream(item, range, decoder, wanted, of: row)
            case .sizeOfEncoded(let range, let decoder):
                let size = try await measure(range, decoder, 0..<Int.max, of: row).size
                writer.fetchBinarySize(item, size)
            case .unknownEncoding:
                metUnknownEncoding = true
                writer.fetchUnknownEncoding(item, UID(row.uid))
            }
            try await flushIfLarge()
        }
        if isSeenNow {
            for item in plan.addedWhenSeen { plan.write(item, row, nil, isRecent: isRecent, to: &writer) }
        }
        writer.endFetch()
        try await flushIfLarge()
        return metUnknownEncoding
    }

    private func stream(_ range: Range<Int>, of row: MessageRow) async throws {
        try await eachPiece(range, of: row) { octets in
            writer.raw(octets.withoutNUL())
            try await flush()
            return true
        }
    }

    /// A part with its transfer encoding undone: once to learn its size and whether NUL is in it, once to send it.
    private func stream(
        _ item: FetchItem, _ range: Range<Int>, _ decoder: TransferDecoder, _ wanted: Range<Int>, of row: MessageRow
    ) async throws {
        let (size, hasNUL) = try await measure(range, decoder, wanted, of: row)
        writer.fetchLiteral(item, octetCount: size, isBinary: hasNUL)
        var stretch = DecodedStretch(decoder, wanted)
        var left = size
        try await eachPiece(range, of: row) { octets in
            let decoded = stretch.take(octets)
            left -= decoded.count
            guard left >= 0 else { throw BrokenLiteral(cause: nil) }
            writer.raw(decoded)
            try await flush()
            return !stretch.isOver
        }
        let rest = stretch.finish()
        guard rest.count == left else { throw BrokenLiteral(cause: nil) }
        writer.raw(rest)
    }

    private func measure(
        _ range: Range<Int>, _ decoder: TransferDecoder, _ wanted: Range<Int>, of row: MessageRow
    ) async throws -> (size: Int, hasNUL: Bool) {
        var stretch = DecodedStretch(decoder, wanted)
        var (size, hasNUL) = (0, false)
        func count(_ octets: [UInt8]) {
            size += octets.count
            hasNUL = hasNUL || octets.contains(0)
        }
        try await eachPiece(range, of: row) { octets in
            count(stretch.take(octets))
            return !stretch.isOver
        }
        count(stretch.finish())
        return (size, hasNUL)
    }

    /// Reads a range of a message piece by piece, until the closure says `false`.
    private func eachPiece(
        _ range: Range<Int>, of row: MessageRow, _ body: ([UInt8]) async throws -> Bool
    ) async throws {
        var next = range.lowerBound
        while next < range.upperBound {
            let piece = next..<min(range.upperBound, next + configuration.chunkSize)
            let octets: [UInt8]
            do {
                octets = try await services.store.read { try row.servedBody(piece, $0) }
            } catch {
                throw BrokenLiteral(cause: error)
            }
            guard octets.count == piece.count else { throw BrokenLiteral(cause: nil) }
            guard try await body(octets) else { return }
            next = piece.upperBound
        }
    }
}

/// A literal was announced and cannot be brought: nothing but the end of the connection tells the client.
struct BrokenLiteral: Error {
    var cause: (any Error)?
}

/// Those of `uids` that lack `\Seen`, with the flags that somebody set.
private func unseenMessages(
    _ uids: [UInt32], _ view: MailboxView, _ transaction: any MailboxTransaction
) throws -> [(UInt32, MessageKey, Flags)] {
    var result: [(UInt32, MessageKey, Flags)] = []
    try transaction.eachMessage(uids, in: view, []) { row in
        if !row.flags.contains(.seen) { result.append((row.uid, row.message, row.ownFlags)) }
        return true
    }
    return result
}
