/// A number that the database gave to something of the desk; the type says to what. Never reused.
package protocol DeskIdentifier: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible
where RawValue == Int64 {
    init(rawValue: Int64)
}

extension DeskIdentifier {
    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    package var description: String { String(rawValue) }
}

/// An agent: anybody with an account, whatever the role.
package struct AgentID: DeskIdentifier {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// A pool of supervised addresses.
package struct PoolID: DeskIdentifier {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
    /// Stands where a message belongs to no pool: drafts, sent copies, private mail.
    package static let none = PoolID(rawValue: 0)
}

/// A group of agents.
package struct GroupID: DeskIdentifier {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// A consulted department.
package struct DepartmentID: DeskIdentifier {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// A custom folder of the desk.
package struct FolderID: DeskIdentifier {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// The number of a case: what the stamp shows, and the key of its row. Ever growing, never reused.
package struct TicketNumber: DeskIdentifier {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// A mail of a case or of an agent's own mailboxes.
package struct MessageKey: DeskIdentifier {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// Stored octets that messages refer to; several messages can share them.
package struct ContentID: DeskIdentifier {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// The identity of a mailbox: its name, in either language, can change, this never does.
package struct MailboxID: DeskIdentifier {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// An address that somebody outside the desk writes from.
package struct AddressID: DeskIdentifier {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// A customer who was asked how a case went.
package struct RatingID: DeskIdentifier {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// A customer: a person or firm with one or more addresses.
package struct CustomerID: DeskIdentifier {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}
