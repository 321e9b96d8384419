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
}
