/// What a command ends with (sysexits.h).
package enum ExitStatus: Int32, Sendable {
    case ok = 0
    case dataError = 65
    case noInput = 66
    case noUser = 67
    case unavailable = 69
    case software = 70
    case cannotCreate = 73
    case ioError = 74
    case temporaryFailure = 75
    case configuration = 78
}

/// Why a command cannot do what it was asked, in words for its user.
package struct CommandFailure: Error, CustomStringConvertible {
    package var status: ExitStatus
    package var message: String
    package init(_ status: ExitStatus, _ message: String) { (self.status, self.message) = (status, message) }
    package var description: String { message }
}
