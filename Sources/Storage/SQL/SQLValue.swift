package import MailTypes

/// A value as the database knows it.
package enum SQLValue: Equatable, Sendable {
    case null
    case integer(Int64)
    case text(String)
    case blob(ArraySlice<UInt8>)
}

/// A type whose values can be parameters of a statement.
package protocol SQLBindable {
    /// The value as the database knows it.
    var sqlValue: SQLValue { get }
}

extension Int64: SQLBindable {
    package var sqlValue: SQLValue { .integer(self) }
}

extension Int: SQLBindable {
    package var sqlValue: SQLValue { .integer(Int64(self)) }
}

extension Int32: SQLBindable {
    package var sqlValue: SQLValue { .integer(Int64(self)) }
}

extension UInt32: SQLBindable {
    package var sqlValue: SQLValue { .integer(Int64(self)) }
}

extension UInt16: SQLBindable {
    package var sqlValue: SQLValue { .integer(Int64(self)) }
}

extension UInt8: SQLBindable {
    package var sqlValue: SQLValue { .integer(Int64(self)) }
}

extension Bool: SQLBindable {
    package var sqlValue: SQLValue { .integer(self ? 1 : 0) }
}

extension String: SQLBindable {
    package var sqlValue: SQLValue { .text(self) }
}

extension Substring: SQLBindable {
    package var sqlValue: SQLValue { .text(String(self)) }
}

extension Array: SQLBindable where Element == UInt8 {
    package var sqlValue: SQLValue { .blob(self[...]) }
}

extension ArraySlice: SQLBindable where Element == UInt8 {
    package var sqlValue: SQLValue { .blob(self) }
}

/// Microseconds since 1970, UTC.
extension Timestamp: SQLBindable {
    package var sqlValue: SQLValue { .integer(microseconds) }
}

extension UID: SQLBindable {
    package var sqlValue: SQLValue { .integer(Int64(number)) }
}

extension ModSequence: SQLBindable {
    package var sqlValue: SQLValue { .integer(number) }
}
