internal import CUnbound
import MailTypes
import Synchronization

/// One question. `complete` runs exactly once, on the loop's thread or, where the question is not taken, on the caller's.
struct Question: Sendable {
    let name: String
    let type: Int32
    let deadline: ContinuousClock.Instant
    let cancellation: Cancellation
    let complete: @Sendable (Result<DNSAnswer<[UInt8]>, LookupFailure>) -> Void
}

/// Whether somebody still waits for an answer.
final class Cancellation: Sendable {
    private let flag = Atomic(false)
    var isCancelled: Bool { flag.load(ordering: .acquiring) }
    fileprivate func cancel() { flag.store(true, ordering: .releasing) }
}

/// What callers leave for the thread that owns libunbound's context.
final class QuestionLoop: Sendable {
    /// What was left since the thread looked last.
    struct Orders {
        var questions: [Question] = []
        var hasCancellations = false
        var isClosed = false
    }
    private struct Inbox {
        var orders = Orders()
        /// Questions that were taken and not yet completed.
        var open = 0
    }

    private let inbox = Mutex(Inbox())
    private let wake: WakeDescriptor
    private let limit: Int

    init(_ context: consuming Context, limit: Int) throws(ConfigurationFailure) {
        guard let wake = WakeDescriptor() else {
            throw ConfigurationFailure(key: "resolver", words: "no file descriptor left")
        }
        (self.wake, self.limit) = (wake, limit)
        let thread = Unmanaged.passRetained(QuestionThread(loop: self, context: context))
        let code = stempel_thread_start(
            { argument in
                guard let argument else { return nil }
                Unmanaged<QuestionThread>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, thread.toOpaque())
        guard code == 0 else {
            thread.release()
            throw ConfigurationFailure(key: "resolver", words: "the system refuses a thread")
        }
    }

    func ask(_ question: Question) {
        let refusal: LookupFailure.Reason? = inbox.withLock { inbox in
            guard !inbox.orders.isClosed else { return .closed }
            guard !question.cancellation.isCancelled else { return .cancelled }
            guard inbox.open < limit else { return .overloaded }
            inbox.open += 1
            inbox.orders.questions.append(question)
            return nil
        }
        if let refusal { question.complete(.failure(LookupFailure(refusal))) } else { wake.wake() }
    }

    func cancel(_ cancellation: Cancellation) {
        cancellation.cancel()
        inbox.withLock { $0.orders.hasCancellations = true }
        wake.wake()
    }

    func close() {
        inbox.withLock { $0.orders.isClosed = true }
        wake.wake()
    }

    // MARK: - For the thread

    func takeOrders() -> Orders {
        inbox.withLock { inbox in
            defer { inbox.orders = Orders(isClosed: inbox.orders.isClosed) }
            return inbox.orders
        }
    }

    func settled() { inbox.withLock { $0.open -= 1 } }

    /// Waits for answers of libunbound, for orders, or for the time to pass (-1: for ever). Whether there are answers.
    func wait(for answers: Int32, milliseconds: Int32) -> Bool { wake.wait(for: answers, milliseconds: milliseconds) }
}

/// A descriptor that wakes the thread.
private final class WakeDescriptor: Sendable {
    private let descriptor: Int32

    init?() {
        descriptor = stempel_wake_open()
        if descriptor < 0 { return nil }
    }

    deinit { stempel_wake_close(descriptor) }

    func wake() { stempel_wake(descriptor) }

    func wait(for answers: Int32, milliseconds: Int32) -> Bool { stempel_wait(answers, descriptor, milliseconds) != 0 }
}
