import Glibc
import Storage
import StorageSQLite
import Synchronization

/// A database in a directory of its own that is removed with it.
final class TemporaryDatabase: Sendable {
    static let schema = Migrator([
        Migration(
            1, "notes",
            ["CREATE TABLE note (id {id}, body {text} NOT NULL, octets {blob}, rank {integer} UNIQUE) {table}"])
    ])

    let directory: String
    let database: SQLiteDatabase
    var path: String { directory + "/desk.sqlite" }

    init(_ configuration: SQLiteDatabase.Configuration = .init()) throws {
        directory = try makeTemporaryDirectory()
        database = try SQLiteDatabase(
            path: directory + "/desk.sqlite", migrator: Self.schema, configuration: configuration)
    }

    deinit {
        database.close()
        removeDatabase(path)
        rmdir(directory)
    }

    func bodies() async throws -> [String] {
        try await database.read { try $0.all("SELECT body FROM note ORDER BY id") { $0.text(0) } }
    }

    func insert(_ body: String) async throws {
        _ = try await database.write { try $0.run("INSERT INTO note (body) VALUES (\(body))") }
    }
}

func makeTemporaryDirectory() throws -> String {
    var template = Array("/tmp/stempel-storage-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw StorageFailure(code: .io, message: "mkdtemp") }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

func removeDatabase(_ path: String) {
    for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
}

/// Holds a thread of the driver until it is opened, so that jobs gather behind it; or tells a task how far a job is.
final class Gate: Sendable {
    private let isOpen = Atomic(false)

    func open() { isOpen.store(true, ordering: .releasing) }

    /// For jobs.
    func wait() {
        while !isOpen.load(ordering: .acquiring) { sched_yield() }
    }

    /// For tasks.
    func passed() async {
        while !isOpen.load(ordering: .acquiring), !Task.isCancelled { await Task.yield() }
    }
}

/// Lines in the order in which several threads wrote them.
final class Journal: Sendable {
    private let entries = Mutex<[String]>([])

    var lines: [String] { entries.withLock { $0 } }

    func note(_ line: String) { entries.withLock { $0.append(line) } }
}

struct Refusal: Error {}
