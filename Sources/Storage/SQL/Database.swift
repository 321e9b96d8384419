/// A database: one writer that lets waiting jobs share a commit, and some readers.
///
/// A job is one synchronous closure on a thread of the driver, never on an event loop or Swift's cooperative pool, and must
/// not wait for anything but the connection it gets. A write job runs in a savepoint of its own within the transaction it
/// shares: when it throws, nothing of it remains and the others are not touched. Completions are called on the driver's
/// thread as well and must only pass the result on.
package protocol Database: Sendable {
    /// Queues a job that writes. The completion is called exactly once, after the commit is on disk or has failed; if the
    /// queue is full or closed, the answer is the failure, and neither closure is ever called.
    ///
    /// - Parameter bytes: roughly what the job holds in memory; counts towards the bound of the queue and of a commit.
    func enqueueWrite<Result: Sendable>(
        bytes: Int, _ body: @escaping @Sendable (any SQLConnection) throws -> Result,
        completion: @escaping @Sendable (Swift.Result<Result, any Error>) -> Void
    ) -> StorageFailure?

    /// Queues a job that reads one snapshot, at least as new as any commit completed before the call.
    func enqueueRead<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result,
        completion: @escaping @Sendable (Swift.Result<Result, any Error>) -> Void
    ) -> StorageFailure?

    /// Overwrites what removed rows left behind: in free pages, in the full-text index, in the log of writes. It goes in many
    /// small transactions and may take as long as what was removed is large.
    func overwriteRemains() async throws

    /// Octets free for the database where it lives; `nil` if that cannot be told.
    var freeSpace: Int64? { get }

    /// Refuses new jobs, finishes the queued ones and closes all connections. Blocks the calling thread; twice is harmless.
    func close()
}

extension Database {
    /// Runs a job that writes and returns once it is durable.
    package func write<Result: Sendable>(
        bytes: Int = 0, _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            let refusal = enqueueWrite(bytes: bytes, body) { continuation.resume(with: $0) }
            if let refusal { continuation.resume(throwing: refusal) }
        }
    }

    /// Runs a job that reads one snapshot.
    package func read<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            let refusal = enqueueRead(body) { continuation.resume(with: $0) }
            if let refusal { continuation.resume(throwing: refusal) }
        }
    }
}
