package import Desk
import MailFormat
package import MailTypes

/// What taking cases apart, joining them and removing them needs of the database.
package protocol RefilingTransaction {
    /// A message of a case as refiling looks at it; `nil` where it is gone or is part of no case.
    func caseMessage(_ message: MessageKey) throws -> CaseMessage?
    /// Makes a message of a case once more for another one, with another served header section: who has read it, has read
    /// it there, too. It lies in no mailbox yet.
    func refile(_ message: RefiledMessage) throws -> MessageKey
    /// Carries flags back from a message that was made of another one.
    func carryFlags(from copy: MessageKey, to original: MessageKey, at modSequence: ModSequence) throws
    /// Removes a message of a case, which lies in no mailbox any more, with its index entries and with its octets unless
    /// others need them.
    func remove(_ message: MessageKey) throws
    /// Mail of `ticket` that left or will leave as `old` belongs to another case from now on, and is `new` there.
    func hand(_ old: MessageKey, of ticket: TicketNumber, to other: TicketNumber, as new: MessageKey) throws
    /// Removes what the outbox keeps of a case's mail, but for what is still to be delivered.
    func removeSubmissions(of ticket: TicketNumber) throws

    /// Whether the case holds a mail of ours, a note or a consultation.
    func holdsOwnWords(_ ticket: TicketNumber) throws -> Bool
    /// The subject that the case was opened with.
    func subject(of ticket: TicketNumber) throws -> String
    /// Forgets what a removed case said: its subject, its tags, who took part.
    func forget(_ ticket: TicketNumber) throws
    /// Who takes part.
    func participants(of ticket: TicketNumber) throws -> [AddressID]
    func removeParticipant(_ address: AddressID, from ticket: TicketNumber) throws

    /// What is remembered of a merge, to undo it.
    func insert(_ merge: CaseMerge) throws
    func merge(of ticket: TicketNumber) throws -> CaseMerge?
    func removeMerge(of ticket: TicketNumber) throws
    /// The messages of a case that were made of those of another one.
    func refiled(in ticket: TicketNumber, from other: TicketNumber) throws -> [(copy: MessageKey, original: MessageKey)]
}

/// A message of a case, with the header section that IMAP serves.
package struct CaseMessage: Sendable, Equatable {
    package var key: MessageKey
    package var ticket: TicketNumber
    package var kind: MessageKind
    package var header: [UInt8]
    package var internalDate: Timestamp
    /// Who wrote it, if somebody outside the desk did, and whose address that is.
    package var author: AddressID?
    package var customer: CustomerID?

    package init(
        key: MessageKey, ticket: TicketNumber, kind: MessageKind, header: [UInt8], internalDate: Timestamp,
        author: AddressID?, customer: CustomerID?
    ) {
        (self.key, self.ticket, self.kind, self.header) = (key, ticket, kind, header)
        (self.internalDate, self.author, self.customer) = (internalDate, author, customer)
    }
}

/// A message on its way into another case.
package struct RefiledMessage: Sendable {
    package var original: MessageKey
    package var ticket: TicketNumber
    package var pool: PoolID
    package var header: [UInt8]
    package var envelope: [UInt8]
    package var keys: SortKeys
    package var keywords: [String]
    package var modSequence: ModSequence
    /// The original stays, so that this can be undone.
    package var isUndoable: Bool

    package init(
        original: MessageKey, ticket: TicketNumber, pool: PoolID, header: [UInt8], envelope: [UInt8], keys: SortKeys,
        keywords: [String], modSequence: ModSequence, isUndoable: Bool
    ) {
        (self.original, self.ticket, self.pool, self.header) = (original, ticket, pool, header)
        (self.envelope, self.keys, self.keywords) = (envelope, keys, keywords)
        (self.modSequence, self.isUndoable) = (modSequence, isUndoable)
    }
}

/// How two cases were before one went into the other.
package struct CaseMerge: Sendable, Equatable {
    /// How a case was.
    package struct State: Sendable, Equatable {
        package var status: TicketStatus
        package var assignee: AgentID?
        package var group: GroupID?
        package var folder: FolderID?

        package init(status: TicketStatus, assignee: AgentID?, group: GroupID?, folder: FolderID?) {
            (self.status, self.assignee, self.group, self.folder) = (status, assignee, group, folder)
        }
    }

    package var ticket: TicketNumber
    package var into: TicketNumber
    package var before: State
    package var intoBefore: State
    package var addedTags: [String]
    package var addedParticipants: [AddressID]

    package init(
        ticket: TicketNumber, into: TicketNumber, before: State, intoBefore: State, addedTags: [String],
        addedParticipants: [AddressID]
    ) {
        (self.ticket, self.into, self.before, self.intoBefore) = (ticket, into, before, intoBefore)
        (self.addedTags, self.addedParticipants) = (addedTags, addedParticipants)
    }
}

extension CaseTransaction {
    /// The case that a number leads to: where it went into another one, that one.
    package func survivor(_ number: TicketNumber) throws -> Ticket? { try ticket(number).map { try survivor(of: $0) } }

    /// The case that took this one in, if one did, and the one that took that in.
    package func survivor(of ticket: Ticket) throws -> Ticket {
        var ticket = ticket
        // A case that went into another takes in no more, so the way ends.
        while let next = ticket.mergedInto, let other = try self.ticket(next) { ticket = other }
        return ticket
    }
}
