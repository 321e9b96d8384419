internal import Storage

/// Leaving nothing of what was removed.
extension SQLiteDatabase {
    /// The index first, since it frees pages; then every free page is used for zeros and given back; at last the log, whose
    /// old copies of pages hold what they held, becomes an empty file.
    package func overwriteRemains() async throws {
        var isFirst = true
        while true {
            let begins = isFirst
            guard try await write({ try Self.driver($0).mergeIndex(begins: begins) }) else { break }
            isFirst = false
        }
        // Others may free pages meanwhile, and theirs are not ours to chase.
        let free = try await write { try $0.integer("PRAGMA freelist_count") ?? 0 }
        for _ in 0...(Int(free) / SQLiteConnection.pagesPerStep + 1) {
            guard try await write({ try Self.driver($0).fillFreePages() }) else { break }
        }
        try await write { connection in
            _ = try connection.run("DROP TABLE IF EXISTS overwritten")
        }
        try await emptyLog()
    }

    private static func driver(_ connection: any SQLConnection) -> SQLiteConnection {
        guard let connection = connection as? SQLiteConnection else {
            preconditionFailure("a database of this driver has connections of this driver")
        }
        return connection
    }

    /// Waits for readers that still need the log, for half a minute.
    private func emptyLog() async throws {
        for _ in 0..<300 {
            let isEmpty = await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
                let refusal = checkpoints.offer(
                    TypedJob(bytes: 0) {
                        (try? Self.driver($0).truncateLog()) == true
                    } completion: { result in
                        continuation.resume(returning: (try? result.get()) == true)
                    })
                if refusal != nil { continuation.resume(returning: false) }
            }
            if isEmpty { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw StorageFailure(code: .busy, message: "the log is still in use; it is emptied when the server ends")
    }
}

extension SQLiteConnection {
    /// Free pages that one transaction takes.
    static let pagesPerStep = 1000

    /// Merges some of the index, which drops what was removed from it; `false` where there is nothing left to merge
    /// (SQLite: FTS5 §6.8, the merge command).
    func mergeIndex(begins: Bool) throws -> Bool {
        let before = totalChanges
        let pages: Int64 = begins ? -500 : 500
        try run("INSERT INTO trigram (trigram, rank) VALUES ('merge', \(pages))")
        return totalChanges - before >= 2
    }

    /// Uses free pages for zeros; `false` where none is left.
    func fillFreePages() throws -> Bool {
        let free = try integer("PRAGMA freelist_count") ?? 0
        guard free > 0 else { return false }
        try run("CREATE TABLE IF NOT EXISTS overwritten (id {id}, octets {blob} NOT NULL) {table}")
        // A page of a long value holds the number of the next one and 4092 octets.
        let pages = min(Int(free), Self.pagesPerStep)
        try run("INSERT INTO overwritten (octets) VALUES (zeroblob(\(pages * 4092)))")
        return true
    }
}
