package import Desk

/// What the own mail of an agent takes.
package struct OwnMailUsage: Sendable, Equatable {
    package var octets: Int64
    package var messages: Int64
    package init(octets: Int64, messages: Int64) { (self.octets, self.messages) = (octets, messages) }
}

/// What annotations can be about. The number is what the database stores.
package enum AnnotatedObject: Sendable, Equatable {
    case server
    case mailbox(MailboxID)
    case container(MailboxContainer)

    package var rawValue: Int64 {
        switch self {
        case .server: 0
        case .mailbox(let mailbox): mailbox.rawValue
        case .container(let container): -container.rawValue
        }
    }
}

/// An entry with its value.
package struct Annotation: Sendable, Equatable {
    package var entry: String
    package var value: [UInt8]
    package init(_ entry: String, _ value: [UInt8]) { (self.entry, self.value) = (entry, value) }
}
