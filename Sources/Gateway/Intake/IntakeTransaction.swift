package import Desk
package import MailTypes

/// What filing a mail needs of the database.
package protocol IntakeTransaction {
    /// Stores octets that fit in memory.
    func insertContent(_ octets: [UInt8], headerSize: Int) throws -> ContentID
    /// Begins content that arrives in pieces; nobody refers to it yet.
    func beginStaging(at now: Timestamp) throws -> ContentID
    /// Pieces come in order, from ordinal 0, all but the last `IncomingContent.chunkSize` long.
    func stage(_ octets: [UInt8], ordinal: Int, of content: ContentID) throws
    /// From now on the content counts as referred to.
    func commitStaged(_ content: ContentID, size: Int, headerSize: Int) throws
    func dropStaged(_ content: ContentID) throws

    /// The address with its customer, made on first sight; a display name is kept when there was none.
    func correspondent(_ address: NamedAddress, at now: Timestamp) throws -> Correspondent
    func knownAddress(_ address: EmailAddress) throws -> AddressID?
    func isParticipant(_ address: AddressID, in ticket: TicketNumber) throws -> Bool
    func addParticipant(_ address: AddressID, to ticket: TicketNumber) throws

    /// Mails of cases that carry this Message-ID, the latest first, at most 20.
    func filedMessages(_ messageID: MessageID) throws -> [FiledMessage]
    /// Whether a mail of ours ever left in the case.
    func isAnswered(_ ticket: TicketNumber) throws -> Bool

    /// The next case number: ever growing, without holes but those of failed transactions.
    func takeTicketNumber() throws -> TicketNumber
    func insert(_ ticket: Ticket, subject: String) throws
    /// Notes when the customer wrote last.
    func customerWrote(in ticket: TicketNumber, at now: Timestamp) throws
    func link(_ ticket: TicketNumber, with other: TicketNumber) throws
    func insert(_ message: NewMessage) throws -> MessageKey
}

/// Somebody outside the desk.
package struct Correspondent: Sendable, Equatable {
    package var address: AddressID
    package var customer: CustomerID
    package init(address: AddressID, customer: CustomerID) { (self.address, self.customer) = (address, customer) }
}

/// A mail that is already there, as matching and the search for duplicates see it.
package struct FiledMessage: Sendable, Equatable {
    package var key: MessageKey
    package var ticket: TicketNumber
    package var kind: MessageKind
    package var pool: PoolID
    package var internalDate: Timestamp
    package var contentDigest: Int64?
    /// Who wrote it, if somebody outside the desk did.
    package var author: AddressID?

    package init(
        key: MessageKey, ticket: TicketNumber, kind: MessageKind, pool: PoolID, internalDate: Timestamp,
        contentDigest: Int64?, author: AddressID? = nil
    ) {
        (self.key, self.ticket, self.kind, self.pool) = (key, ticket, kind, pool)
        (self.internalDate, self.contentDigest, self.author) = (internalDate, contentDigest, author)
    }
}

/// A message as it goes into the database: where its octets are, and what FETCH commonly asks for, ready.
package struct NewMessage: Sendable {
    package var ticket: TicketNumber?
    package var kind: MessageKind
    package var pool: PoolID
    package var content: ContentID
    /// Octets of the content that the served header section replaces.
    package var bodyOffset: Int
    package var contentSize: Int
    /// The header section as IMAP serves it, with its empty line.
    package var header: [UInt8]
    package var envelope: [UInt8]
    package var structure: [UInt8]
    /// Of the header section as IMAP serves it.
    package var keys: SortKeys
    package var internalDate: Timestamp
    package var sentAt: Timestamp?
    package var modSequence: ModSequence
    package var flags: Flags
    package var keywords: [String]
    /// The message whose EMAILID it shares; `nil`: a mail of its own.
    package var original: MessageKey?
    package var messageID: MessageID?
    package var contentDigest: Int64?
    package var address: AddressID?
    package var agent: AgentID?
    /// Of a card.
    package var cardLanguage: Language?

    package init(
        ticket: TicketNumber?, kind: MessageKind, pool: PoolID, content: ContentID, bodyOffset: Int, contentSize: Int,
        header: [UInt8], envelope: [UInt8], structure: [UInt8], keys: SortKeys, internalDate: Timestamp,
        sentAt: Timestamp?,
        modSequence: ModSequence, flags: Flags = [], keywords: [String] = [], original: MessageKey? = nil,
        messageID: MessageID?, contentDigest: Int64? = nil, address: AddressID? = nil, agent: AgentID? = nil
    ) {
        (self.ticket, self.kind, self.pool, self.content) = (ticket, kind, pool, content)
        (self.bodyOffset, self.contentSize, self.header) = (bodyOffset, contentSize, header)
        (self.envelope, self.structure, self.keys) = (envelope, structure, keys)
        (self.internalDate, self.sentAt, self.modSequence) = (internalDate, sentAt, modSequence)
        (self.flags, self.keywords, self.original) = (flags, keywords, original)
        (self.messageID, self.contentDigest, self.address, self.agent) = (messageID, contentDigest, address, agent)
    }

    /// Octets as served (RFC822.SIZE).
    package var size: Int { header.count + contentSize - bodyOffset }
}
