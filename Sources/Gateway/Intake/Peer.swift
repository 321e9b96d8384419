/// Who handed a mail over: what the trace field says of the connection (RFC 5321 §4.4).
package struct Peer: Sendable, Equatable {
    /// How a connection is encrypted: `TLSv1.3`, `TLS_AES_256_GCM_SHA384`.
    package struct TLS: Sendable, Equatable {
        package var version: String
        package var cipher: String
        package init(version: String, cipher: String) { (self.version, self.cipher) = (version, cipher) }
    }

    /// The address as text: `192.0.2.1`, `2001:db8::1`.
    package var address: String
    /// The name the client gave in EHLO or HELO, as it was given.
    package var helo: String
    package var isESMTP: Bool
    /// `nil` in the clear.
    package var tls: TLS?
    /// Set on submission.
    package var isAuthenticated: Bool
    /// Names the connection in the log and in the trace field.
    package var sessionID: String
    /// Which mail of the connection is meant, counted from 1.
    package var mail: Int

    /// What is asked about a stranger's host; `nil`: nothing.
    package var visit: Visit?
    /// The connection as filters see it; `nil`: there are none.
    package var filtered: FilteredConnection?

    package init(
        address: String, helo: String, isESMTP: Bool, tls: TLS?, isAuthenticated: Bool, sessionID: String,
        mail: Int = 1, visit: Visit? = nil, filtered: FilteredConnection? = nil
    ) {
        (self.mail, self.visit, self.filtered) = (mail, visit, filtered)
        (self.address, self.helo, self.isESMTP) = (address, helo, isESMTP)
        (self.tls, self.isAuthenticated, self.sessionID) = (tls, isAuthenticated, sessionID)
    }

    /// Names the mail in the log and in the trace field: several mails of one connection have names of their own.
    package var mailID: String { "\(sessionID).\(mail)" }

    /// The `with` clause of the trace field (RFC 3848, RFC 6531).
    func protocolName(isSMTPUTF8: Bool) -> String {
        guard isESMTP else { return "SMTP" }
        return (isSMTPUTF8 ? "UTF8SMTP" : "ESMTP") + (tls == nil ? "" : "S") + (isAuthenticated ? "A" : "")
    }
}
