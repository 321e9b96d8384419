/// The module map: which module may import which, as README.md shows it. An arrow that is not here is a mistake, or a
/// decision to be written down here with its reason.
enum ModuleTable {
    static let allowed: [String: Set<String>] = [
        // libidn2 makes A-labels of domain names: the identity of an address needs it.
        "MailTypes": ["CIDN2"],
        "MailFormat": ["MailTypes", "Glibc"],
        "SMTPProtocol": ["MailTypes", "NIOCore"],
        "IMAPProtocol": ["MailTypes", "NIOCore"],
        "MilterProtocol": [],
        "OpenSSL": ["COpenSSL"],
        "Resolver": ["MailTypes", "CUnbound"],
        "MailAuth": ["MailTypes", "MailFormat", "OpenSSL"],
        "Desk": ["MailTypes"],
        "Calendars": ["Desk", "MailTypes", "Foundation"],
        "Cards": ["Desk", "MailTypes", "Foundation", "Mustache"],
        "Patterns": ["Desk", "CPCRE2"],
        // NIOCore for the ByteBuffer in which IMAPProtocol hands over commands and takes responses.
        "Mailboxes": ["Desk", "Gateway", "MailTypes", "MailFormat", "IMAPProtocol", "NIOCore"],
        "Settings": ["Desk", "MailTypes", "Foundation", "Yams"],
        "Gateway": ["Desk", "MailTypes", "MailFormat", "MailAuth", "Logging"],
        // NIOCore for the ByteBuffer that bodies of requests and pages are.
        "PublicPages": ["Desk", "Gateway", "MailTypes", "Hummingbird", "HTTPTypes", "Mustache", "Logging", "NIOCore"],
        "Storage": ["Desk", "Gateway", "Mailboxes", "MailTypes"],
        // GRDBSQLite is GRDB's own module map of the system's libsqlite3.
        "StorageSQLite": ["Storage", "GRDB", "GRDBSQLite", "Glibc"],
        "TLS": ["OpenSSL", "NIOCore"],
        // OpenSSL for the contexts and details that TLS takes and gives.
        "Transport": [
            "SMTPProtocol", "IMAPProtocol", "MilterProtocol", "MailFormat", "TLS", "OpenSSL", "Desk", "Gateway", "Mailboxes",
            "MailTypes", "NIOCore", "NIOPosix", "Logging", "HummingbirdCore",
        ],
        "Appliance": [
            "MailTypes", "MailFormat", "SMTPProtocol", "IMAPProtocol", "OpenSSL", "Desk", "Calendars", "Cards", "Patterns",
            "Mailboxes", "PublicPages", "Settings", "Gateway", "MailAuth", "Resolver",
            "Storage", "StorageSQLite", "TLS", "Transport", "CSystemd", "ServiceLifecycle", "UnixSignals", "Logging", "NIOCore",
            "NIOPosix", "Foundation", "Glibc",
        ],
        "stempel": ["Appliance", "ArgumentParser"],
    ]

    /// Modules that any module may import. Swift itself is imported by name where Unicode normalisation is asked of it.
    static let everywhere: Set<String> = ["Synchronization", "Swift"]

    /// Module maps of system libraries: headers only.
    static let systemLibraries: Set<String> = ["CIDN2", "COpenSSL", "CPCRE2", "CSystemd", "CUnbound"]

    /// The only modules that may see more of NIOCore than its `ByteBuffer`.
    static let ownersOfChannels: Set<String> = ["TLS", "Transport", "Appliance"]
}
