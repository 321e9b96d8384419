import Glibc
import Storage
import StorageSQLite
import Testing

@Suite struct MigratorTests {
    private static let steps = [
        Migration(1, "customers", ["CREATE TABLE customer (id {id}, name {text} NOT NULL) {table}"]),
        Migration(
            2, "orders",
            [
                "CREATE TABLE purchase (id {id}, customer_id {integer} NOT NULL REFERENCES customer (id)) {table}",
                "INSERT INTO customer (id, name) VALUES (1, 'Ada')", "INSERT INTO purchase (customer_id) VALUES (1)",
            ]),
        Migration(
            3, "customers anew",
            [
                "CREATE TABLE customer_new (id {id}, name {text} NOT NULL, is_active {integer} NOT NULL) {table}",
                "INSERT INTO customer_new (id, name, is_active) SELECT id, name, 1 FROM customer",
                "DROP TABLE customer",
                "ALTER TABLE customer_new RENAME TO customer",
            ]),
    ]

    private func withPath(_ body: (String) async throws -> Void) async throws {
        let directory = try makeTemporaryDirectory()
        defer {
            removeDatabase(directory + "/desk.sqlite")
            rmdir(directory)
        }
        try await body(directory + "/desk.sqlite")
    }

    private func version(_ path: String, _ steps: [Migration]) async throws -> [String] {
        let database = try SQLiteDatabase(path: path, migrator: Migrator(steps))
        defer { database.close() }
        return try await database.read {
            try $0.all("SELECT number, name FROM schema_migration ORDER BY number") { "\($0.int(0)) \($0.text(1))" }
        }
    }

    @Test func `all steps at once or one by one lead to the same`() async throws {
        let names = ["1 customers", "2 orders", "3 customers anew"]
        try await withPath { (path) async throws in
            #expect(try await version(path, Self.steps) == names)
            #expect(try await version(path, Self.steps) == names)
        }
        try await withPath { (path) async throws in
            for count in 1...3 {
                #expect(try await version(path, Array(Self.steps.prefix(count))) == Array(names.prefix(count)))
            }
        }
    }

    @Test func `a newer schema is refused and left alone`() async throws {
        try await withPath { (path) async throws in
            _ = try await version(path, Self.steps)
            await #expect { try await version(path, Array(Self.steps.prefix(2))) } throws: {
                ($0 as? StorageFailure)?.code == .newerSchema
            }
            #expect(try await version(path, Self.steps).count == 3)
        }
    }

    @Test func `a step that fails leaves nothing of itself`() async throws {
        let broken = Migration(4, "broken", ["CREATE TABLE half (id {id})", "INSERT INTO nowhere VALUES (1)"])
        let dangling = Migration(4, "dangling", ["DELETE FROM customer"])
        try await withPath { (path) async throws in
            for (bad, code) in [(broken, StorageFailure.Code.other), (dangling, .constraint)] {
                await #expect { try await version(path, Self.steps + [bad]) } throws: {
                    ($0 as? StorageFailure)?.code == code
                }
            }
            let good = Migration(4, "good", ["CREATE TABLE half (id {id})"])
            #expect(try await version(path, Self.steps + [good]).last == "4 good")
        }
    }

    @Test func `references are checked once the database is open`() async throws {
        try await withPath { (path) async throws in
            let database = try SQLiteDatabase(path: path, migrator: Migrator(Self.steps))
            defer { database.close() }
            await #expect { _ = try await database.write { try $0.run("DELETE FROM customer") } } throws: {
                ($0 as? StorageFailure)?.code == .constraint
            }
            // The rows asked for are there before the check at the end of the statement.
            await #expect {
                _ = try await database.write {
                    try $0.integer("INSERT INTO purchase (customer_id) VALUES (99) RETURNING id")
                }
            } throws: {
                ($0 as? StorageFailure)?.code == .constraint
            }
        }
    }
}
