internal import GRDB
internal import GRDBSQLite
internal import Glibc
internal import Storage

extension StorageFailure {
    /// What the connection says about its last call. The message of a failed step is SQLite's own only for constraints,
    /// where it names columns; elsewhere it may quote what was bound.
    static func sqlite(_ code: Int32, on connection: OpaquePointer?, preparing: Bool = false, in text: String? = nil)
        -> StorageFailure
    {
        let primary = code & 0xff
        var message = ""
        if let connection, preparing || primary == SQLITE_CONSTRAINT {
            message = String(cString: sqlite3_errmsg(connection))
        } else {
            message = String(cString: sqlite3_errstr(code))
        }
        var systemError: Int32 = 0
        if let connection, [SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_FULL].contains(primary) {
            systemError = sqlite3_system_errno(connection)
            if systemError != 0 { message += ", " + String(cString: strerror(systemError)) }
        }
        message += " (SQLite \(code))"
        if let text {
            message += " in: " + text.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(120)
        }
        return StorageFailure(code: Code(sqlite: primary, systemError: systemError), message: message)
    }

    /// Whatever GRDB or a job threw, as a failure of the storage.
    init(_ error: any Error) {
        switch error {
        case let failure as StorageFailure: self = failure
        case let error as DatabaseError:
            self.init(
                code: Code(sqlite: error.resultCode.rawValue, systemError: 0),
                message: "\(error.message ?? "no reason given") (SQLite \(error.extendedResultCode.rawValue))")
        default: self.init(code: .other, message: "\(type(of: error))")
        }
    }
}

extension StorageFailure.Code {
    fileprivate init(sqlite primary: Int32, systemError: Int32) {
        switch primary {
        case _ where systemError == ENOSPC || systemError == EDQUOT: self = .full
        case _ where systemError == EROFS: self = .readOnly
        case SQLITE_FULL: self = .full
        case SQLITE_BUSY, SQLITE_LOCKED: self = .busy
        case SQLITE_READONLY, SQLITE_PERM: self = .readOnly
        case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT: self = .corrupt
        case SQLITE_CONSTRAINT: self = .constraint
        case SQLITE_INTERRUPT: self = .interrupted
        case SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_PROTOCOL, SQLITE_NOLFS: self = .io
        default: self = .other
        }
    }
}
