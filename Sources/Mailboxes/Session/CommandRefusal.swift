import Desk
import Gateway
import IMAPProtocol

/// A command is not carried out; the tagged response that says so.
struct CommandRefusal: Error {
    var response: StatusResponse
    init(_ response: StatusResponse) { self.response = response }

    static func no(_ text: String, _ code: ResponseCode? = nil) -> CommandRefusal { CommandRefusal(.no(text, code)) }
    static func bad(_ text: String) -> CommandRefusal { CommandRefusal(.bad(text)) }

    static let notAuthenticated = CommandRefusal.bad("Log in first")
    static let notSelected = CommandRefusal.bad("Select a mailbox first")
    static let readOnly = CommandRefusal.no("This mailbox is selected read-only")
    static let noSuchMailbox = CommandRefusal.no("There is no such mailbox", .nonExistent)
    static let gone = CommandRefusal.no("This mailbox is gone", .nonExistent)

    static let sharedTemplatesSentence = Sentence(
        "The shared templates are kept by supervisors; copy one to your own Templates to change it",
        "Wspólne szablony prowadzą kierownicy; aby zmienić szablon, skopiuj go do własnych")
    static let sharedTemplates = CommandRefusal.no(sharedTemplatesSentence.text(in: .english), .noPermission)

    /// What a failing database means to a client (RFC 5530 §3).
    init(_ failure: StoreFailure) {
        switch failure.reason {
        case .overloaded: self = .no("Too much is waiting; try again", .unavailable)
        case .full: self = .no("No room is left on the server; try again later", .unavailable)
        case .unavailable: self = .no("The database does not answer; try again later", .unavailable)
        case .damaged: self = .no("The database is damaged", .corruption)
        case .rejected:
            if let refusal = failure.cause as? CommandRefusal {
                self = refusal
            } else {
                self = .no("That failed on the server; its log says why", .serverBug)
            }
        }
    }
}
