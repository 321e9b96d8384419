package import Desk
package import MailTypes

/// What a sent mail needs of the database beside filing.
package protocol ReplyTransaction: HoldTransaction {
    /// The case whose root Message-ID has this token; the number was read from the same Message-ID.
    func ticket(_ number: TicketNumber, rootToken: String) throws -> Ticket?
    /// The messages that carry this Message-ID in a case.
    func messages(withID messageID: MessageID, in ticket: TicketNumber) throws -> [MessageKey]
    /// Marks a message as `\Seen` by an agent.
    func markSeen(_ message: MessageKey, by agent: AgentID, at modSequence: ModSequence) throws
    /// The header sections of an agent's own mails in a mailbox, but for those marked deleted, the newest first.
    func ownMails(of agent: AgentID, in mailbox: MailboxID, limit: Int) throws -> [(message: MessageKey, header: [UInt8])]
    /// Where the body of a mail of an agent's own is.
    func ownBody(of message: MessageKey) throws -> StoredBody?
}
