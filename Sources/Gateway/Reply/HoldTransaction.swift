package import Desk
package import MailTypes

/// What holding mail, releasing and recalling it needs of the database.
package protocol HoldTransaction {
    func insert(_ mail: HeldMail, _ state: HeldMail.State, doubts: [String], message: MessageKey, uid: UID?) throws
        -> HeldMailID
    /// `nil` once it left or was recalled.
    func heldMail(_ id: HeldMailID) throws -> HeldMail?
    /// Also of mails that left or were recalled.
    func heldMailStatus(uid: UID, of agent: AgentID) throws -> HeldMailStatus?
    func heldMailStatus(_ id: HeldMailID) throws -> HeldMailStatus?
    /// The mails of a case that wait to leave, the oldest first.
    func heldMail(of ticket: TicketNumber) throws -> [HeldMailStatus]
    /// It is shown anew, and waits in another way; `releaseAt` only where it waits for its time.
    func hold(
        _ id: HeldMailID, _ state: HeldMail.State, doubts: [String], releaseAt: Timestamp?, message: MessageKey, uid: UID?
    ) throws
    /// It left or was recalled: only that is kept of it, and octets that nobody else has go.
    func end(_ id: HeldMailID, _ state: HeldMail.State, at now: Timestamp) throws
    /// Mails whose time has come, the longest due first.
    func dueHeldMail(at now: Timestamp, limit: Int) throws -> [HeldMailID]
    /// When the next mail is to leave, whether that has passed or not.
    func nextRelease() throws -> Timestamp?
    /// Writes all of an agent's own flags of a message.
    func setPersonalFlags(
        _ flags: Flags, of message: MessageKey, for agent: AgentID, at modSequence: ModSequence) throws
    /// The Message-ID of a message.
    func messageID(of message: MessageKey) throws -> MessageID?
    /// The flags that an agent has of a message.
    func personalFlags(of message: MessageKey, for agent: AgentID) throws -> Flags

    /// A draft among an agent's Drafts answers a mail of a case; it may take the place of an earlier one.
    func startWriting(_ draft: MessageKey, in ticket: TicketNumber, by agent: AgentID, at now: Timestamp) throws
    /// The draft is none any more.
    func stopWriting(_ draft: MessageKey) throws
    /// The agent has sent an answer.
    func stopWriting(in ticket: TicketNumber, by agent: AgentID) throws
    /// Deletes an agent's own mail that lies in no mailbox any more, with its octets unless others need them.
    func discard(_ message: MessageKey) throws
    /// Removes octets that nobody refers to any more.
    func releaseContent(_ content: ContentID) throws
    /// Octets of stored content.
    func octets(_ range: Range<Int>, of content: ContentID) throws -> [UInt8]

    func participantAddresses(of ticket: TicketNumber) throws -> Set<EmailAddress>
    /// The customer of an address, and whether the address takes part in any case but this one.
    func standing(of address: EmailAddress, outside ticket: TicketNumber?) throws -> (
        customer: CustomerID, isElsewhere: Bool
    )?
    func newestMessage(in ticket: TicketNumber) throws -> MessageKey?
    /// Messages after this one, the oldest first, at most so many.
    func messages(in ticket: TicketNumber, after message: MessageKey, limit: Int) throws -> [LaterMessage]
    /// Decisions recorded after this message was, the oldest first.
    func decisions(in ticket: TicketNumber, after message: MessageKey) throws -> [LaterDecision]
    /// The newest messages of these kinds with where their octets are, at most so many.
    func contents(of ticket: TicketNumber, _ kinds: [MessageKind], limit: Int) throws -> [StoredBody]

    /// What an agent's client named its copy of a mail that it sent.
    func insert(_ copy: ClientCopy) throws
    func clientCopies(_ messageID: MessageID) throws -> [ClientCopy]
    /// The mail was filed as this message.
    func setMessage(_ message: MessageKey, ofClientCopy messageID: MessageID, by agent: AgentID) throws
    func removeClientCopy(_ messageID: MessageID, by agent: AgentID) throws
    /// The newest mail with this Message-ID in a mailbox of an agent's own.
    func ownMessage(_ messageID: MessageID, in mailbox: MailboxID) throws -> (message: MessageKey, uid: UID)?
}

/// A message that came into a case later than another.
package struct LaterMessage: Sendable {
    package var key: MessageKey
    package var kind: MessageKind
    package var agent: AgentID?
    package var at: Timestamp
    /// Of mail from outside only.
    package var header: [UInt8]
    package init(_ key: MessageKey, kind: MessageKind, agent: AgentID?, at moment: Timestamp, header: [UInt8]) {
        (self.key, self.kind, self.agent, self.at, self.header) = (key, kind, agent, moment, header)
    }
}

/// An event of a person that came later than a message.
package struct LaterDecision: Sendable {
    package var kind: EventKind
    package var agent: AgentID
    package var at: Timestamp
    package var to: String?
    package init(kind: EventKind, agent: AgentID, at moment: Timestamp, to: String?) {
        (self.kind, self.agent, self.at, self.to) = (kind, agent, moment, to)
    }
}

/// Where the body of a message is, and what it is made of.
package struct StoredBody: Sendable {
    package var content: ContentID
    package var bodyOffset: Int
    package var size: Int
    package var structure: [UInt8]
    package init(content: ContentID, bodyOffset: Int, size: Int, structure: [UInt8]) {
        (self.content, self.bodyOffset, self.size, self.structure) = (content, bodyOffset, size, structure)
    }
}

/// What an agent's client named its own copy of a mail, and what became of the mail: answers to the copy belong to the
/// case, and the same mail submitted twice is sent once.
package struct ClientCopy: Sendable {
    package var messageID: MessageID
    package var agent: AgentID
    package var ticket: TicketNumber
    /// `nil` while it waits to leave.
    package var message: MessageKey?
    package var digest: Int64
    package var recipients: String
    package var at: Timestamp
    package init(
        messageID: MessageID, agent: AgentID, ticket: TicketNumber, message: MessageKey?, digest: Int64,
        recipients: String, at moment: Timestamp
    ) {
        (self.messageID, self.agent, self.ticket, self.message) = (messageID, agent, ticket, message)
        (self.digest, self.recipients, self.at) = (digest, recipients, moment)
    }
}
