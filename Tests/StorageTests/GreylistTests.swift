import Gateway
import MailTypes
import Storage
import StorageSQLite
import TestKit
import Testing

/// What greylisting remembers, over a real database.
@Suite struct GreylistTests {
    private let directory = TemporaryDirectory()
    private let store: Store

    init() throws {
        store = Store(
            try SQLiteDatabase(path: directory.file("desk.sqlite"), migrator: Migrator(Schema.migrations)),
            feed: ChangeFeed())
    }

    private func number(_ sql: SQL) async throws -> Int64 {
        try await store.read { (transaction: Transaction) in try transaction.connection.integer(sql) ?? -1 }
    }

    @Test func `what is kept is found again, the last of it`() async throws {
        let first = Greylisting(firstAt: Timestamp(seconds: 10), until: Timestamp(seconds: 100))
        let passed = Greylisting(
            firstAt: Timestamp(seconds: 50), passedAt: Timestamp(seconds: 50), until: Timestamp(seconds: 900))
        let found = try await store.write { (transaction: Transaction) in
            try transaction.keep(first, of: -7)
            try transaction.keep(first, of: 8)
            try transaction.keep(passed, of: -7)
            try transaction.keepKnownDomain("a.example", until: Timestamp(seconds: 100))
            try transaction.keepKnownDomain("a.example", until: Timestamp(seconds: 200))
            return try [-7, 8, 9].map { try transaction.greylisting($0) }
        }
        #expect(found == [passed, first, nil])
        let known = try await store.read { (transaction: Transaction) in
            try [(Int64(199), "a.example"), (200, "a.example"), (10, "b.example")].map {
                try transaction.knownDomain($0.1, at: Timestamp(seconds: $0.0))
            }
        }
        #expect(known == [Timestamp(seconds: 200), nil, nil])
    }

    @Test func `what is over goes, and of too much what did not come again, some rows at a time`() async throws {
        try await store.write { (transaction: Transaction) in
            for key in Int64(0)..<300 {
                let listing = Greylisting(
                    firstAt: Timestamp(seconds: 1), passedAt: key < 10 ? Timestamp(seconds: 2) : nil,
                    until: Timestamp(seconds: 1000))
                try transaction.keep(listing, of: key)
                try transaction.keepKnownDomain("d\(key).example", until: Timestamp(seconds: 1000))
            }
            try transaction.pruneGreylist(at: Timestamp(seconds: 999))
        }
        #expect(try await number("SELECT count(*) FROM greylist") == 300)
        try await store.write { (transaction: Transaction) in
            try transaction.connection.run(
                "INSERT INTO greylist (id, digest, first_at, until) VALUES (200250, 777, 1, \(Timestamp(seconds: 2000)))")
            try transaction.pruneGreylist(at: Timestamp(seconds: 999))
        }
        // 250 rows are beyond the bound, of which ten are of mail that came again.
        #expect(try await number("SELECT count(*) FROM greylist") == 101)
        try await store.write { (transaction: Transaction) in
            try transaction.pruneGreylist(at: Timestamp(seconds: 999))
        }
        #expect(try await number("SELECT count(*) FROM greylist") == 61)
        #expect(try await number("SELECT count(*) FROM greylist WHERE passed_at IS NOT NULL") == 10)
        try await store.write { (transaction: Transaction) in
            try transaction.pruneGreylist(at: Timestamp(seconds: 1000))
        }
        #expect(try await number("SELECT count(*) FROM greylist") == 1)
        #expect(try await number("SELECT count(*) FROM known_domain") == 100)
    }
}
