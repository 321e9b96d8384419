internal import GRDB
internal import GRDBSQLite
internal import Storage

/// A statement GRDB has prepared, stepped through SQLite's own interface, and the row it stands on.
///
/// Per row and column nothing happens here but one call into SQLite; GRDB's row and value types would cost several times as
/// much as the query itself.
final class PreparedStatement: SQLRow {
    /// Keeps the SQLite statement alive.
    private let statement: Statement
    let handle: OpaquePointer
    let parameterCount: Int
    let isReadOnly: Bool
    /// Set while a scan stands on a row: then the same text needs a second statement.
    var isRunning = false

    init(_ statement: Statement) {
        self.statement = statement
        handle = statement.sqliteStatement
        parameterCount = Int(sqlite3_bind_parameter_count(statement.sqliteStatement))
        isReadOnly = sqlite3_stmt_readonly(statement.sqliteStatement) != 0
    }

    var text: String { String(cString: sqlite3_sql(handle)) }

    // MARK: - Parameters

    /// From this size on a value is lent to SQLite instead of copied.
    private static let lendingSize = 512

    /// Binds the values and calls the closure. What is lent stays where it is for the time of the closure only, and no
    /// statement is stepped before all its parameters are bound anew.
    func withParameters<Result>(
        _ values: [SQLValue], from first: Int = 0, _ body: () throws(StorageFailure) -> Result
    ) throws(StorageFailure) -> Result {
        for index in first..<values.count {
            let parameter = Int32(index + 1)
            switch values[index] {
            case .null: sqlite3_bind_null(handle, parameter)
            case .integer(let number): sqlite3_bind_int64(handle, parameter, number)
            case .text(var text):
                guard text.utf8.count < Self.lendingSize else {
                    var result: Swift.Result<Result, StorageFailure>?
                    text.withUTF8 { bytes in
                        bytes.withMemoryRebound(to: CChar.self) { characters in
                            _ = sqlite3_bind_text64(
                                handle, parameter, characters.baseAddress, UInt64(characters.count), nil,
                                UInt8(SQLITE_UTF8))
                        }
                        result = continuing(values, from: index + 1, body)
                    }
                    return try unwrapped(result)
                }
                text.withUTF8 { bytes in
                    bytes.withMemoryRebound(to: CChar.self) { characters in
                        // Without an address SQLite would bind NULL.
                        guard let start = characters.baseAddress else {
                            sqlite3_bind_text(handle, parameter, "", 0, Self.copied)
                            return
                        }
                        sqlite3_bind_text(handle, parameter, start, Int32(characters.count), Self.copied)
                    }
                }
            case .blob(let blob):
                guard blob.count < Self.lendingSize else {
                    var result: Swift.Result<Result, StorageFailure>?
                    blob.withUnsafeBytes { bytes in
                        _ = sqlite3_bind_blob64(handle, parameter, bytes.baseAddress, UInt64(bytes.count), nil)
                        result = continuing(values, from: index + 1, body)
                    }
                    return try unwrapped(result)
                }
                blob.withUnsafeBytes { bytes in
                    // Without an address SQLite would bind NULL.
                    guard bytes.count > 0, let start = bytes.baseAddress else {
                        sqlite3_bind_zeroblob(handle, parameter, 0)
                        return
                    }
                    sqlite3_bind_blob(handle, parameter, start, Int32(bytes.count), Self.copied)
                }
            }
        }
        return try body()
    }

    private func continuing<Result>(
        _ values: [SQLValue], from index: Int, _ body: () throws(StorageFailure) -> Result
    ) -> Swift.Result<Result, StorageFailure> {
        do throws(StorageFailure) { return .success(try withParameters(values, from: index, body)) } catch {
            return .failure(error)
        }
    }

    private func unwrapped<Result>(_ result: Swift.Result<Result, StorageFailure>?) throws(StorageFailure) -> Result {
        guard let result else { preconditionFailure("a value was lent without being bound") }
        return try result.get()
    }

    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    // MARK: - Row

    var count: Int { Int(sqlite3_data_count(handle)) }

    func isNull(_ column: Int) -> Bool { sqlite3_column_type(handle, Int32(truncatingIfNeeded: column)) == SQLITE_NULL }

    func integer(_ column: Int) -> Int64 { sqlite3_column_int64(handle, Int32(truncatingIfNeeded: column)) }

    func text(_ column: Int) -> String { String(decoding: bytes(column), as: UTF8.self) }

    func blob(_ column: Int) -> [UInt8] { [UInt8](bytes(column)) }

    func withBytes<Result>(_ column: Int, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try body(bytes(column))
    }

    /// The octets as they are stored; `sqlite3_column_blob` gives those of a text too and must be asked before the length.
    private func bytes(_ column: Int) -> UnsafeRawBufferPointer {
        let column = Int32(truncatingIfNeeded: column)
        let start = sqlite3_column_blob(handle, column)
        return UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_column_bytes(handle, column)))
    }
}
