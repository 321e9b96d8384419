internal import Glibc
internal import Storage
internal import Synchronization

/// A bounded queue between any threads and those of the driver.
///
/// `@unchecked Sendable`: `jobs`, `head`, `bytes` and `isClosed` are touched only while `mutex` is held.
final class JobQueue: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let arrival = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let maximumCount: Int
    private let maximumBytes: Int
    private var jobs: [Job?] = []
    private var head = 0
    private var bytes = 0
    private var isClosed = false
    /// How many jobs wait, for who only looks; and whether somebody does.
    private let waiting = Atomic(0)
    private let isWatched = Atomic(false)

    init(maximumCount: Int, maximumBytes: Int) {
        self.maximumCount = maximumCount
        self.maximumBytes = maximumBytes
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(arrival, nil)
    }

    deinit {
        pthread_cond_destroy(arrival)
        pthread_mutex_destroy(mutex)
        arrival.deallocate()
        mutex.deallocate()
    }

    /// Appends a job, or says why not. A single job larger than the bound is taken when nothing else waits.
    func offer(_ job: Job) -> StorageFailure? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard !isClosed else { return .closed }
        let count = jobs.count - head
        // Who watches sees it, and looks into the queue in any case before it sleeps: nobody else has to be woken for it.
        let isSeen = count == 0 && isWatched.load(ordering: .relaxed)
        guard count < maximumCount, count == 0 || bytes <= maximumBytes - job.bytes else { return .queueFull }
        jobs.append(job)
        bytes += job.bytes
        waiting.store(jobs.count - head, ordering: .relaxed)
        if !isSeen { pthread_cond_signal(arrival) }
        return nil
    }

    /// Looks for a job for a moment without going to sleep: a client that asks one thing after the other is answered without
    /// a thread being woken each time. One thread watches at most, and it gives way to whatever else can run.
    func watch(_ microseconds: Int) {
        guard waiting.load(ordering: .relaxed) == 0, !isWatched.exchange(true, ordering: .relaxed) else { return }
        defer { isWatched.store(false, ordering: .relaxed) }
        let end = Self.now() + microseconds
        repeat { sched_yield() } while waiting.load(ordering: .relaxed) == 0 && Self.now() < end
    }

    private static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000 + time.tv_nsec / 1000
    }

    /// The oldest job; waits for one. `nil` once the queue is closed and empty.
    func take() -> Job? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while head == jobs.count {
            if isClosed { return nil }
            pthread_cond_wait(arrival, mutex)
        }
        return removeFirst()
    }

    /// The oldest job if one waits.
    func takeIfWaiting() -> Job? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return head == jobs.count ? nil : removeFirst()
    }

    /// Refuses jobs from now on; what waits is still handed out.
    func close() {
        pthread_mutex_lock(mutex)
        isClosed = true
        pthread_cond_broadcast(arrival)
        pthread_mutex_unlock(mutex)
    }

    private func removeFirst() -> Job? {
        let job = jobs[head]
        jobs[head] = nil
        head += 1
        if head == jobs.count {
            jobs.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 1024 {
            jobs.removeFirst(head)
            head = 0
        }
        bytes -= job?.bytes ?? 0
        waiting.store(jobs.count - head, ordering: .relaxed)
        return job
    }
}

/// A closure waiting for a connection, and afterwards its result waiting for the commit.
///
/// `@unchecked Sendable`: it belongs to the thread that made it until it is offered to a queue, and then to the one thread
/// that took it out.
class Job: @unchecked Sendable {
    let bytes: Int

    init(bytes: Int) { self.bytes = max(0, bytes) }

    /// Runs the closure and keeps its result.
    func run(on connection: SQLiteConnection) throws {}

    /// Notes that the closure failed, or that what it did has been undone.
    func undone(by error: any Error) {}

    /// Tells the result, or the failure of the transaction if the job itself did not fail.
    func finish(_ failure: StorageFailure?) {}
}

/// A job with a value. `@unchecked Sendable` as every job: one thread at a time has it.
final class TypedJob<Value: Sendable>: Job, @unchecked Sendable {
    private var body: (@Sendable (any SQLConnection) throws -> Value)?
    private let completion: @Sendable (Result<Value, any Error>) -> Void
    private var result: Result<Value, any Error>?

    init(
        bytes: Int, _ body: @escaping @Sendable (any SQLConnection) throws -> Value,
        completion: @escaping @Sendable (Result<Value, any Error>) -> Void
    ) {
        self.body = body
        self.completion = completion
        super.init(bytes: bytes)
    }

    override func run(on connection: SQLiteConnection) throws {
        // The closure goes at once: it may hold the content of a message.
        guard let body = body.take() else { preconditionFailure("a job was run twice") }
        result = .success(try body(connection))
    }

    override func undone(by error: any Error) { result = .failure(error) }

    override func finish(_ failure: StorageFailure?) {
        switch (result, failure) {
        case (.failure(let error), _): completion(.failure(error))
        case (_, let failure?): completion(.failure(failure))
        case (.success(let value), nil): completion(.success(value))
        case (nil, nil): preconditionFailure("a job was finished without having run")
        }
        result = nil
    }
}
