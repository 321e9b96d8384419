import NIOCore

/// Runs the tasks of connections on the event loops of their channels: what a session reads and writes needs no hop from
/// thread to thread, and nothing it shares with its channel needs a lock.
final class EventLoopExecutors: Sendable {
    private let executors: [ObjectIdentifier: EventLoopExecutor]

    init(_ group: any EventLoopGroup) {
        var executors: [ObjectIdentifier: EventLoopExecutor] = [:]
        for loop in group.makeIterator() { executors[ObjectIdentifier(loop)] = EventLoopExecutor(loop) }
        self.executors = executors
    }

    subscript(eventLoop: any EventLoop) -> EventLoopExecutor {
        guard let executor = executors[ObjectIdentifier(eventLoop)] else {
            preconditionFailure("a connection came on an event loop of another group")
        }
        return executor
    }
}

/// One event loop as an executor of tasks.
final class EventLoopExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
