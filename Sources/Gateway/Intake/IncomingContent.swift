package import Desk
package import MailAuth
package import MailFormat
import MailTypes
import Synchronization

/// The content of one mail on its way in. Small mails stay in memory until the transaction that files them; from 64 KiB
/// on they go to the database in pieces nobody refers to yet. Belongs to one connection, used from one thread at a time.
package final class IncomingContent {
    /// Octets of a stored piece, and what a mail may keep in memory.
    package static let chunkSize = 65536
    /// Staged octets that may be under way before the connection has to wait.
    package static let octetsUnderWay = 4 * chunkSize

    private let store: any DeskStore
    private let clock: any WallClock
    private let digest: any ContentDigest
    private var scanner = MIMEScanner()
    /// Whether signatures are to be checked, and what they need, once the header section is known.
    private let isChecked: Bool
    private var digests: MessageDigests?
    private var memory: [UInt8] = []
    private var staging: Staging?
    private var stagedChunks = 0
    /// The first stored piece, kept until the mail is filed: rules look at it.
    private var head: [UInt8] = []
    private var size = 0
    private var bodyStart: Int?
    private var isEightBit = false
    private let onDrained: @Sendable () -> Void

    /// `onDrained` runs, on any thread, when a stalled content can take octets again. `isChecked`: the body is hashed for
    /// the signatures that the header section names.
    package init(
        store: any DeskStore, clock: any WallClock, cryptography: any Cryptography, isChecked: Bool = false,
        onDrained: @escaping @Sendable () -> Void
    ) {
        (self.store, self.clock, self.onDrained, self.isChecked) = (store, clock, onDrained, isChecked)
        digest = cryptography.makeDigest()
    }

    /// Takes the next octets.
    package func append(_ octets: UnsafeRawBufferPointer) {
        guard !octets.isEmpty else { return }
        scanner.consume(octets)
        if !isEightBit { isEightBit = Self.hasHighBit(octets) }
        if isChecked { hash(octets) }
        size += octets.count
        if staging == nil, memory.count + octets.count <= Self.chunkSize {
            memory.append(contentsOf: octets)
            return
        }
        if staging == nil { beginStaging() }
        var rest = octets[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Self.chunkSize - memory.count)
            let pieceOctets = UnsafeRawBufferPointer(rebasing: piece)
            memory.append(contentsOf: pieceOctets)
            rest = rest.dropFirst(piece.count)
            if memory.count == Self.chunkSize { stageMemory() }
        }
    }

    /// Hashes what of these octets is body; the scanner has seen them, `size` does not count them yet.
    private func hash(_ octets: UnsafeRawBufferPointer) {
        guard digests == nil else {
            digests?.update(octets)
            return
        }
        guard let header = scanner.header else { return }
        digests = MessageDigests(header)
        let start = min(max(0, header.octets.count - size), octets.count)
        digests?.update(UnsafeRawBufferPointer(rebasing: octets[start...]))
    }

    /// True while too many pieces are under way: stop feeding until `onDrained` ran.
    package var isStalled: Bool { staging?.isStalled == true }

    /// Gives the mail up: what was staged is dropped.
    package func abandon() {
        memory = []
        guard let staging else { return }
        self.staging = nil
        staging.drop(from: store)
    }

    /// Ends the content. Nothing may be appended afterwards.
    package func finish() -> ReceivedContent {
        let structure = scanner.finish()
        let header = scanner.header ?? HeaderSection([UInt8]())
        if staging != nil {
            if !memory.isEmpty { stageMemory() }
        } else {
            bodyStart = Self.endOfHeader(memory) ?? memory.count
            digestBody(of: memory)
        }
        for name in ["From", "Date", "Subject"] {
            (header.unfolded(name) ?? []).withUnsafeBytes { digest.update($0) }
        }
        let code = digest.finalize().prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let octets: ReceivedContent.Octets
        if let staging { octets = .staged(staging) } else { octets = .memory(memory) }
        defer { (memory, head) = ([], []) }
        return ReceivedContent(
            octets: octets, head: staging == nil ? memory : head, size: size, header: header, structure: structure,
            digest: Int64(bitPattern: code), isEightBit: isEightBit,
            signed: isChecked ? (digests ?? MessageDigests(header)).finish() : nil)
    }

    // MARK: - Staging

    /// The digest covers the body from the first empty line on, or from 64 KiB on if the header section is longer: the
    /// same for the same mail however it arrived in pieces.
    private func beginStaging() {
        staging = Staging(onDrained: onDrained)
    }

    private func stageMemory() {
        guard let staging else { return }
        if bodyStart == nil {
            bodyStart = Self.endOfHeader(memory) ?? memory.count
            digestBody(of: memory)
        } else {
            memory.withUnsafeBytes { digest.update($0) }
        }
        let chunk = memory
        memory = []
        memory.reserveCapacity(Self.chunkSize)
        let ordinal = stagedChunks
        if ordinal == 0 { head = chunk }
        stagedChunks += 1
        staging.began(chunk.count)
        let now = clock.now
        store.write(octets: chunk.count) { transaction in
            try staging.stage(chunk, ordinal: ordinal, at: now, in: transaction)
        } completion: { result in
            staging.ended(chunk.count, result)
        }
    }

    private func digestBody(of octets: [UInt8]) {
        octets.withUnsafeBytes { digest.update(UnsafeRawBufferPointer(rebasing: $0[min(bodyStart ?? 0, $0.count)...])) }
    }

    private static func endOfHeader(_ octets: [UInt8]) -> Int? {
        octets.withUnsafeBufferPointer { octets in
            var index = 3
            while index < octets.count {
                if octets[index] == 0x0A, octets[index - 1] == 0x0D, octets[index - 2] == 0x0A,
                    octets[index - 3] == 0x0D
                {
                    return index + 1
                }
                index += 1
            }
            return nil
        }
    }

    private static func hasHighBit(_ octets: UnsafeRawBufferPointer) -> Bool {
        var union: UInt8 = 0
        for octet in octets { union |= octet }
        return union >= 0x80
    }
}

/// Pieces of one mail on their way into the database, in the order in which they were handed over.
package final class Staging: Sendable {
    private struct State {
        var content: ContentID?
        var octetsUnderWay = 0
        var isStalled = false
        /// A piece was undone; `failure` follows with its completion.
        var isBroken = false
        var failure: StoreFailure?
    }
    private let state = Mutex(State())
    private let onDrained: @Sendable () -> Void

    fileprivate init(onDrained: @escaping @Sendable () -> Void) { self.onDrained = onDrained }

    /// Set by the transaction that stages the first piece; the writer runs them in order. `nil` again when a piece is
    /// missing: the number may belong to another mail by then.
    package var content: ContentID? { state.withLock { $0.isBroken ? nil : $0.content } }

    /// Why a piece is missing: the mail cannot be filed.
    package var failure: StoreFailure? { state.withLock { $0.failure } }

    /// Takes back what was staged, if the mail was not filed. Pieces of a broken sequence are left to the sweep.
    func drop(from store: any DeskStore) {
        store.write(octets: 0) { transaction in
            if let content = self.content { try transaction.dropStaged(content) }
        } completion: { _ in
        }
    }

    fileprivate func stage(
        _ octets: [UInt8], ordinal: Int, at now: Timestamp, in transaction: any DeskTransaction
    ) throws {
        guard !isBroken else { throw StoreFailure(.unavailable) }
        do {
            let content: ContentID
            if let known = self.content {
                content = known
            } else {
                content = try transaction.beginStaging(at: now)
                state.withLock { $0.content = content }
            }
            try transaction.stage(octets, ordinal: ordinal, of: content)
        } catch {
            // At once: the next piece may run before the completion of this one.
            state.withLock { $0.isBroken = true }
            throw error
        }
    }

    private var isBroken: Bool { state.withLock { $0.isBroken } }

    fileprivate var isStalled: Bool { state.withLock { $0.isStalled } }

    fileprivate func began(_ octets: Int) {
        state.withLock { state in
            state.octetsUnderWay += octets
            if state.octetsUnderWay >= IncomingContent.octetsUnderWay { state.isStalled = true }
        }
    }

    fileprivate func ended(_ octets: Int, _ result: Result<Void, StoreFailure>) {
        let isDrained = state.withLock { state in
            state.octetsUnderWay -= octets
            if case .failure(let failure) = result {
                state.isBroken = true
                // The first one says why; the others only follow.
                if state.failure == nil { state.failure = failure }
            }
            guard state.isStalled, state.octetsUnderWay < IncomingContent.octetsUnderWay else { return false }
            state.isStalled = false
            return true
        }
        if isDrained { onDrained() }
    }
}

/// A mail that came in whole: where its octets are, and what was learned while they passed.
package struct ReceivedContent: Sendable {
    /// In memory up to 64 KiB, else staged in the database.
    package enum Octets: Sendable {
        case memory([UInt8])
        case staged(Staging)
    }
    package var octets: Octets
    /// The beginning, up to 64 KiB.
    package var head: [UInt8]
    package var size: Int
    package var header: HeaderSection
    package var structure: MIMEStructure
    /// Of From, Date, Subject and body: the same for the same mail, whatever way it took (DESIGN §7).
    package var digest: Int64
    /// Has octets over 127, in header or body.
    package var isEightBit: Bool
    /// What signatures are checked against; `nil` where nothing is checked.
    package var signed: DigestedMessage?
    /// What filters changed of the header section; `nil` where none was asked.
    var filtered: FilteredHeader?
    /// By the score that a filter gave it.
    var isSuspicious = false

    /// The header section as rules see it: with what filters said.
    var shownHeader: HeaderSection { filtered?.section ?? header }

    /// Octets held in memory: what the writer's queue counts.
    package var octetsInMemory: Int {
        if case .memory(let octets) = octets { return octets.count + header.octets.count }
        return header.octets.count
    }

    /// Takes back what was staged, if the mail was not filed.
    func drop(from store: any DeskStore) {
        if case .staged(let staging) = octets { staging.drop(from: store) }
    }

    /// Makes the octets part of the transaction.
    func file(in transaction: any IntakeTransaction) throws -> ContentID {
        switch octets {
        case .memory(let octets):
            return try transaction.insertContent(octets, headerSize: header.octets.count)
        case .staged(let staging):
            if let failure = staging.failure { throw failure }
            guard let content = staging.content else { throw StoreFailure(.unavailable) }
            try transaction.commitStaged(content, size: size, headerSize: header.octets.count)
            return content
        }
    }
}
