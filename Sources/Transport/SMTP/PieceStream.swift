import Gateway
import MailTypes
import Synchronization

/// The content of a mail that is passed on while it comes in: pieces go in on one side and are asked for, one after the
/// other, on the other. What waits in between is bounded: whoever fills it looks at `isStalled`.
final class PieceStream: OutgoingContent {
    private enum End {
        case none, complete
        /// Given up by whom it comes from.
        case abandoned
        /// Nobody asks for more: what comes is thrown away.
        case unwanted
    }

    private struct State {
        var pieces: [[UInt8]] = []
        var first = 0
        var octets = 0
        var end = End.none
        var isStalled = false
        var waiter: CheckedContinuation<[UInt8]?, any Error>?

        mutating func take() -> Taken {
            guard first < pieces.count else {
                switch end {
                case .none: return .nothing
                case .complete: return .ended
                case .abandoned, .unwanted: return .abandoned
                }
            }
            let piece = pieces[first]
            pieces[first] = []
            first += 1
            if first == pieces.count { (pieces, first) = ([], 0) }
            octets -= piece.count
            let isDrained = isStalled && octets <= PieceStream.maximumWaiting / 2
            if isDrained { isStalled = false }
            return .piece(piece, isDrained: isDrained)
        }
    }

    /// What there is to take.
    private enum Taken {
        case piece([UInt8], isDrained: Bool)
        case nothing, ended, abandoned
    }

    /// The content was given up.
    struct Abandoned: Error {}

    /// Octets that may wait.
    static let maximumWaiting = 131_072

    private let state: Mutex<State>
    private let onDrained: @Sendable () -> Void

    /// `head` goes first.
    init(head: [UInt8], onDrained: @escaping @Sendable () -> Void) {
        state = Mutex(
            State(pieces: [head], octets: head.count, isStalled: head.count > Self.maximumWaiting))
        self.onDrained = onDrained
    }

    var isStalled: Bool { state.withLock { $0.isStalled } }

    func append(_ octets: [UInt8]) {
        let waiter = state.withLock { state -> CheckedContinuation<[UInt8]?, any Error>? in
            guard case .none = state.end else { return nil }
            if let waiter = state.waiter {
                state.waiter = nil
                return waiter
            }
            state.pieces.append(octets)
            state.octets += octets.count
            if state.octets > Self.maximumWaiting { state.isStalled = true }
            return nil
        }
        waiter?.resume(returning: octets)
    }

    /// All of it is there.
    func complete() { finish(.complete) }

    /// No more comes, and what came is not a mail.
    func abandon() { finish(.abandoned) }

    /// Whoever asked for pieces asks for no more.
    func refuse() { finish(.unwanted) }

    private func finish(_ end: End) {
        let (waiter, wasStalled) = state.withLock { state -> (CheckedContinuation<[UInt8]?, any Error>?, Bool) in
            guard case .none = state.end else { return (nil, false) }
            state.end = end
            if case .complete = end {} else { (state.pieces, state.first, state.octets) = ([], 0, 0) }
            defer { (state.waiter, state.isStalled) = (nil, false) }
            return (state.waiter, state.isStalled)
        }
        if let waiter {
            if case .complete = end { waiter.resume(returning: nil) } else { waiter.resume(throwing: Abandoned()) }
        }
        if wasStalled { onDrained() }
    }

    /// Only forwards, once: a mail that streams cannot be tried again.
    func piece(_ index: Int) async throws -> [UInt8]? {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<[UInt8]?, any Error>) in
            let taken = state.withLock { state -> Taken in
                let taken = state.take()
                if case .nothing = taken { state.waiter = continuation }
                return taken
            }
            switch taken {
            case .nothing: break
            case .piece(let octets, let isDrained):
                if isDrained { onDrained() }
                continuation.resume(returning: octets)
            case .ended: continuation.resume(returning: nil)
            case .abandoned: continuation.resume(throwing: Abandoned())
            }
        }
    }

    func downgraded(_ downgrade: ContentDowngrade) async throws -> (any OutgoingContent)? { nil }
}
