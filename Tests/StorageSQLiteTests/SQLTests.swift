import MailTypes
import Storage
import StorageSQLite
import Testing

@Suite struct SQLTests {
    private static let numbered = SQLDialect(placeholder: { "$\($0)" }, tokens: ["id": "BIGINT", "clustered": ""])

    private func text(_ sql: SQL) -> String { sql.text(in: Self.numbered) }

    private enum Status: String { case open }
    private enum Kind: Int { case mail = 7 }

    @Test func `values become parameters, never text`() {
        let evil = "'; DROP TABLE note; --"
        let sql: SQL = "SELECT id FROM note WHERE body = \(evil) AND rank > \(3)"
        #expect(text(sql) == "SELECT id FROM note WHERE body = $1 AND rank > $2")
        #expect(sql.values == [.text(evil), .integer(3)])
    }

    @Test func `every kind of value has its form in the database`() {
        let (none, some): (Int?, String?) = (nil, "x")
        let sql: SQL = """
            \(Int64(1))\(2)\(UInt32.max)\(true)\(none)\(some)\([UInt8(9)])\([UInt8(9), 8][1...])\
            \(Timestamp(seconds: 1))\(Status.open)\(Kind.mail)\(Status?.none)\(UID(5))\(Substring("s"))
            """
        #expect(
            sql.values == [
                .integer(1), .integer(2), .integer(4_294_967_295), .integer(1), .null, .text("x"), .blob([9]),
                .blob([8]),
                .integer(1_000_000), .text("open"), .integer(7), .null, .integer(5), .text("s"),
            ])
        #expect(text(sql) == (1...14).map { "$\($0)" }.joined())
    }

    @Test(arguments: [(0, 1), (1, 1), (2, 2), (3, 4), (4, 4), (5, 8), (1000, 1024)])
    func `a list is padded to a power of two`(count: Int, padded: Int) {
        let list = (0..<count).map { Int64($0) }
        let sql: SQL = "id IN (\(list: list)) LIMIT \(1)"
        #expect(sql.values.count == padded + 1)
        #expect(sql.values.prefix(count) == list.map { .integer($0) }[...])
        #expect(sql.values.dropFirst(count).dropLast().allSatisfy { $0 == (list.last.map { .integer($0) } ?? .null) })
        #expect(
            text(sql) == "id IN (" + (1...padded).map { "$\($0)" }.joined(separator: ", ") + ") LIMIT $\(padded + 1)")
    }

    @Test func `fragments are composed with their parameters in order`() {
        let conditions: [SQL] = ["a = \(1)", "b IN (\(list: [2, 3]))", "c IS NULL"]
        var sql: SQL = "SELECT \("x") FROM t WHERE \(SQL.joined(conditions, by: " AND ")) AND d = \(4)"
        sql += " LIMIT \(5)"
        #expect(text(sql) == "SELECT $1 FROM t WHERE a = $2 AND b IN ($3, $4) AND c IS NULL AND d = $5 LIMIT $6")
        #expect(sql.values == [.text("x"), .integer(1), .integer(2), .integer(3), .integer(4), .integer(5)])
        #expect(text(SQL.joined(["x", "\(1)", "y"], by: ",")) == "x,$1,y")
        #expect(SQL().isEmpty && SQL.joined([], by: ", ").isEmpty)
    }

    @Test func `the shape is that of the text`() {
        func statement(_ number: Int, _ list: [Int64]) -> SQL { "SELECT \(number) WHERE 1 IN (\(list: list))" }
        #expect(statement(1, [1]).shape == statement(2, []).shape)
        #expect(statement(1, [1, 2, 3]).shape == statement(2, [1, 2, 3, 4]).shape)
        #expect(statement(1, [1]).shape != statement(1, [1, 2]).shape)
        #expect((("\(1)\(2)" as SQL).shape) != (("\(list: [1, 2])" as SQL).shape))
    }

    @Test(arguments: [
        ("CREATE TABLE t (a {id}) {clustered}", "CREATE TABLE t (a BIGINT) "), ("{id}{id}", "BIGINTBIGINT"),
        ("'{}' {ID} {id", "'{}' {ID} {id"), ("{{id}}", "{BIGINT}"), ("{unknown} {id}", "{unknown} BIGINT"),
    ]) func `type tokens are spelled by the dialect`(written: String, spelled: String) {
        #expect(Self.numbered.spelling(of: written) == spelled)
    }

    @Test(arguments: [
        "", "plain", "NUL\u{0}inside", "Grüße, 世界 🎫", "e\u{301}", String(repeating: "ß\u{0}", count: 400),
    ]) func `a text comes back as it went in`(text: String) async throws {
        let store = try TemporaryDatabase()
        try await store.insert(text)
        try await store.database.read { connection in
            try connection.query("SELECT body, typeof(body), length(CAST(body AS BLOB)) FROM note") {
                #expect(Array($0.text(0).unicodeScalars) == Array(text.unicodeScalars))
                #expect($0.text(1) == "text")
                #expect($0.int(2) == text.utf8.count)
                #expect($0.withBytes(0) { Array($0) } == Array(text.utf8))
            }
        }
    }

    @Test(arguments: [0, 1, 511, 512, 513, 100_000]) func `octets come back as they went in`(count: Int) async throws {
        let store = try TemporaryDatabase()
        let octets = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let long = String(repeating: "x", count: count)
        _ = try await store.database.write {
            try $0.run("INSERT INTO note (octets, body, rank) VALUES (\(octets), \(long), \(7))")
        }
        try await store.database.read { connection in
            try connection.query("SELECT octets, body, rank, NULL FROM note") {
                #expect($0.blob(0) == octets && $0.optionalBlob(0) == octets && !$0.isNull(0))
                #expect($0.text(1) == long)
                #expect($0.integer(2) == 7 && $0.bool(2) && $0.optionalInt(2) == 7)
                #expect($0.isNull(3) && $0.optionalText(3) == nil && $0.optionalInteger(3) == nil && $0.blob(3) == [])
                #expect($0.count == 4 && $0.isNull(4) && $0.text(-1) == "")
            }
        }
    }

    @Test func `statements nest, even the same one`() async throws {
        let store = try TemporaryDatabase()
        for body in ["a", "b", "c"] { try await store.insert(body) }
        let pairs = try await store.database.read { connection in
            func bodies() throws -> [String] { try connection.all("SELECT body FROM note ORDER BY id") { $0.text(0) } }
            func pairs(_ depth: Int) throws -> [String] {
                var all: [String] = []
                try connection.query("SELECT body FROM note WHERE id > \(0) ORDER BY id") { row in
                    let body = row.text(0)
                    all += depth == 0 ? [body] : try pairs(depth - 1).map { body + $0 }
                }
                return all
            }
            return try pairs(1)
        }
        #expect(pairs == ["aa", "ab", "ac", "ba", "bb", "bc", "ca", "cb", "cc"])
    }

    @Test func `a statement that writes and returns rows writes all of them`() async throws {
        let store = try TemporaryDatabase()
        let first = try await store.database.write {
            try $0.first("INSERT INTO note (body) VALUES ('a'), ('b'), ('c') RETURNING body") { $0.text(0) }
        }
        #expect(first == "a")
        #expect(try await store.bodies() == ["a", "b", "c"])
        let changed = try await store.database.write { try $0.run("UPDATE note SET rank = id WHERE body <> 'b'") }
        #expect(changed == 2)
    }

    @Test func `no failure shows a value`() async throws {
        let store = try TemporaryDatabase()
        let secret = "confidential"
        for statement: SQL in [
            "INSERT INTO note (id, body) VALUES (1, \(secret)), (1, \(secret))",
            "INSERT INTO note (rank) VALUES (\(secret))",
            "SELECT \(secret) FROM nowhere", "SELECT json(\(secret))",
        ] {
            await #expect { _ = try await store.database.write { try $0.run(statement) } } throws: {
                $0 is StorageFailure && !"\($0)".contains(secret)
            }
        }
    }

    @Test func `more shapes than are kept prepared are no harm`() async throws {
        let store = try TemporaryDatabase()
        let sum = try await store.database.write { connection in
            var sum: Int64 = 0
            for round in 0..<2 {
                for count in 1...600 {
                    let terms = SQL.joined((0..<count).map { _ in "\(1)" as SQL }, by: " + ")
                    sum += try connection.integer("SELECT \(terms)") ?? 0
                }
                #expect(sum == Int64((round + 1) * 300 * 601))
            }
            return sum
        }
        #expect(sum == 2 * 300 * 601)
    }
}
