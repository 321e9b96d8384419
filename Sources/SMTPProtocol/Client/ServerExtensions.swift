import MailTypes

/// What a server offered in its EHLO reply (RFC 5321 §4.1.1.1), as far as we use it.
package struct ServerExtensions: Equatable, Sendable {
    /// RFC 2920.
    package internal(set) var hasPipelining = false
    /// RFC 6152.
    package internal(set) var has8BitMIME = false
    /// RFC 6531.
    package internal(set) var hasSMTPUTF8 = false
    /// RFC 3207.
    package internal(set) var hasStartTLS = false
    /// RFC 1870.
    package internal(set) var hasSize = false
    /// The largest content it takes; `nil`: it names none.
    package internal(set) var maximumSize: Int?
    /// RFC 3461.
    package internal(set) var hasDSN = false
    /// RFC 8689.
    package internal(set) var hasRequireTLS = false
    /// RFC 3030.
    package internal(set) var hasChunking = false
    /// What AUTH lists, in upper case (RFC 4954).
    package internal(set) var mechanisms: [String] = []

    package init() {}

    init(_ reply: Reply) {
        for line in reply.lines.dropFirst() {
            // Some servers of old write `AUTH=LOGIN`.
            let words = line.uppercased().split { $0 == " " || $0 == "=" }.map(String.init)
            switch words.first {
            case "PIPELINING": hasPipelining = true
            case "8BITMIME": has8BitMIME = true
            case "SMTPUTF8": hasSMTPUTF8 = true
            case "STARTTLS": hasStartTLS = true
            case "DSN": hasDSN = true
            case "CHUNKING": hasChunking = true
            case "REQUIRETLS": hasRequireTLS = true
            case "SIZE":
                hasSize = true
                // 0 means that no limit is in force (RFC 1870 §4).
                maximumSize = words.dropFirst().first.flatMap(Int.init).flatMap { $0 > 0 ? $0 : nil }
            case "AUTH": mechanisms += words.dropFirst()
            default: break
            }
        }
    }
}
