import Synchronization

/// An SMTP connection as its filters are told of it: what happens is handed over in the order in which it happens, and a
/// task of its own asks. `end` when the client has gone.
package final class FilteredConnection: Sendable, Equatable {
    private enum Event: Sendable {
        case question(FilterQuestion, @Sendable (FilterRefusal?) -> Void)
        case mail(FilteredMail, @Sendable (FilterVerdict, String?) -> Void)
        /// A mail, with a reading of its body for each filter.
        case mails([FilteredMail], Judging, @Sendable (FilterVerdict, String?) -> Void)
        case abort
    }

    /// The judging of a mail that may break off.
    private final class Judging: Sendable {
        typealias Answer = (verdict: FilterVerdict, by: String?)
        private let state = Mutex<(task: Task<Answer, Never>?, isGivenUp: Bool)>((nil, false))

        func run(_ judge: @escaping @Sendable () async -> Answer) async -> Answer {
            let task = Task { await judge() }
            let isGivenUp = state.withLock { state in
                state.task = task
                return state.isGivenUp
            }
            if isGivenUp { task.cancel() }
            return await withTaskCancellationHandler { await task.value } onCancel: { task.cancel() }
        }

        func giveUp() {
            state.withLock { state in
                state.isGivenUp = true
                return state.task
            }?.cancel()
        }
    }

    private let events: AsyncStream<Event>.Continuation
    private let task: Task<Void, Never>
    /// Mails whose judgement somebody waits for, even where the client has gone.
    private let mails = Atomic(0)

    /// How many filters there are.
    let count: Int

    init(_ panel: FilterPanel) {
        count = panel.count
        let (stream, events) = AsyncStream<Event>.makeStream()
        self.events = events
        task = Task {
            var panel = panel
            for await event in stream {
                switch event {
                case .question(let question, let completion): completion(await panel.ask(question))
                case .mail(let mail, let completion):
                    let (verdict, filter) = await panel.judge(mail)
                    completion(verdict, filter)
                case .mails(let mails, let judging, let completion):
                    let (verdict, filter) = await judging.run { [panel] in await panel.judge(apart: mails) }
                    completion(verdict, filter)
                case .abort: await panel.abort()
                }
            }
            await panel.end()
        }
    }

    deinit { events.finish() }

    package static func == (left: FilteredConnection, right: FilteredConnection) -> Bool { left === right }

    /// Asks about a step; the completion hears why the client may not go on, once, on any thread, or never where the client
    /// has gone.
    package func ask(_ question: FilterQuestion, completion: @escaping @Sendable (FilterRefusal?) -> Void) {
        events.yield(.question(question, completion))
    }

    /// What the filters say of a mail, and which of them said that it is not accepted.
    func judge(_ mail: FilteredMail) async -> (verdict: FilterVerdict, by: String?) { await judge { .mail(mail, $0) } }

    /// The same of a mail whose body can be read but once, with a reading of it for each filter. Whoever is cancelled gives the
    /// mail up: the filters do not hold up what comes after it.
    func judge(apart mails: [FilteredMail]) async -> (verdict: FilterVerdict, by: String?) {
        let judging = Judging()
        return await withTaskCancellationHandler {
            await judge { .mails(mails, judging, $0) }
        } onCancel: {
            judging.giveUp()
        }
    }

    private func judge(
        _ event: (@escaping @Sendable (FilterVerdict, String?) -> Void) -> Event
    ) async -> (verdict: FilterVerdict, by: String?) {
        mails.add(1, ordering: .sequentiallyConsistent)
        defer { mails.subtract(1, ordering: .sequentiallyConsistent) }
        return await withCheckedContinuation { continuation in
            let result = events.yield(
                event { verdict, filter in continuation.resume(returning: (verdict, filter)) })
            // Nobody asks any more: the client has gone, and its mail with it.
            if case .terminated = result { continuation.resume(returning: (FilterVerdict(.refuse(.localError)), nil)) }
        }
    }

    /// The mail under way comes to nothing.
    package func abort() { events.yield(.abort) }

    /// The client has gone. What a filter thinks of a mail that is whole is still waited for, all else is given up.
    package func end() {
        events.finish()
        if mails.load(ordering: .sequentiallyConsistent) == 0 { task.cancel() }
    }
}
