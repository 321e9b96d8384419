internal import Storage
internal import Synchronization

/// Keeps the write-ahead log short without stopping the writer for long.
///
/// A thread of its own copies the log into the database file while the writer goes on; what was added meanwhile is little,
/// and the writer copies that itself, so that for a moment nothing is left to copy and its next transaction starts the log
/// from the beginning. Without this last step a busy log would never start over.
struct Checkpoints {
    private enum State {
        /// Until the log has so many pages.
        case waiting(pages: Int)
        case copying(CheckpointJob)
    }

    private let queue: JobQueue
    private let threshold: Int
    private var state: State

    /// - Parameter threshold: pages after which the log is copied.
    init(queue: JobQueue, threshold: Int) {
        self.queue = queue
        self.threshold = threshold
        state = .waiting(pages: threshold)
    }

    /// To be called by the writer between transactions.
    mutating func committed(on connection: SQLiteConnection) {
        switch state {
        case .waiting(let pages):
            guard connection.logPages >= pages else { return }
            let job = CheckpointJob(bytes: 0)
            if queue.offer(job) == nil { state = .copying(job) }
        case .copying(let job):
            guard job.isFinished.load(ordering: .acquiring) else { return }
            // A failure, such as a full disk, is no harm yet: the log keeps everything, and the next threshold tries again.
            let copied = try? connection.checkpoint()
            let isDone = copied.map { $0.copied >= $0.pages } ?? false
            // Where a reader still needs old pages, the log goes on growing for as long as that takes.
            state = .waiting(pages: isDone ? threshold : connection.logPages + threshold)
        }
    }
}

/// One copying of the log by the thread for it. `@unchecked Sendable` as every job; its own state is atomic.
final class CheckpointJob: Job, @unchecked Sendable {
    let isFinished = Atomic(false)

    override func run(on connection: SQLiteConnection) throws { _ = try connection.checkpoint() }

    override func finish(_ failure: StorageFailure?) { isFinished.store(true, ordering: .releasing) }
}
