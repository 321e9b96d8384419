import Desk
import Gateway
import NIOCore
import Synchronization

/// The octets of a mail that an agent files into the desk, on their way into the intake.
struct FiledContent {
    /// Where the mail goes.
    struct Destination: Sendable {
        /// `nil`: the pool that it was written to.
        var pool: PoolID?
        /// INBOX: the case becomes the agent's.
        var isTaken: Bool
    }

    let destination: Destination
    private let intake: Intake
    private let drain: Drain
    private let content: IncomingContent

    init(_ destination: Destination, intake: Intake) {
        let drain = Drain()
        (self.destination, self.intake, self.drain) = (destination, intake, drain)
        content = intake.makeContent(onDrained: { drain.signal() })
    }

    /// Takes octets; returns when there is room for more.
    func append(_ octets: ByteBuffer) async {
        octets.withUnsafeReadableBytes { content.append($0) }
        while content.isStalled { await drain.wait() }
    }

    func abandon() { content.abandon() }

    /// Ends the mail; `nil`: no pool takes it.
    func finish(_ agent: Roster.Agent) -> AgentFiling? {
        intake.filing(of: content, by: agent, into: destination.pool)
    }
}

/// Says that a stalled content takes octets again; one waits at a time, and a signal is kept until somebody does.
private final class Drain: Sendable {
    private struct State {
        var isSignalled = false
        var waiter: CheckedContinuation<Void, Never>?
    }
    private let state = Mutex(State())

    func signal() {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            state.isSignalled = state.waiter == nil
            return state.waiter
        }
        waiter?.resume()
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let goesOn = state.withLock { state in
                if state.isSignalled {
                    state.isSignalled = false
                    return true
                }
                state.waiter = continuation
                return false
            }
            if goesOn { continuation.resume() }
        }
    }
}
