/// A resource of a quota root (RFC 9208 §5): STORAGE in units of 1,024 octets, MESSAGE in messages.
package struct QuotaResource: Equatable, Sendable {
    package var name: String
    package var usage: Int64
    package var limit: Int64

    package init(_ name: String, usage: Int64, limit: Int64) { (self.name, self.usage, self.limit) = (name, usage, limit) }
}

extension ResponseWriter {
    /// `* QUOTA` (RFC 9208 §4.2.1).
    package mutating func quota(root: String, _ resources: [QuotaResource]) {
        write("* QUOTA ")
        write(string: root)
        write(" (")
        for (index, resource) in resources.enumerated() {
            if index > 0 { write(octet: 0x20) }
            write(atom: resource.name)
            write(octet: 0x20)
            write(number: resource.usage)
            write(octet: 0x20)
            write(number: resource.limit)
        }
        write(")\r\n")
    }

    /// `* QUOTAROOT` (RFC 9208 §4.2.2), possibly without a root.
    package mutating func quotaRoots(of mailbox: MailboxName, _ roots: [String]) {
        write("* QUOTAROOT ")
        write(mailbox: mailbox)
        for root in roots {
            write(octet: 0x20)
            write(string: root)
        }
        crlf()
    }

    /// `* ACL` (RFC 4314 §3.6): who has which rights.
    package mutating func acl(of mailbox: MailboxName, _ entries: [(identifier: String, rights: String)]) {
        write("* ACL ")
        write(mailbox: mailbox)
        for entry in entries {
            write(octet: 0x20)
            write(string: entry.identifier)
            write(octet: 0x20)
            write(string: entry.rights)
        }
        crlf()
    }

    /// `* LISTRIGHTS` (RFC 4314 §3.7): what somebody always has; nothing can be given beside it.
    package mutating func listRights(of mailbox: MailboxName, identifier: String, required: String) {
        write("* LISTRIGHTS ")
        write(mailbox: mailbox)
        write(octet: 0x20)
        write(string: identifier)
        write(octet: 0x20)
        write(string: required)
        crlf()
    }

    /// `* MYRIGHTS` (RFC 4314 §3.8).
    package mutating func myRights(in mailbox: MailboxName, _ rights: String) {
        write("* MYRIGHTS ")
        write(mailbox: mailbox)
        write(octet: 0x20)
        write(string: rights)
        crlf()
    }

    /// `* METADATA` with values (RFC 5464 §4.4.1); the mailbox `nil` is the server.
    package mutating func metadata(of mailbox: MailboxName?, _ entries: [(name: String, value: [UInt8]?)]) {
        beginMetadata(mailbox)
        write(" (")
        for (index, entry) in entries.enumerated() {
            if index > 0 { write(octet: 0x20) }
            write(atom: entry.name)
            write(octet: 0x20)
            if let value = entry.value { value.withUnsafeBytes { write(string8: $0) } } else { write("NIL") }
        }
        write(")\r\n")
    }

    /// `* METADATA` that nobody asked for: entries whose values changed, by name only (RFC 5464 §4.4.2).
    package mutating func metadataChanged(of mailbox: MailboxName?, _ entries: some Sequence<String>) {
        beginMetadata(mailbox)
        for entry in entries {
            write(octet: 0x20)
            write(atom: entry)
        }
        crlf()
    }

    private mutating func beginMetadata(_ mailbox: MailboxName?) {
        write("* METADATA ")
        if let mailbox { write(mailbox: mailbox) } else { write("\"\"") }
    }
}
