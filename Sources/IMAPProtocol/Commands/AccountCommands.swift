/// GETQUOTA, GETQUOTAROOT and SETQUOTA (RFC 9208 §4.1).
package enum QuotaCommand: Equatable, Sendable {
    case get(root: String)
    case getRoots(of: MailboxName)
    /// What the client would set does not matter: it cannot.
    case set(root: String)
}

/// The commands of ACL (RFC 4314 §3).
package enum ACLCommand: Equatable, Sendable {
    case get(MailboxName)
    case myRights(MailboxName)
    case listRights(MailboxName, identifier: String)
    case set(MailboxName, identifier: String)
    case delete(MailboxName, identifier: String)

    package var mailbox: MailboxName {
        switch self {
        case .get(let name), .myRights(let name), .listRights(let name, _), .set(let name, _), .delete(let name, _): name
        }
    }
}

/// GETMETADATA and SETMETADATA (RFC 5464 §4). Entry names are in lower case: they have no other (§3.1).
package enum MetadataCommand: Equatable, Sendable {
    case get(MailboxName?, GetMetadata)
    /// `nil` as a value removes an entry.
    case set(MailboxName?, [MetadataChange])
}

/// What GETMETADATA asks for. The mailbox `nil` is the server.
package struct GetMetadata: Equatable, Sendable {
    /// How far below the named entries others are looked for (RFC 5464 §4.2.2).
    package enum Depth: Equatable, Sendable { case zero, one, infinity }

    package var entries: [String]
    /// Longer values are left out (RFC 5464 §4.2.1).
    package var maximumSize: UInt32?
    package var depth: Depth

    package init(_ entries: [String], maximumSize: UInt32? = nil, depth: Depth = .zero) {
        (self.entries, self.maximumSize, self.depth) = (entries, maximumSize, depth)
    }
}

/// An entry that is to have a value, or none.
package struct MetadataChange: Equatable, Sendable {
    package var entry: String
    package var value: [UInt8]?
    package init(_ entry: String, _ value: [UInt8]?) { (self.entry, self.value) = (entry, value) }
}
