import Storage
import StorageSQLite
import Synchronization
import Testing

@Suite struct GroupCommitTests {
    /// Runs jobs that share a transaction: the first holds the writer until all are queued.
    private func together(
        _ store: TemporaryDatabase, _ journal: Journal,
        _ jobs: [@Sendable (any SQLConnection) throws -> Void]
    ) async throws {
        let gate = Gate()
        let remaining = Atomic(jobs.count)
        let allDone = Gate()
        for (index, job) in jobs.enumerated() {
            let refusal = store.database.enqueueWrite(bytes: 100) {
                if index == 0 { gate.wait() }
                try job($0)
            } completion: {
                switch $0 {
                case .success: journal.note("\(index) done")
                case .failure(let error):
                    journal.note("\(index) \((error as? StorageFailure)?.code.rawValue ?? "refused")")
                }
                if remaining.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { allDone.open() }
            }
            #expect(refusal == nil)
        }
        gate.open()
        await allDone.passed()
    }

    @Test(arguments: 0..<3) func `a job that fails leaves nothing, and the others stay`(failing: Int) async throws {
        let store = try TemporaryDatabase()
        let journal = Journal()
        try await together(
            store, journal,
            (0..<3).map { index in
                { connection in
                    connection.afterCommit { journal.note("\(index) committed") }
                    try connection.run("INSERT INTO note (body) VALUES (\("n\(index)"))")
                    if index == failing { throw Refusal() }
                }
            })
        let others = (0..<3).filter { $0 != failing }
        #expect(try await store.bodies() == others.map { "n\($0)" })
        let ends = (0..<3).map { $0 == failing ? "\($0) refused" : "\($0) done" }
        #expect(journal.lines == others.map { "\($0) committed" } + ends)
    }

    @Test func `jobs that wait together share one transaction`() async throws {
        let store = try TemporaryDatabase()
        let journal = Journal()
        // Every completion runs after all jobs, and every hook before all completions.
        try await together(
            store, journal,
            (0..<10).map { index in
                { connection in
                    journal.note("\(index) runs")
                    connection.afterCommit { journal.note("\(index) committed") }
                }
            })
        #expect(
            journal.lines == ["runs", "committed", "done"].flatMap { word in (0..<10).map { "\($0) \(word)" } })
    }

    @Test func `a batch ends at its bounds`() async throws {
        for bytes in [300, 1 << 20] {
            var configuration = SQLiteDatabase.Configuration()
            configuration.maximumBatchBytes = bytes
            if bytes > 300 { configuration.maximumBatchCount = 3 }
            let store = try TemporaryDatabase(configuration)
            let journal = Journal()
            try await together(
                store, journal, (0..<5).map { index in { $0.afterCommit { journal.note("\(index) committed") } } })
            #expect(
                journal.lines == [
                    "0 committed", "1 committed", "2 committed", "0 done", "1 done", "2 done",
                    "3 committed", "4 committed", "3 done", "4 done",
                ])
        }
    }

    @Test func `a violated constraint is the fault of one job`() async throws {
        let store = try TemporaryDatabase()
        let journal = Journal()
        try await together(
            store, journal,
            (0..<4).map { index in
                { try $0.run("INSERT INTO note (body, rank) VALUES (\("n\(index)"), \(index == 2 ? 1 : index))") }
            })
        #expect(journal.lines == ["0 done", "1 done", "2 constraint", "3 done"])
        #expect(try await store.bodies() == ["n0", "n1", "n3"])
    }

    @Test func `a savepoint within a job is undone alone, with its hooks`() async throws {
        let store = try TemporaryDatabase()
        let journal = Journal()
        try await together(
            store, journal,
            (0..<2).map { index in
                { connection in
                    try connection.run("INSERT INTO note (body) VALUES (\("kept \(index)"))")
                    connection.afterCommit { journal.note("\(index) kept") }
                    try? connection.savepoint {
                        try connection.run("INSERT INTO note (body) VALUES ('dropped')")
                        connection.afterCommit { journal.note("dropped") }
                        throw Refusal()
                    }
                    try connection.savepoint {
                        _ = try connection.run("INSERT INTO note (body) VALUES (\("nested \(index)"))")
                    }
                }
            })
        #expect(try await store.bodies() == ["kept 0", "nested 0", "kept 1", "nested 1"])
        #expect(journal.lines == ["0 kept", "1 kept", "0 done", "1 done"])
    }

    @Test func `a full queue refuses at once, by count and by octets`() async throws {
        for byCount in [true, false] {
            var configuration = SQLiteDatabase.Configuration()
            if byCount { configuration.maximumWaitingWrites = 3 } else { configuration.maximumWaitingBytes = 3000 }
            let store = try TemporaryDatabase(configuration)
            let (started, gate) = (Gate(), Gate())
            async let first: Void = store.database.write(bytes: 1000) { _ in
                started.open()
                gate.wait()
            }
            await started.passed()
            let offer = { @Sendable (bytes: Int) in
                store.database.enqueueWrite(bytes: bytes, { _ in }, completion: { _ in })
            }
            #expect((0..<4).map { _ in offer(1000) } == [nil, nil, nil, .queueFull])
            await #expect(throws: StorageFailure.queueFull) { try await store.database.write(bytes: 1) { _ in } }
            gate.open()
            try await first
            // Room again; and what is larger than the bound passes alone.
            try await store.database.write(bytes: 1000) { _ in }
            try await store.database.write(bytes: 1_000_000) { _ in }
        }
    }

    @Test func `a full disk fails the batch whole, and space brings the next one through`() async throws {
        let store = try TemporaryDatabase()
        try await store.insert("before")
        // The least SQLite allows is the present size.
        try await store.database.write { _ = try $0.integer("PRAGMA max_page_count = 1") }
        let octets = [UInt8](repeating: 1, count: 100_000)
        let journal = Journal()
        try await together(
            store, journal,
            (0..<3).map { index in
                { connection in
                    connection.afterCommit { journal.note("\(index) committed") }
                    try connection.run(
                        "INSERT INTO note (body, octets) VALUES (\("n\(index)"), \(index == 1 ? octets : []))")
                }
            })
        #expect(journal.lines.contains("1 full"))
        #expect(
            journal.lines.filter { $0.hasSuffix("done") }.count
                == journal.lines.filter { $0.hasSuffix("committed") }.count)
        let left = try await store.bodies()
        #expect(!left.contains("n1"))
        try await store.database.write { _ = try $0.integer("PRAGMA max_page_count = 1000000") }
        _ = try await store.database.write { try $0.run("INSERT INTO note (body, octets) VALUES ('after', \(octets))") }
        #expect(try await store.bodies() == left + ["after"])
    }

    @Test func `a job that goes on after a failed statement is committed whole or not at all`() async throws {
        let store = try TemporaryDatabase()
        try await store.insert("before")
        try await store.database.write { _ = try $0.integer("PRAGMA max_page_count = 1") }
        let octets = [UInt8](repeating: 1, count: 100_000)
        let journal = Journal()
        try await together(
            store, journal,
            (0..<3).map { index in
                { connection in
                    try connection.run("INSERT INTO note (body) VALUES (\("\(index) a"))")
                    _ = try? connection.run("INSERT INTO note (body, octets) VALUES ('large', \(octets))")
                    try connection.run("INSERT INTO note (body) VALUES (\("\(index) b"))")
                }
            })
        let done = journal.lines.filter { $0.hasSuffix("done") }.compactMap(\.first)
        #expect(try await store.bodies() == ["before"] + done.flatMap { ["\($0) a", "\($0) b"] })
    }
}
