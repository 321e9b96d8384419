import Foundation
import Storage
import StorageSQLite
import Testing

/// What was deleted is in none of the files any more, once it was overwritten.
@Suite struct OverwritingTests {
    @Test func `deleted values, short and long, leave nothing in file or log`() async throws {
        let temporary = try TemporaryDatabase()
        let database = temporary.database
        let word = "remarkable"
        for number in 0..<300 {
            let octets = Array(String(repeating: "\(word) ", count: number * 7 % 900).utf8)
            _ = try await database.write {
                try $0.run("INSERT INTO note (body, octets) VALUES (\("\(word) \(number)"), \(octets))")
            }
        }
        try await database.write { connection in
            _ = try connection.run("UPDATE note SET body = 'plain', octets = NULL WHERE id % 3 = 0")
            _ = try connection.run("DELETE FROM note WHERE id % 3 <> 0")
        }
        try await database.overwriteRemains()
        for suffix in ["", "-wal"] {
            let data = FileManager.default.contents(atPath: temporary.path + suffix) ?? Data()
            #expect(data.range(of: Data(word.utf8)) == nil, "\(suffix)")
        }
        #expect(try await temporary.bodies().allSatisfy { $0 == "plain" })
    }

    @Test func `runs of letters of deleted texts are not in the index either`() async throws {
        let temporary = try TemporaryDatabase()
        let database = temporary.database
        try await database.write { connection in
            for id in 1...200 as ClosedRange<Int64> {
                try connection.trigrams.add([UInt32(id), 900, 901], of: id)
            }
        }
        try await database.write { connection in
            for id in 1...200 as ClosedRange<Int64> where id != 7 {
                try connection.trigrams.remove([UInt32(id), 900, 901], of: id)
            }
        }
        try await database.overwriteRemains()
        let words = try await database.write { connection in
            try connection.run("CREATE VIRTUAL TABLE words USING fts5vocab ('trigram', 'row')")
            return try connection.integer("SELECT count(*) FROM words") ?? -1
        }
        #expect(words == 3, "\(temporary.path)")
    }
}
