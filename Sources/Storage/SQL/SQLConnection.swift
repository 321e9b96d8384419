package import MailTypes

/// What a transaction works on. It is valid within the closure that got it and on the thread of that closure only.
package protocol SQLConnection: AnyObject {
    /// Runs a statement to its end, ignoring rows, and says how many rows it inserted, updated or deleted itself.
    @discardableResult func run(_ sql: SQL) throws(StorageFailure) -> Int

    /// Hands every row to the closure, in order, until that returns `false`. Other statements may run meanwhile. A statement
    /// that writes writes all of it, however many of its rows are wanted.
    func scan(_ sql: SQL, _ row: (any SQLRow) throws -> Bool) throws

    /// Runs the closure so that all it wrote is undone when it throws; what was written before stays.
    func savepoint<Result>(_ body: () throws -> Result) throws -> Result

    /// Registers what is to happen once this transaction is durable: after the commit, before anybody is told of it, in the
    /// order of registration, on the writer's thread. It is dropped together with a savepoint that is undone.
    func afterCommit(_ action: @escaping @Sendable () -> Void)

    /// The full-text index of this database.
    var trigrams: any TrigramIndex { get }
}

extension SQLConnection {
    /// Hands every row to the closure, in order.
    package func query(_ sql: SQL, _ row: (any SQLRow) throws -> Void) throws {
        try scan(sql) {
            try row($0)
            return true
        }
    }

    /// Every row as a value.
    package func all<Value>(_ sql: SQL, _ row: (any SQLRow) throws -> Value) throws -> [Value] {
        var values: [Value] = []
        try scan(sql) {
            values.append(try row($0))
            return true
        }
        return values
    }

    /// The first row as a value; `nil` without rows.
    package func first<Value>(_ sql: SQL, _ row: (any SQLRow) throws -> Value) throws -> Value? {
        var value: Value?
        try scan(sql) {
            value = try row($0)
            return false
        }
        return value
    }

    /// The first column of the first row; `nil` without rows or if it is NULL.
    package func integer(_ sql: SQL) throws -> Int64? {
        try first(sql) { $0.optionalInteger(0) } ?? nil
    }

    /// Whether there is a row.
    package func exists(_ sql: SQL) throws -> Bool {
        var found = false
        try scan(sql) { _ in
            found = true
            return false
        }
        return found
    }
}

/// One row of a result, valid until the closure that got it returns. Columns are counted from 0.
package protocol SQLRow: AnyObject {
    /// How many columns there are.
    var count: Int { get }
    /// Whether the column is NULL.
    func isNull(_ column: Int) -> Bool
    /// The number; 0 for NULL.
    func integer(_ column: Int) -> Int64
    /// The text; empty for NULL.
    func text(_ column: Int) -> String
    /// The octets; none for NULL.
    func blob(_ column: Int) -> [UInt8]
    /// The octets of a blob, or of a text in UTF-8, without a copy; valid within the closure.
    func withBytes<Result>(_ column: Int, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result
}

extension SQLRow {
    /// The number as an `Int`.
    package func int(_ column: Int) -> Int { Int(truncatingIfNeeded: integer(column)) }
    /// True unless 0 or NULL.
    package func bool(_ column: Int) -> Bool { integer(column) != 0 }
    /// The moment.
    package func timestamp(_ column: Int) -> Timestamp { Timestamp(microseconds: integer(column)) }
    /// The number, or `nil` for NULL.
    package func optionalInteger(_ column: Int) -> Int64? { isNull(column) ? nil : integer(column) }
    /// The number as an `Int`, or `nil` for NULL.
    package func optionalInt(_ column: Int) -> Int? { isNull(column) ? nil : int(column) }
    /// The moment, or `nil` for NULL.
    package func optionalTimestamp(_ column: Int) -> Timestamp? { isNull(column) ? nil : timestamp(column) }
    /// The text, or `nil` for NULL.
    package func optionalText(_ column: Int) -> String? { isNull(column) ? nil : text(column) }
    /// The octets, or `nil` for NULL.
    package func optionalBlob(_ column: Int) -> [UInt8]? { isNull(column) ? nil : blob(column) }

    /// A value stored by its raw text; a text this program does not know means a damaged or foreign database.
    package func value<Value: RawRepresentable>(_ column: Int, as type: Value.Type = Value.self) throws(StorageFailure)
        -> Value
    where Value.RawValue == String {
        guard let value = Value(rawValue: text(column)) else { throw .unknownValue(of: Value.self) }
        return value
    }

    /// A value stored by its raw number.
    package func value<Value: RawRepresentable>(_ column: Int, as type: Value.Type = Value.self) throws(StorageFailure)
        -> Value
    where Value.RawValue: FixedWidthInteger {
        guard let raw = Value.RawValue(exactly: integer(column)), let value = Value(rawValue: raw) else {
            throw .unknownValue(of: Value.self)
        }
        return value
    }
}
