package import MailTypes

/// What drivers of our server say, or answer a question of the machine with. Text for peers is short and constant.
extension Reply {
    /// The mail is ours and safe.
    package static let contentAccepted = Reply(250, EnhancedStatus(2, 0, 0), "Mail accepted")
    /// To a connection beyond the limits, instead of the greeting.
    package static let tooManyConnections = Reply(421, EnhancedStatus(4, 7, 0), "Too many connections, try later")
    /// The disk is full (RFC 3463 X.3.1).
    package static let insufficientStorage = Reply(452, EnhancedStatus(4, 3, 1), "Insufficient system storage")
    /// The queues are full.
    package static let tooBusy = Reply(451, EnhancedStatus(4, 3, 2), "Too busy, try later")
    /// Something of ours failed.
    package static let localError = Reply(451, EnhancedStatus(4, 3, 0), "Local error, try later")
    /// The domain is ours, the address is not.
    package static let noSuchRecipient = Reply(550, EnhancedStatus(5, 1, 1), "No such recipient here")
    /// The domain is not ours.
    package static let relayingDenied = Reply(554, EnhancedStatus(5, 7, 1), "Relaying denied")
    /// Not an address that mail can go to.
    package static let badRecipient = Reply(501, EnhancedStatus(5, 1, 3), "Bad recipient address syntax")
    /// Submission without a login (RFC 4954 §6).
    package static let authenticationNeeded = Reply(530, EnhancedStatus(5, 7, 0), "Authentication required")
}

/// What the machine says by itself.
extension Reply {
    static let ok = Reply(250, EnhancedStatus(2, 0, 0), "OK")
    static let senderAccepted = Reply(250, EnhancedStatus(2, 1, 0), "Sender OK")
    static let recipientAccepted = Reply(250, EnhancedStatus(2, 1, 5), "Recipient OK")
    static let chunkAccepted = Reply(250, EnhancedStatus(2, 0, 0), "Chunk received")
    static let startContent = Reply(354, nil, "End with CRLF.CRLF")
    static let goodbye = Reply(221, EnhancedStatus(2, 0, 0), "Goodbye")
    static let readyForTLS = Reply(220, EnhancedStatus(2, 0, 0), "Ready to start TLS")
    static let authenticated = Reply(235, EnhancedStatus(2, 7, 0), "Authentication succeeded")
    static let help = Reply(214, EnhancedStatus(2, 0, 0), "See RFC 5321")
    static let cannotVerify = Reply(252, EnhancedStatus(2, 5, 0), "Cannot VRFY, but will take mail and try")

    static let tooManyErrors = Reply(421, EnhancedStatus(4, 7, 0), "Too many errors")
    static let tooManyCommands = Reply(421, EnhancedStatus(4, 7, 0), "Too many commands without mail")
    static let tooManyAuthenticationFailures = Reply(421, EnhancedStatus(4, 7, 0), "Too many failed logins")
    static let tooManyTransactions = Reply(421, EnhancedStatus(4, 3, 2), "Too many mails, connect again")
    static let timeout = Reply(421, EnhancedStatus(4, 4, 2), "Timeout")
    static let shuttingDown = Reply(421, EnhancedStatus(4, 3, 2), "Shutting down, try later")
    static let tooManyRecipients = Reply(452, EnhancedStatus(4, 5, 3), "Too many recipients")
    static let authenticationUnavailable = Reply(454, EnhancedStatus(4, 7, 0), "Cannot check logins, try later")

    static let spokeEarly = Reply(554, EnhancedStatus(5, 5, 1), "Clients wait for the greeting")
    static let unknownCommand = Reply(500, EnhancedStatus(5, 5, 1), "Command not recognised")
    static let lineTooLong = Reply(500, EnhancedStatus(5, 5, 2), "Line too long")
    static let badLineEnd = Reply(500, EnhancedStatus(5, 5, 2), "Lines end with CRLF")
    static let notImplemented = Reply(502, EnhancedStatus(5, 5, 1), "Command not implemented")
    static let heldTooLong = Reply(501, EnhancedStatus(5, 5, 4), "Mail is not held that long")
    static let badArguments = Reply(501, EnhancedStatus(5, 5, 4), "Syntax error in arguments")
    static let badSender = Reply(501, EnhancedStatus(5, 1, 7), "Bad sender address syntax")
    static let unknownParameter = Reply(555, EnhancedStatus(5, 5, 4), "Parameter not supported")
    static let badSequence = Reply(503, EnhancedStatus(5, 5, 1), "Bad sequence of commands")
    static let greetingNeeded = Reply(503, EnhancedStatus(5, 5, 1), "Say EHLO first")
    static let nestedMail = Reply(503, EnhancedStatus(5, 5, 1), "Sender already given")
    static let noRecipients = Reply(554, EnhancedStatus(5, 5, 1), "No valid recipients")
    static let utf8NotDeclared = Reply(553, EnhancedStatus(5, 6, 7), "Address needs SMTPUTF8")

    static let unknownMechanism = Reply(504, EnhancedStatus(5, 5, 4), "Mechanism not supported")
    static let authenticationCancelled = Reply(501, EnhancedStatus(5, 7, 0), "Authentication cancelled")
    static let badBase64 = Reply(501, EnhancedStatus(5, 5, 2), "Cannot decode response")
    static let badCredentials = Reply(535, EnhancedStatus(5, 7, 8), "Wrong login or password")
    static let tlsNeeded = Reply(530, EnhancedStatus(5, 7, 0), "Must issue STARTTLS first")
    static let tlsNeededForLogin = Reply(538, EnhancedStatus(5, 7, 11), "Encryption required for login")

    static let tooLarge = Reply(552, EnhancedStatus(5, 3, 4), "Mail too large")
    static let bareLineEnd = Reply(554, EnhancedStatus(5, 6, 0), "Bare CR or LF in content")
    static let mailLoop = Reply(554, EnhancedStatus(5, 4, 6), "Too many Received fields")
}
