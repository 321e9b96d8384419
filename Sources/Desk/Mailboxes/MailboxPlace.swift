import MailTypes

/// What a mailbox name stands for.
package enum MailboxPlace: Hashable, Sendable {
    /// A mailbox of the system; `Team/x` is x's INBOX.
    case system(MailboxKind)
    /// `Team`, `Groups`, `Departments`, `Folders`, `Pools`, `Private`: selectable and empty.
    case container(MailboxContainer)
    /// A name below `Private` or `Trash`, whether there is such a mailbox or not.
    case own(OwnPath)
}

/// The levels above mailboxes. The number is part of their MAILBOXID.
package enum MailboxContainer: Int64, Hashable, Sendable, CaseIterable {
    case personal = 1
    case team = 2
    case groups = 3
    case pools = 4
    case folders = 5
    case departments = 6
}

/// The path of a mailbox that an account made for itself. The first part is kept in English, `Private/Kraków/2026`,
/// whatever language names are shown in; what a client calls deleting a mailbox is a RENAME to below Trash.
package struct OwnPath: Hashable, Sendable {
    package enum Root: Hashable, Sendable { case personal, trash }

    package let root: Root
    /// Never empty; none is empty.
    package let parts: [String]

    /// `nil` for an empty part, one with a wildcard or control character, and for what is too long or too deep.
    package init?(_ root: Root, _ parts: some Collection<some StringProtocol>) {
        guard !parts.isEmpty, parts.count <= Self.maximumDepth else { return nil }
        for part in parts {
            guard !part.isEmpty, part.utf8.count <= Self.maximumPartLength,
                part.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && !"/*%".utf8.contains($0) })
            else { return nil }
        }
        (self.root, self.parts) = (root, parts.map { String($0) })
    }

    /// As the database keeps it.
    package init?(stored: String) {
        let parts = stored.split(separator: "/", omittingEmptySubsequences: false)
        switch parts.first {
        case "Private": self.init(.personal, parts.dropFirst())
        case "Trash": self.init(.trash, parts.dropFirst())
        default: return nil
        }
    }

    /// For the database.
    package var stored: String { ([root == .personal ? "Private" : "Trash"] + parts).joined(separator: "/") }
    /// Two paths are the same mailbox if these are equal.
    package var folded: String { foldedName(stored) }

    /// The paths above this one, outermost first.
    package var superiors: [OwnPath] {
        (1..<max(1, parts.count)).compactMap { OwnPath(root, parts.prefix($0)) }
    }

    /// Levels below the root.
    package static let maximumDepth = 16
    /// Octets of a part in UTF-8.
    package static let maximumPartLength = 200
}
