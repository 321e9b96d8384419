/// The database could not do its part. Neither the message nor the statement in it holds a value from a row or parameter.
package struct StorageFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// What went wrong, as far as callers treat it differently.
    package enum Code: String, Sendable {
        /// No space left for the database.
        case full
        /// Another process holds a lock for too long.
        case busy
        /// The database cannot be written.
        case readOnly
        /// The file is damaged, or holds what no version of this program writes.
        case corrupt
        /// A constraint of the schema refused the change.
        case constraint
        /// A later version of this program has changed the schema.
        case newerSchema
        /// The work was called off.
        case interrupted
        /// The operating system failed to read, write, open or synchronise.
        case io
        /// The queue of jobs is full: try later.
        case queueFull
        /// The database has been closed.
        case closed
        case other
    }

    package var code: Code
    package var message: String

    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    /// Whether the same may succeed later without a change of the data or of the program.
    package var isTransient: Bool {
        switch code {
        case .full, .busy, .readOnly, .interrupted, .io, .queueFull, .closed: true
        case .corrupt, .constraint, .newerSchema, .other: false
        }
    }

    package var description: String { "\(code.rawValue): \(message)" }

    package static let queueFull = StorageFailure(
        code: .queueFull, message: "too many jobs are waiting for the database")
    package static let closed = StorageFailure(code: .closed, message: "the database is closed")

    static func unknownValue(of type: Any.Type) -> StorageFailure {
        StorageFailure(code: .corrupt, message: "a column holds what is no \(type)")
    }
}
