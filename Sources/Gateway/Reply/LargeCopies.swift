import Desk
import MailFormat
import MailTypes

/// Where content comes from that is made of large stored content: the one writing thread is not to be held by copying it.
/// The transaction that needs it is undone with `CopyNeeded`, the copy is made in short transactions beside it, and it runs
/// again with what was made. Where it then wants something else, it writes that itself.
enum LargeCopies: Sendable {
    /// Within the transaction, however large.
    case within
    /// Beside it. Of content that the undone transaction did not make itself: of what is committed, and of these.
    case beside(of: Set<ContentID>)
    /// Made already, under this name.
    case made(String, ReceivedContent)

    /// Octets from which on a copy is made beside the transaction.
    static let least = 1_000_000

    /// A stretch of the content to be made.
    enum Segment: Sendable {
        case octets([UInt8])
        case stored(Range<Int>, of: ContentID)
    }

    /// What was made under a name; `nil`: it is to be written here. The name says what it is made of, whenever that is asked.
    /// `isCommitted`: other transactions made all that is copied.
    func content(_ name: String, of segments: [Segment], isCommitted: Bool) throws -> ReceivedContent? {
        switch self {
        case .within: return nil
        case .made(let made, let content): return made == name ? content : nil
        case .beside(let known):
            var octets = 0
            for case .stored(let range, let content) in segments {
                guard isCommitted || known.contains(content) else { return nil }
                octets += range.count
            }
            guard octets >= Self.least else { return nil }
            throw CopyNeeded(name: name, segments: segments)
        }
    }

    /// Takes back what was made, unless it was filed.
    func drop(in transaction: any DeskTransaction) throws {
        guard case .made(_, let content) = self, case .staged(let staging) = content.octets, let unused = staging.content
        else { return }
        try transaction.dropStaged(unused)
    }

    /// The same after a transaction that failed.
    func drop(from store: any DeskStore) {
        if case .made(_, let content) = self { content.drop(from: store) }
    }
}

/// A transaction wants a copy that is to be made beside it.
struct CopyNeeded: Error {
    let name: String
    let segments: [LargeCopies.Segment]
}

extension ReceivedContent {
    /// Content of Stempel's own making, as a mail that leaves.
    func leaving(digest: Int64, in transaction: any DeskTransaction) throws -> HeldMail.Content {
        HeldMail.Content(
            id: try file(in: transaction), bodyOffset: header.octets.count, size: size, structure: structure.encoded(),
            digest: digest, isEightBit: isEightBit)
    }
}

extension Intake {
    /// Makes a copy that a transaction wants; where that fails, the transaction writes it itself.
    func make(_ needed: CopyNeeded) async -> LargeCopies {
        guard let content = try? await write(needed.segments) else { return .within }
        return .made(needed.name, content)
    }

    /// Stages new content, in pieces of short transactions.
    func write(_ segments: [LargeCopies.Segment]) async throws -> ReceivedContent {
        let (drained, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        var signals = drained.makeAsyncIterator()
        let writer = makeContent { signal.yield() }
        func append(_ octets: [UInt8]) async {
            octets.withUnsafeBytes { writer.append($0) }
            while writer.isStalled, await signals.next() != nil {}
        }
        do {
            for segment in segments {
                switch segment {
                case .octets(let octets): await append(octets)
                case .stored(let range, let content):
                    for start in stride(from: range.lowerBound, to: range.upperBound, by: IncomingContent.chunkSize) {
                        let end = min(start + IncomingContent.chunkSize, range.upperBound)
                        let octets = try await store.read { try $0.octets(start..<end, of: content) }
                        guard octets.count == end - start else { throw StoreFailure(.unavailable) }
                        await append(octets)
                    }
                }
            }
        } catch {
            writer.abandon()
            throw error
        }
        return writer.finish()
    }
}
