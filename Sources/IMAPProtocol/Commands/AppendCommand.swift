package import MailTypes

/// APPEND, or REPLACE (RFC 8508), up to its first literal (RFC 3501 §6.3.11).
package struct AppendCommand: Equatable, Sendable {
    package var mailbox: MailboxName
    package var message: AppendMessage
    /// The one message whose place the new one takes; `nil` for APPEND.
    package var replaced: MessageSet?

    package init(_ mailbox: MailboxName, _ message: AppendMessage, replacing replaced: MessageSet? = nil) {
        (self.mailbox, self.message, self.replaced) = (mailbox, message, replaced)
    }
}

/// One message of an APPEND, before its octets come; MULTIAPPEND (RFC 3502) has several.
package struct AppendMessage: Equatable, Sendable {
    package var flags: FlagList
    package var date: CivilTime?
    /// How many octets will come.
    package var octetCount: Int
    /// `~{n}` (RFC 3516 §4.4): the content may hold NUL.
    package var isBinary: Bool
    /// `UTF8 (~{n})` (RFC 6855 §4).
    package var isUTF8: Bool

    package init(
        octetCount: Int, flags: FlagList = FlagList(), date: CivilTime? = nil, isBinary: Bool = false,
        isUTF8: Bool = false
    ) {
        (self.octetCount, self.flags, self.date) = (octetCount, flags, date)
        (self.isBinary, self.isUTF8) = (isBinary, isUTF8)
    }
}
