internal import GRDB
internal import Glibc
package import Storage
internal import Synchronization

/// The SQLite database: a file, its write-ahead log, one writing and some reading threads.
package final class SQLiteDatabase: Storage.Database {
    /// Bounds and sizes.
    package struct Configuration: Sendable {
        /// Threads that read.
        package var readers = 3
        /// Write jobs that may wait; more are refused at once.
        package var maximumWaitingWrites = 4096
        /// Octets that waiting write jobs may hold.
        package var maximumWaitingBytes = 64 << 20
        /// Read jobs that may wait.
        package var maximumWaitingReads = 16384
        /// Jobs that share a commit.
        package var maximumBatchCount = 128
        /// Octets of jobs that share a commit; the job that reaches the bound is the last.
        package var maximumBatchBytes = 8 << 20
        /// How long to wait for another process, in milliseconds.
        package var busyTimeout = 5000
        /// Octets of pages the writer keeps in memory.
        package var writerCache = 2 << 20
        /// Pages in the write-ahead log from which on they are copied into the database file.
        package var checkpointThreshold = 4000
        /// Octets of pages each reader keeps in memory.
        package var readerCache = 512 << 10

        package init() {}
    }

    private let path: String
    private let writes: JobQueue
    private let reads: JobQueue
    let checkpoints = JobQueue(maximumCount: 1, maximumBytes: 0)
    /// The writer last: the connection that is closed last empties the log, and only the writer's can.
    private let threads: Mutex<(helpers: [DriverThread], writer: DriverThread?)>

    /// Opens the database, creating the file if need be, and brings it to the schema.
    package init(path: String, migrator: Migrator, configuration: Configuration = Configuration())
        throws(StorageFailure)
    {
        self.path = path
        writes = JobQueue(
            maximumCount: configuration.maximumWaitingWrites, maximumBytes: configuration.maximumWaitingBytes)
        reads = JobQueue(maximumCount: configuration.maximumWaitingReads, maximumBytes: .max)
        threads = Mutex(([], nil))
        try Self.createFile(path)
        do {
            let writer = try DatabaseQueue(path: path, configuration: Self.writerSettings(configuration))
            try writer.inDatabase { try Self.migrate(SQLiteConnection($0), migrator) }
            let checkpointer = try DatabaseQueue(path: path, configuration: Self.writerSettings(configuration))
            let readers = try (0..<max(1, configuration.readers)).map { _ in
                try DatabaseQueue(path: path, configuration: Self.readerSettings(configuration))
            }
            try start(writer: writer, checkpointer: checkpointer, readers: readers, configuration)
        } catch {
            close()
            throw StorageFailure(error)
        }
    }

    deinit { close() }

    package func enqueueWrite<Result: Sendable>(
        bytes: Int, _ body: @escaping @Sendable (any SQLConnection) throws -> Result,
        completion: @escaping @Sendable (Swift.Result<Result, any Error>) -> Void
    ) -> StorageFailure? {
        writes.offer(TypedJob(bytes: bytes, body, completion: completion))
    }

    package func enqueueRead<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result,
        completion: @escaping @Sendable (Swift.Result<Result, any Error>) -> Void
    ) -> StorageFailure? {
        reads.offer(TypedJob(bytes: 0, body, completion: completion))
    }

    package var freeSpace: Int64? {
        var info = statvfs()
        guard statvfs(path, &info) == 0 else { return nil }
        return Int64(
            clamping: UInt64(info.f_bavail).multipliedReportingOverflow(by: UInt64(info.f_frsize)).partialValue)
    }

    package func close() {
        let running = threads.withLock { threads in
            defer { threads = ([], nil) }
            return threads
        }
        reads.close()
        checkpoints.close()
        for thread in running.helpers { thread.join() }
        writes.close()
        running.writer?.join()
    }

    // MARK: - Opening

    /// The log and its index take the mode of the database file.
    private static func createFile(_ path: String) throws(StorageFailure) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            let code: StorageFailure.Code =
                switch errno {
                case ENOSPC, EDQUOT: .full
                case EACCES, EPERM, EROFS: .readOnly
                default: .io
                }
            throw StorageFailure(code: code, message: "cannot open \(path): \(reason)")
        }
        Glibc.close(descriptor)
        // The name must last as long as the content: the directory is synchronised as well.
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let parent = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard parent >= 0 else { return }
        fsync(parent)
        Glibc.close(parent)
    }

    private static func writerSettings(_ configuration: Configuration) -> GRDB.Configuration {
        var settings = GRDB.Configuration()
        settings.label = "stempel.writer"
        settings.busyMode = .timeout(Double(configuration.busyTimeout) / 1000)
        settings.prepareDatabase { database in
            try database.execute(sql: "PRAGMA page_size = 4096")
            guard try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL") == "wal" else {
                throw StorageFailure(code: .io, message: "the file system does not allow a write-ahead log")
            }
            // Debian's SQLite overwrites deleted content with zeros by default, at the price of more pages in every commit;
            // FAST does so in pages that are written anyway. `overwriteRemains` does the rest where it matters.
            try database.execute(
                sql: """
                    PRAGMA synchronous = FULL;
                    PRAGMA secure_delete = FAST;
                    PRAGMA temp_store = MEMORY;
                    PRAGMA cache_size = -\(configuration.writerCache >> 10);
                    PRAGMA journal_size_limit = 67108864;
                    PRAGMA wal_autocheckpoint = 0;
                    """)
        }
        return settings
    }

    private static func readerSettings(_ configuration: Configuration) -> GRDB.Configuration {
        var settings = GRDB.Configuration()
        settings.label = "stempel.reader"
        settings.readonly = true
        settings.busyMode = .timeout(Double(configuration.busyTimeout) / 1000)
        settings.prepareDatabase { database in
            try database.execute(
                sql: "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -\(configuration.readerCache >> 10)")
        }
        return settings
    }

    private static func migrate(_ connection: SQLiteConnection, _ migrator: Migrator) throws {
        // A table is changed by building it anew, which must not trip over references to it; they are checked at the end.
        try connection.run("PRAGMA foreign_keys = OFF")
        _ = try migrator.apply(on: connection) { migration, step in
            try connection.begin("BEGIN IMMEDIATE")
            do {
                try step()
                guard try migration == nil || !connection.exists("PRAGMA foreign_key_check") else {
                    throw StorageFailure(
                        code: .constraint, message: "a migration left references to rows that do not exist")
                }
            } catch {
                connection.rollback()
                throw error
            }
            _ = try connection.commit()
        }
        try SQLiteTrigramIndex.create(on: connection)
        try connection.run("PRAGMA foreign_keys = ON")
    }

    private func start(
        writer: DatabaseQueue, checkpointer: DatabaseQueue, readers: [DatabaseQueue], _ configuration: Configuration
    ) throws(StorageFailure) {
        let (writes, reads, copies) = (writes, reads, checkpoints)
        let writing = try Self.thread {
            writer.inDatabase {
                var writer = Writer(
                    connection: SQLiteConnection($0), queue: writes, configuration: configuration,
                    checkpoints: Checkpoints(queue: copies, threshold: configuration.checkpointThreshold))
                writer.run()
            }
        }
        threads.withLock { $0.writer = writing }
        let copying = try Self.thread {
            checkpointer.inDatabase {
                let connection = SQLiteConnection($0)
                while let job = copies.take() {
                    _ = try? job.run(on: connection)
                    job.finish(nil)
                }
            }
        }
        threads.withLock { $0.helpers.append(copying) }
        for reader in readers {
            let reading = try Self.thread {
                reader.inDatabase { Reader(connection: SQLiteConnection($0), queue: reads).run() }
            }
            threads.withLock { $0.helpers.append(reading) }
        }
    }

    private static func thread(_ body: @escaping @Sendable () -> Void) throws(StorageFailure) -> DriverThread {
        guard let thread = DriverThread(body) else {
            throw StorageFailure(code: .other, message: "the system refuses a thread")
        }
        return thread
    }
}
