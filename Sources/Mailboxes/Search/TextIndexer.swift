package import Gateway
import Desk
import MailFormat
import MailTypes
import Synchronization

/// Follows behind the commits and puts messages into the full-text index (DESIGN §7): small batches, a tenth of the
/// writer's time while others write, half of it while nobody does.
package final class TextIndexer: Sendable {
    /// Octets of messages and trigrams that go into one transaction.
    private static let octetsPerBatch = 262_144
    private static let trigramsPerBatch = 20_000
    private static let messagesPerBatch = 64
    /// Folded octets of a message that the index takes; a longer one is looked through when it is searched.
    private static let textLimit = 1_048_576

    private let store: any MailboxStore
    private let feed: ChangeFeed
    private let commits = Commits()

    /// How many commits of others there were; shared with the feed's subscriber.
    private final class Commits: Sendable {
        let count = Atomic<Int>(0)
    }

    package init(store: any MailboxStore, feed: ChangeFeed) { (self.store, self.feed) = (store, feed) }

    /// Works until its task is cancelled.
    package func run() async {
        let (changes, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let subscription = feed.subscribe { [commits] _ in
            commits.count.wrappingAdd(1, ordering: .relaxed)
            continuation.yield()
        }
        defer { feed.cancel(subscription) }
        continuation.yield()
        for await _ in changes {
            // What comes at once is indexed together.
            try? await Task.sleep(for: .milliseconds(100))
            do { try await catchUp(isPatient: true) } catch { try? await Task.sleep(for: .seconds(5)) }
            if Task.isCancelled { return }
        }
    }

    /// Indexes what there is. `isPatient`: lets others write in between.
    package func catchUp(isPatient: Bool = false) async throws(StoreFailure) {
        if try await !store.read({ try $0.textMark().isCurrent }) {
            try await store.write(octets: 0) { try $0.renewTexts() }
        }
        while !Task.isCancelled {
            let (mark, sources) = try await store.read { try Self.read($0) }
            guard !sources.isEmpty else { return }
            let texts = sources.map(\.indexed)
            var mark2 = mark
            for batch in Self.batches(texts) {
                let (start, before) = (ContinuousClock.now, commits.count.load(ordering: .relaxed))
                let expected = mark2
                guard try await store.write(octets: 0, { try $0.store(batch, after: expected) }) else { break }
                if let last = batch.last { mark2.indexed = last.message.rawValue }
                guard isPatient else { continue }
                let isAlone = commits.count.load(ordering: .relaxed) == before
                try? await Task.sleep(for: min((ContinuousClock.now - start) * (isAlone ? 1 : 9), .milliseconds(500)))
                if Task.isCancelled { return }
            }
        }
    }

    private struct Source: Sendable {
        var message: MessageKey
        var texts: SearchTexts
        var isCut: Bool
        var preview: String

        var indexed: IndexedText {
            IndexedText(
                message: message, head: isCut ? [] : texts.head, body: isCut ? [] : texts.body, isCut: isCut,
                preview: preview, trigrams: isCut ? [] : Trigrams.all(in: texts.indexed))
        }
    }

    private static func read(_ transaction: any MailboxTransaction) throws -> (TextMark, [Source]) {
        var sources: [Source] = []
        var octets = 0
        try transaction.eachUnindexed { row in
            let body = try BodyTexts(row, transaction)
            let texts = SearchTexts(HeaderSection(row.header), body.texts)
            let isCut = body.isCut || texts.head.count + texts.body.count > textLimit
            sources.append(
                Source(
                    message: row.message, texts: texts, isCut: isCut, preview: PreviewText.make(body.first ?? "")))
            octets += texts.head.count + texts.body.count
            return octets < octetsPerBatch && sources.count < messagesPerBatch
        }
        return (try transaction.textMark(), sources)
    }

    private static func batches(_ texts: [IndexedText]) -> [[IndexedText]] {
        var batches: [[IndexedText]] = []
        var room = 0
        for text in texts {
            if batches.isEmpty || text.trigrams.count > room {
                batches.append([])
                room = trigramsPerBatch
            }
            batches[batches.count - 1].append(text)
            room -= text.trigrams.count
        }
        return batches
    }
}
