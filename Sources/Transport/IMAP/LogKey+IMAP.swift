/// The keys of what the IMAP server logs.
extension LogKey {
    static let imapSession = "imap.session"
    static let imapPeer = "imap.peer"
    static let imapLogin = "imap.login"
    static let imapAgent = "imap.agent"
    static let imapFailure = "imap.failure"
}
