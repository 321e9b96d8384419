package import MailTypes

/// A prefix of NAMESPACE (RFC 2342), decoded, with its delimiter.
package struct Namespace: Equatable, Sendable {
    /// What names in it begin with, the delimiter included; empty for the root.
    package var prefix: String
    package var delimiter: UInt8?

    package init(_ prefix: String, delimiter: UInt8? = UInt8(ascii: "/")) {
        (self.prefix, self.delimiter) = (prefix, delimiter)
    }
}

/// What STATUS tells; only what was asked for is written.
package struct MailboxStatus: Equatable, Sendable {
    package var messages: UInt32 = 0
    package var recent: UInt32 = 0
    package var uidNext = UID(1)
    package var uidValidity: UInt32 = 0
    package var unseen: UInt32 = 0
    package var size: Int64 = 0
    package var deleted: UInt32 = 0
    /// What EXPUNGE would free, in units of 1,024 octets.
    package var deletedStorage: Int64 = 0
    package var highestModSequence = ModSequence(1)
    package var mailboxID = ""
    /// `nil` is written as NIL: there is no limit.
    package var appendLimit: Int?

    package init() {}
}

extension ResponseWriter {
    /// LIST, LSUB or XLIST. `hasSubscribedChild` adds `("CHILDINFO" ("SUBSCRIBED"))` (RFC 5258 §3.5), an old name
    /// `("OLDNAME" ("…"))` (RFC 9051 §6.3.9.7).
    package mutating func list(
        _ kind: ListCommand.Kind, _ name: MailboxName, _ attributes: MailboxAttributes,
        delimiter: UInt8? = UInt8(ascii: "/"), hasSubscribedChild: Bool = false, oldName: String? = nil
    ) {
        listHead(kind, attributes, isInbox: name.isInbox, delimiter)
        write(mailbox: name)
        if hasSubscribedChild { write(" (\"CHILDINFO\" (\"SUBSCRIBED\"))") }
        if let oldName {
            write(" (\"OLDNAME\" (")
            write(mailboxText: oldName)
            write("))")
        }
        crlf()
    }

    /// The answer to `LIST "" ""`: delimiter and empty root (RFC 3501 §6.3.8).
    package mutating func listDelimiter(
        _ kind: ListCommand.Kind, delimiter: UInt8? = UInt8(ascii: "/"), root: String = ""
    ) {
        listHead(kind, .noSelect, isInbox: false, delimiter)
        write(mailboxText: root)
        crlf()
    }

    private mutating func listHead(
        _ kind: ListCommand.Kind, _ attributes: MailboxAttributes, isInbox: Bool, _ delimiter: UInt8?
    ) {
        switch kind {
        case .list: write("* LIST (")
        case .lsub: write("* LSUB (")
        case .xlist: write("* XLIST (")
        }
        var needsSpace = false
        if kind == .xlist, isInbox {
            write("\\Inbox")
            needsSpace = true
        }
        for (attribute, name) in MailboxAttributes.names where attributes.contains(attribute) {
            if needsSpace { write(octet: 0x20) }
            write(atom: kind == .xlist ? Self.xListName(attribute) ?? name : name)
            needsSpace = true
        }
        write(") ")
        write(delimiter: delimiter)
        write(octet: 0x20)
    }

    /// XLIST, older than SPECIAL-USE, has names of its own for three uses.
    private static func xListName(_ attribute: MailboxAttributes) -> String? {
        switch attribute {
        case .all: "\\AllMail"
        case .flagged: "\\Starred"
        case .junk: "\\Spam"
        default: nil
        }
    }

    /// `* STATUS` with the items asked for.
    package mutating func mailboxStatus(_ name: MailboxName, _ items: StatusItems, _ status: MailboxStatus) {
        write("* STATUS ")
        write(mailbox: name)
        write(" (")
        var needsSpace = false
        for (item, itemName) in StatusItems.names where items.contains(item) {
            if needsSpace { write(octet: 0x20) }
            needsSpace = true
            write(atom: itemName)
            write(octet: 0x20)
            write(item, of: status)
        }
        write(")\r\n")
    }

    private mutating func write(_ item: StatusItems, of status: MailboxStatus) {
        switch item {
        case .messages: write(number: status.messages)
        case .recent: write(number: status.recent)
        case .uidNext: write(number: status.uidNext.number)
        case .uidValidity: write(number: status.uidValidity)
        case .unseen: write(number: status.unseen)
        case .size: write(number: status.size)
        case .deleted: write(number: status.deleted)
        case .deletedStorage: write(number: status.deletedStorage)
        case .highestModSequence: write(number: status.highestModSequence.number)
        case .mailboxID:
            write(octet: UInt8(ascii: "("))
            write(atom: status.mailboxID)
            write(octet: UInt8(ascii: ")"))
        default:
            if let limit = status.appendLimit { write(number: limit) } else { write("NIL") }
        }
    }

    /// `* NAMESPACE` (RFC 2342): personal, other users', shared; empty is NIL.
    package mutating func namespace(personal: [Namespace], otherUsers: [Namespace], shared: [Namespace]) {
        write("* NAMESPACE")
        for namespaces in [personal, otherUsers, shared] {
            write(octet: 0x20)
            guard !namespaces.isEmpty else {
                write("NIL")
                continue
            }
            write(octet: UInt8(ascii: "("))
            for namespace in namespaces {
                write(octet: UInt8(ascii: "("))
                write(mailboxText: namespace.prefix)
                write(octet: 0x20)
                write(delimiter: namespace.delimiter)
                write(octet: UInt8(ascii: ")"))
            }
            write(octet: UInt8(ascii: ")"))
        }
        crlf()
    }

    /// `* FLAGS`
    package mutating func flags(_ list: FlagList) {
        write("* FLAGS ")
        write(flags: list.flags, keywords: list.keywords)
        crlf()
    }

    /// `* n EXISTS`
    package mutating func exists(_ count: Int) { numbered(count, " EXISTS\r\n") }

    /// `* n RECENT`, which IMAP4rev2 has no more.
    package mutating func recent(_ count: Int) {
        if !isRev2 { numbered(count, " RECENT\r\n") }
    }

    /// `* n EXPUNGE`
    package mutating func expunge(_ sequenceNumber: UInt32) { numbered(sequenceNumber, " EXPUNGE\r\n") }

    /// `* VANISHED`, with `(EARLIER)` in answers (RFC 7162 §3.2.10); nothing for an empty set.
    package mutating func vanished(_ uids: NumberSet, isEarlier: Bool = false) {
        guard !uids.isEmpty else { return }
        write(isEarlier ? "* VANISHED (EARLIER) " : "* VANISHED ")
        write(set: uids)
        crlf()
    }

    private mutating func numbered(_ number: some FixedWidthInteger, _ word: StaticString) {
        write("* ")
        write(number: number)
        write(word)
    }
}
