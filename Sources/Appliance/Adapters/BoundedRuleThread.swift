import Desk
import Gateway
import Glibc
import NIOPosix
import Synchronization

/// One thread on which the rules are asked, mail after mail, so that neither connections nor the database wait for them.
/// What they may take of one mail is processor time: a busy machine cuts no mail short.
final class BoundedRuleThread: RuleThread {
    private let threads = NIOThreadPool(numberOfThreads: 1)
    private let waiting = Atomic<Int>(0)
    private let limit: Int
    private let timePerMail: Duration

    /// `limit`: mails that may wait; the senders of others are asked to come again. `timePerMail`: what a thousand
    /// sensible expressions take is a few milliseconds.
    init(limit: Int = 256, timePerMail: Duration = .milliseconds(250)) {
        (self.limit, self.timePerMail) = (limit, timePerMail)
        threads.start()
    }

    func run(_ work: @escaping @Sendable (RuleBudget) -> Void) -> Bool {
        guard waiting.wrappingAdd(1, ordering: .relaxed).newValue <= limit else {
            waiting.wrappingSubtract(1, ordering: .relaxed)
            return false
        }
        threads.submit { [self] _ in
            defer { waiting.wrappingSubtract(1, ordering: .relaxed) }
            // When the thread ends, too: somebody waits for an answer.
            work(Self.budget(timePerMail))
        }
        return true
    }

    /// Ends the thread when everything that waits is done.
    func shutDown() async { try? await threads.shutdownGracefully() }

    /// A budget of processor time of the calling thread, from now on.
    static func budget(_ time: Duration = .milliseconds(250)) -> RuleBudget {
        let start = processorTime()
        return RuleBudget { processorTime() - start > time }
    }

    private static func processorTime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
