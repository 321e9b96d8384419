import NIOCore
import Synchronization

/// Counts the sessions that run, so that the end of a server can wait for theirs.
final class SessionTally: Sendable {
    private struct State {
        var sessions = 0
        var waiting: [EventLoopPromise<Void>] = []
    }
    private let state = Mutex(State())

    func began() { state.withLock { $0.sessions += 1 } }

    func ended() {
        let promises = state.withLock { state -> [EventLoopPromise<Void>] in
            state.sessions -= 1
            guard state.sessions == 0 else { return [] }
            defer { state.waiting = [] }
            return state.waiting
        }
        for promise in promises { promise.succeed() }
    }

    /// Returns when no session runs any more, or it took too long.
    func untilNone(on eventLoop: any EventLoop, atMost time: TimeAmount) async {
        let promise = eventLoop.makePromise(of: Void.self)
        let isNone = state.withLock { state in
            if state.sessions > 0 { state.waiting.append(promise) }
            return state.sessions == 0
        }
        guard !isNone else { return promise.succeed() }
        let late = eventLoop.scheduleTask(in: time) { self.giveUp() }
        try? await promise.futureResult.get()
        late.cancel()
    }

    private func giveUp() {
        let promises = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for promise in promises { promise.succeed() }
    }
}
