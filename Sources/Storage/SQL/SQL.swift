/// One SQL statement, or a fragment of one, with its parameters.
///
/// The text can only be made of string literals of this program: a literal keeps its address, never a copy, and every
/// interpolated value becomes a bound parameter. A value from outside cannot become text, because there is no way to
/// say it. Fragments are composed by interpolating another `SQL`:
///
///     let due: SQL = "state = 'deferred' AND next_attempt_at <= \(now)"
///     let statement: SQL = "SELECT id FROM delivery WHERE \(due) AND pool IN (\(list: pools)) LIMIT \(limit)"
///
/// A statement's identity is the list of addresses of its literals, so that a driver finds the prepared statement
/// without reading the text.
package struct SQL: ExpressibleByStringInterpolation, Sendable {
    /// A literal followed by a number of parameters that commas part.
    struct Piece: Equatable, Sendable {
        // Addresses of constants in the binary: immutable and never freed, hence Sendable.
        nonisolated(unsafe) var literal: UnsafePointer<UInt8>?
        var length: Int32
        var parameters: Int32
    }

    var pieces: [Piece] = []
    /// The parameters, in the order of their placeholders.
    package private(set) var values: [SQLValue] = []
    private(set) var fingerprint: UInt = 0

    /// The empty fragment.
    package init() {}

    package init(stringLiteral literal: StaticString) { append(literal) }

    package init(stringInterpolation interpolation: StringInterpolation) { self = interpolation.sql }

    /// True where neither text nor parameter stands.
    package var isEmpty: Bool { pieces.isEmpty }

    /// Appends a fragment.
    package static func += (left: inout SQL, right: SQL) { left.append(right) }

    /// The fragments one after the other, with a literal between each two.
    package static func joined(_ fragments: some Sequence<SQL>, by separator: StaticString) -> SQL {
        var all = SQL()
        for (index, fragment) in fragments.enumerated() {
            if index > 0 { all.append(separator) }
            all.append(fragment)
        }
        return all
    }

    // MARK: - Building

    mutating func reserve(_ interpolations: Int) {
        pieces.reserveCapacity(interpolations + 1)
        values.reserveCapacity(interpolations)
    }

    mutating func append(_ literal: StaticString) {
        guard literal.hasPointerRepresentation else { preconditionFailure("a single Unicode scalar is no SQL") }
        let length = literal.utf8CodeUnitCount
        guard length > 0 else { return }
        pieces.append(Piece(literal: literal.utf8Start, length: Int32(length), parameters: 0))
        mix(UInt(bitPattern: literal.utf8Start) ^ UInt(length) << 48)
    }

    @inline(__always) mutating func append(_ value: SQLValue) {
        values.append(value)
        appendPlaceholders(1)
    }

    mutating func append(_ fragment: SQL) {
        for piece in fragment.pieces {
            if let literal = piece.literal {
                pieces.append(Piece(literal: literal, length: piece.length, parameters: 0))
                mix(UInt(bitPattern: literal) ^ UInt(piece.length) << 48)
            }
            if piece.parameters > 0 { appendPlaceholders(Int(piece.parameters)) }
        }
        values.append(contentsOf: fragment.values)
    }

    /// Parameters for `IN (…)`. Statements are kept prepared by their shape, so the list is padded to the next power of
    /// two by repeating its last value; an empty list becomes `NULL`, which is in no set (and makes `NOT IN` match nothing).
    mutating func append(list: some Collection<SQLValue>) {
        var count = 0
        var last = SQLValue.null
        for value in list {
            values.append(value)
            last = value
            count += 1
        }
        var padded = 1
        while padded < count { padded *= 2 }
        for _ in count..<padded { values.append(last) }
        appendPlaceholders(padded)
    }

    private mutating func appendPlaceholders(_ count: Int) {
        mix(UInt(bitPattern: count))
        // A placeholder right after another one, with no literal between them, starts a piece of its own.
        if let last = pieces.indices.last, pieces[last].parameters == 0 {
            pieces[last].parameters = Int32(count)
        } else {
            pieces.append(Piece(literal: nil, length: 0, parameters: Int32(count)))
        }
    }

    private mutating func mix(_ word: UInt) {
        fingerprint = (fingerprint ^ word) &* 0x9E37_79B9_7F4A_7C15
        fingerprint ^= fingerprint >> 29
    }

    // MARK: - Reading

    /// What two statements have in common when their texts are the same: the key of a cache of prepared statements.
    package struct Shape: Hashable, Sendable {
        let pieces: [Piece]
        let fingerprint: UInt

        package static func == (left: Shape, right: Shape) -> Bool {
            left.fingerprint == right.fingerprint && left.pieces == right.pieces
        }
        package func hash(into hasher: inout Hasher) { hasher.combine(fingerprint) }
    }

    /// The statement without its values.
    package var shape: Shape { Shape(pieces: pieces, fingerprint: fingerprint) }

    /// The text in the spelling of a database: placeholders numbered from 1, type tokens replaced.
    package func text(in dialect: SQLDialect) -> String {
        var text = ""
        var number = 0
        for piece in pieces {
            if let literal = piece.literal {
                text += String(decoding: UnsafeBufferPointer(start: literal, count: Int(piece.length)), as: UTF8.self)
            }
            for index in 0..<piece.parameters {
                number += 1
                text += (index == 0 ? "" : ", ") + dialect.placeholder(number)
            }
        }
        return dialect.spelling(of: text)
    }

    // MARK: - Interpolation

    /// Collects the literals and values of an interpolated statement.
    package struct StringInterpolation: StringInterpolationProtocol {
        var sql = SQL()

        package init(literalCapacity: Int, interpolationCount: Int) { sql.reserve(interpolationCount) }

        package mutating func appendLiteral(_ literal: StaticString) { sql.append(literal) }

        /// A parameter.
        package mutating func appendInterpolation(_ value: Int64) { sql.append(.integer(value)) }
        /// A parameter.
        package mutating func appendInterpolation(_ value: Int) { sql.append(.integer(Int64(value))) }
        /// A parameter.
        package mutating func appendInterpolation(_ value: String) { sql.append(.text(value)) }
        /// A parameter.
        package mutating func appendInterpolation(_ value: [UInt8]) { sql.append(.blob(value[...])) }
        /// A parameter.
        package mutating func appendInterpolation(_ value: some SQLBindable) { sql.append(value.sqlValue) }
        /// A parameter; `nil` is NULL.
        package mutating func appendInterpolation<Value: SQLBindable>(_ value: Value?) {
            sql.append(value?.sqlValue ?? .null)
        }
        /// A parameter: the raw value.
        @_disfavoredOverload
        package mutating func appendInterpolation<Value: RawRepresentable>(_ value: Value)
        where Value.RawValue: SQLBindable {
            sql.append(value.rawValue.sqlValue)
        }
        /// A parameter: the raw value; `nil` is NULL.
        @_disfavoredOverload
        package mutating func appendInterpolation<Value: RawRepresentable>(_ value: Value?)
        where Value.RawValue: SQLBindable {
            sql.append(value?.rawValue.sqlValue ?? .null)
        }
        /// A parameter as it stands.
        package mutating func appendInterpolation(_ value: SQLValue) { sql.append(value) }
        /// A fragment, with its own parameters.
        package mutating func appendInterpolation(_ fragment: SQL) { sql.append(fragment) }
        /// The parameters of `IN (…)`, padded to a power of two; an empty list is `NULL` and matches nothing.
        package mutating func appendInterpolation(list: some Collection<some SQLBindable>) {
            sql.append(list: list.map(\.sqlValue))
        }
        /// The parameters of `IN (…)`: the raw values.
        @_disfavoredOverload
        package mutating func appendInterpolation<Value: RawRepresentable>(list: some Collection<Value>)
        where Value.RawValue: SQLBindable {
            sql.append(list: list.map(\.rawValue.sqlValue))
        }
    }
}
