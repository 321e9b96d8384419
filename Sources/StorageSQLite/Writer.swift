internal import Storage

/// The one thread that writes. Jobs that wait together, or arrive while others of the batch run, share a commit.
struct Writer {
    let connection: SQLiteConnection
    let queue: JobQueue
    let configuration: SQLiteDatabase.Configuration
    var checkpoints: Checkpoints

    /// Works until the queue is closed and empty.
    mutating func run() {
        connection.watchLog()
        while let first = queue.take() {
            runBatch(startingWith: first)
            checkpoints.committed(on: connection)
        }
    }

    private func runBatch(startingWith first: Job) {
        var jobs: [Job] = []
        var bytes = 0
        var failure: StorageFailure?
        var next: Job? = first
        while let job = next {
            jobs.append(job)
            bytes += job.bytes
            // After a failure of the batch the rest of what waits fails together, rather than each after its own wait.
            if failure == nil { failure = run(job) }
            let hasRoom = jobs.count < configuration.maximumBatchCount && bytes < configuration.maximumBatchBytes
            next = hasRoom ? queue.takeIfWaiting() : nil
        }
        var actions: [@Sendable () -> Void] = []
        if failure == nil {
            do throws(StorageFailure) { actions = try connection.commit() } catch { failure = error }
        } else {
            connection.rollback()
        }
        for action in actions { action() }
        for job in jobs { job.finish(failure) }
    }

    /// Runs a job and returns what went wrong for all that share the transaction.
    private func run(_ job: Job) -> StorageFailure? {
        guard !connection.isInTransaction else {
            do { try connection.savepoint { try job.run(on: connection) } } catch { job.undone(by: error) }
            return connection.lost
        }
        do throws(StorageFailure) { try connection.begin("BEGIN IMMEDIATE") } catch { return error }
        // The first in a transaction needs no savepoint, which costs a copy of every page: there is nothing before it.
        do { try job.run(on: connection) } catch {
            job.undone(by: error)
            connection.rollback()
        }
        return nil
    }
}
