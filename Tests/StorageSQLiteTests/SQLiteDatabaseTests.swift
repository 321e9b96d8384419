import Glibc
import Storage
import StorageSQLite
import Synchronization
import Testing

@Suite struct SQLiteDatabaseTests {
    @Test func `what was written is read at once`() async throws {
        let store = try TemporaryDatabase()
        for number in 1...50 {
            let id = try await store.database.write {
                try $0.integer("INSERT INTO note (body) VALUES (\("n\(number)")) RETURNING id")
            }
            let body = try await store.database.read {
                try $0.first("SELECT body FROM note WHERE id = \(id)") { $0.text(0) }
            }
            #expect(body == "n\(number)")
        }
    }

    @Test func `a reader keeps its snapshot while others write`() async throws {
        let store = try TemporaryDatabase()
        try await store.insert("one")
        let (started, gate) = (Gate(), Gate())
        async let counts = store.database.read { connection in
            let before = try connection.integer("SELECT count(*) FROM note")
            started.open()
            gate.wait()
            return [before, try connection.integer("SELECT count(*) FROM note")]
        }
        await started.passed()
        try await store.insert("two")
        gate.open()
        #expect(try await counts == [1, 1])
        #expect(try await store.bodies() == ["one", "two"])
    }

    @Test func `a reader cannot write`() async throws {
        let store = try TemporaryDatabase()
        await #expect { try await store.database.read { try $0.run("INSERT INTO note (body) VALUES ('x')") } } throws: {
            ($0 as? StorageFailure)?.code == .readOnly
        }
    }

    @Test func `many tasks write and read without losing anything`() async throws {
        var configuration = SQLiteDatabase.Configuration()
        configuration.checkpointThreshold = 50
        let store = try TemporaryDatabase(configuration)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<16 {
                group.addTask {
                    for number in 0..<50 {
                        try await store.insert("\(task).\(number)")
                        let count = try await store.database.read {
                            try $0.integer("SELECT count(*) FROM note WHERE body LIKE \("\(task).%")")
                        }
                        #expect(count == Int64(number + 1))
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await store.bodies().count == 800)
    }

    @Test(.timeLimit(.minutes(5))) func `questions one by one and at once are answered, whether readers watch or sleep`() async throws {
        let store = try TemporaryDatabase()
        func ask(_ number: Int64) async throws -> Int64? { try await store.database.read { try $0.integer("SELECT \(number)") } }
        for round in 0..<300 {
            // A reader watches for a moment after each answer; about its end it must overlook nothing.
            let end = ContinuousClock.now + .microseconds(round % 300)
            while ContinuousClock.now < end {}
            if round.isMultiple(of: 3) {
                async let first = ask(1)
                async let second = ask(2)
                async let third = ask(3)
                #expect(try await [first, second, third] == [1, 2, 3])
            } else {
                #expect(try await ask(Int64(round)) == Int64(round))
            }
        }
    }

    @Test func `the log is started over under load`() async throws {
        var configuration = SQLiteDatabase.Configuration()
        configuration.checkpointThreshold = 100
        let store = try TemporaryDatabase(configuration)
        let octets = [UInt8](repeating: 7, count: 16_000)
        for _ in 0..<1000 {
            _ = try await store.database.write {
                try $0.run("INSERT INTO note (body, octets) VALUES ('x', \(octets))")
            }
        }
        var info = stat()
        #expect(stat(store.path + "-wal", &info) == 0)
        #expect(info.st_size < 8_000_000, "16 MB were written")
    }

    @Test func `what is committed survives without closing, what is open does not`() async throws {
        let store = try TemporaryDatabase()
        try await store.insert("acknowledged")
        let (started, gate) = (Gate(), Gate())
        async let unfinished: Void = store.database.write {
            try $0.run("INSERT INTO note (body) VALUES ('in the air')")
            started.open()
            gate.wait()
        }
        await started.passed()
        // The files as a crash would leave them.
        let copy = try makeTemporaryDirectory()
        for suffix in ["", "-wal"] { try copyFile(store.path + suffix, copy + "/desk.sqlite" + suffix) }
        gate.open()
        try await unfinished
        let reopened = try SQLiteDatabase(path: copy + "/desk.sqlite", migrator: TemporaryDatabase.schema)
        let bodies = try await reopened.read { try $0.all("SELECT body FROM note") { $0.text(0) } }
        #expect(bodies == ["acknowledged"])
        reopened.close()
        removeDatabase(copy + "/desk.sqlite")
        rmdir(copy)
    }

    @Test func `closing finishes what waits and refuses what comes`() async throws {
        let store = try TemporaryDatabase()
        let journal = Journal()
        for number in 0..<20 {
            let refusal = store.database.enqueueWrite(bytes: 0) {
                try $0.run("INSERT INTO note (body) VALUES (\("n\(number)"))")
            } completion: {
                if case .success(1) = $0 { journal.note("n\(number)") }
            }
            #expect(refusal == nil)
        }
        store.database.close()
        #expect(journal.lines == (0..<20).map { "n\($0)" })
        #expect(store.database.enqueueWrite(bytes: 0, { _ in }, completion: { _ in }) == .closed)
        #expect(store.database.enqueueRead({ _ in }, completion: { _ in }) == .closed)
        await #expect(throws: StorageFailure.closed) { try await store.bodies() }
        store.database.close()
        var info = stat()
        #expect(stat(store.path + "-wal", &info) != 0, "the last connection empties the log")
        #expect(stat(store.path, &info) == 0 && info.st_mode & 0o777 == 0o600)
    }

    @Test func `a database that cannot be opened says why`() throws {
        #expect {
            _ = try SQLiteDatabase(path: "/nonexistent/desk.sqlite", migrator: TemporaryDatabase.schema)
        } throws: {
            "\($0)" == "io: cannot open /nonexistent/desk.sqlite: No such file or directory"
        }
        let directory = try makeTemporaryDirectory()
        let path = directory + "/desk.sqlite"
        let file = open(path, O_WRONLY | O_CREAT, 0o600)
        let text =
            [UInt8]("this is no database, only some text that is long enough".utf8) + [UInt8](repeating: 46, count: 512)
        #expect(write(file, text, text.count) == text.count)
        close(file)
        #expect { _ = try SQLiteDatabase(path: path, migrator: TemporaryDatabase.schema) } throws: {
            ($0 as? StorageFailure)?.code == .corrupt
        }
        removeDatabase(path)
        rmdir(directory)
    }

    @Test func `free space is known`() throws {
        let store = try TemporaryDatabase()
        #expect(try #require(store.database.freeSpace) > 0)
    }

    private func copyFile(_ source: String, _ target: String) throws {
        let (input, output) = (open(source, O_RDONLY), open(target, O_WRONLY | O_CREAT | O_TRUNC, 0o600))
        defer { _ = (close(input), close(output)) }
        var buffer = [UInt8](repeating: 0, count: 65536)
        while case let count = read(input, &buffer, buffer.count), count > 0 {
            guard write(output, buffer, count) == count else { throw Refusal() }
        }
    }
}
