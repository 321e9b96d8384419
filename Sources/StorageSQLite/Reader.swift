internal import Storage

/// One of the threads that read, each job in a snapshot of its own.
struct Reader {
    let connection: SQLiteConnection
    let queue: JobQueue

    /// How long a reader looks for the next job before it sleeps, in microseconds.
    private static let patience = 200

    /// Works until the queue is closed and empty.
    func run() {
        while let job = queue.take() {
            defer { queue.watch(Self.patience) }
            var failure: StorageFailure?
            do throws(StorageFailure) {
                try connection.begin("BEGIN")
                do { try job.run(on: connection) } catch { job.undone(by: error) }
                _ = try connection.commit()
            } catch {
                failure = error
            }
            job.finish(failure)
        }
    }
}
