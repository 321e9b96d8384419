internal import GRDB
internal import GRDBSQLite
internal import Storage

// GRDB has a type of this name too.
typealias SQL = Storage.SQL

/// A connection with its prepared statements and the state of the transaction that runs on it. It belongs to one thread.
final class SQLiteConnection: SQLConnection {
    private let database: GRDB.Database
    private let handle: OpaquePointer?
    private var statements = StatementCache()
    /// Why the transaction of this batch is gone: SQLite undoes all of it after some errors, and what would run then would
    /// commit by itself.
    private(set) var lost: StorageFailure?
    private(set) var isInTransaction = false
    private var hooks: [@Sendable () -> Void] = []
    /// Pages in the write-ahead log after the last commit, once the log is watched.
    private(set) var logPages = 0

    static let dialect = SQLDialect(
        placeholder: { _ in "?" },
        tokens: [
            "id": "INTEGER PRIMARY KEY", "integer": "INTEGER", "text": "TEXT", "blob": "BLOB",
            "table": "STRICT", "clustered": "STRICT, WITHOUT ROWID",
        ])

    init(_ database: GRDB.Database) {
        self.database = database
        handle = database.sqliteConnection
    }

    deinit { sqlite3_wal_hook(handle, nil, nil) }

    // MARK: - Statements

    @discardableResult func run(_ sql: SQL) throws(StorageFailure) -> Int {
        let prepared = try statement(for: sql)
        defer { sqlite3_reset(prepared.handle) }
        return try prepared.withParameters(sql.values) { () throws(StorageFailure) in
            while true {
                switch sqlite3_step(prepared.handle) {
                case SQLITE_ROW: continue
                case SQLITE_DONE: return Int(sqlite3_changes(handle))
                case let code: throw failed(code, prepared)
                }
            }
        }
    }

    func scan(_ sql: SQL, _ row: (any SQLRow) throws -> Bool) throws {
        let prepared = try statement(for: sql)
        prepared.isRunning = true
        defer {
            sqlite3_reset(prepared.handle)
            prepared.isRunning = false
        }
        var thrown: (any Error)?
        var wantsRows = true
        try prepared.withParameters(sql.values) { () throws(StorageFailure) in
            while true {
                switch sqlite3_step(prepared.handle) {
                case SQLITE_ROW:
                    if wantsRows {
                        do { wantsRows = try row(prepared) } catch { (thrown, wantsRows) = (error, false) }
                    }
                    // What writes is run to its end: only there are references checked.
                    if !wantsRows, prepared.isReadOnly { return }
                case SQLITE_DONE: return
                case let code: throw failed(code, prepared)
                }
            }
        }
        if let thrown { throw thrown }
    }

    private func statement(for sql: SQL) throws(StorageFailure) -> PreparedStatement {
        if let lost { throw lost }
        let shape = sql.shape
        let cached = statements[shape]
        if let cached, !cached.isRunning { return cached }
        let text = sql.text(in: Self.dialect)
        let prepared: PreparedStatement
        do { prepared = PreparedStatement(try database.makeStatement(sql: text)) } catch { throw StorageFailure(error) }
        guard prepared.parameterCount == sql.values.count else {
            throw StorageFailure(code: .other, message: "parameters and placeholders differ in: \(text)")
        }
        if cached == nil { statements[shape] = prepared }
        return prepared
    }

    private func failed(_ code: Int32, _ prepared: PreparedStatement) -> StorageFailure {
        let failure = StorageFailure.sqlite(code, on: handle, in: prepared.text)
        if isInTransaction, sqlite3_get_autocommit(handle) != 0 { lost = failure }
        return failure
    }

    // MARK: - Transactions

    func begin(_ statement: SQL) throws(StorageFailure) {
        lost = nil
        hooks.removeAll(keepingCapacity: true)
        try run(statement)
        isInTransaction = true
    }

    /// Makes the transaction durable and returns what is to happen now. After a failure nothing of it remains.
    func commit() throws(StorageFailure) -> [@Sendable () -> Void] {
        do throws(StorageFailure) {
            try run("COMMIT")
        } catch {
            rollback()
            throw error
        }
        isInTransaction = false
        defer { hooks = [] }
        return hooks
    }

    func rollback() {
        lost = nil
        hooks = []
        // SQLite may have undone it already; that there is nothing left to undo is no failure.
        if sqlite3_get_autocommit(handle) == 0 { _ = try? run("ROLLBACK") }
        isInTransaction = false
    }

    func savepoint<Result>(_ body: () throws -> Result) throws -> Result {
        try run("SAVEPOINT job")
        let mark = hooks.count
        do {
            let result = try body()
            try run("RELEASE job")
            return result
        } catch {
            hooks.removeSubrange(mark...)
            if lost == nil {
                do throws(StorageFailure) {
                    try run("ROLLBACK TO job")
                    try run("RELEASE job")
                } catch let failure {
                    lost = failure
                }
            }
            throw error
        }
    }

    func afterCommit(_ action: @escaping @Sendable () -> Void) { hooks.append(action) }

    var trigrams: any TrigramIndex { SQLiteTrigramIndex(connection: self) }

    // MARK: - Write-ahead log

    /// Counts the pages of the log from now on, in place of SQLite's own automatic checkpoints.
    func watchLog() {
        let hook: @convention(c) (UnsafeMutableRawPointer?, OpaquePointer?, UnsafePointer<CChar>?, Int32) -> Int32 = {
            context, _, _, pages in
            if let context {
                Unmanaged<SQLiteConnection>.fromOpaque(context).takeUnretainedValue().logPages = Int(pages)
            }
            return SQLITE_OK
        }
        sqlite3_wal_hook(handle, hook, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Copies the whole log into the database file and makes the log an empty file; `false` where somebody still needs it.
    func truncateLog() throws(StorageFailure) -> Bool {
        let code = sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
        guard code == SQLITE_OK || code == SQLITE_BUSY else { throw .sqlite(code, on: handle) }
        return code == SQLITE_OK
    }

    /// Rows that were changed since the connection was opened, with those that triggers and virtual tables changed.
    var totalChanges: Int { Int(sqlite3_total_changes(handle)) }

    /// Copies what it can from the write-ahead log into the database file, without waiting for anybody, and returns how many
    /// pages the log holds and how many of them are copied.
    func checkpoint() throws(StorageFailure) -> (pages: Int, copied: Int) {
        var (pages, copied): (Int32, Int32) = (0, 0)
        let code = sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_PASSIVE, &pages, &copied)
        guard code == SQLITE_OK || code == SQLITE_BUSY else { throw .sqlite(code, on: handle) }
        return (Int(pages), Int(copied))
    }
}

/// Prepared statements by shape. Searches are composed, so the shapes are not finite: when a generation is full, it becomes
/// the old one, and what nobody asked for since the turn before goes.
struct StatementCache {
    private static let generationSize = 256
    private var young: [SQL.Shape: PreparedStatement] = [:]
    private var old: [SQL.Shape: PreparedStatement] = [:]

    subscript(shape: SQL.Shape) -> PreparedStatement? {
        mutating get {
            if let statement = young[shape] { return statement }
            guard let statement = old.removeValue(forKey: shape) else { return nil }
            self[shape] = statement
            return statement
        }
        set {
            if young.count >= Self.generationSize {
                old = young
                young.removeAll(keepingCapacity: true)
            }
            young[shape] = newValue
        }
    }
}
